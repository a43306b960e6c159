//! `NodeView`: a node of a tree in either form, for what reads any tree: the deserializer and the printers.

use std::sync::Arc;

use super::node::{Entry, Node, Value};
use super::ordered_map;
use super::packed::{Children, Entries, PackedNode};
use super::scalar::ScalarRef;
use crate::source::Span;

/// A node: a [`Node`] by reference, or a [`PackedNode`].
pub(super) trait NodeView<'n>: Copy {
    /// The items of a list.
    type Items: ExactSizeIterator<Item = Self> + Clone;
    /// The keys and values of a map.
    type Entries: ExactSizeIterator<Item = (&'n str, Self)> + Clone;

    /// What it holds.
    fn view(self) -> View<'n, Self>;

    /// Where it was written.
    fn span(self) -> Span;

    /// Whether both are one node of one tree.
    fn is(self, other: Self) -> bool;

    /// The scalar, if it is one.
    fn scalar(self) -> Option<ScalarRef<'n>> {
        if let View::Scalar(scalar) = self.view() { Some(scalar) } else { None }
    }

    /// What it is, with its article, as messages say it: `a string`, `a map`.
    fn noun(self) -> &'static str {
        match self.view() {
            View::Map(_) => "a map",
            View::List(_) => "a list",
            View::Scalar(scalar) => scalar.kind.noun(),
        }
    }
}

/// What a node holds.
pub(super) enum View<'n, N: NodeView<'n>> {
    Scalar(ScalarRef<'n>),
    List(N::Items),
    Map(N::Entries),
}

/// The key and the value of an entry.
type ToPair<'n> = fn((&'n Arc<str>, &'n Entry)) -> (&'n str, &'n Node);

impl<'n> NodeView<'n> for &'n Node {
    type Items = std::slice::Iter<'n, Node>;
    type Entries = std::iter::Map<ordered_map::Iter<'n, Entry>, ToPair<'n>>;

    fn view(self) -> View<'n, Self> {
        match &self.value {
            Value::Scalar(scalar) => View::Scalar(scalar.as_ref()),
            Value::List(items) => View::List(items.iter()),
            Value::Map(map) => {
                let to_pair: ToPair<'n> = |(key, entry)| (&**key, &entry.node);
                View::Map(map.iter().map(to_pair))
            }
        }
    }

    fn span(self) -> Span {
        self.span
    }

    fn is(self, other: Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl<'n> NodeView<'n> for PackedNode<'n> {
    type Items = Children<'n>;
    type Entries = Entries<'n>;

    fn view(self) -> View<'n, Self> {
        if let Some(scalar) = self.as_scalar() {
            return View::Scalar(scalar);
        }
        match self.as_map() {
            Some(map) => View::Map(map.iter()),
            None => View::List(self.as_list().unwrap_or_default().iter()),
        }
    }

    fn span(self) -> Span {
        PackedNode::span(self)
    }

    fn is(self, other: Self) -> bool {
        PackedNode::is(self, other)
    }
}
