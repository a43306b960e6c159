//! Who set what: the layers that speak of a path, and where each leaf of a tree was written.
//!
//! A merged tree remembers its winners only. So the layers are merged once more, one at a time, and after each the
//! value at the path is looked at: its span says who wrote it, and a span that is another one than before is an effect
//! of this layer.
//!
//! ```text
//! defaults   replicas: 1        Set, Overridden
//! preset     resources: {}      (no effect: the span at the path is the same as before)
//! file       replicas: 3        Set, Overridden
//! --set      replicas=5         Set, Wins
//! ```
//!
//! No list of who set what is kept while values are merged: every render would pay for it, and `explain` asks for one
//! path at a time.

use super::layer::{Layer, LayerKind, by_precedence};
use super::merge::{Edit, apply, lay_over};
use crate::session::Session;
use crate::source::{SourceId, SourceKind, Span};
use crate::yaml::{Merge, Node, Segment, Value, ValuePath, WantRef, Wants};

/// What one layer or flag did to a path. A layer that says nothing of it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerEffect {
    /// The layer's rank.
    pub layer: LayerKind,
    /// What it did.
    pub kind: EffectKind,
    /// What became of it.
    pub status: EffectStatus,
    /// Where it says so.
    pub span: Span,
}

/// What a layer or flag can do to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectKind {
    /// It gave a scalar or a list.
    Set,
    /// It gave a map, whose entries join those of lower layers.
    Joined,
    /// It gave a list, whose items join those of lower layers, as the schema asks.
    Extended,
    /// It said `null` here or above, or replaced the list that this was in.
    Removed,
    /// It set something below the path, by a flag.
    Below,
}

/// What became of an effect when all layers were merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectStatus {
    /// It is what counts.
    Wins,
    /// It counts, with others.
    Shares,
    /// A later effect took its place.
    Overridden,
}

/// Every effect on a path, lowest layer first. The path is one of the merged values, so an item has the index that it
/// has there.
///
/// Layers that do not fit are reported a second time, so ask after [`merge`](super::merge) went well.
pub fn history(
    session: &Session,
    layers: &[Layer],
    edits: &[Edit],
    wants: &Wants,
    path: &ValuePath,
) -> Vec<LayerEffect> {
    let mut watcher = PathWatcher {
        path,
        // Lists of which the schema knows nothing are replaced, which is the default.
        merge: wants.root().descend(path).map(WantRef::merge).unwrap_or_default(),
        effects: Vec::new(),
        before: None,
    };
    let mut root: Option<Node> = None;
    for layer in by_precedence(layers) {
        // As in `LayerStack::lay`, without typing plain scalars: that changes kinds, and no span.
        let merged = lay_over(session, wants, root, Node::clone(&layer.root));
        watcher.look(&merged, layer.kind);
        root = Some(merged);
    }
    let mut root = root.unwrap_or_else(|| Node::plain("", no_place(session)));
    for edit in edits {
        apply(session, &mut root, edit, wants.root());
        watcher.look_after_flag(&root, edit);
    }
    with_status(watcher.effects)
}

/// Where the empty tree is written to which flags are applied if there is no layer.
fn no_place(session: &Session) -> Span {
    Span::new(session.add_source(SourceKind::Bundled, "no values", ""), 0, 0)
}

/// What the user gives of a chart of Helm up to one flag, that one included.
#[derive(Clone, Debug)]
pub struct FlagLayer {
    /// The text of the flag.
    pub source: SourceId,
    /// All files and flags up to it, without the chart's defaults.
    pub given: Node,
}

/// As [`history`], of a chart of Helm: its flags come in the order in which Helm applies them, and each is what the user gives
/// with it.
pub fn history_with_flags(
    session: &Session,
    layers: &[Layer],
    flags: &[FlagLayer],
    wants: &Wants,
    path: &ValuePath,
) -> Vec<LayerEffect> {
    let mut watcher = PathWatcher { path, merge: Merge::Replace, effects: Vec::new(), before: None };
    let mut root = Node::plain("", no_place(session));
    for (at, layer) in by_precedence(layers).into_iter().enumerate() {
        let below = (at > 0).then_some(root);
        root = lay_over(session, wants, below, Node::clone(&layer.root));
        watcher.look(&root, layer.kind);
    }
    for flag in flags {
        let merged = lay_over(session, wants, Some(root.clone()), flag.given.clone());
        watcher.look_below_flag(&merged, flag.source);
    }
    with_status(watcher.effects)
}

/// Watches one path while layers are merged.
struct PathWatcher<'p> {
    path: &'p ValuePath,
    /// How lists there are merged.
    merge: Merge,
    /// Without their status, which is known when all layers are merged.
    effects: Vec<LayerEffect>,
    /// Where the value was written that counted before; none while nothing did.
    before: Option<Span>,
}

impl PathWatcher<'_> {
    /// Notes what a layer or flag has changed at the path, in the tree that it has been merged into; whether it has.
    fn look(&mut self, root: &Node, layer: LayerKind) -> bool {
        let (span, found) = find_or_obstacle(root, &self.path.0);
        let kind = match found {
            Some(node) if node.as_map().is_some() => EffectKind::Joined,
            Some(node) if node.as_list().is_some() && self.merge != Merge::Replace => EffectKind::Extended,
            Some(_) => EffectKind::Set,
            // A null has an effect even where nothing was before, if it stands at the path itself.
            None if self.before.is_some() || self.is_null(root) => EffectKind::Removed,
            None => return false,
        };
        let now = found.map(|_| span);
        // A null stays in the tree until the end, so the layers above it find its span again.
        let was_said_before = self.effects.last().is_some_and(|effect| effect.span == span);
        let is_change = !was_said_before && (now != self.before || now.is_none());
        if is_change {
            self.effects.push(LayerEffect { layer, kind, status: EffectStatus::Wins, span });
        }
        self.before = now;
        is_change
    }

    /// As [`PathWatcher::look`]; but a flag that sets something below the path leaves the span of the path's own value
    /// as it was, so that is noted besides.
    fn look_after_flag(&mut self, root: &Node, edit: &Edit) {
        let steps = edit.path().0;
        let is_below = steps.len() > self.path.0.len() && steps.starts_with(&self.path.0);
        if !self.look(root, LayerKind::Set) && is_below {
            self.effects.push(LayerEffect {
                layer: LayerKind::Set,
                kind: EffectKind::Below,
                status: EffectStatus::Shares,
                span: edit.node.span,
            });
        }
    }

    /// As [`PathWatcher::look_after_flag`], of a flag that was merged with what the user gives besides.
    fn look_below_flag(&mut self, root: &Node, flag: SourceId) {
        if self.look(root, LayerKind::Set) {
            return;
        }
        let Some(node) = self.path.find(root) else { return };
        let mut place = None;
        each_node(node, self.path, &mut |path, below| {
            if below.span.source == flag && path != self.path {
                place.get_or_insert(below.span);
            }
        });
        if let Some(span) = place {
            let (kind, status) = (EffectKind::Below, EffectStatus::Shares);
            self.effects.push(LayerEffect { layer: LayerKind::Set, kind, status, span });
        }
    }

    /// Whether the path itself has a null, and not merely something above it.
    fn is_null(&self, root: &Node) -> bool {
        self.path.find(root).is_some_and(Node::is_null)
    }
}

/// The node at a path, unless it is null or missing; and where it, or what is in its way, was written.
fn find_or_obstacle<'n>(root: &'n Node, path: &[Segment]) -> (Span, Option<&'n Node>) {
    // `ValuePath::find` does not say what is in the way.
    let mut node = root;
    for segment in path {
        let below = match (&node.value, segment) {
            (Value::Map(map), Segment::Key(key)) => map.get(key.as_str()).map(|entry| &entry.node),
            (Value::List(items), Segment::Index(index)) => items.get(*index),
            _ => None,
        };
        match below {
            Some(below) => node = below,
            None => return (node.span, None),
        }
    }
    (node.span, Some(node).filter(|node| !node.is_null()))
}

/// Says of each effect what became of it. From the last one down: the last one counts, and with it those that it
/// joined, down to the one that they all were laid over. What is below that is overridden.
///
/// ```text
/// Set       Overridden
/// Set       Shares          what the two below were laid over
/// Joined    Shares
/// Joined    Shares          the last one
/// ```
fn with_status(mut effects: Vec<LayerEffect>) -> Vec<LayerEffect> {
    let last = effects.len().saturating_sub(1);
    // Whether all effects behind this one have joined it.
    let mut counts = true;
    for (position, effect) in effects.iter_mut().enumerate().rev() {
        let joins = matches!(effect.kind, EffectKind::Joined | EffectKind::Extended | EffectKind::Below);
        effect.status = if !counts {
            EffectStatus::Overridden
        } else if joins && last > 0 {
            EffectStatus::Shares
        } else if position == last {
            EffectStatus::Wins
        } else if effect.kind == EffectKind::Removed {
            // Others were laid over nothing: the null has no part in what is there.
            EffectStatus::Overridden
        } else {
            EffectStatus::Shares
        };
        counts = counts && joins;
    }
    effects
}

/// Every leaf of a tree (scalars, empty maps and empty lists) with its path and the place it was written at.
pub fn origins(root: &Node) -> Vec<(ValuePath, Span)> {
    let mut found = Vec::new();
    each_node(root, &ValuePath::root(), &mut |path, node| {
        if is_leaf(node) {
            found.push((path.clone(), node.span));
        }
    });
    found
}

/// Calls `visit` with every node of a tree and its path, parents before children.
pub fn each_node(node: &Node, path: &ValuePath, visit: &mut dyn FnMut(&ValuePath, &Node)) {
    visit(path, node);
    match &node.value {
        Value::Scalar(_) => {}
        Value::Map(map) => {
            for (key, entry) in map {
                each_node(&entry.node, &path.key(&**key), visit);
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                each_node(item, &path.index(index), visit);
            }
        }
    }
}

/// Whether nothing lies below a node.
fn is_leaf(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(_) => true,
        Value::Map(map) => map.is_empty(),
        Value::List(items) => items.is_empty(),
    }
}
