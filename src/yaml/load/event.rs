//! `Event`: a part of a text, from either of the two readers, and what is taken from granit-parser.

use std::borrow::Cow;

use granit_parser::{ScalarStyle, ScanError, Tag};

use super::properties::Properties;
use super::shared::ParseLimits;
use crate::yaml::scalar::Style;

/// A part of a text. Texts are borrowed from the source as far as they stand there word for word.
///
/// `a: [1, x]` is `Document, Map(1), Scalar("a"), List(2), Scalar("1"), Scalar("x"), ListEnd, MapEnd, End`. A type of
/// our own, as granit-parser's events have no place for the number of entries that the fast path knows.
#[derive(Debug)]
pub(super) enum Event<'i> {
    /// A document begins.
    Document,
    Scalar(Cow<'i, str>, Style, Properties),
    /// With the number of items, where it is known, or 0: granit-parser does not look ahead.
    List(usize, Properties),
    ListEnd,
    /// With the number of entries, where it is known, or 0.
    Map(usize, Properties),
    MapEnd,
    /// With the number of its anchor.
    Alias(usize),
    /// The text ends.
    End,
    /// What does not matter here: the start of a stream, the end of a document.
    Other,
}

/// A syntax error of granit-parser, and the byte that it is at.
pub(super) type SyntaxError = (ScanError, usize);

/// What granit-parser is to keep to.
pub(super) fn granit_options(limits: ParseLimits) -> granit_parser::Options {
    granit_parser::options! {
        emit_comments: false,
        // Without them its own would count, which are 255.
        flow_nesting_limit: limits.depth,
        block_nesting_limit: limits.depth,
    }
}

/// The event of one of granit-parser's, with what this program takes from it.
pub(super) fn event_of_granit(event: granit_parser::Event<'_>) -> Event<'_> {
    use granit_parser::Event as Granit;
    match event {
        Granit::DocumentStart(..) => Event::Document,
        Granit::Scalar(text, style, anchor, tag) => {
            let tag = boxed(tag);
            let style = match style {
                ScalarStyle::Plain => Style::Plain,
                ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                // Literal and folded: the parser has folded the lines already.
                _ => Style::Block,
            };
            Event::Scalar(text, style, Properties { anchor, tag })
        }
        Granit::SequenceStart(_, anchor, tag) => Event::List(0, Properties { anchor, tag: boxed(tag) }),
        Granit::SequenceEnd => Event::ListEnd,
        Granit::MappingStart(_, anchor, tag) => Event::Map(0, Properties { anchor, tag: boxed(tag) }),
        Granit::MappingEnd => Event::MapEnd,
        Granit::Alias(anchor) => Event::Alias(anchor),
        Granit::StreamEnd => Event::End,
        _ => Event::Other,
    }
}

fn boxed(tag: Option<Cow<'_, Tag>>) -> Option<Box<Tag>> {
    tag.map(|tag| Box::new(tag.into_owned()))
}
