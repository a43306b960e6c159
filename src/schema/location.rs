//! A place in the values that a message is about, and what of the user's text is underlined for it.
//!
//! ```text
//! engine:            path engine.replicas        span: the key `replicas`
//!   replicas: two    path engine.image           span: the key `engine`, which lacks it
//! ```

use crate::session::Session;
use crate::source::{SourceKind, Span};
use crate::yaml::{Node, Segment, ValuePath};

/// A path into the values, with what is there and what to underline in a message.
pub(super) struct Location<'n> {
    pub(super) path: ValuePath,
    /// None when nothing is there.
    pub(super) node: Option<&'n Node>,
    /// What to underline: the key, or that of the nearest place above which is there.
    pub(super) span: Option<Span>,
}

impl<'n> Location<'n> {
    /// The place at `path`, or the nearest one above it that is there.
    pub(super) fn new(session: &Session, values: &'n Node, path: ValuePath) -> Self {
        let node = path.find(values);
        // A setting that is missing has no place of its own: the map that lacks it is shown, by its key. A key says
        // which map it is, and all lines of a map say less than its first.
        let mut ancestor = path.clone();
        let mut span = None;
        while span.is_none() && !ancestor.0.is_empty() {
            span = key_span(values, &ancestor);
            ancestor.0.pop();
        }
        // Nothing of the path is there, or it is the root, which has no key.
        let span = span.or_else(|| start_of(session, values));
        Location { path, node, span }
    }
}

/// The span of the key (or of the list's item) that a path ends with.
pub(super) fn key_span(values: &Node, path: &ValuePath) -> Option<Span> {
    let (last, above) = path.0.split_last()?;
    let parent = ValuePath(above.to_vec()).find(values)?;
    match last {
        Segment::Key(key) => parent.as_map()?.get(key.as_str()).map(|entry| entry.key_span),
        Segment::Index(index) => parent.as_list()?.get(*index).map(first_byte),
    }
}

/// The first byte of the values, unless no user wrote it: an excerpt of a bundled file would show what nobody can edit.
fn start_of(session: &Session, values: &Node) -> Option<Span> {
    let written = session.source(values.span.source).kind != SourceKind::Bundled;
    (written && values.span.end > values.span.start).then(|| values.span.first_byte())
}

/// All of a scalar; of a list or map only the beginning, as its lines would fill the screen.
fn first_byte(node: &Node) -> Span {
    if node.as_scalar().is_some() {
        return node.span;
    }
    // Not `Span::first_byte`: the span of a list or map that nobody wrote may be empty.
    Span { end: node.span.end.min(node.span.start.saturating_add(1)), ..node.span }
}
