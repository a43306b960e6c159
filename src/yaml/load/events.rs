//! What a text is made of, one after the other: by the quick road as far as documents are simple, by granit-parser from the
//! first one on that is not.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{Parser, ScalarStyle, ScanError, StrInput, Tag};

use super::ParseLimits;
use super::quick::{Quick, Token, What};
use crate::yaml::Style;

/// A part of a text, with what YAML says of it besides.
#[derive(Debug)]
pub(super) enum Event<'i> {
    Document,
    Scalar(Cow<'i, str>, Style, Properties),
    /// With the number of items, where it is known.
    List(usize, Properties),
    ListEnd,
    /// With the number of entries, where it is known.
    Map(usize, Properties),
    MapEnd,
    Alias(usize),
    End,
    Other,
}

/// An anchor, 0 for none, and a tag.
#[derive(Debug, Default)]
pub(super) struct Properties {
    pub(super) anchor: usize,
    pub(super) tag: Option<Box<Tag>>,
}

/// The events of a text.
pub(super) struct Events<'i> {
    text: &'i str,
    quick: Option<Quick<'i>>,
    /// The next token of the present document.
    next: usize,
    granit: Option<Parser<'i, StrInput<'i>>>,
    /// Where the text of granit-parser begins.
    offset: usize,
    limits: ParseLimits,
    road: Road,
}

/// Which events may take the quick road.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Road {
    /// Those of simple documents.
    Any,
    /// Those of simple documents, and there are no others: the first one that is not simple ends the text.
    Quick,
    /// None.
    #[cfg(test)]
    Long,
}

impl<'i> Events<'i> {
    pub(super) fn new(text: &'i str, limits: ParseLimits, road: Road) -> Self {
        let quick = if road == Road::Any { Quick::new(text, 0, limits.depth) } else { None };
        Events { text, quick, next: 0, granit: None, offset: 0, limits, road }
    }

    /// The events of a part of a text that begins and ends with documents, as far as all of them are simple.
    pub(super) fn of_part(text: &'i str, part: Range<usize>, limits: ParseLimits) -> Option<Self> {
        let text = text.get(..part.end)?;
        let quick = Quick::new(text, part.start, limits.depth)?;
        Some(Events { text, quick: Some(quick), next: 0, granit: None, offset: 0, limits, road: Road::Quick })
    }

    /// Whether all documents so far were simple.
    pub(super) fn are_simple(&self) -> bool {
        self.quick.is_some()
    }

    /// The next event and the bytes that it covers.
    pub(super) fn next(&mut self) -> Result<(Event<'i>, Range<usize>), (ScanError, usize)> {
        let Some(quick) = &mut self.quick else { return self.long() };
        if let Some(token) = quick.tokens.get(self.next) {
            self.next += 1;
            let event = event(self.text, &mut quick.texts, *token);
            return Ok((event, token.start as usize..token.end as usize));
        }
        self.next = 0;
        let start = quick.start..quick.start;
        match quick.document() {
            Some(true) => Ok((Event::Document, quick.start..quick.start)),
            Some(false) => Ok((Event::End, start)),
            None => {
                self.offset = quick.start;
                self.quick = None;
                if self.road == Road::Quick { Ok((Event::End, start)) } else { self.long() }
            }
        }
    }

    fn long(&mut self) -> Result<(Event<'i>, Range<usize>), (ScanError, usize)> {
        let options = granit_parser::options! {
            emit_comments: false,
            flow_nesting_limit: self.limits.depth,
            block_nesting_limit: self.limits.depth,
        };
        let text = self.text.get(self.offset..).unwrap_or_default();
        let parser = self.granit.get_or_insert_with(|| Parser::new_from_str_with_options(text, options));
        match parser.next_event() {
            Some(Ok((event, span))) => Ok((long_event(event), self.byte(span.start)..self.byte(span.end))),
            Some(Err(error)) => {
                let at = self.byte(*error.marker());
                Err((error, at))
            }
            None => Ok((Event::End, self.text.len()..self.text.len())),
        }
    }

    fn byte(&self, marker: granit_parser::Marker) -> usize {
        self.offset + marker.byte_offset().unwrap_or_else(|| marker.index())
    }
}

fn event<'i>(text: &'i str, texts: &mut [String], token: Token) -> Event<'i> {
    let (start, end) = (token.start as usize, token.end as usize);
    let written = |range: Range<usize>| Cow::Borrowed(text.get(range).unwrap_or_default());
    let mut kept = |at: u32| Cow::Owned(texts.get_mut(at as usize).map(std::mem::take).unwrap_or_default());
    let none = Properties::default();
    match token.what {
        What::Plain => Event::Scalar(written(start..end), Style::Plain, none),
        What::Quoted => Event::Scalar(written(start + 1..end - 1), Style::Quoted, none),
        What::Escaped(at) => Event::Scalar(kept(at), Style::Quoted, none),
        What::Literal(at) => Event::Scalar(kept(at), Style::Block, none),
        What::Map(entries) => Event::Map(entries as usize, none),
        What::MapEnd => Event::MapEnd,
        What::List(items) => Event::List(items as usize, none),
        What::ListEnd => Event::ListEnd,
    }
}

fn long_event(event: granit_parser::Event<'_>) -> Event<'_> {
    use granit_parser::Event as Long;
    match event {
        Long::DocumentStart(..) => Event::Document,
        Long::Scalar(text, style, anchor, tag) => {
            let tag = boxed(tag);
            let style = match style {
                ScalarStyle::Plain => Style::Plain,
                ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                _ => Style::Block,
            };
            Event::Scalar(text, style, Properties { anchor, tag })
        }
        Long::SequenceStart(_, anchor, tag) => Event::List(0, Properties { anchor, tag: boxed(tag) }),
        Long::SequenceEnd => Event::ListEnd,
        Long::MappingStart(_, anchor, tag) => Event::Map(0, Properties { anchor, tag: boxed(tag) }),
        Long::MappingEnd => Event::MapEnd,
        Long::Alias(anchor) => Event::Alias(anchor),
        Long::StreamEnd => Event::End,
        _ => Event::Other,
    }
}

fn boxed(tag: Option<Cow<'_, Tag>>) -> Option<Box<Tag>> {
    tag.map(|tag| Box::new(tag.into_owned()))
}
