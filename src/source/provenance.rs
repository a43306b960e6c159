//! Provenance: spans of sources, and origins of bound values.
//!
//! A [`Span`] and an [`OriginId`] are small enough to stand in every node of a tree. What they refer
//! to is kept once, by the session.

use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::Arc;

/// Names one registered [`Source`](super::Source); an index into the session's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub(crate) u32);

/// A byte range of one source: twelve bytes that can be copied anywhere.
///
/// Offsets are 32 bits wide, as no file of more than 1 GiB is read (see [`Limit::FileSize`](crate::limits::Limit)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The text that the range lies in.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// No place: of what nobody wrote, such as the name of a release. What is bound gets the
    /// place of its expression instead.
    ///
    /// No session has a source of this id, so it must not be resolved or shown.
    pub const NOWHERE: Span = Span { source: SourceId(u32::MAX), start: 0, end: 0 };

    /// A span from byte `start` to byte `end` (exclusive). An end before the start makes an empty span.
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        // Beyond 4 GiB there is no text; clamped, such an offset is the end and not some place in the middle.
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { source, start: clamp(start), end: clamp(end.max(start)) }
    }

    /// The span as a range of byte indices.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Where it starts: for a list or a map, whose lines would say nothing, the place to point at.
    pub fn first_byte(self) -> Span {
        Span { end: self.start.saturating_add(1), ..self }
    }

    /// The smallest span that covers both; `self` when they lie in different sources.
    pub fn to(self, other: Span) -> Span {
        if self.source != other.source {
            return self;
        }
        Span { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// Names an [`Origin`] of the session.
///
/// Counted from 1, so that an `Option<OriginId>` takes four bytes and no more: every node of a rendered document has
/// one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OriginId(NonZeroU32);

impl OriginId {
    /// The id of the origin at this index of the session's list; none beyond four billion.
    pub(crate) fn from_index(index: usize) -> Option<Self> {
        u32::try_from(index + 1).ok().and_then(NonZeroU32::new).map(OriginId)
    }

    /// The index of the origin in the session's list.
    pub(crate) fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// What a value of a rendered document was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The expression in the template.
    pub expression: Span,
    /// The values that went into it; one for a bare path, several for a computed value.
    pub inputs: Vec<Input>,
    /// Whether it has a string of the values in it as it was set, and not quoted as one word of a shell. Where a scalar
    /// is more than that string, only if words of the template stand in the same line. Rule R220 asks for it.
    pub raw: bool,
}

/// One value that an expression read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The path as the template writes it, for example `values.engine.replicas`.
    pub path: Arc<str>,
    /// Where the value was written; none when nobody set it.
    pub span: Option<Span>,
}
