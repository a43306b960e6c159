//! Loading: from text to trees, with spans, limits, duplicate keys, merge keys and bound slots.
//!
//! # Two readers, and one for JSON
//!
//! ```text
//!            ┌─► fast_path/      documents that are simple ──┐
//! text ──► events.rs                                         ├──► loader.rs ──► Node
//!            └─► granit-parser   all that comes after them ──┘
//!
//! text that is JSON from end to end ──► fast_path/json.rs ───────────────────────────► Node
//! ```
//!
//! Nearly all manifests are written in a small part of YAML. `fast_path/` cuts a document of that kind into tokens in
//! one pass over its bytes. A complete YAML parser is much slower, because it has to look out for everything that YAML
//! has (`docs/internals.md` has the figures). But a complete parser is needed, for anchors, tags, scalars of several
//! lines, and above all to say what is wrong with a text that is not YAML.
//!
//! So the fast path knows no errors. It reads a document to its end before any token of it is handed on. Where a
//! document has anything in it that the fast path does not know for sure, granit-parser reads the text from that
//! document on. The loader sees the same events from both, and nothing has to be taken back.
//!
//! Both give the same tree, the same spans and the same findings. `tests.rs` holds them against each other for every
//! YAML text of the repository, and for thousands of texts that are broken at random places. `tests/differential/`
//! holds the result against the YAML test suite and libyaml.
//!
//! # What else happens while a text is read
//!
//! * Slots are filled with bound values (`bindings.rs`, and [`crate::yaml::Binding`]).
//! * Texts that `kubectl` reads and granit-parser refuses are mended (`mended.rs`).
//! * Anchors are copied to their aliases, and tags are checked (`properties.rs`).
//! * Keys, and the scalars of documents, are shared by an intern cache (`shared.rs`).
//! * A text that is read again and again has its tokens kept (`skeleton.rs`).
//! * Who builds another tree takes the events (`parts.rs`).
//! * A long text can be read in chunks, by several threads ([`chunks`] and [`parse_chunk`]).

mod bindings;
mod event;
mod events;
mod fast_path;
mod loader;
mod mended;
mod parts;
mod properties;
mod shared;
pub(super) mod skeleton;
#[cfg(test)]
mod tests;

use std::ops::Range;

use bindings::Bindings;
use events::Events;
use granit_parser::Parser;
use loader::{LoadContext, Loader};
pub use parts::{Marks, Part, Parts};
pub use shared::{ParseLimits, Strictness};
use shared::{Reader, Shared, TextCache};

use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Session};
use crate::source::{Readability, SourceId, Span};
use crate::yaml::node::Node;
use crate::yaml::slots::{Binding, is_reserved};

/// Reads every document of a source; slots are filled from `bindings`. Empty documents are left out.
///
/// # Errors
/// Y001 for what is not YAML, Y003 for keys that are no strings, Y004 for texts beyond the limits, Y005 for unknown
/// tags. Other findings (Y002, Y006, T006) are reported without ending the reading.
pub fn parse_documents(
    session: &Session,
    source: SourceId,
    bindings: &[Binding],
    limits: ParseLimits,
) -> Outcome<Vec<Node>> {
    let bindings = Bindings { session, all: bindings };
    let mut shared = Shared::new(Reader::Both, limits);
    shared.scalars = (!bindings.all.is_empty()).then(TextCache::default);
    let before = session.findings();
    let documents = loader::read(source, None, LoadContext { bindings, limits, shared: &shared });
    // An error may leave the tree whole, and it lacks a part of the text: the second of two keys, for example.
    if session.findings() > before && (documents.is_err() || session.errors() > 0) {
        session.has_unreadable_documents(source);
    }
    documents
}

/// Reads a source that may hold one document, without slots; `None` when it holds none.
///
/// # Errors
/// As [`parse_documents`], and Y001 for several documents.
pub fn parse_one(session: &Session, source: SourceId) -> Outcome<Option<Node>> {
    let documents = parse_documents(session, source, &[], session.limits().into());
    // What comes behind an error belongs to the same document.
    if session.source(source).readability() == Readability::SomeUnreadable {
        session.source(source).is_unreadable();
    }
    let mut documents = documents?;
    if let Some(second) = documents.get(1) {
        session.source(source).is_unreadable();
        let message = "there are several documents, and one is expected";
        // An empty document at the end of the text has no first byte to point at.
        let first_byte = second.span.first_byte();
        let is_inside = first_byte.end as usize <= session.source(source).text.len();
        let place = if is_inside { first_byte } else { second.span };
        let finding = Diagnostic::error(Code::Y001, message).at(place, "the second starts here");
        return Err(
            session.report(finding.help("remove the `---` line, or put the rest into a file of its own"))
        );
    }
    Ok(documents.pop())
}

/// A chunk has at least this many bytes: what is shorter is read before a thread has begun.
const LEAST_BYTES: usize = 16 << 10;

/// The chunks of a text, which begin and end with documents. The whole text is one chunk if it is short.
///
/// Documents are told apart by a line `---` alone. That may stand in a quoted scalar of several lines, but such a text
/// is not simple, and [`parse_chunk`] refuses it. Two more texts are never cut: one that ends without a line break, and
/// one without `bindings` that may have reserved characters. Those have to be looked for in the whole text, and begin
/// with the byte 0xEF.
pub fn chunks(text: &str, bindings: &[Binding]) -> Vec<Range<usize>> {
    let is_whole = bindings.is_empty() && memchr::memchr(0xef, text.as_bytes()).is_some();
    cut(text, if is_whole { usize::MAX } else { LEAST_BYTES })
}

/// As [`chunks`], with chunks of at least so many bytes; only the last one may be shorter. Tests cut smaller ones.
fn cut(text: &str, least: usize) -> Vec<Range<usize>> {
    let mut chunks = Vec::new();
    let mut start = 0;
    if text.ends_with('\n') {
        for line_break in memchr::memmem::find_iter(text.as_bytes(), "\n---\n") {
            // The marker goes with the document that it begins.
            let end = line_break + 1;
            if end - start >= least {
                chunks.push(start..end);
                start = end;
            }
        }
    }
    chunks.push(start..text.len());
    chunks
}

/// The documents of a text, as they are told apart by lines that begin with `---`. In a text that is YAML nothing
/// else begins a line like that; of one that is not, it says at least where the next document is.
pub fn document_ranges(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    for line_break in memchr::memmem::find_iter(text.as_bytes(), "\n---") {
        let end = line_break + 1;
        if matches!(text.as_bytes().get(end + 3), None | Some(b'\n' | b'\r' | b' ' | b'\t')) {
            ranges.push(start..end);
            start = end;
        }
    }
    ranges.push(start..text.len());
    ranges
}

/// Reads the documents of a chunk, by the fast path alone, and tells how many nodes count against
/// [`ParseLimits::filled`]. None if the text has to be read as a whole, because something in the chunk is wrong or not
/// simple: then nothing that was reported counts, and the caller throws it away.
///
/// Fragments in it are texts of their own, and need not be simple.
pub fn parse_chunk(
    session: &Session,
    source: SourceId,
    chunk: Range<usize>,
    bindings: &[Binding],
    limits: ParseLimits,
) -> Option<(Vec<Node>, usize)> {
    let text = session.source(source).text.clone();
    let events = Events::of_chunk(&text, chunk, limits)?;
    // A cache of keys for each chunk: one for all would have to be locked.
    let mut shared = Shared::new(Reader::Both, limits);
    shared.scalars = Some(TextCache::default());
    let bindings = Bindings { session, all: bindings };
    let context = LoadContext { bindings, limits, shared: &shared };
    let mut loader = Loader::new(source, events, text.len(), context);
    let before = session.errors();
    let documents = loader.documents().ok()?;
    if session.errors() > before {
        session.has_unreadable_documents(source);
    }
    // The fast path ends a text at what is not simple as if nothing came behind it.
    let filled = limits.filled - shared.nodes_left.get();
    loader.events.are_simple().then_some((documents, filled))
}

/// The comments of a text, without their `#`. What comes after a syntax error is not read.
pub fn comments(text: &str) -> Vec<String> {
    let events = Parser::new_from_str(text).map_while(Result::ok);
    let comments = events.filter_map(|(event, _)| match event {
        granit_parser::Event::Comment(comment, _) => Some(comment.into_owned()),
        _ => None,
    });
    comments.collect()
}

/// Reports the first reserved character of a source, if there is one.
///
/// # Errors
/// S002. A text that people write must not have what looks like a slot: it would be replaced by a value.
pub fn refuse_reserved(session: &Session, source: SourceId) -> Outcome<()> {
    let text = session.source(source).text.clone();
    // In UTF-8 all of them begin with this byte, and hardly anything else does.
    for at in memchr::memchr_iter(0xef, text.as_bytes()) {
        // A character always begins there: 0xEF is no byte of the inside of one.
        let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) else { continue };
        if !is_reserved(character) {
            continue;
        }
        let span = Span::new(source, at, at + character.len_utf8());
        let message = format!("the noncharacter U+{:04X} is reserved", character as u32);
        session.source(source).is_unreadable();
        let help = "remove it: Unicode has it for internal use only, and Plimsoll marks bound values with it";
        return Err(
            session.report(Diagnostic::error(Code::S002, message).at(span, "this character").help(help))
        );
    }
    Ok(())
}
