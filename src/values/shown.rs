//! Values as people may see them: with stars in the place of every secret.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::session::Session;
use crate::source::{SourceId, Span};
use crate::yaml::{Kind, Node, Value, WantRef};

/// Puts stars in the place of every secret: what the schema says is one, and what the writers of findings would not
/// show either. An empty one shows that it is empty.
#[derive(Debug)]
pub struct Mask<'s> {
    session: &'s Session,
    /// The sources' texts as findings show them.
    shown: RefCell<BTreeMap<SourceId, String>>,
}

impl<'s> Mask<'s> {
    /// A mask for the values of a session.
    pub fn new(session: &'s Session) -> Self {
        Mask { session, shown: RefCell::default() }
    }

    /// Masks a tree of which `want` is wanted.
    pub fn apply(&self, node: &mut Node, want: Option<WantRef<'_>>) {
        let hidden = node.as_scalar().is_some() && self.hides(node.span);
        if want.is_some_and(|want| want.secret()) || hidden {
            return hide(node);
        }
        match &mut node.value {
            Value::Scalar(_) => {}
            Value::List(items) => {
                items.iter_mut().for_each(|item| self.apply(item, want.and_then(WantRef::item)));
            }
            Value::Map(map) => {
                for (key, entry) in map {
                    self.apply(&mut entry.node, want.and_then(|want| want.property(key)));
                }
            }
        }
    }

    /// Whether findings would not show what stands there.
    pub fn hides(&self, span: Span) -> bool {
        let source = self.session.source(span.source);
        let mut shown = self.shown.borrow_mut();
        let shown = shown.entry(span.source).or_insert_with(|| source.masked_text());
        shown.get(span.range()) != source.text.get(span.range())
    }
}

/// Puts stars in the place of every scalar of a tree that is not empty.
pub fn hide(node: &mut Node) {
    match &mut node.value {
        Value::Scalar(scalar) if scalar.kind == Kind::Null || scalar.text.is_empty() => {}
        Value::Scalar(_) => node.value = Node::string("***", node.span).value,
        Value::List(items) => items.iter_mut().for_each(hide),
        Value::Map(map) => map.values_mut().for_each(|entry| hide(&mut entry.node)),
    }
}
