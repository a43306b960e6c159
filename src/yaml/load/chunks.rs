//! Long texts in parts that begin and end with documents, so that several threads can read one.

use std::ops::Range;

use super::events::{Events, Road};
use super::{Loader, ParseLimits, Shared};
use crate::session::Session;
use crate::source::SourceId;
use crate::yaml::Node;

/// A part has at least this many bytes: what is shorter is read before a thread has begun.
const PART: usize = 16 << 10;

/// The parts of a text, cut before a line that begins a document; the whole if it is short, ends without a line break, or may have
/// reserved characters, which begin with this byte.
pub fn chunks(text: &str) -> Vec<Range<usize>> {
    cut(text, PART)
}

/// Parts of at least so many bytes.
pub(super) fn cut(text: &str, least: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    if text.ends_with('\n') && memchr::memchr(0xef, text.as_bytes()).is_none() {
        for at in memchr::memmem::find_iter(text.as_bytes(), "\n---\n") {
            if at + 1 - start >= least {
                parts.push(start..at + 1);
                start = at + 1;
            }
        }
    }
    parts.push(start..text.len());
    parts
}

/// Reads the documents of a part. None if the text has to be read as a whole, because something is wrong or not simple: then
/// nothing that was reported counts.
pub fn parse_chunk(
    session: &Session,
    source: SourceId,
    part: Range<usize>,
    limits: ParseLimits,
) -> Option<Vec<Node>> {
    let text = session.source(source).text.clone();
    let events = Events::of_part(&text, part, limits)?;
    let shared = Shared::new(Road::Quick, limits);
    let mut loader = Loader::new(session, source, (events, text.len()), &[], limits, &shared);
    let documents = loader.documents().ok()?;
    loader.events.are_simple().then_some(documents)
}
