//! Who set what: the layers that speak of a path, and where each leaf of a tree was written.

use super::{Edit, Layer, LayerKind, edit, merge};
use crate::session::Session;
use crate::source::Span;
use crate::yaml::{Merge, Node, Segment, Value, ValuePath, WantRef, Wants};

/// What one layer or flag did to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The layer's rank.
    pub layer: LayerKind,
    /// What it did.
    pub kind: DeedKind,
    /// What became of it.
    pub fate: Fate,
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
    /// It gave a list, whose items join those of lower layers, as the schema asks.
    Extended,
    /// It said `null` here or above, or replaced the list that this was in.
    Removed,
    /// It set something below the path, by a flag.
    Below,
}

/// What became of a deed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is what counts.
    Wins,
    /// It counts, with others.
    Shares,
    /// A later deed took its place.
    Overridden,
}

/// Every deed to a path, lowest layer first. It is found by merging the layers once more and watching the path: a tree
/// remembers its winners only. The path is one of the merged values, so an item has the index that it has there.
///
/// Layers that do not fit are reported a second time, so ask after [`merge`](super::merge) went well.
pub fn history(
    session: &Session,
    layers: &[Layer],
    edits: &[Edit],
    wants: &Wants,
    path: &ValuePath,
) -> Vec<Deed> {
    let mut watch = Watch {
        path,
        list: want_at(wants, path).map(WantRef::merge).unwrap_or_default(),
        deeds: Vec::new(),
        before: None,
    };
    let mut ordered: Vec<&Layer> = layers.iter().collect();
    ordered.sort_by_key(|layer| layer.kind);
    let mut root: Option<Node> = None;
    for layer in ordered {
        let upper = Node::clone(&layer.root);
        let merged = match root {
            None => upper,
            Some(lower) => merge::join(session, &ValuePath::root(), lower, upper, Some(wants.root())),
        };
        watch.look(&merged, layer.kind);
        root = Some(merged);
    }
    let mut root = root.unwrap_or_else(|| Node::plain("", no_place(session)));
    for edit in edits {
        edit::apply(session, &mut root, edit, wants.root());
        watch.look_after(&root, edit);
    }
    judged(watch.deeds)
}

/// Every leaf of a tree (scalars, empty maps and empty lists) with its path and the place it was written at.
pub fn origins(root: &Node) -> Vec<(ValuePath, Span)> {
    let mut found = Vec::new();
    each_place(root, &ValuePath::root(), &mut |path, node| {
        if is_leaf(node) {
            found.push((path.clone(), node.span));
        }
    });
    found
}

/// Calls `visit` with every node of a tree, the root first.
pub fn each_place(node: &Node, path: &ValuePath, visit: &mut dyn FnMut(&ValuePath, &Node)) {
    visit(path, node);
    match &node.value {
        Value::Scalar(_) => {}
        Value::Map(map) => {
            map.iter().for_each(|(key, entry)| each_place(&entry.node, &path.key(&**key), visit))
        }
        Value::List(items) => {
            items.iter().enumerate().for_each(|(at, item)| each_place(item, &path.index(at), visit));
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
    deeds: Vec<Deed>,
    /// Where the value was written that counted before; none while nothing did.
    before: Option<Span>,
}

impl Watch<'_> {
    /// Notes what a layer or flag has changed at the path.
    fn look(&mut self, root: &Node, layer: LayerKind) -> bool {
        let (span, found) = descend(root, &self.path.0);
        let kind = match found {
            Some(node) if node.as_map().is_some() => DeedKind::Joined,
            Some(node) if node.as_list().is_some() && self.list != Merge::Replace => DeedKind::Extended,
            Some(_) => DeedKind::Set,
            // A null is a deed even where nothing was before, if it stands at the path itself.
            None if self.before.is_some() || self.is_null(root) => DeedKind::Removed,
            None => return false,
        };
        let now = found.map(|_| span);
        let said_before = self.deeds.last().is_some_and(|deed| deed.span == span);
        let changed = !said_before && (now != self.before || now.is_none());
        if changed {
            self.deeds.push(Deed { layer, kind, fate: Fate::Wins, span });
        }
        self.before = now;
        changed
    }

    /// A flag that sets something below the path leaves the path's own place as it was.
    fn look_after(&mut self, root: &Node, edit: &Edit) {
        let steps = edit.path().0;
        let below = steps.len() > self.path.0.len() && steps.starts_with(&self.path.0);
        if !self.look(root, LayerKind::Set) && below {
            let (layer, kind, span) = (LayerKind::Set, DeedKind::Below, edit.node.span);
            self.deeds.push(Deed { layer, kind, fate: Fate::Shares, span });
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

/// Says of each deed what became of it: the last one counts, and with it those that it joined.
fn judged(mut deeds: Vec<Deed>) -> Vec<Deed> {
    let last = deeds.len().saturating_sub(1);
    let mut open = true;
    for (place, deed) in deeds.iter_mut().enumerate().rev() {
        let joins = matches!(deed.kind, DeedKind::Joined | DeedKind::Extended | DeedKind::Below);
        deed.fate = match (open, joins) {
            (true, true) if last > 0 => Fate::Shares,
            (true, _) if place == last => Fate::Wins,
            (true, false) if deed.kind != DeedKind::Removed => Fate::Shares,
            _ => Fate::Overridden,
        };
        open = open && joins;
    }
    deeds
}

/// What is wanted at a path, as far as anything is.
pub(crate) fn want_at<'w>(wants: &'w Wants, path: &ValuePath) -> Option<WantRef<'w>> {
    path.0.iter().try_fold(wants.root(), edit::below)
}

fn no_place(session: &Session) -> Span {
    Span::new(session.add_source(crate::source::SourceKind::Bundled, "no values", ""), 0, 0)
}
