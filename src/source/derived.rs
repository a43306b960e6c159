//! The way back from a rendered text to the template it came from.

use super::{SourceId, Span};

/// From byte `at` of the derived text on, what stands there came from `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Byte offset in the derived text.
    pub at: u32,
    /// The place in the template.
    pub from: Span,
    /// The derived text repeats the template byte for byte from here on (so offsets can be carried over);
    /// otherwise all of it stands for the one expression `from`.
    pub verbatim: bool,
}

/// The marks of one derived text, by ascending offset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Derivation {
    /// Ascending by `at`.
    pub marks: Vec<Mark>,
}

impl Derivation {
    /// The place in the template that a range of the derived text came from, if any mark stands before it.
    pub fn resolve(&self, start: u32, end: u32) -> Option<Span> {
        let first = self.mark_before(start)?;
        let from = place(first, start, end);
        let last = self.mark_before(end.saturating_sub(1).max(start))?;
        if last == first || last.from.source != from.source {
            return Some(from);
        }
        let tail = place(last, end.saturating_sub(1), end);
        Some(if tail.end > from.start { Span { end: tail.end.max(from.end), ..from } } else { from })
    }

    /// The template that the text at `offset` came from.
    pub fn template_at(&self, offset: u32) -> Option<SourceId> {
        self.mark_before(offset).map(|mark| mark.from.source)
    }

    fn mark_before(&self, offset: u32) -> Option<Mark> {
        let after = self.marks.partition_point(|mark| mark.at <= offset);
        self.marks.get(after.saturating_sub(1)).copied().filter(|mark| mark.at <= offset)
    }
}

fn place(mark: Mark, start: u32, end: u32) -> Span {
    if !mark.verbatim {
        return mark.from;
    }
    let shift = start - mark.at;
    let length = end.saturating_sub(start);
    Span { source: mark.from.source, start: mark.from.start + shift, end: mark.from.start + shift + length }
}
