//! The law of merging, whole: precedence, maps, lists, nulls, and what must not meet.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Edit, Layer, edit, scalars, secrets};
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Session};
use crate::source::{SourceKind, Span};
use crate::yaml::{Kind, Map, Merge, Node, Value, ValuePath, WantRef, Wants};

/// Makes one tree of all layers and flags; always a map, without nulls under its keys.
///
/// Layers are taken by [`LayerKind`](super::LayerKind) and, within a kind, in the order given; then the edits, in theirs.
/// A node of the result has the span that it was written at in the layer that won.
///
/// # Errors
/// A map that meets something else (V001), a flag that does not fit (V003) and numbers that nothing can hold (Y008)
/// are reported, all of them.
pub fn merge(session: &Session, layers: &[Layer], edits: &[Edit], wants: &Wants) -> Outcome<Node> {
    let before = session.errors();
    let stack = LayerStack::default().lay(session, layers, wants);
    let values = stack.settle(session, edits, wants);
    session.clean_since(before)?;
    Ok(values)
}

/// Layers that are merged already, for more to be laid over them.
#[derive(Clone, Debug, Default)]
pub struct LayerStack {
    /// With the nulls of its layers; none without a layer.
    root: Option<Node>,
}

impl LayerStack {
    /// Lays further layers over those that are there, by [`LayerKind`](super::LayerKind). What does not fit is reported.
    #[must_use]
    pub fn lay(self, session: &Session, layers: &[Layer], wants: &Wants) -> LayerStack {
        layers.iter().for_each(|layer| secrets::mask(session, &layer.root, wants.root()));
        let mut ordered: Vec<&Layer> = layers.iter().collect();
        ordered.sort_by_key(|layer| layer.kind);
        let mut root = self.root;
        for layer in ordered {
            let mut upper = Node::clone(&layer.root);
            scalars::type_scalars(session, &mut upper, wants.root());
            root = Some(match root {
                None => upper,
                Some(lower) => join(session, &ValuePath::root(), lower, upper, Some(wants.root())),
            });
        }
        LayerStack { root }
    }

    /// The tree that the layers and the flags over them make. What does not fit is reported.
    pub fn settle(self, session: &Session, edits: &[Edit], wants: &Wants) -> Node {
        let mut root = self.root.unwrap_or_else(|| no_values(session));
        edits.iter().for_each(|edit| edit.mask(session, wants.root()));
        edits.iter().for_each(|edit| edit::apply(session, &mut root, edit, wants.root()));
        remove_nulls(&mut root);
        root
    }
}

/// The upper node over the lower one. Nulls stay for now, so that a key that comes back keeps its place.
pub(super) fn join(
    session: &Session,
    path: &ValuePath,
    lower: Node,
    upper: Node,
    want: Option<WantRef<'_>>,
) -> Node {
    if clash(&lower, &upper) {
        report_clash(session, path, &lower, &upper);
        return upper;
    }
    let span = upper.span;
    let value = match (lower.value, upper.value) {
        (Value::Map(lower), Value::Map(upper)) => Value::Map(join_maps(session, path, lower, upper, want)),
        (Value::List(lower), Value::List(upper)) => {
            Value::List(join_lists(session, path, lower, upper, want))
        }
        (_, upper) => upper,
    };
    Node::new(value, span)
}

fn join_maps(
    session: &Session,
    path: &ValuePath,
    mut lower: Map,
    upper: Map,
    want: Option<WantRef<'_>>,
) -> Map {
    for (key, mut entry) in upper {
        let want = want.and_then(|want| want.property(&key));
        if let Some(old) = lower.get_mut(&key) {
            let hole = Node::plain("", old.node.span);
            let old = std::mem::replace(&mut old.node, hole);
            entry.node = join(session, &path.key(&*key), old, entry.node, want);
        }
        lower.insert(key, entry);
    }
    lower
}

fn join_lists(
    session: &Session,
    path: &ValuePath,
    mut lower: Vec<Node>,
    upper: Vec<Node>,
    want: Option<WantRef<'_>>,
) -> Vec<Node> {
    match want.map(WantRef::merge) {
        None | Some(Merge::Replace) => upper,
        Some(Merge::Append) => {
            lower.extend(upper);
            lower
        }
        Some(Merge::By(key)) => join_by(session, path, lower, upper, (&key, want.and_then(WantRef::item))),
    }
}

/// Items with the same value under `key` are merged in the lower one's place; the others follow.
fn join_by(
    session: &Session,
    path: &ValuePath,
    mut lower: Vec<Node>,
    upper: Vec<Node>,
    (key, want): (&str, Option<WantRef<'_>>),
) -> Vec<Node> {
    // The table is only asked, never walked, so its order cannot reach the output.
    let mut places: HashMap<Arc<str>, usize> = HashMap::new();
    for (place, item) in lower.iter().enumerate() {
        if let Some(name) = name_of(item, key) {
            places.entry(name).or_insert(place);
        }
    }
    for item in upper {
        match name_of(&item, key).and_then(|name| places.get(&name)).copied() {
            Some(place) => {
                let hole = Node::plain("", item.span);
                let old = std::mem::replace(&mut lower[place], hole);
                lower[place] = join(session, &path.index(place), old, item, want);
            }
            None => lower.push(item),
        }
    }
    lower
}

fn name_of(item: &Node, key: &str) -> Option<Arc<str>> {
    let scalar = item.get(key)?.as_scalar()?;
    (scalar.kind != Kind::Null).then(|| Arc::clone(&scalar.text))
}

/// A map can't be laid over something else, nor something else over a map; null and an empty map give way.
fn clash(lower: &Node, upper: &Node) -> bool {
    let one_is_map = lower.as_map().is_some() != upper.as_map().is_some();
    let holds_nothing = |map: &Map| map.values().all(|entry| entry.node.is_null());
    let gives_way = |node: &Node| node.is_null() || node.as_map().is_some_and(holds_nothing);
    one_is_map && !gives_way(lower) && !upper.is_null()
}

fn report_clash(session: &Session, path: &ValuePath, lower: &Node, upper: &Node) {
    let message = format!("`{path}` is {} here and {} in a lower layer", upper.noun(), lower.noun());
    let finding = Diagnostic::error(Code::V001, message).at(head(session, upper), upper.noun());
    let help = "write both alike; a value of `null` removes what lower layers say";
    session.report(finding.also(head(session, lower), lower.noun()).help(help));
}

/// What of a node to underline: all of a scalar, the first line of anything else.
fn head(session: &Session, node: &Node) -> Span {
    let text = session.text(node.span);
    let first = text.lines().next().unwrap_or_default().trim_end().len();
    Span::new(node.span.source, node.span.start as usize, node.span.start as usize + first)
}

/// Takes every key away whose value is null; null members of lists stay, for the schema to judge.
fn remove_nulls(node: &mut Node) {
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter_mut().for_each(remove_nulls),
        Value::Map(map) => {
            map.retain(|_, entry| !entry.node.is_null());
            map.values_mut().for_each(|entry| remove_nulls(&mut entry.node));
        }
    }
}

fn no_values(session: &Session) -> Node {
    let source = session.add_source(SourceKind::Bundled, "no values", "");
    Node::empty_map(Span::new(source, 0, 0))
}
