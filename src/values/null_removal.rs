//! Settings that a `null` takes away from the layers below it, and the values as they were without that `null`.
//!
//! A merged tree has no nulls, so it does not tell who took a setting away. When a template then fails for want of it,
//! the finding should point at the `null`: the pipeline asks here for all of them, merges once more without each, and
//! says of those that the chart cannot do without what is wrong.
//!
//! ```text
//! defaults   service: {port: 80}
//! file       service: {port: null}        a removal of `service.port`, at the key `port` of the file
//! --set      ingress.host=null            a removal of `ingress.host`, at the `null` of the flag
//! ```
//!
//! Whether there was anything to take away is not asked: the pipeline finds out by rendering.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::layer::{Layer, by_precedence};
use super::merge::{Edit, merge};
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

/// The settings that the layers above the lowest, and the flags, take away; each once, at the last place that does. A
/// higher layer may have given one of them anew.
pub fn null_removals(layers: &[Layer], edits: &[Edit]) -> Vec<NullRemoval> {
    let mut found = Vec::new();
    // A null of the lowest layer has nothing to take away.
    for layer in by_precedence(layers).into_iter().skip(1) {
        find_nulls(&layer.root, &ValuePath::root(), &mut found);
    }
    for edit in edits {
        let path = edit.path();
        if edit.node.is_null() {
            found.push(NullRemoval { path: path.clone(), span: edit.node.span });
        }
        find_nulls(&edit.node, &path, &mut found);
    }
    // From the last one back, as the last place of a path is the one that counts.
    let mut seen = BTreeSet::new();
    let mut last: Vec<NullRemoval> =
        found.into_iter().rev().filter(|removal| seen.insert(removal.path.clone())).collect();
    last.reverse();
    last
}

/// The nulls under the keys of a tree whose root is at `path`. Those in lists are not looked for: a list replaces
/// another as a whole.
fn find_nulls(node: &Node, path: &ValuePath, found: &mut Vec<NullRemoval>) {
    for (key, entry) in node.as_map().into_iter().flatten() {
        let path = path.key(&**key);
        if entry.node.is_null() {
            found.push(NullRemoval { path, span: entry.key_span });
        } else {
            find_nulls(&entry.node, &path, found);
        }
    }
}

/// The merged values as they would be if these settings were not taken away: the nulls at the paths in `restored` are left
/// out of all layers and flags, and what is left is merged.
///
/// # Errors
/// Those of [`merge`], which are reported.
pub fn without_removals(
    session: &Session,
    layers: &[Layer],
    edits: &[Edit],
    wants: &Wants,
    restored: &[&ValuePath],
) -> Outcome<Node> {
    let mut kept_layers = Vec::with_capacity(layers.len());
    for layer in layers {
        let mut root = Node::clone(&layer.root);
        for path in restored {
            drop_null(&mut root, &path.0);
        }
        kept_layers.push(Layer { root: Arc::new(root), ..layer.clone() });
    }
    let mut kept_edits = Vec::with_capacity(edits.len());
    for edit in edits {
        let home = edit.path();
        if edit.node.is_null() && restored.contains(&&home) {
            continue;
        }
        // With `--set-json`, a flag sets a map that may have nulls in it.
        let mut edit = edit.clone();
        for rest in restored.iter().filter_map(|path| path.0.strip_prefix(&*home.0)) {
            drop_null(&mut edit.node, rest);
        }
        kept_edits.push(edit);
    }
    merge(session, &kept_layers, &kept_edits, wants)
}

/// Takes the key at the end of a path away, if null stands there.
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
