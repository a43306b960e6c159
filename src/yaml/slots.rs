//! Slots: the placeholders in a rendered text that stand for bound values.
//!
//! A template engine produces text. A value that a template prints must not become text, because text is read again: a
//! password `0123` would turn into a number, and a value with a line break would change the document around it. So the
//! engine writes a *slot*, a number between two noncharacters, and keeps the value in a table of [`Binding`]s. When the
//! rendered text is parsed, the node goes where its slot stands, with the value's own type and span:
//!
//! ```text
//! template   password: {{ values.password }}
//! rendered   password: <U+FDD0>0<U+FDD1>          bindings[0] = the node of values.password
//! tree       password: "0123"                     span: the line of the values file
//! ```

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::load::skeleton::Skeleton;
use super::node::{Node, Value};
use super::scalar::{Kind, Scalar, Style};
use crate::source::{OriginId, SourceId, Span};

/// Opens a slot: the index of a binding follows, in decimal digits.
pub const SLOT_OPEN: char = '\u{fdd0}';
/// Closes a slot.
pub const SLOT_CLOSE: char = '\u{fdd1}';
/// Opens a mark: where in which template the next text was written. Marks become the source map of a rendered text and
/// leave before it is parsed.
pub const MARK_OPEN: char = '\u{fdd2}';
/// Closes a mark.
pub const MARK_CLOSE: char = '\u{fdd3}';

/// Whether a character is one of the noncharacters U+FDD0 to U+FDEF: no source may contain one.
///
/// Unicode reserves them for use inside a program, so no text that is meant for others has them, and a slot cannot be
/// forged by a values file or a template. They are valid UTF-8, and YAML readers take them for ordinary letters.
pub fn is_reserved(character: char) -> bool {
    ('\u{fdd0}'..='\u{fdef}').contains(&character)
}

/// One value that a template printed.
#[derive(Debug)]
pub struct Binding {
    /// The expression and the values behind it.
    pub origin: Option<OriginId>,
    /// The value.
    pub bound: Bound,
    /// Whether it has reached a document. One that has not was printed into a comment, or got lost on the way, which is
    /// an error. Atomic, because bindings are only lent to the readers of documents, which may be several threads.
    pub used: AtomicBool,
}

/// What stands behind a slot.
///
/// A large text has a million of them, and nearly all are scalars: these stand here themselves, and are smaller than a
/// node.
#[derive(Debug)]
pub enum Bound {
    /// A single value, with its own type, and where it was written.
    Scalar(Arc<str>, Kind, Style, Span),
    /// A map or a list.
    Tree(Box<Node>),
    /// Null, or a setting that the schema knows and nobody set.
    Absent(Box<Absent>),
    /// The text of a macro call, a set block or `caller()`: parsed as YAML where it stands. With its skeleton, if the same
    /// text is read again with other values.
    Fragment(SourceId, Option<Arc<Skeleton>>),
    /// Something that was reported already: left out without another word.
    Failed,
}

/// A setting without a value.
#[derive(Clone, Debug)]
pub struct Absent {
    /// Its path, for messages.
    pub path: String,
    /// Where a `null` took it away, if one did.
    pub removed: Option<Span>,
}

impl From<Node> for Bound {
    fn from(node: Node) -> Self {
        match node.value {
            Value::Scalar(Scalar { text, kind, style }) => Bound::Scalar(text, kind, style, node.span),
            _ => Bound::Tree(Box::new(node)),
        }
    }
}

impl Binding {
    /// A binding that has not been used.
    pub fn new(bound: impl Into<Bound>, origin: Option<OriginId>) -> Self {
        Binding { origin, bound: bound.into(), used: AtomicBool::new(false) }
    }
}

/// A part of a scalar's text: of `www.<slot 0>:<slot 1>` the pieces are `Text("www.")`, `Slot(0)`, `Text(":")`,
/// `Slot(1)`.
pub(super) enum Piece<'t> {
    /// What the template says itself.
    Text(&'t str),
    /// The index of a binding.
    Slot(usize),
}

/// Cuts a text at its slots. No piece is an empty text.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(after) = rest.strip_prefix(SLOT_OPEN) else {
            let (text, tail) = rest.split_at(rest.find(SLOT_OPEN).unwrap_or(rest.len()));
            rest = tail;
            return Some(Piece::Text(text));
        };
        let (digits, tail) = after.split_once(SLOT_CLOSE).unwrap_or((after, ""));
        rest = tail;
        // A slot that is cut short names no binding, so nothing can be bound by accident.
        Some(Piece::Slot(digits.parse().unwrap_or(usize::MAX)))
    })
}

/// The binding's index of the slot that makes up the whole text, if one does.
pub(super) fn whole_slot(text: &str) -> Option<usize> {
    let digits = text.strip_prefix(SLOT_OPEN)?.strip_suffix(SLOT_CLOSE)?;
    digits.parse().ok()
}
