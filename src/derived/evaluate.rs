//! Evaluating derived values: level by level, each with all values that are known by then.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::read::{DerivedValue, DerivedValues, KEY};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::Limit;
use crate::secrets::{ValueMask, is_secret_path};
use crate::session::{Outcome, Session};
use crate::source::{Input, Span};
use crate::template::{self, RenderContext, RenderInput, RenderedTemplate};
use crate::values::{Edit, Layer, LayerKind};
use crate::yaml::{self, Entry, Kind, Merge, Node, Segment, Value, ValuePath, WantRef, Wants};

/// What takes precedence over derived values.
#[derive(Clone, Copy, Debug)]
pub struct Above<'a> {
    /// Layers of all values, lowest first.
    pub layers: &'a [Layer],
    /// Flags, in their order.
    pub edits: &'a [Edit],
    /// What is wanted of all values.
    pub all_wants: &'a Arc<Wants>,
    /// Where among all values those of the chart stand that computes some.
    pub place: &'a ValuePath,
    /// What the schema of the chart wants of its values.
    pub wants: &'a Arc<Wants>,
    /// The setting that the namespace of the release is taken from, if that is one.
    pub namespace_from: Option<&'a ValuePath>,
}

/// The derived values as a layer, as far as they could be computed.
#[derive(Debug)]
pub struct Evaluated {
    /// What a file or a flag sets has the text of its expression here, which nobody sees but who asks for layers.
    pub layer: Layer,
    /// Whether all of them could be computed.
    pub outcome: Outcome<()>,
}

/// What became of a value.
#[derive(Clone, Debug)]
enum State {
    /// A file or a flag sets it.
    Overridden,
    Waiting,
    Computed(Node),
    /// Its expression has no value, so its key is left out.
    Absent,
}

impl DerivedValues {
    /// Computes what no file and no flag sets. `input` is what templates see when a layer is laid below those above: it
    /// is asked once for each level.
    pub fn evaluate(
        &self,
        session: &Session,
        above: Above<'_>,
        input: impl FnMut(&Layer) -> RenderInput,
    ) -> Evaluated {
        let mut states: Vec<State> = vec![State::Waiting; self.values.len()];
        for (state, value) in states.iter_mut().zip(&self.values) {
            if above.overrides(&value.path) {
                *state = State::Overridden;
            }
        }
        let outcome = self.compute(session, above, input, &mut states);
        Evaluated { layer: self.layer(session, &states, true), outcome }
    }

    fn compute(
        &self,
        session: &Session,
        above: Above<'_>,
        mut input: impl FnMut(&Layer) -> RenderInput,
        states: &mut [State],
    ) -> Outcome<()> {
        let waiting = |(at, state): (usize, &State)| matches!(state, State::Waiting).then_some(at);
        let wanted: Vec<usize> = states.iter().enumerate().filter_map(waiting).collect();
        let mut left = session.limits().of(Limit::Bound);
        for level in self.levels(session, &wanted, above.namespace_from)? {
            let before = session.errors();
            let input = input(&self.layer(session, states, false));
            let values = Arc::clone(&input.values);
            let context = RenderContext::new(input, above.wants);
            let outputs = template::run_only(&self.program, &context, &level);
            let mut rendered = Vec::new();
            // What is wrong with one does not keep the others of the level from being looked at.
            let bound = template::bind(session, &self.program, &context, outputs, |one| rendered.push(one));
            let by_name: BTreeMap<&str, usize> =
                level.iter().map(|at| (&*self.templates()[*at].name, *at)).collect();
            // As of now: what was computed from secrets is known by then.
            let mask = ValueMask::new(session);
            for rendered in rendered {
                let Some(at) = by_name.get(&*rendered.name).copied() else { continue };
                let Ok(node) = read(session, &rendered) else { continue };
                let value = &self.values[at];
                states[at] = match node {
                    None => State::Absent,
                    Some(mut node) => {
                        place_at(&mut node, value.span);
                        spend(session, &mut left, &node, value)?;
                        let inputs = inputs(session, &rendered);
                        if is_computed_from_secret(&mask, value, &node, &values, above.wants.root()) {
                            session.hide_value(value.span);
                        }
                        session.note_derived(value.span, inputs);
                        State::Computed(node)
                    }
                };
            }
            bound?;
            session.clean_since(before)?;
        }
        Ok(())
    }

    /// The layer of what is computed by now. `whole` says whether what is not computed, because a file or a flag sets it, is in
    /// it as the text of its expression.
    fn layer(&self, session: &Session, states: &[State], whole: bool) -> Layer {
        let root = self.fill(session, &self.tree, &ValuePath::root(), states, whole);
        Layer { kind: LayerKind::Derived, root: Arc::new(root) }
    }

    fn fill(&self, session: &Session, node: &Node, path: &ValuePath, states: &[State], whole: bool) -> Node {
        let mut filled = Node::empty_map(node.span);
        for (key, entry) in node.as_map().into_iter().flatten() {
            let path = path.key(&**key);
            let is_map = entry.node.as_map().is_some_and(|map| !map.is_empty());
            let node = match self.by_path.get(&path) {
                Some(at) => match &states[*at] {
                    State::Computed(node) => node.clone(),
                    State::Overridden if whole => {
                        Node::string(session.text(entry.node.span), entry.node.span)
                    }
                    _ => continue,
                },
                None if is_map => {
                    let below = self.fill(session, &entry.node, &path, states, whole);
                    // A map of what has no value says nothing.
                    if below.as_map().is_some_and(yaml::Map::is_empty) {
                        continue;
                    }
                    below
                }
                None => entry.node.clone(),
            };
            if let Some(map) = filled.as_map_mut() {
                map.insert(Arc::clone(key), Entry { key_span: entry.key_span, node });
            }
        }
        filled
    }
}

impl Above<'_> {
    /// Whether what a lower layer says at a path makes no difference.
    fn overrides(&self, path: &ValuePath) -> bool {
        let path = &ValuePath(self.place.0.iter().chain(&path.0).cloned().collect());
        let merge = self.all_wants.root().descend(path).map(WantRef::merge).unwrap_or_default();
        let by_layer = |layer: &Layer| takes_over(&layer.root, &path.0, &merge);
        let by_flag = |edit: &Edit| {
            let at = edit.path();
            path.0.strip_prefix(at.0.as_slice()).is_some_and(|rest| takes_over(&edit.node, rest, &merge))
        };
        self.layers.iter().any(by_layer) || self.edits.iter().any(by_flag)
    }
}

/// Whether nothing of a lower layer is left at a path where this node is laid over it. Lists there are merged by `merge`.
fn takes_over(node: &Node, path: &[Segment], merge: &Merge) -> bool {
    match (&node.value, path) {
        (Value::Map(map), [Segment::Key(key), rest @ ..]) => {
            map.get(key.as_str()).is_some_and(|entry| takes_over(&entry.node, rest, merge))
        }
        (Value::Map(_), _) => false,
        (Value::List(_), []) => *merge == Merge::Replace,
        // A null or a scalar, here or above.
        _ => true,
    }
}

/// The value that a template has printed; none if it has none.
fn read(session: &Session, rendered: &RenderedTemplate) -> Outcome<Option<Node>> {
    let before = session.errors();
    let limits = session.limits().into();
    let documents = yaml::parse_documents(session, rendered.source, &rendered.bindings, limits)?;
    session.clean_since(before)?;
    let value = documents.into_iter().next().and_then(|document| document.get(KEY).cloned());
    Ok(value.filter(|node| !node.is_null()))
}

/// Says of a whole tree that it is written here.
fn place_at(node: &mut Node, span: Span) {
    node.span = span;
    node.origin = None;
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter_mut().for_each(|item| place_at(item, span)),
        Value::Map(map) => map.values_mut().for_each(|entry| {
            entry.key_span = span;
            place_at(&mut entry.node, span);
        }),
    }
}

/// Takes the size of a value from what all of them may have together.
fn spend(session: &Session, left: &mut usize, node: &Node, value: &DerivedValue) -> Outcome<()> {
    if let Some(rest) = left.checked_sub(node.weight()) {
        *left = rest;
        return Ok(());
    }
    let limits = session.limits();
    let message = format!("derived values have more than {} values in them", limits.said(Limit::Bound));
    let finding = Diagnostic::error(Code::T008, message).at(value.span, "the last one of them");
    Err(session.report(finding.help(limits.help(Limit::Bound, "move some into the templates"))))
}

/// What the expressions of a value have read, each path once.
fn inputs(session: &Session, rendered: &RenderedTemplate) -> Vec<Input> {
    let mut found: Vec<Input> = Vec::new();
    let origins = rendered.bindings.iter().filter_map(|binding| binding.origin);
    for input in origins.filter_map(|id| session.origin(id)).flat_map(|origin| origin.inputs) {
        if !found.iter().any(|known| known.path == input.path) {
            found.push(input);
        }
    }
    found
}

/// Whether one of the settings that a value reads is a secret, or holds one. A yes or no tells none.
fn is_computed_from_secret(
    mask: &ValueMask<'_>,
    value: &DerivedValue,
    node: &Node,
    values: &Node,
    root: WantRef<'_>,
) -> bool {
    let is_boolean = node.as_scalar().is_some_and(|scalar| scalar.kind == Kind::Bool);
    let is_secret = |path: &ValuePath| {
        let Some(read) = path.find(values) else { return false };
        is_secret_path(root, path) || mask.finds_secret(read, root.descend(path))
    };
    !is_boolean && value.reads.iter().any(is_secret)
}
