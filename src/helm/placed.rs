//! `Placed`: what a text that is read came from, so that each value in it has an origin.

use std::ops::Range;

use crate::gotemplate::text::{Origin, Text};
use crate::source::{SourceId, Span};

/// Where the bytes of a text that is read came from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Placed<'t> {
    /// A string of a template: values get the segments of the bytes that they were read from.
    String(&'t Text),
    /// A values file or a flag, from this byte on: values get the place that they were written at.
    Source(SourceId, usize),
}

impl Placed<'_> {
    /// The origin of a value that was read from a range of the text.
    pub(super) fn origin(self, range: Range<usize>) -> Origin {
        match self {
            Placed::String(text) => Origin::of_all(text.segments_in(range).map(|(_, origin)| origin)),
            Placed::Source(..) => Origin::value(self.span(range)),
        }
    }

    /// The place of a range of a values file or a flag; of a string, the place of the first value in it.
    pub(super) fn span(self, range: Range<usize>) -> Span {
        match self {
            Placed::String(_) => self.origin(range).value,
            Placed::Source(source, offset) => Span::new(source, offset + range.start, offset + range.end),
        }
    }

    /// A string whose bytes are those of a range, which is a part of what stands for the value.
    pub(super) fn verbatim(self, bytes: &[u8], content: Range<usize>, whole: Range<usize>) -> Text {
        match self {
            Placed::String(text) if !content.is_empty() => text.slice(content),
            _ => Text::new(bytes, self.origin(whole)),
        }
    }

    /// A string with other bytes than the range that it was read from.
    pub(super) fn made(self, bytes: impl Into<Vec<u8>>, range: Range<usize>) -> Text {
        Text::new(bytes, self.origin(range))
    }
}
