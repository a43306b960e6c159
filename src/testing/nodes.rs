//! Parts of a file of tests that its schema has found right.

use crate::yaml::{Entry, Node};

/// The list under a key; an empty one if the key is not there.
pub(super) fn items<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).and_then(Node::as_list).unwrap_or_default()
}

/// The entry under a key.
pub(super) fn entry<'n>(node: &'n Node, key: &str) -> Option<&'n Entry> {
    node.as_map()?.get(key)
}

/// The texts of the list under a key.
pub(super) fn texts<'n>(node: &'n Node, key: &str) -> impl Iterator<Item = String> + 'n {
    items(node, key).iter().filter_map(Node::as_str).map(str::to_owned)
}

/// The text under a key.
pub(super) fn text(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::as_str).map(str::to_owned)
}
