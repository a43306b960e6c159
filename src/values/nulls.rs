//! The nulls of layers and flags, and the tombstones that they leave beside the merged tree.
//!
//! ```text
//! defaults   a: {x: 1, y: 2}     b: 1         c: 1
//! preset     a: null             b: null      c: null
//! file       a: {x: 3}                        c: 2
//! merged     a: {x: 3}                        c: 2
//! tombstones a.y, at the preset  b            (none: `c` was given anew)
//! ```
//!
//! A null of the lowest layer takes nothing away: it is how a chart names a setting that it has no default for. Nulls in
//! lists are not looked for: a list replaces another as a whole.

use std::sync::Arc;

use crate::source::Span;
use crate::yaml::{Node, Segment, Tombstones, ValuePath};

/// The nulls of layers that were laid over others, lowest layer first.
#[derive(Clone, Debug, Default)]
pub(super) struct Nulls {
    /// What each layer says, lowest first.
    layers: Vec<Arc<Node>>,
    found: Vec<Null>,
}

#[derive(Clone, Debug)]
struct Null {
    path: ValuePath,
    /// A key, or the `null` of a flag.
    span: Span,
    /// How many layers are below.
    above: usize,
}

impl Nulls {
    /// Adds those of the next layer.
    pub(super) fn add_layer(&mut self, root: &Arc<Node>) {
        if !self.layers.is_empty() {
            self.find(root, &mut ValuePath::root());
        }
        self.layers.push(Arc::clone(root));
    }

    /// Adds what a flag sets at a path.
    pub(super) fn add_flag(&mut self, mut path: ValuePath, node: &Node) {
        if node.is_null() {
            self.found.push(Null { path, span: node.span, above: self.layers.len() });
        } else if node.as_list().is_some() {
            // A list that is given anew has items of its own, which lack nothing because of an earlier flag.
            self.found.retain(|null| !is_item_of(&null.path, &path));
        } else {
            self.find(node, &mut path);
        }
    }

    /// Adds the nulls under the keys of a tree at `path`, which is the same again afterwards.
    fn find(&mut self, node: &Node, path: &mut ValuePath) {
        for (key, entry) in node.as_map().into_iter().flatten() {
            // The path is extended only where it may be needed: most values are scalars.
            if !entry.node.is_null() && entry.node.as_map().is_none() {
                continue;
            }
            path.0.push(Segment::Key(key.to_string()));
            if entry.node.is_null() {
                let null = Null { path: path.clone(), span: entry.key_span, above: self.layers.len() };
                self.found.push(null);
            } else {
                self.find(&entry.node, path);
            }
            path.0.pop();
        }
    }

    /// What the merged tree lacks because of them. The last null of a path counts.
    pub(super) fn tombstones(self, merged: &Node) -> Tombstones {
        let mut tombstones = Tombstones::default();
        for null in self.found {
            match null.path.find(merged) {
                None => tombstones.insert(null.path, null.span),
                // A map that was given anew does not bring back what it held.
                Some(anew) if anew.as_map().is_some() => {
                    for layer in &self.layers[..null.above] {
                        if let Some(below) = null.path.find(layer) {
                            bury_lost(below, anew, &null.path, null.span, &mut tombstones);
                        }
                    }
                }
                Some(_) => {}
            }
        }
        tombstones
    }
}

/// Whether a path leads to an item of the list at another one, or into it.
fn is_item_of(path: &ValuePath, list: &ValuePath) -> bool {
    path.0.strip_prefix(list.0.as_slice()).is_some_and(|rest| matches!(rest, [Segment::Index(_), ..]))
}

/// Adds the keys of a removed map that the one in its place does not have.
fn bury_lost(removed: &Node, anew: &Node, path: &ValuePath, span: Span, tombstones: &mut Tombstones) {
    for (key, entry) in removed.as_map().into_iter().flatten().filter(|(_, entry)| !entry.node.is_null()) {
        let path = path.key(&**key);
        match anew.get(key) {
            None => tombstones.insert(path, span),
            Some(anew) => bury_lost(&entry.node, anew, &path, span, tombstones),
        }
    }
}
