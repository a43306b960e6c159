//! Who set what: the layers that speak of a path, and where each leaf of a tree was written.

use super::{Edit, Layer, LayerKind};
use crate::source::Span;
use crate::yaml::{Node, Segment, Value, ValuePath};

/// What one layer or flag did to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The layer's rank.
    pub layer: LayerKind,
    /// What it did.
    pub kind: DeedKind,
    /// Where it says so.
    pub span: Span,
}

/// The kinds of deeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeedKind {
    /// It gave a scalar or a list.
    Set,
    /// It gave a map, whose entries join those of lower layers.
    Joined,
    /// It said `null`.
    Removed,
    /// It set something below the path, by a flag.
    Below,
}

/// Every deed to a path, lowest layer first; the last one won. It is found by walking the layers again: a tree
/// remembers its winners only.
pub fn history(layers: &[Layer], edits: &[Edit], path: &ValuePath) -> Vec<Deed> {
    let mut ordered: Vec<&Layer> = layers.iter().collect();
    ordered.sort_by_key(|layer| layer.kind);
    let of_layer = |layer: &&Layer| deed_at(layer.kind, &layer.root, &path.0);
    let of_edit = |edit: &Edit| deed_of(edit, path);
    ordered.iter().filter_map(of_layer).chain(edits.iter().filter_map(of_edit)).collect()
}

/// Every leaf of a tree (scalars, empty maps and empty lists) with its path and the place it was written at.
pub fn origins(root: &Node) -> Vec<(ValuePath, Span)> {
    let mut found = Vec::new();
    collect(root, &ValuePath::root(), &mut found);
    found
}

/// What a tree does to the path below it; a null on the way removes all that is below.
fn deed_at(layer: LayerKind, node: &Node, path: &[Segment]) -> Option<Deed> {
    if node.is_null() {
        return Some(Deed { layer, kind: DeedKind::Removed, span: node.span });
    }
    let Some((first, rest)) = path.split_first() else {
        let kind = if node.as_map().is_some() { DeedKind::Joined } else { DeedKind::Set };
        return Some(Deed { layer, kind, span: node.span });
    };
    match (&node.value, first) {
        (Value::Map(map), Segment::Key(key)) => deed_at(layer, &map.get(key.as_str())?.node, rest),
        (Value::List(items), Segment::Index(index)) => deed_at(layer, items.get(*index)?, rest),
        _ => None,
    }
}

fn deed_of(edit: &Edit, path: &ValuePath) -> Option<Deed> {
    let steps = edit.path();
    if let Some(rest) = path.0.strip_prefix(steps.0.as_slice()) {
        return deed_at(LayerKind::Set, &edit.node, rest);
    }
    let below = steps.0.starts_with(&path.0);
    below.then_some(Deed { layer: LayerKind::Set, kind: DeedKind::Below, span: edit.node.span })
}

fn collect(node: &Node, path: &ValuePath, found: &mut Vec<(ValuePath, Span)>) {
    match &node.value {
        Value::Map(map) if !map.is_empty() => {
            map.iter().for_each(|(key, entry)| collect(&entry.node, &path.key(&**key), found));
        }
        Value::List(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(at, item)| collect(item, &path.index(at), found));
        }
        _ => found.push((path.clone(), node.span)),
    }
}
