//! Provenance: spans of sources, origins of bound values, and the source maps of rendered texts.
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

/// From byte `at` of the derived text on, up to the next mapping, what stands there came from `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Byte offset in the derived text.
    pub at: u32,
    /// The place in the template.
    pub from: Span,
    /// The derived text repeats the template byte for byte from here on (so offsets can be carried over);
    /// otherwise all of it stands for the one expression `from`.
    pub verbatim: bool,
}

/// The mappings of one derived text.
///
/// ```text
/// template  spec:\n  replicas: {{ values.count }}\n
/// derived   spec:\n  replicas: 3\n
///           ^ at 0, verbatim   ^ at 18, the expression `values.count`
/// ```
///
/// Mappings have no ends: each reaches to the next one, and the last to the end of the text. A text may be derived from
/// several templates, as macros of other files print into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceMap {
    /// Ascending by `at`, so that lookups are binary searches.
    pub mappings: Vec<Mapping>,
}

impl SourceMap {
    /// The place in the template that the bytes `start..end` of the derived text came from; none if no mapping begins
    /// at or before `start`.
    ///
    /// A range over several mappings becomes one place from the first to the last of them. Where these two lie in
    /// different templates no single place covers the range, and the first one is given.
    pub fn resolve(&self, start: u32, end: u32) -> Option<Span> {
        let first = self.mapping_at(start)?;
        let from = first.original(start, end);
        // The end is exclusive: the last byte decides. An empty range is where it starts.
        let last_byte = end.saturating_sub(1).max(start);
        let last = self.mapping_at(last_byte)?;
        if last == first || last.from.source != from.source {
            return Some(from);
        }
        // The place of the last byte alone: `end` itself may belong to the next mapping.
        let to = last.original(end.saturating_sub(1), end);
        // A template may print later parts first, in loops for example. Then there is no range from the first to the
        // last.
        if to.end <= from.start {
            return Some(from);
        }
        Some(Span { end: to.end.max(from.end), ..from })
    }

    /// The last mapping that begins at or before `offset`.
    fn mapping_at(&self, offset: u32) -> Option<Mapping> {
        let after = self.mappings.partition_point(|mapping| mapping.at <= offset);
        let index = after.checked_sub(1)?;
        self.mappings.get(index).copied()
    }
}

impl Mapping {
    /// The place in the template of the derived bytes `start..end`, which begin in this mapping.
    fn original(self, start: u32, end: u32) -> Span {
        if !self.verbatim {
            return self.from;
        }
        // No underflow: the mapping was looked up for `start`, so it begins at or before it.
        let first = self.from.start + (start - self.at);
        Span { source: self.from.source, start: first, end: first + end.saturating_sub(start) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ab{{ x }}cd` became `ab123cd`.
    fn sample() -> SourceMap {
        let mapping = |at, start, end, verbatim| {
            let from = Span::new(SourceId(7), start, end);
            Mapping { at, from, verbatim }
        };
        SourceMap { mappings: vec![mapping(0, 0, 2, true), mapping(2, 2, 9, false), mapping(5, 9, 11, true)] }
    }

    fn resolved(start: u32, end: u32) -> Option<(u32, u32)> {
        sample().resolve(start, end).map(|span| (span.start, span.end))
    }

    #[test]
    fn verbatim_text_keeps_its_offsets_and_an_expression_is_one_place() {
        assert_eq!(resolved(1, 2), Some((1, 2)));
        assert_eq!(resolved(3, 4), Some((2, 9)));
        assert_eq!(resolved(6, 7), Some((10, 11)));
        assert_eq!(resolved(6, 6), Some((10, 10)));
    }

    #[test]
    fn a_range_over_several_mappings_is_one_place() {
        assert_eq!(resolved(1, 6), Some((1, 10)));
        assert_eq!(resolved(3, 6), Some((2, 10)));
    }

    #[test]
    fn nothing_comes_from_nowhere() {
        assert_eq!(SourceMap::default().resolve(0, 1), None);
    }
}
