//! Texts that `kubectl` reads and granit-parser refuses: a copy is mended, and read instead.
//!
//! | text | who reads it | mended with |
//! |---|---|---|
//! | a quoted scalar that goes on in a line no deeper than its key | libyaml and its kin, as they ask for no indentation there | spaces before that line, which folding takes away |
//! | JSON objects one after the other, in a text that begins with one | `kubectl`, which reads a stream of JSON | `---` before each |
//!
//! ```text
//! note: "one                note: "one
//! two"              ─►              two"           the same value; offsets are those of the text as it was written
//! ```
//!
//! It is driven by granit-parser's own errors, so a text that it takes is never touched. What was handed on before the
//! error stays: a mended text has the same events up to there.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use granit_parser::{ErrorKind, Parser, ScanError};

use super::event::{Event, SyntaxError, event_of_granit, granit_options};
use super::shared::ParseLimits;

/// An event of a mended text, with the bytes of the original text that it covers.
pub(super) type Read = Result<(Event<'static>, Range<usize>), SyntaxError>;

/// All events of the mended text; none if nothing can be mended about the error at this byte. Events that matter to
/// nobody ([`Event::Other`]) are not among them.
pub(super) fn read(text: &str, limits: ParseLimits, error: &ScanError, at: usize) -> Option<Vec<Read>> {
    let mut mended = Mended { original: text, text: text.to_owned(), insertions: Vec::new() };
    // Checked before anything is scanned again: most errors are of other kinds.
    mended.mend(error.kind(), at)?;
    let mut events = Vec::new();
    let mut begin = 0;
    // Each error costs one more scan of its document. A text that has more of them than this is not read.
    let mut budget = text.len().saturating_mul(SCANS).saturating_add(MIN_BUDGET);
    loop {
        let scanned = scan(&mended.text, begin, limits);
        budget = budget.saturating_sub(mended.text.len() - begin);
        let Some((error, at)) = scanned.error else {
            events.extend(scanned.events.into_iter().map(Ok));
            break;
        };
        // Whole documents before the error stay as they are; the one with the error is scanned again.
        let mut scanned_events = scanned.events;
        let unfinished = scanned_events.split_off(scanned.documents_before);
        events.extend(scanned_events.into_iter().map(Ok));
        begin = scanned.document;
        if budget == 0 || mended.mend(error.kind(), at).is_none() {
            events.extend(unfinished.into_iter().map(Ok));
            events.push(Err((error, at)));
            break;
        }
    }
    let place = |range: Range<usize>| mended.original(range.start)..mended.original(range.end);
    let placed = events.into_iter().map(|read| match read {
        Ok((event, range)) => Ok((event, place(range))),
        Err((error, at)) => Err((error, mended.original(at))),
    });
    Some(placed.collect())
}

/// How often a text may be scanned again, as a multiple of its length.
const SCANS: usize = 64;

/// What may be scanned of a short text, in bytes.
const MIN_BUDGET: usize = 1 << 20;

/// A copy of a text with what was put in.
struct Mended<'t> {
    original: &'t str,
    text: String,
    /// Where something was put in: its place in `text`, its place in `original`, and its length; ascending.
    insertions: Vec<(usize, usize, usize)>,
}

impl Mended<'_> {
    /// Puts in what an error at a byte of the mended text asks for; none if nothing would help.
    fn mend(&mut self, kind: &ErrorKind, at: usize) -> Option<()> {
        let places = match kind {
            ErrorKind::InvalidQuotedScalarIndent => self.shallow_lines(at)?,
            ErrorKind::ExpectedDocumentStart => self.json_objects(at)?,
            _ => return None,
        };
        let mut all: BTreeMap<usize, String> = places;
        for (start, original, length) in &self.insertions {
            let put_in = &self.text[*start..start + length];
            all.entry(*original).or_default().insert_str(0, put_in);
        }
        self.text.clear();
        self.insertions.clear();
        let mut copied = 0;
        for (original, put_in) in all {
            self.text.push_str(&self.original[copied..original]);
            self.insertions.push((self.text.len(), original, put_in.len()));
            self.text.push_str(&put_in);
            copied = original;
        }
        self.text.push_str(&self.original[copied..]);
        Some(())
    }

    /// The place in the original text of a byte of the mended one.
    fn original(&self, at: usize) -> usize {
        let before = self.insertions.partition_point(|(start, ..)| *start <= at);
        match before.checked_sub(1).and_then(|last| self.insertions.get(last)) {
            // In what was put in: the place that it was put at.
            Some((start, original, length)) if at < start + length => *original,
            Some((start, original, length)) => original + (at - start - length),
            None => at,
        }
    }

    /// The lines of a quoted scalar that are no deeper than what it stands in, with the spaces that they lack. `at` is
    /// in the first of them.
    fn shallow_lines(&self, at: usize) -> Option<BTreeMap<usize, String>> {
        let text = self.text.as_str();
        let line = text.get(..at)?.rfind('\n')? + 1;
        // Cut before that line, the scalar is not closed, and that error is where it begins.
        let begin = text[..line].rfind("\n---").map_or(0, |marker| marker + 1);
        let cut = scan(text[..line].trim_end(), begin, ParseLimits::default());
        let (error, start) = cut.error?;
        if *error.kind() != ErrorKind::UnclosedQuotedScalar {
            return None;
        }
        let end = start + quoted_length(text.get(start..)?)?;
        // Deeper than any block that the scalar may be in: they all begin before it in its line.
        let column = start - text[..start].rfind('\n').map_or(0, |at| at + 1) + 1;
        let mut places = BTreeMap::new();
        for break_at in memchr::memchr_iter(b'\n', &text.as_bytes()[start..end]) {
            let line = start + break_at + 1;
            let rest = &text[line..];
            // A document ends there, whatever the quotes say.
            if rest.starts_with("---") || rest.starts_with("...") {
                return None;
            }
            let indent = rest.len() - rest.trim_start_matches(' ').len();
            if indent < column && !rest[indent..].starts_with('\n') {
                places.insert(self.original(line), " ".repeat(column - indent));
            }
        }
        Some(places)
    }

    /// The objects behind the first one of a stream of JSON, each with the marker that it lacks.
    fn json_objects(&self, at: usize) -> Option<BTreeMap<usize, String>> {
        let original = self.original;
        let begins_with_object = original.trim_start_matches('\u{feff}').trim_start().starts_with('{');
        if !begins_with_object || !self.text.get(at..)?.starts_with('{') || !self.insertions.is_empty() {
            return None;
        }
        let mut places = BTreeMap::new();
        let mut is_first = true;
        let mut depth = 0_usize;
        let mut in_string = false;
        let mut bytes = original.bytes().enumerate();
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'\\' if in_string => {
                    bytes.next();
                }
                b'"' => in_string = !in_string,
                _ if in_string => {}
                b'{' | b'[' => {
                    if depth == 0 && !is_first {
                        places.insert(at, "\n---\n".to_owned());
                    }
                    is_first = false;
                    depth += 1;
                }
                b'}' | b']' => depth = depth.checked_sub(1)?,
                _ => {}
            }
        }
        Some(places)
    }
}

/// The bytes of a quoted scalar that a text begins with, its quotes included; none if it is not closed.
fn quoted_length(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate().peekable();
    let (_, quote) = bytes.next()?;
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' if quote == b'"' => {
                bytes.next();
            }
            _ if byte != quote => {}
            // `''` in single quotes is one of them.
            b'\'' if bytes.peek().is_some_and(|(_, next)| *next == b'\'') => {
                bytes.next();
            }
            _ => return Some(at + 1),
        }
    }
    None
}

/// What granit-parser makes of a text from a byte on, where a document begins.
struct Scanned {
    events: Vec<(Event<'static>, Range<usize>)>,
    error: Option<SyntaxError>,
    /// How many events come before the last document.
    documents_before: usize,
    /// The byte that the last document begins at: the start of a line.
    document: usize,
}

fn scan(text: &str, begin: usize, limits: ParseLimits) -> Scanned {
    let mut parser = Parser::new_from_str_with_options(&text[begin..], granit_options(limits));
    let byte = |marker: granit_parser::Marker| begin + marker.byte_offset().unwrap_or_else(|| marker.index());
    let mut scanned = Scanned { events: Vec::new(), error: None, documents_before: 0, document: begin };
    loop {
        match parser.next_event() {
            Some(Ok((event, span))) => {
                let range = byte(span.start)..byte(span.end);
                let event = owned(event_of_granit(event));
                if let Event::Document = event {
                    scanned.documents_before = scanned.events.len();
                    scanned.document = text[..range.start].rfind('\n').map_or(0, |at| at + 1).max(begin);
                }
                let ends = matches!(event, Event::End);
                if !matches!(event, Event::Other) {
                    scanned.events.push((event, range));
                }
                if ends {
                    return scanned;
                }
            }
            Some(Err(error)) => {
                let at = byte(*error.marker());
                scanned.error = Some((error, at));
                return scanned;
            }
            None => return scanned,
        }
    }
}

fn owned(event: Event<'_>) -> Event<'static> {
    match event {
        Event::Scalar(text, style, properties) => {
            Event::Scalar(Cow::Owned(text.into_owned()), style, properties)
        }
        Event::Document => Event::Document,
        Event::List(size, properties) => Event::List(size, properties),
        Event::ListEnd => Event::ListEnd,
        Event::Map(size, properties) => Event::Map(size, properties),
        Event::MapEnd => Event::MapEnd,
        Event::Alias(anchor) => Event::Alias(anchor),
        Event::End => Event::End,
        Event::Other => Event::Other,
    }
}
