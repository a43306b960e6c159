//! Who set what: the layers that speak of a path, and where each leaf of a tree was written.

use super::merge::{apply, join};
use super::{Edit, Layer, LayerKind};
use crate::session::Session;
use crate::source::Span;
use crate::yaml::{Merge, Node, Segment, Value, ValuePath, WantRef, Wants};

/// What one layer or flag did to a path.
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

/// The kinds of effects.
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

/// What became of a effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectStatus {
    /// It is what counts.
    Wins,
    /// It counts, with others.
    Shares,
    /// A later effect took its place.
    Overridden,
}

/// Every effect to a path, lowest layer first. It is found by merging the layers once more and watching the path: a tree
/// remembers its winners only. The path is one of the merged values, so an item has the index that it has there.
///
/// Layers that do not fit are reported a second time, so ask after [`merge`](super::merge) went well.
pub fn history(
    session: &Session,
    layers: &[Layer],
    edits: &[Edit],
    wants: &Wants,
    path: &ValuePath,
) -> Vec<LayerEffect> {
    let mut watch = Watch {
        path,
        list: wants.root().descend(path).map(WantRef::merge).unwrap_or_default(),
        effects: Vec::new(),
        before: None,
    };
    let mut ordered: Vec<&Layer> = layers.iter().collect();
    ordered.sort_by_key(|layer| layer.kind);
    let mut root: Option<Node> = None;
    for layer in ordered {
        let upper = Node::clone(&layer.root);
        let merged = match root {
            None => upper,
            Some(lower) => join(session, &ValuePath::root(), lower, upper, Some(wants.root())),
        };
        watch.look(&merged, layer.kind);
        root = Some(merged);
    }
    let mut root = root.unwrap_or_else(|| Node::plain("", no_place(session)));
    for edit in edits {
        apply(session, &mut root, edit, wants.root());
        watch.look_after(&root, edit);
    }
    judged(watch.effects)
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

/// Calls `visit` with every node of a tree, the root first.
pub fn each_node(node: &Node, path: &ValuePath, visit: &mut dyn FnMut(&ValuePath, &Node)) {
    visit(path, node);
    match &node.value {
        Value::Scalar(_) => {}
        Value::Map(map) => {
            map.iter().for_each(|(key, entry)| each_node(&entry.node, &path.key(&**key), visit))
        }
        Value::List(items) => {
            items.iter().enumerate().for_each(|(at, item)| each_node(item, &path.index(at), visit));
        }
    }
}

fn is_leaf(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(_) => true,
        Value::Map(map) => map.is_empty(),
        Value::List(items) => items.is_empty(),
    }
}

/// Watches one path while layers are merged.
struct Watch<'p> {
    path: &'p ValuePath,
    /// Whether lists there join each other.
    list: Merge,
    effects: Vec<LayerEffect>,
    /// Where the value was written that counted before; none while nothing did.
    before: Option<Span>,
}

impl Watch<'_> {
    /// Notes what a layer or flag has changed at the path.
    fn look(&mut self, root: &Node, layer: LayerKind) -> bool {
        let (span, found) = descend(root, &self.path.0);
        let kind = match found {
            Some(node) if node.as_map().is_some() => EffectKind::Joined,
            Some(node) if node.as_list().is_some() && self.list != Merge::Replace => EffectKind::Extended,
            Some(_) => EffectKind::Set,
            // A null is a effect even where nothing was before, if it stands at the path itself.
            None if self.before.is_some() || self.is_null(root) => EffectKind::Removed,
            None => return false,
        };
        let now = found.map(|_| span);
        let said_before = self.effects.last().is_some_and(|effect| effect.span == span);
        let changed = !said_before && (now != self.before || now.is_none());
        if changed {
            self.effects.push(LayerEffect { layer, kind, status: EffectStatus::Wins, span });
        }
        self.before = now;
        changed
    }

    /// A flag that sets something below the path leaves the path's own place as it was.
    fn look_after(&mut self, root: &Node, edit: &Edit) {
        let steps = edit.path().0;
        let below = steps.len() > self.path.0.len() && steps.starts_with(&self.path.0);
        if !self.look(root, LayerKind::Set) && below {
            let (layer, kind, span) = (LayerKind::Set, EffectKind::Below, edit.node.span);
            self.effects.push(LayerEffect { layer, kind, status: EffectStatus::Shares, span });
        }
    }

    fn is_null(&self, root: &Node) -> bool {
        self.path.find(root).is_some_and(Node::is_null)
    }
}

/// The node at a path, unless it is null or missing; and where it, or what is in its way, was written.
fn descend<'n>(root: &'n Node, path: &[Segment]) -> (Span, Option<&'n Node>) {
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

/// Says of each effect what became of it: the last one counts, and with it those that it joined.
fn judged(mut effects: Vec<LayerEffect>) -> Vec<LayerEffect> {
    let last = effects.len().saturating_sub(1);
    let mut open = true;
    for (place, effect) in effects.iter_mut().enumerate().rev() {
        let joins = matches!(effect.kind, EffectKind::Joined | EffectKind::Extended | EffectKind::Below);
        effect.status = match (open, joins) {
            (true, true) if last > 0 => EffectStatus::Shares,
            (true, _) if place == last => EffectStatus::Wins,
            (true, false) if effect.kind != EffectKind::Removed => EffectStatus::Shares,
            _ => EffectStatus::Overridden,
        };
        open = open && joins;
    }
    effects
}

fn no_place(session: &Session) -> Span {
    Span::new(session.add_source(crate::source::SourceKind::Bundled, "no values", ""), 0, 0)
}
