//! Loading: from text to trees, with spans, limits, duplicate keys, merge keys and bound slots.
//!
//! # Two readers
//!
//! ```text
//!            ┌─► fast_path/      documents that are simple ──┐
//! text ──► events.rs                                         ├──► loader.rs ──► Node
//!            └─► granit-parser   all that comes after them ──┘
//! ```
//!
//! Nearly all manifests are written in a small part of YAML. `fast_path/` cuts a document of that kind into tokens in one pass over its
//! bytes. A complete YAML parser is much slower, because it has to look out for everything that YAML has: granit-parser's scan alone takes twice
//! the time of a whole lint of such texts. But a complete parser is needed, for anchors, tags, scalars of several lines, and above all
//! to say what is wrong with a text that is not YAML.
//!
//! So the fast path knows no errors. It reads a document to its end before any token of it is handed on. Where a document has anything in it
//! that the fast path does not know for sure, granit-parser reads the text from that document on. The loader sees the same
//! events from both, and nothing has to be taken back.
//!
//! Both give the same tree, the same spans and the same findings. `tests.rs` holds them against each other for every YAML text of the
//! repository, and for thousands of texts that are broken at random places. `tests/differential/` holds the result against the YAML test suite
//! and libyaml.
//!
//! # What else happens while a text is read
//!
//! * Slots are filled with bound values (`bindings.rs`, and [`crate::yaml::Binding`]).
//! * Keys are shared by an intern cache (`key_cache.rs`).
//! * A long text can be read in chunks, by several threads (`chunks.rs`).

mod anchors;
mod bindings;
mod chunks;
mod events;
mod fast_path;
mod key_cache;
mod limits;
mod loader;
mod tags;
#[cfg(test)]
mod tests;

pub use chunks::{chunks, parse_chunk};
use events::Reader;
use granit_parser::Parser;
pub use limits::ParseLimits;
use loader::Shared;

use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Session};
use crate::source::{SourceId, Span};
use crate::yaml::node::Node;
use crate::yaml::slots::{Binding, is_reserved};

/// Reads every document of a source; slots are filled from `bindings`. Empty documents are left out.
///
/// # Errors
/// Y001 for what is not YAML, Y003 for keys that are no strings, Y004 for texts beyond the limits, Y005 for unknown tags. Other
/// findings (Y002, Y006, T006) are reported without ending the reading.
pub fn parse_documents(
    session: &Session,
    source: SourceId,
    bindings: &[Binding],
    limits: ParseLimits,
) -> Outcome<Vec<Node>> {
    loader::read(session, source, bindings, limits, &Shared::new(Reader::Both, limits))
}

/// Reads a source that may hold one document, without slots; `None` when it holds none.
///
/// # Errors
/// As [`parse_documents`], and Y001 for several documents.
pub fn parse_one(session: &Session, source: SourceId) -> Outcome<Option<Node>> {
    let mut documents = parse_documents(session, source, &[], session.limits().into())?;
    if let Some(second) = documents.get(1) {
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

/// The comments of a text, without their `#`. What comes after a syntax error is not read.
pub fn comments(text: &str) -> Vec<String> {
    let mut comments = Vec::new();
    for (event, _) in Parser::new_from_str(text).map_while(Result::ok) {
        if let granit_parser::Event::Comment(comment, _) = event {
            comments.push(comment.into_owned());
        }
    }
    comments
}

/// Reports the first reserved character of a source, if there is one.
///
/// # Errors
/// S002. A text that people write must not have what looks like a slot: it would be replaced by a value.
pub fn refuse_reserved(session: &Session, source: SourceId) -> Outcome<()> {
    let text = session.source(source).text.clone();
    // In UTF-8 all of them begin with this byte, and hardly anything else does.
    for at in memchr::memchr_iter(0xef, text.as_bytes()) {
        let character = text.get(at..).and_then(|rest| rest.chars().next());
        let Some(character) = character.filter(|character| is_reserved(*character)) else { continue };
        let span = Span::new(source, at, at + character.len_utf8());
        let message = format!("the noncharacter U+{:04X} is reserved", character as u32);
        let help = "remove it: Unicode has it for internal use only, and Plimsoll marks bound values with it";
        return Err(
            session.report(Diagnostic::error(Code::S002, message).at(span, "this character").help(help))
        );
    }
    Ok(())
}
