//! `Tree`: a tree in either form, nodes or packed, for those who read it as a whole.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use super::deserialize::{DecodeError, from_node, from_packed};
use super::node::Node;
use super::packed::{PackedNode, PackedTree};
use super::path::ValuePath;
use super::print::{print_json, print_packed_json, print_packed_yaml, print_yaml};
use crate::source::Span;

/// A tree in either form.
pub trait Tree {
    /// Its nodes: made for the time being, if it is packed.
    fn nodes(&self) -> Cow<'_, Node>;

    /// Where the whole of it was written.
    fn span(&self) -> Span;

    /// Where the node at a path was written, if there is one.
    fn span_at(&self, path: &ValuePath) -> Option<Span>;

    /// Reads it as a value: see [`from_node`].
    ///
    /// # Errors
    /// The first thing that does not fit.
    fn decode<T: DeserializeOwned>(&self) -> Result<T, DecodeError>;

    /// As block YAML: see [`print_yaml`].
    fn to_yaml(&self) -> String;

    /// As JSON: see [`print_json`].
    fn to_json(&self) -> String;
}

impl Tree for Node {
    fn nodes(&self) -> Cow<'_, Node> {
        Cow::Borrowed(self)
    }

    fn span(&self) -> Span {
        self.span
    }

    fn span_at(&self, path: &ValuePath) -> Option<Span> {
        path.find(self).map(|node| node.span)
    }

    fn decode<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        from_node(self)
    }

    fn to_yaml(&self) -> String {
        print_yaml(self)
    }

    fn to_json(&self) -> String {
        print_json(self)
    }
}

impl Tree for PackedTree {
    fn nodes(&self) -> Cow<'_, Node> {
        Cow::Owned(self.unpack())
    }

    fn span(&self) -> Span {
        self.root().span()
    }

    fn span_at(&self, path: &ValuePath) -> Option<Span> {
        self.root().at(path).map(PackedNode::span)
    }

    fn decode<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        from_packed(self.root())
    }

    fn to_yaml(&self) -> String {
        print_packed_yaml(self.root())
    }

    fn to_json(&self) -> String {
        print_packed_json(self.root())
    }
}
