//! The source map of a rendered text: which byte of it came from where in a template.

use super::{SourceId, Span};

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
/// Mappings have no ends: each reaches to the next one, and the last to the end of the text. A text may be derived from several
/// templates, as macros of other files print into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceMap {
    /// Ascending by `at`, so that lookups are binary searches.
    pub mappings: Vec<Mapping>,
}

impl SourceMap {
    /// The place in the template that the bytes `start..end` of the derived text came from; none if no mapping begins
    /// at or before `start`.
    ///
    /// A range over several mappings becomes one place from the first to the last of them. Where these two lie in different
    /// templates no single place covers the range, and the first one is given.
    pub fn resolve(&self, start: u32, end: u32) -> Option<Span> {
        let first = self.mapping_at(start)?;
        let from = first.original(start, end);
        // The end is exclusive: the last byte decides. An empty range is where it starts.
        let last_byte = end.saturating_sub(1).max(start);
        let last = self.mapping_at(last_byte)?;
        if last == first || last.from.source != from.source {
            return Some(from);
        }
        let to = last.original(end.saturating_sub(1), end);
        // A template may print later parts first, in loops for example. Then there is no range from the first to the last.
        if to.end <= from.start {
            return Some(from);
        }
        Some(Span { end: to.end.max(from.end), ..from })
    }

    /// The template that the byte at `offset` came from.
    pub fn template_at(&self, offset: u32) -> Option<SourceId> {
        self.mapping_at(offset).map(|mapping| mapping.from.source)
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
        assert_eq!(SourceMap::default().template_at(0), None);
    }
}
