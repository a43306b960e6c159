//! The way from the root of a document to a node, as the check walks it.

use crate::source::Span;
use crate::yaml::{Segment, ValuePath};

/// The way from the root of a document to a node. It lives on the stack, so that nothing is built unless
/// something is found.
#[derive(Clone, Copy)]
pub(super) struct Trail<'t> {
    parent: Option<&'t Trail<'t>>,
    step: Step<'t>,
}

#[derive(Clone, Copy)]
enum Step<'t> {
    Root,
    Key(&'t str, Span),
    Index(usize),
}

impl<'t> Trail<'t> {
    pub(super) const ROOT: Trail<'static> = Trail { parent: None, step: Step::Root };

    pub(super) fn key(&'t self, key: &'t str, span: Span) -> Trail<'t> {
        Trail { parent: Some(self), step: Step::Key(key, span) }
    }

    pub(super) fn index(&'t self, index: usize) -> Trail<'t> {
        Trail { parent: Some(self), step: Step::Index(index) }
    }

    /// The path from the root.
    pub(super) fn path(&self) -> ValuePath {
        let above = self.parent.map_or_else(ValuePath::root, Trail::path);
        match self.step {
            Step::Root => above,
            Step::Key(key, _) => above.key(key),
            Step::Index(index) => above.index(index),
        }
    }

    /// What messages call the node: its key, with the indices that follow it.
    pub(super) fn name(&self) -> String {
        let path = self.path();
        let last_key = path.0.iter().rposition(|segment| matches!(segment, Segment::Key(_)));
        ValuePath(path.0[last_key.unwrap_or(0)..].to_vec()).to_string()
    }

    /// The key of the last step, if it was one.
    pub(super) fn key_name(&self) -> Option<&str> {
        if let Step::Key(key, _) = self.step { Some(key) } else { None }
    }

    /// The place of the last step, if it was a key.
    pub(super) fn last_key(&self) -> Option<Span> {
        if let Step::Key(_, span) = self.step { Some(span) } else { None }
    }
}
