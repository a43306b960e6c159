//! The rules of merging: precedence, maps, lists, nulls, flags, and what must not meet.
//!
//! | lower | upper | result |
//! |---|---|---|
//! | anything | `null` | nothing: the key is gone |
//! | nothing, `null` or an empty map | anything | the upper one |
//! | a map | a map | both, key by key, in the order of the lower one |
//! | a list | a list | the upper one; with `x-merge: append` both; with `x-merge: {by: KEY}` item by item |
//! | a scalar or a list | a scalar or a list | the upper one |
//! | a map | a scalar or a list, or the other way round | an error (V001) |
//!
//! A flag ([`Edit`]) changes the tree of all files by the same rules, at the end of its path.
//!
//! # Nulls
//!
//! A null removes what lower layers say, and a higher layer may give the key anew. So nulls stay in the tree while
//! layers are merged, where they hold the place of their key, and leave it at the end ([`remove_nulls`]); tombstones
//! stay beside the tree (`nulls.rs`):
//!
//! ```text
//! defaults   {a: 1, b: {c: 2}}
//! preset     {a: null, b: null}
//! file       {b: {d: 3}}              {b: {d: 3}}         `c` does not come back with its map
//! ```
//!
//! # Errors
//!
//! All of them are reported, not only the first: where two layers do not fit, the upper one counts, and merging goes
//! on.

use std::collections::HashMap;
use std::sync::Arc;

use super::layer::{Layer, by_precedence};
use super::nulls::Nulls;
use super::plain_scalars::{give_wanted_types, type_plain_scalars};
use crate::diagnostic::{Code, Diagnostic};
use crate::secrets;
use crate::session::{Outcome, Session};
use crate::source::{SourceKind, Span};
use crate::yaml::{Entry, Kind, Map, Merge, Node, Segment, Tombstones, Value, ValuePath, WantRef, Wants};

/// Makes one tree of all layers and flags; always a map, without nulls under its keys.
///
/// Layers are taken by [`LayerKind`](super::LayerKind) and, within a kind, in the order given; then the edits, in
/// theirs. A node of the result has the span that it was written at in the layer that won.
///
/// # Errors
/// A map that meets something else (V001), a flag that does not fit (V003) and numbers that nothing can hold (Y008)
/// are reported, all of them. Plain scalars that other readers take for something else (Y007) are warned of.
pub fn merge(session: &Session, layers: &[Layer], edits: &[Edit], wants: &Wants) -> Outcome<Node> {
    let before = session.errors();
    hide_secrets(session, layers, edits, wants);
    let stack = LayerStack::default().lay(session, layers, wants);
    let (values, _) = stack.settle(session, edits, wants);
    session.clean_since(before)?;
    Ok(Arc::unwrap_or_clone(values))
}

/// Layers that are merged already, for more to be laid over them: what a chart and its presets say is merged once,
/// however many values files follow.
#[derive(Clone, Debug, Default)]
pub struct LayerStack {
    /// With the nulls of its layers; none without a layer. It is the tree of a layer itself where nothing was laid over
    /// it and nothing in it changes: values can be large, and are copied only to be changed.
    root: Option<Arc<Node>>,
    nulls: Nulls,
}

impl LayerStack {
    /// Lays further layers over those that are there, by [`LayerKind`](super::LayerKind). What does not fit is
    /// reported.
    #[must_use]
    pub fn lay(self, session: &Session, layers: &[Layer], wants: &Wants) -> LayerStack {
        let LayerStack { mut root, mut nulls } = self;
        for layer in by_precedence(layers) {
            nulls.add_layer(&layer.root);
            let mut upper = Arc::clone(&layer.root);
            type_plain_scalars(session, &mut upper, wants.root());
            root = Some(match root {
                None => upper,
                Some(lower) => Arc::new(join_roots(
                    session,
                    wants,
                    Arc::unwrap_or_clone(lower),
                    Arc::unwrap_or_clone(upper),
                )),
            });
        }
        LayerStack { root, nulls }
    }

    /// The tree that the layers and the flags over them make, and what it lacks because of nulls. What does not fit is
    /// reported.
    pub fn settle(self, session: &Session, edits: &[Edit], wants: &Wants) -> (Arc<Node>, Tombstones) {
        let mut root = self.root.unwrap_or_else(|| Arc::new(no_values(session)));
        for edit in edits {
            apply(session, Arc::make_mut(&mut root), edit, wants.root());
        }
        if has_nulls(&root) {
            remove_nulls(Arc::make_mut(&mut root));
        }
        let mut nulls = self.nulls;
        edits.iter().for_each(|edit| nulls.add_flag(edit.path(), &edit.node));
        let tombstones = nulls.tombstones(&root);
        (root, tombstones)
    }
}

/// The tree of a layer over that of the layers below it, if there are any.
pub(super) fn lay_over(session: &Session, wants: &Wants, lower: Option<Node>, upper: Node) -> Node {
    match lower {
        None => upper,
        Some(lower) => join_roots(session, wants, lower, upper),
    }
}

/// Hides the secrets of layers and flags where they were written. Before anything is said of them, and also of those that
/// cannot be merged because of others: a finding about one layer quotes the other.
pub fn hide_secrets(session: &Session, layers: &[Layer], edits: &[Edit], wants: &Wants) {
    for layer in layers {
        secrets::hide_values(session, &layer.root, wants.root());
    }
    for edit in edits {
        let path = edit.steps.iter().map(|step| &step.segment);
        secrets::hide_assignment(session, wants.root(), path, &edit.node);
    }
}

/// One tree over another.
fn join_roots(session: &Session, wants: &Wants, lower: Node, upper: Node) -> Node {
    join(MergeContext { session, path: &ValuePath::root(), want: Some(wants.root()) }, lower, upper)
}

/// The values of a chart without a layer: an empty map. It needs a source, since every span has one.
fn no_values(session: &Session) -> Node {
    let source = session.add_source(SourceKind::Bundled, "no values", "");
    Node::empty_map(Span::new(source, 0, 0))
}

/// Whether there is a null under any key.
fn has_nulls(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(_) => false,
        Value::List(items) => items.iter().any(has_nulls),
        Value::Map(map) => map.values().any(|entry| entry.node.is_null() || has_nulls(&entry.node)),
    }
}

/// Takes every key away whose value is null; null members of lists stay, for the schema to judge.
fn remove_nulls(node: &mut Node) {
    match &mut node.value {
        Value::Scalar(_) => {}
        // The positions of the others may mean something.
        Value::List(items) => items.iter_mut().for_each(remove_nulls),
        Value::Map(map) => {
            map.retain(|_, entry| !entry.node.is_null());
            map.values_mut().for_each(|entry| remove_nulls(&mut entry.node));
        }
    }
}

/// The place at which two nodes meet.
#[derive(Clone, Copy)]
struct MergeContext<'m> {
    session: &'m Session,
    /// Where in the values it is, for messages.
    path: &'m ValuePath,
    /// What the schema wants there, which says how lists are merged; none where it knows nothing.
    want: Option<WantRef<'m>>,
}

/// The upper node over the lower one. Nulls stay until all layers are merged, so that a key that comes back keeps its
/// place.
///
/// Both are taken by value and taken apart, so merging copies no text and no list.
fn join(context: MergeContext<'_>, lower: Node, upper: Node) -> Node {
    if clash(&lower, &upper) {
        report_clash(context, &lower, &upper);
        return upper;
    }
    // A map that was joined is where the upper one is written; its entries keep the spans of either.
    let span = upper.span;
    let value = match (lower.value, upper.value) {
        (Value::Map(lower), Value::Map(upper)) => Value::Map(join_maps(context, lower, upper)),
        (Value::List(lower), Value::List(upper)) => Value::List(join_lists(context, lower, upper)),
        (_, upper) => upper,
    };
    Node::new(value, span)
}

/// Both maps, key by key. The keys of the lower one come first, in their order: people find settings where the chart
/// has them.
fn join_maps(context: MergeContext<'_>, mut lower: Map, upper: Map) -> Map {
    for (key, mut entry) in upper {
        if let Some(old) = lower.get_mut(&key) {
            let path = context.path.key(&*key);
            let want = context.want.and_then(|want| want.property(&key));
            let below = MergeContext { path: &path, want, ..context };
            entry.node = join(below, take(&mut old.node), entry.node);
        }
        lower.insert(key, entry);
    }
    lower
}

/// Lists as the schema wants them merged. The upper one replaces the lower one if it says nothing: items have no names
/// by which they could be told apart.
fn join_lists(context: MergeContext<'_>, mut lower: Vec<Node>, upper: Vec<Node>) -> Vec<Node> {
    match context.want.map(WantRef::merge) {
        None | Some(Merge::Replace) => upper,
        Some(Merge::Append) => {
            lower.extend(upper);
            lower
        }
        Some(Merge::By(key)) => join_items(context, lower, upper, &key),
    }
}

/// Items with the same value under `key` are merged in the lower one's place; the others follow. `context` is that of
/// the lists.
fn join_items(context: MergeContext<'_>, mut lower: Vec<Node>, upper: Vec<Node>, key: &str) -> Vec<Node> {
    let want = context.want.and_then(WantRef::item);
    // The index is only asked, never walked, so its order cannot reach the output.
    let mut index: HashMap<Arc<str>, usize> = HashMap::new();
    for (position, item) in lower.iter().enumerate() {
        if let Some(name) = name_of(item, key) {
            index.entry(name).or_insert(position);
        }
    }
    for item in upper {
        let same_name = name_of(&item, key).and_then(|name| index.get(&name)).copied();
        match same_name {
            Some(position) => {
                let path = context.path.index(position);
                let below = MergeContext { path: &path, want, ..context };
                lower[position] = join(below, take(&mut lower[position]), item);
            }
            // New ones do not go into the index: of two new items with one name both stay.
            None => lower.push(item),
        }
    }
    lower
}

/// What an item of a list that is merged by a key is called. Names are compared as texts: `8080` and `"8080"` are one.
fn name_of(item: &Node, key: &str) -> Option<Arc<str>> {
    let scalar = item.get(key)?.as_scalar()?;
    (scalar.kind != Kind::Null).then(|| Arc::clone(&scalar.text))
}

/// The node, with nothing left in its place: merging takes trees apart and puts them together again without copying.
fn take(node: &mut Node) -> Node {
    let nothing = Node::plain("", node.span);
    std::mem::replace(node, nothing)
}

/// A map can't be laid over something else, nor something else over a map; null and an empty map give way.
///
/// An error and not a replacement: one of the two would have to be thrown away, and most often the upper layer was
/// written for another version of the chart, as `image: httpd` over `image: {repository: nginx}`.
fn clash(lower: &Node, upper: &Node) -> bool {
    let one_is_map = lower.as_map().is_some() != upper.as_map().is_some();
    // Keys that were removed are still there, as nulls.
    let holds_nothing = |map: &Map| map.values().all(|entry| entry.node.is_null());
    let gives_way = |node: &Node| node.is_null() || node.as_map().is_some_and(holds_nothing);
    one_is_map && !gives_way(lower) && !upper.is_null()
}

/// Reports two layers that do not fit, with what either says (V001).
fn report_clash(MergeContext { session, path, .. }: MergeContext<'_>, lower: &Node, upper: &Node) {
    let shown = secrets::shown_path(path);
    let message = format!("`{shown}` is {} here and {} in a lower layer", upper.noun(), lower.noun());
    let finding = Diagnostic::error(Code::V001, message).at(head(session, upper), upper.noun());
    session.report(finding.also(head(session, lower), lower.noun()).help(help_of_clash(lower)));
}

/// The upper layer is what its reader can change: lower ones are most often the chart's own.
fn help_of_clash(lower: &Node) -> String {
    let alike = match &lower.value {
        Value::Map(_) => "write a map here too, its keys below the key, indented",
        Value::List(_) => "write a list here too, its items each on a line that begins with `- `",
        Value::Scalar(_) => "write one value here too",
    };
    format!("{alike}; a value of `null` removes what lower layers say")
}

/// What of a node to underline: all of a scalar, the first line of anything else.
fn head(session: &Session, node: &Node) -> Span {
    let text = session.text(node.span);
    let first = text.lines().next().unwrap_or("").trim_end().len();
    Span::new(node.span.source, node.span.start as usize, node.span.start as usize + first)
}

/// One assignment of a flag: where, and what. `--set 'hosts[0].name=a'` has the steps `hosts`, `[0]` and `name`, and
/// the node `a`.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The way down from the root; empty when the value is merged into the root itself.
    pub steps: Vec<PathStep>,
    /// What is set. Null removes.
    pub node: Node,
}

/// One step of the way, with its place in the flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathStep {
    /// A key or an index.
    pub segment: Segment,
    /// Where the flag names it.
    pub span: Span,
}

impl Edit {
    /// The path that is set.
    pub fn path(&self) -> ValuePath {
        path_of(&self.steps)
    }
}

fn path_of(steps: &[PathStep]) -> ValuePath {
    ValuePath(steps.iter().map(|step| step.segment.clone()).collect())
}

/// Changes the tree as the edit says, or reports why it does not fit. `want` is what the schema wants of the root.
pub(super) fn apply(session: &Session, root: &mut Node, edit: &Edit, want: WantRef<'_>) {
    let mut place = &mut *root;
    // None as soon as the path has left what the schema knows: the check against it will say so.
    let mut want = Some(want);
    for (depth, step) in edit.steps.iter().enumerate() {
        want = want.and_then(|want| want.child(&step.segment));
        let Some(next) = enter(session, place, &edit.steps[..depth], step) else { return };
        place = next;
    }
    let mut node = edit.node.clone();
    if let Some(want) = want {
        // Without the warning of look-alikes: who types a flag into a shell cannot quote for YAML.
        give_wanted_types(session, &mut node, want);
    }
    let path = edit.path();
    *place = join(MergeContext { session, path: &path, want }, take(place), node);
}

/// The node one step down; what is missing or null is made. `above` is the way to `node`, for messages.
fn enter<'n>(
    session: &Session,
    node: &'n mut Node,
    above: &[PathStep],
    step: &PathStep,
) -> Option<&'n mut Node> {
    if node.is_null() {
        // The step says what must be there: a map for a key, a list for an index.
        let empty = match step.segment {
            Segment::Key(_) => Value::Map(Map::default()),
            Segment::Index(_) => Value::List(Vec::new()),
        };
        *node = Node::new(empty, step.span);
    }
    // For the message, as the node itself is borrowed below.
    let found = Found { noun: node.noun(), span: node.span };
    match (&mut node.value, &step.segment) {
        (Value::Map(map), Segment::Key(key)) => Some(enter_key(map, key, step.span)),
        (Value::List(items), Segment::Index(index)) => {
            let length = items.len();
            let item = enter_index(items, *index, step.span);
            if item.is_none() {
                report_hole(session, above, step, length);
            }
            item
        }
        _ => {
            report_misfit(session, above, step, &found);
            None
        }
    }
}

/// The value under a key, or a new null.
fn enter_key<'n>(map: &'n mut Map, key: &str, span: Span) -> &'n mut Node {
    let fresh = || Entry { key_span: span, node: Node::plain("", span) };
    let entry = map.or_insert_with(key.into(), fresh);
    // The flag has named the key last, and a finding about the key points there.
    entry.key_span = span;
    &mut entry.node
}

/// An item, or a new one right behind the last; never a hole, so that no flag can ask for a billion items.
fn enter_index(items: &mut Vec<Node>, index: usize, span: Span) -> Option<&mut Node> {
    if index == items.len() {
        items.push(Node::plain("", span));
    }
    items.get_mut(index)
}

/// Reports an index beyond the end of a list of this length (V003).
fn report_hole(session: &Session, above: &[PathStep], step: &PathStep, length: usize) {
    let path = path_of(above);
    let count = if length == 1 { "1 item".to_owned() } else { format!("{length} items") };
    let message = format!("`{path}` has {count}, and the flag sets one beyond");
    let help = match length.checked_sub(1) {
        Some(last) => format!("use an index up to {last}, or `[{length}]` to append"),
        None => "use the index 0 to add the first item".to_owned(),
    };
    session.report(Diagnostic::error(Code::V003, message).at(step.span, "this index").help(help));
}

/// What stands in the way of a flag.
struct Found {
    noun: &'static str,
    span: Span,
}

/// Reports a step that leads into something without keys, or without items (V003).
fn report_misfit(session: &Session, above: &[PathStep], step: &PathStep, found: &Found) {
    let name =
        if above.is_empty() { "the root of the values".to_owned() } else { format!("`{}`", path_of(above)) };
    let noun = found.noun;
    let (wanted, help) = match step.segment {
        Segment::Key(_) if noun == "a list" => ("a map", "name the item first: `list[0].key=…`"),
        Segment::Key(_) => ("a map", "end the path one step earlier, to set the value itself"),
        Segment::Index(_) => ("a list", "leave the index out, or set the whole value"),
    };
    let message = format!("{name} is {noun}, and the flag needs {wanted} there");
    let finding = Diagnostic::error(Code::V003, message).at(step.span, "this step");
    // Its first byte, as it may be many lines; nothing of what is empty.
    let first = Span { end: found.span.start.saturating_add(1).min(found.span.end), ..found.span };
    session.report(finding.also(first, noun).help(help));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::{LayerKind, read_layer};

    #[test]
    fn values_are_copied_only_to_be_changed() {
        for (texts, is_copy) in [
            (&["a: 1\nb: [{c: 1.10}]\n"][..], false),
            (&["a: [null]\n"], false),
            (&["a: null\n"], true),
            (&["a: [{b: null}]\n"], true),
            (&["a: 1\n", "b: 1\n"], true),
        ] {
            let session = Session::new();
            let read = |text: &&str| {
                let source = session.add_source(SourceKind::File, "a.yaml", *text);
                read_layer(&session, source, LayerKind::File).unwrap()
            };
            let layers: Vec<Layer> = texts.iter().map(read).collect();
            let wants = Wants::anything();
            let (values, _) =
                LayerStack::default().lay(&session, &layers, &wants).settle(&session, &[], &wants);
            assert_eq!(!Arc::ptr_eq(&values, &layers[0].root), is_copy, "{texts:?}");
        }
    }
}
