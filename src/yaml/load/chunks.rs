//! Chunks: long texts cut at documents, so that several threads can read one.

use std::ops::Range;

use super::bindings::Bindings;
use super::events::{Events, Reader};
use super::limits::ParseLimits;
use super::loader::{Loader, Shared};
use crate::session::Session;
use crate::source::SourceId;
use crate::yaml::node::Node;

/// A chunk has at least this many bytes: what is shorter is read before a thread has begun.
const LEAST_BYTES: usize = 16 << 10;

/// The chunks of a text, which begin and end with documents. The whole text is one chunk if it is short.
///
/// Documents are told apart by a line `---` alone. That may stand in a quoted scalar of several lines, but such a text is
/// not simple, and [`parse_chunk`] refuses it. Two more texts are never cut: one that ends without a line break, and one
/// that may have reserved characters. Those have to be looked for in the whole text, and begin with the byte 0xEF.
pub fn chunks(text: &str) -> Vec<Range<usize>> {
    cut(text, LEAST_BYTES)
}

/// Chunks of at least so many bytes.
pub(super) fn cut(text: &str, least: usize) -> Vec<Range<usize>> {
    let mut chunks = Vec::new();
    let mut start = 0;
    if text.ends_with('\n') && memchr::memchr(0xef, text.as_bytes()).is_none() {
        for at in memchr::memmem::find_iter(text.as_bytes(), "\n---\n") {
            if at + 1 - start >= least {
                chunks.push(start..at + 1);
                start = at + 1;
            }
        }
    }
    chunks.push(start..text.len());
    chunks
}

/// Reads the documents of a chunk, by the fast path alone. None if the text has to be read as a whole, because something in the chunk is
/// wrong or not simple: then nothing that was reported counts, and the caller throws it away.
pub fn parse_chunk(
    session: &Session,
    source: SourceId,
    chunk: Range<usize>,
    limits: ParseLimits,
) -> Option<Vec<Node>> {
    let text = session.source(source).text.clone();
    let events = Events::of_chunk(&text, chunk, limits)?;
    let shared = Shared::new(Reader::FastPathOnly, limits);
    let bindings = Bindings { session, all: &[] };
    let mut loader = Loader::new(source, events, text.len(), bindings, limits, &shared);
    let documents = loader.documents().ok()?;
    loader.events.are_simple().then_some(documents)
}
