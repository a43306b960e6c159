//! Values as the engine sees them: native scalars, and maps and lists that remember which node they are.

use std::sync::{Arc, OnceLock};

use minijinja::value::{Enumerator, Object, ObjectRepr, Value as Jinja, ValueKind};

use super::strings::Strings;
use crate::limits::{Limit, Limits};
use crate::source::Span;
use crate::yaml::{Entry, Kind, Map, Node, Scalar, Style, Types, Value, WantId, WantRef, Wants};

/// A merged values tree (or another tree of data) together with what its schema knows.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) root: Arc<Node>,
    pub(super) wants: Arc<Wants>,
    strings: OnceLock<Strings>,
}

/// A node of a [`Tree`], by the positions that lead to it; the engine holds maps and lists as these.
#[derive(Clone, Debug)]
pub(super) struct Place {
    tree: Arc<Tree>,
    steps: Vec<u32>,
    /// What the schema says of a place that nobody set: it is known by this alone, and its steps are those of the map above.
    unset: Option<WantId>,
}

impl Tree {
    pub(super) fn new(root: Arc<Node>, wants: Arc<Wants>) -> Arc<Self> {
        Arc::new(Tree { root, wants, strings: OnceLock::new() })
    }

    /// The node that this very string was read from: strings enter the engine shared, and are known by their address.
    pub(super) fn place_of(self: &Arc<Self>, text: &str) -> Option<Place> {
        let strings = self.strings.get_or_init(|| Strings::of(&self.root));
        let steps = strings.find(text)?.to_vec();
        Some(Place { tree: Arc::clone(self), steps, unset: None })
    }
}

impl Place {
    /// The root of a tree.
    pub(super) fn root(tree: &Arc<Tree>) -> Self {
        Place { tree: Arc::clone(tree), steps: Vec::new(), unset: None }
    }

    /// The place of the same tree that this very string was read from.
    pub(super) fn of_text(&self, text: &str) -> Option<Place> {
        self.tree.place_of(text)
    }

    /// The node; none when nobody set it.
    pub(super) fn node(&self) -> Option<&Node> {
        let found = self.steps.iter().try_fold(&*self.tree.root, |node, &step| match &node.value {
            Value::Map(map) => map.get_index(step as usize).map(|(_, entry)| &entry.node),
            Value::List(items) => items.get(step as usize),
            Value::Scalar(_) => None,
        });
        found.filter(|_| self.is_set())
    }

    /// The place under a key; none when neither the tree nor the schema has it.
    pub(super) fn child(&self, key: &str) -> Option<Place> {
        let position = self.node().and_then(Node::as_map).and_then(|map| map.get_index_of(key));
        match position {
            Some(position) => Some(self.step(position)),
            None => self.want()?.property(key).map(|want| Place { unset: Some(want.id()), ..self.clone() }),
        }
    }

    /// The place of a list's item.
    pub(super) fn item(&self, index: usize) -> Option<Place> {
        let length = self.node().and_then(Node::as_list).map_or(0, <[Node]>::len);
        (index < length).then(|| self.step(index))
    }

    /// The places of all items or values.
    pub(super) fn children(&self) -> Vec<Place> {
        match self.node().map(|node| &node.value) {
            Some(Value::List(items)) => (0..items.len()).filter_map(|index| self.item(index)).collect(),
            Some(Value::Map(map)) => map.keys().filter_map(|key| self.child(key)).collect(),
            _ => Vec::new(),
        }
    }

    /// What the engine gets to see of it. A map that nobody set can still be walked into; anything else is undefined.
    pub(super) fn to_jinja(&self) -> Option<Jinja> {
        match self.node() {
            Some(Node { value: Value::Scalar(scalar), .. }) => Some(scalar_to_jinja(scalar)),
            Some(_) => Some(Jinja::from_object(self.clone())),
            None => {
                let types = self.want()?.types();
                let walkable = types.allows(Types::OBJECT) && types != Types::ANY;
                walkable.then(|| Jinja::from_object(self.clone()))
            }
        }
    }

    /// Whether somebody set it.
    pub(super) fn is_set(&self) -> bool {
        self.unset.is_none()
    }

    /// What the schema says of it. That is looked for when it is asked: hardly anybody asks it of what is set.
    fn want(&self) -> Option<WantRef<'_>> {
        if let Some(unset) = self.unset {
            return Some(self.tree.wants.at(unset));
        }
        let (mut node, mut want) = (&*self.tree.root, self.tree.wants.root());
        for &step in &self.steps {
            (node, want) = match &node.value {
                Value::Map(map) => {
                    let (key, entry) = map.get_index(step as usize)?;
                    (&entry.node, want.property(key)?)
                }
                Value::List(items) => (items.get(step as usize)?, want.item()?),
                Value::Scalar(_) => return None,
            };
        }
        Some(want)
    }

    fn step(&self, position: usize) -> Place {
        let mut steps = Vec::with_capacity(self.steps.len() + 1);
        steps.extend_from_slice(&self.steps);
        steps.push(u32::try_from(position).unwrap_or(u32::MAX));
        Place { tree: Arc::clone(&self.tree), steps, unset: None }
    }
}

impl Object for Place {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        match self.node().map(|node| &node.value) {
            Some(Value::List(_)) => ObjectRepr::Seq,
            _ => ObjectRepr::Map,
        }
    }

    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        match key.as_str() {
            Some(key) => self.get_value_by_str(key),
            None => self.item(key.as_usize()?)?.to_jinja(),
        }
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Jinja> {
        self.child(key)?.to_jinja()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.node().map(|node| &node.value) {
            Some(Value::List(items)) => Enumerator::Seq(items.len()),
            Some(Value::Map(map)) => {
                Enumerator::Values(map.keys().map(|key| Jinja::from(Arc::clone(key))).collect())
            }
            _ => Enumerator::Empty,
        }
    }

    /// Printing a value into an engine error must not show it: it may be a secret.
    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.repr() == ObjectRepr::Seq { "<list>" } else { "<map>" })
    }
}

fn scalar_to_jinja(scalar: &Scalar) -> Jinja {
    match scalar.kind {
        Kind::Null => Jinja::from(()),
        Kind::Bool => Jinja::from(scalar.text.eq_ignore_ascii_case("true")),
        Kind::Int => match (scalar.as_i64(), scalar.text.parse::<i128>()) {
            (Some(int), _) => Jinja::from(int),
            (None, Ok(int)) => Jinja::from(int),
            _ => scalar.as_f64().map_or_else(|| Jinja::from(Arc::clone(&scalar.text)), Jinja::from),
        },
        Kind::Float => scalar.as_f64().map_or_else(|| Jinja::from(Arc::clone(&scalar.text)), Jinja::from),
        Kind::Str => Jinja::from(Arc::clone(&scalar.text)),
    }
}

/// The span of what a function made inside an expression; it becomes the expression's own when it is bound.
pub(super) const NOWHERE: Span = Span::NOWHERE;

/// Gives what functions made the place of the expression, and the strings in it that came from a tree their own.
pub(super) fn settle(node: &mut Node, place: Span, trees: &[Arc<Tree>]) {
    if node.span == NOWHERE {
        node.span = written(node, trees).unwrap_or(place);
    }
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter_mut().for_each(|item| settle(item, place, trees)),
        Value::Map(map) => {
            for entry in map.values_mut() {
                if entry.key_span == NOWHERE {
                    entry.key_span = place;
                }
                settle(&mut entry.node, place, trees);
            }
        }
    }
}

/// Where the very string of a node was written, if it went through functions unchanged.
fn written(node: &Node, trees: &[Arc<Tree>]) -> Option<Span> {
    let text = node.as_str()?;
    let known = trees.iter().find_map(|tree| tree.place_of(text))?;
    known.node().map(|node| node.span).filter(|span| *span != NOWHERE)
}

/// Why an engine value can't become a node.
#[derive(Debug)]
pub(super) enum NoNode {
    /// An undefined value inside a list or a map.
    Undefined,
    /// A function, bytes, an iterator without end, …
    NotData(String),
    /// More than a template may make.
    TooMuch(Limit),
}

/// Turns what a template computed into a node at `span`; parts that came from a tree keep their own spans.
pub(super) fn to_node(
    value: &Jinja,
    trees: &[Arc<Tree>],
    span: Span,
    limits: &Limits,
) -> Result<Node, NoNode> {
    let mut budget = limits.of(Limit::Items);
    convert(value, trees, span, &mut budget, 0)
}

fn convert(
    value: &Jinja,
    trees: &[Arc<Tree>],
    span: Span,
    budget: &mut usize,
    depth: usize,
) -> Result<Node, NoNode> {
    if depth as u64 >= Limit::Levels.standard() {
        return Err(NoNode::TooMuch(Limit::Levels));
    }
    *budget = budget.checked_sub(1).ok_or(NoNode::TooMuch(Limit::Items))?;
    if let Some(place) = value.downcast_object_ref::<Place>() {
        let node = place.node().ok_or(NoNode::Undefined)?;
        *budget = budget.checked_sub(node.count() - 1).ok_or(NoNode::TooMuch(Limit::Items))?;
        return Ok(node.clone());
    }
    match value.kind() {
        ValueKind::Undefined => Err(NoNode::Undefined),
        ValueKind::None => Ok(plain("null", Kind::Null, span)),
        ValueKind::Bool => Ok(plain(if value.is_true() { "true" } else { "false" }, Kind::Bool, span)),
        ValueKind::Number => Ok(number(value, span)),
        ValueKind::String => Ok(string(value, trees, span)),
        ValueKind::Seq | ValueKind::Iterable => {
            let mut items = Vec::new();
            for item in value.try_iter().map_err(|error| NoNode::NotData(error.to_string()))?.checked() {
                let item = item.map_err(|error| NoNode::NotData(error.to_string()))?;
                items.push(convert(&item, trees, span, budget, depth + 1)?);
            }
            Ok(Node::new(Value::List(items), span))
        }
        ValueKind::Map => convert_map(value, trees, span, budget, depth),
        kind => Err(NoNode::NotData(format!("a {kind} is no data"))),
    }
}

/// Keys whose value is null or that nobody set are left out, as they are where a template writes the key itself.
fn convert_map(
    value: &Jinja,
    trees: &[Arc<Tree>],
    span: Span,
    budget: &mut usize,
    depth: usize,
) -> Result<Node, NoNode> {
    let mut map = Map::default();
    for key in value.try_iter().map_err(|error| NoNode::NotData(error.to_string()))? {
        let Ok(item) = value.get_item(&key) else { continue };
        if item.is_none() || item.is_undefined() || is_unset(&item) {
            continue;
        }
        let node = convert(&item, trees, span, budget, depth + 1)?;
        map.insert(
            key.to_str().unwrap_or_else(|| key.to_string().into()),
            Entry { key_span: node.span, node },
        );
    }
    Ok(Node::new(Value::Map(map), span))
}

/// Whether it is a map of the schema that nobody set.
pub(super) fn is_unset(value: &Jinja) -> bool {
    value.downcast_object_ref::<Place>().is_some_and(|place| !place.is_set())
}

fn string(value: &Jinja, trees: &[Arc<Tree>], span: Span) -> Node {
    let text = value.to_str().unwrap_or_else(|| Arc::from(""));
    let known = trees.iter().find_map(|tree| tree.place_of(&text));
    match known.as_ref().and_then(Place::node) {
        Some(node) => node.clone(),
        None => Node::string(text, span),
    }
}

fn number(value: &Jinja, span: Span) -> Node {
    if value.is_integer() {
        return plain(&value.to_string(), Kind::Int, span);
    }
    let float = f64::try_from(value.clone()).unwrap_or(f64::NAN);
    plain(&format!("{float:?}"), Kind::Float, span)
}

fn plain(text: &str, kind: Kind, span: Span) -> Node {
    Node::new(Value::Scalar(Scalar { text: Arc::from(text), kind, style: Style::Plain }), span)
}
