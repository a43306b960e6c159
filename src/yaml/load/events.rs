//! `Events`: what a text is made of, one part after the other, from either of the two readers.
//!
//! Starts on the fast path, one document at a time, and changes to granit-parser for good at the first document that is
//! not simple:
//!
//! ```text
//! document        1 (simple)    2 (simple)    3 (has an anchor)    4
//! read by         fast path     fast path     granit-parser        granit-parser
//! ```
//!
//! For good, because only a complete parser can tell where a document ends that is not simple: a `---` may stand inside
//! a quoted scalar.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{Parser, StrInput};

use super::event::{Event, SyntaxError, event_of_granit, granit_options};
use super::fast_path::{FastPath, Token, TokenKind};
use super::mended;
use super::properties::Properties;
use super::shared::{ParseLimits, Reader};
use super::skeleton::{KnownTokens, Replay, Replayed};
use crate::yaml::scalar::Style;

/// The events of a text.
pub(super) struct Events<'i> {
    text: &'i str,
    /// Of a text whose tokens are known: then nothing below is used.
    replay: Option<Replay<'i>>,
    /// None once a document was not simple.
    fast_path: Option<FastPath<'i>>,
    /// The next token of the fast path's present document.
    next: usize,
    /// Made when it is needed, from `offset` on: most texts never need it.
    granit: Option<Parser<'i, StrInput<'i>>>,
    /// Where the text that granit-parser reads begins.
    offset: usize,
    /// How many events of granit-parser were handed on, without those that matter to nobody.
    handed_on: usize,
    /// What is left of a text that granit-parser refused and that could be mended.
    mended: Option<std::vec::IntoIter<mended::Read>>,
    limits: ParseLimits,
    reader: Reader,
}

impl<'i> Events<'i> {
    /// The events of a whole text, by one of the two readers or both. A text of which the fast path can read nothing
    /// goes to granit-parser at once.
    pub(super) fn new(text: &'i str, limits: ParseLimits, reader: Reader) -> Self {
        let fast_path = if reader == Reader::Both { FastPath::new(text, 0, limits.depth) } else { None };
        Events { fast_path, ..Events::unread(text, limits, reader) }
    }

    /// Before the first event, with no reader that has begun.
    fn unread(text: &'i str, limits: ParseLimits, reader: Reader) -> Self {
        Events {
            text,
            replay: None,
            fast_path: None,
            next: 0,
            granit: None,
            offset: 0,
            handed_on: 0,
            mended: None,
            limits,
            reader,
        }
    }

    /// The events of a whole text whose tokens are known.
    pub(super) fn of_known(text: &'i str, known: &'i KnownTokens, limits: ParseLimits) -> Self {
        Events { replay: Some(Replay::new(known)), ..Events::unread(text, limits, Reader::FastPathOnly) }
    }

    /// The events of a chunk of a text that begins and ends with documents, by the fast path alone. None if no document
    /// of the chunk can be simple.
    pub(super) fn of_chunk(text: &'i str, chunk: Range<usize>, limits: ParseLimits) -> Option<Self> {
        // Cut at its end only, so that tokens have the offsets of the whole text.
        let text = text.get(..chunk.end)?;
        let fast_path = Some(FastPath::new(text, chunk.start, limits.depth)?);
        Some(Events { fast_path, ..Events::unread(text, limits, Reader::FastPathOnly) })
    }

    /// Whether all documents so far were simple. If one was not, [`Reader::FastPathOnly`] has ended the text before it.
    pub(super) fn are_simple(&self) -> bool {
        self.fast_path.is_some()
    }

    /// The next event and the bytes that it covers.
    pub(super) fn next(&mut self) -> Result<(Event<'i>, Range<usize>), SyntaxError> {
        if let Some(replay) = &mut self.replay {
            let (part, range) = replay.next();
            let event = match part {
                Replayed::Document => Event::Document,
                Replayed::Token(token, texts) => {
                    event_of_token(self.text, |at| Cow::Borrowed(texts[at as usize].as_str()), token)
                }
                Replayed::End => Event::End,
            };
            return Ok((event, range));
        }
        let Some(fast_path) = &mut self.fast_path else { return self.next_of_granit() };
        if let Some(token) = fast_path.tokens.get(self.next) {
            self.next += 1;
            let (token, texts) = (*token, &mut fast_path.texts);
            // Moved out: each token is looked at once.
            let written_down = |at: u32| Cow::Owned(std::mem::take(&mut texts[at as usize]));
            let event = event_of_token(self.text, written_down, token);
            return Ok((event, token.start as usize..token.end as usize));
        }
        self.next = 0;
        let before = fast_path.start..fast_path.start;
        match fast_path.document() {
            Some(true) => Ok((Event::Document, fast_path.start..fast_path.start)),
            Some(false) => Ok((Event::End, before)),
            None => {
                // None of this document's tokens was handed on, so granit-parser can begin with it.
                self.offset = fast_path.start;
                self.fast_path = None;
                if self.reader == Reader::FastPathOnly {
                    Ok((Event::End, before))
                } else {
                    self.next_of_granit()
                }
            }
        }
    }

    fn next_of_granit(&mut self) -> Result<(Event<'i>, Range<usize>), SyntaxError> {
        let end = self.text.len();
        if let Some(mended) = &mut self.mended {
            return match mended.next() {
                Some(Ok((event, range))) => Ok((event, self.offset + range.start..self.offset + range.end)),
                Some(Err((error, at))) => Err((error, self.offset + at)),
                None => Ok((Event::End, end..end)),
            };
        }
        // The offset is 0, or where the fast path has seen a line begin.
        let text = &self.text[self.offset..];
        let options = granit_options(self.limits);
        let parser = self.granit.get_or_insert_with(|| Parser::new_from_str_with_options(text, options));
        match parser.next_event() {
            Some(Ok((event, span))) => {
                let event = event_of_granit(event);
                self.handed_on += usize::from(!matches!(event, Event::Other));
                Ok((event, self.byte(span.start)..self.byte(span.end)))
            }
            Some(Err(error)) => {
                let at = self.byte(*error.marker());
                match mended::read(text, self.limits, &error, at - self.offset) {
                    Some(events) => {
                        let mut events = events.into_iter();
                        // A mended text begins with what was handed on already.
                        events.by_ref().take(self.handed_on).for_each(drop);
                        self.mended = Some(events);
                        self.next_of_granit()
                    }
                    None => Err((error, at)),
                }
            }
            None => Ok((Event::End, end..end)),
        }
    }

    /// The byte of the whole text that a marker is at.
    fn byte(&self, marker: granit_parser::Marker) -> usize {
        // A marker of a string has a byte offset; one of a stream, which this parser is never given, has an index that
        // counts characters.
        self.offset + marker.byte_offset().unwrap_or_else(|| marker.index())
    }
}

/// The event of a token of the fast path. `written_down` gives the text that a token has a number of.
fn event_of_token<'i>(
    text: &'i str,
    written_down: impl FnOnce(u32) -> Cow<'i, str>,
    token: Token,
) -> Event<'i> {
    let start = token.start as usize;
    let end = token.end as usize;
    // What a token has is in the text and in the table: both come out of one `FastPath`, and are cleared together.
    let none = Properties::default();
    match token.kind {
        TokenKind::Plain => Event::Scalar(Cow::Borrowed(&text[start..end]), Style::Plain, none),
        // Without the quotes.
        TokenKind::Quoted => Event::Scalar(Cow::Borrowed(&text[start + 1..end - 1]), Style::Quoted, none),
        TokenKind::Escaped(at) => Event::Scalar(written_down(at), Style::Quoted, none),
        TokenKind::Literal(at) => Event::Scalar(written_down(at), Style::Block, none),
        TokenKind::Map(entries) => Event::Map(entries as usize, none),
        TokenKind::MapEnd => Event::MapEnd,
        TokenKind::List(items) => Event::List(items as usize, none),
        TokenKind::ListEnd => Event::ListEnd,
    }
}
