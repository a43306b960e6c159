//! Settings that a `null` takes away from the layers below it, and the values as they were without that `null`.

use std::sync::Arc;

use super::{Edit, Layer, merge};
use crate::session::{Outcome, Session};
use crate::source::Span;
use crate::yaml::{Node, Segment, ValuePath, Wants};

/// A setting that a `null` takes away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NullRemoval {
    /// The setting.
    pub path: ValuePath,
    /// Where it is taken away: a key, or the `null` of a flag.
    pub span: Span,
}

/// The settings that the layers above the lowest, and the flags, take away; each once, at the last place that does.
pub fn null_removals(layers: &[Layer], edits: &[Edit]) -> Vec<NullRemoval> {
    let mut found = Vec::new();
    let mut ordered: Vec<&Layer> = layers.iter().collect();
    ordered.sort_by_key(|layer| layer.kind);
    for layer in ordered.iter().skip(1) {
        nulls(&layer.root, &ValuePath::root(), &mut found);
    }
    for edit in edits {
        if edit.node.is_null() {
            found.push(NullRemoval { path: path_of(edit), span: edit.node.span });
        }
        nulls(&edit.node, &path_of(edit), &mut found);
    }
    let last = |(index, taken): (usize, &NullRemoval)| {
        found[index + 1..].iter().all(|later| later.path != taken.path).then(|| taken.clone())
    };
    found.iter().enumerate().filter_map(last).collect()
}

/// The merged values as they would be if nobody took these settings away.
pub fn without_removals(
    session: &Session,
    layers: &[Layer],
    edits: &[Edit],
    wants: &Wants,
    back: &[&ValuePath],
) -> Outcome<Node> {
    let restore = |layer: &Layer| {
        let mut root = Node::clone(&layer.root);
        back.iter().for_each(|path| drop_null(&mut root, &path.0));
        Layer { root: Arc::new(root), ..layer.clone() }
    };
    let layers: Vec<Layer> = layers.iter().map(restore).collect();
    let stays = |edit: &&Edit| !edit.node.is_null() || !back.contains(&&path_of(edit));
    let restore = |edit: &Edit| {
        let mut edit = edit.clone();
        let home = path_of(&edit);
        for rest in back.iter().filter_map(|path| path.0.strip_prefix(&*home.0)) {
            drop_null(&mut edit.node, rest);
        }
        edit
    };
    let edits: Vec<Edit> = edits.iter().filter(stays).map(restore).collect();
    merge(session, &layers, &edits, wants)
}

fn nulls(node: &Node, path: &ValuePath, found: &mut Vec<NullRemoval>) {
    for (key, entry) in node.as_map().into_iter().flatten() {
        let path = path.key(&**key);
        if entry.node.is_null() {
            found.push(NullRemoval { path, span: entry.key_span });
        } else {
            nulls(&entry.node, &path, found);
        }
    }
}

fn path_of(edit: &Edit) -> ValuePath {
    ValuePath(edit.steps.iter().map(|step| step.segment.clone()).collect())
}

fn drop_null(node: &mut Node, path: &[Segment]) {
    let (Some((Segment::Key(key), rest)), Some(map)) = (path.split_first(), node.as_map_mut()) else {
        return;
    };
    let Some(entry) = map.get_mut(key.as_str()) else { return };
    if !rest.is_empty() {
        drop_null(&mut entry.node, rest);
    } else if entry.node.is_null() {
        map.shift_remove(key.as_str());
    }
}
