//! Placeholders: how a rendered text refers to values that are bound into the tree and never become text.

use std::cell::Cell;

use super::Node;
use crate::source::{OriginId, SourceId};

/// Opens a slot: the index of a binding follows in decimal digits.
pub const SLOT_OPEN: char = '\u{fdd0}';
/// Closes a slot.
pub const SLOT_CLOSE: char = '\u{fdd1}';
/// Opens a mark: where in which template the next text was written.
pub const MARK_OPEN: char = '\u{fdd2}';
/// Closes a mark.
pub const MARK_CLOSE: char = '\u{fdd3}';

/// The noncharacters U+FDD0 to U+FDEF are reserved: no source may contain one.
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
    /// Whether it has reached a document.
    pub used: Cell<bool>,
}

/// What stands behind a slot.
#[derive(Debug)]
pub enum Bound {
    /// A value, with its own type.
    Value(Node),
    /// Null, or a setting that the schema knows and nobody set: its path, for messages.
    Absent(String),
    /// The text of a macro call, a set block or `caller()`: parsed as YAML where it stands.
    Fragment(SourceId),
    /// Something that was reported already: left out without another word.
    Failed,
}

impl Binding {
    /// A binding that has not been used.
    pub fn new(bound: Bound, origin: Option<OriginId>) -> Self {
        Binding { origin, bound, used: Cell::new(false) }
    }
}

/// A scalar's text, cut at its slots.
pub(super) enum Piece<'t> {
    Text(&'t str),
    Slot(usize),
}

/// Cuts a text at its slots.
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
        Some(Piece::Slot(digits.parse().unwrap_or(usize::MAX)))
    })
}

/// The slot that makes up the whole text, if one does.
pub(super) fn whole_slot(text: &str) -> Option<usize> {
    let digits = text.strip_prefix(SLOT_OPEN)?.strip_suffix(SLOT_CLOSE)?;
    digits.parse().ok()
}
