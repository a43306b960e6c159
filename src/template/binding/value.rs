//! Values as the engine sees them: native scalars, and maps and lists that remember which node they are; and the way
//! back.
//!
//! [`NodeRef::to_jinja`] leads from a node to the engine's value. [`to_node`] leads back from what a template computed,
//! with the spans of the nodes that it was made of.
//!
//! | node | the engine's value | the way back |
//! |---|---|---|
//! | a map, a list | an object, [`NodeRef`]: the tree and the positions down from its root | the node itself |
//! | a string | a string that shares the text | the node, by the address of the text |
//! | a number that the engine would write otherwise (`1.10`, `0x1f`, 2^53+1 with a point) | an object, [`NumberRef`] | the node itself |
//! | any other number, a boolean, null | the engine's own | a new node, of the same text |
//! | a map that the schema has and nobody set | an object without entries, to be walked into | none: it counts as undefined |
//! | anything else that nobody set | undefined | none |
//!
//! So a value is found again by what it is, and never because it is equal to another one. The engine cannot count
//! with a [`NumberRef`]; whatever computes is given the engine's numbers instead (`native.rs`).
//!
//! A tree that a function made lacks what the values lack that it was made of, so it has their tombstones too.
//!
//! The last two lines let a template write `values.ingress.tls.secret` without asking at each step whether somebody has
//! set the map.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use minijinja::value::{Enumerator, Object, ObjectRepr, Value as Jinja, ValueKind};

use super::removed;
use crate::limits::{Limit, Limits};
use crate::source::Span;
use crate::template::analysis::{Descend, PathStep};
use crate::template::errors::nearest_setting;
use crate::yaml::{
    Entry, Kind, Map, Node, Scalar, Segment, Style, Tombstone, Tombstones, Types, Value, ValuePath, WantId,
    WantRef, Wants,
};

/// A merged values tree, or another tree of data, together with what its schema knows.
#[derive(Debug)]
pub(crate) struct ValueTree {
    root: Arc<Node>,
    wants: Arc<Wants>,
    /// What it lacks because of a `null`.
    tombstones: Arc<Tombstones>,
    /// Made when the first string is looked for: a template that prints maps alone needs none.
    strings: OnceLock<StringIndex>,
}

/// A node of a [`ValueTree`], by the positions that lead to it. The engine holds maps and lists as these.
///
/// Positions and not a reference: the engine wants values that live as long as they like. Finding the node again is a
/// few steps into vectors.
#[derive(Clone, Debug)]
pub(crate) struct NodeRef {
    tree: Arc<ValueTree>,
    /// For each level the position in its list, or of its key in its map.
    positions: Vec<u32>,
    /// Of a place that nobody set. Such a place is known by this alone, and its positions are those of the nearest map
    /// above it that is set.
    unset: Option<Box<Unset>>,
    /// Whether the numbers in it are shown as the engine's own, for what computes with them.
    native: bool,
}

/// A number of a [`ValueTree`] that the engine's own would not be written like.
#[derive(Clone, Debug)]
pub(crate) struct NumberRef(NodeRef);

/// A place that nobody set and that the schema knows.
#[derive(Clone, Debug)]
struct Unset {
    /// What the schema says of it.
    want: WantId,
    /// The `null` that took it away, if one did.
    removed: Option<Arc<Tombstone>>,
}

impl ValueTree {
    /// A tree with what its schema wants of it. In an `Arc`, since every [`NodeRef`] into it holds one.
    pub(crate) fn new(root: Arc<Node>, wants: Arc<Wants>, tombstones: Arc<Tombstones>) -> Arc<Self> {
        Arc::new(ValueTree { root, wants, tombstones, strings: OnceLock::new() })
    }

    /// The setting that is most like the path of an expression that has no value.
    pub(crate) fn nearest_setting(&self, expression: &str) -> Option<String> {
        nearest_setting(&self.root, &self.wants, expression)
    }

    /// The node that this very string was read from, by its address; see [`super::provenance`].
    pub(super) fn node_of_text(self: &Arc<Self>, text: &str) -> Option<NodeRef> {
        let strings = self.strings.get_or_init(|| StringIndex::new(&self.root));
        let positions = strings.find(text)?.to_vec();
        Some(NodeRef { tree: Arc::clone(self), positions, unset: None, native: false })
    }
}

impl NodeRef {
    /// The root of a tree.
    pub(crate) fn root(tree: &Arc<ValueTree>) -> Self {
        NodeRef { tree: Arc::clone(tree), positions: Vec::new(), unset: None, native: false }
    }

    /// The same place, with the engine's own numbers in it.
    pub(super) fn native(&self) -> NodeRef {
        NodeRef { native: true, ..self.clone() }
    }

    /// The node of the same tree that this very string was read from.
    pub(super) fn node_of_text(&self, text: &str) -> Option<NodeRef> {
        self.tree.node_of_text(text)
    }

    /// The node; none when nobody set it.
    #[inline]
    pub(crate) fn node(&self) -> Option<&Node> {
        // The positions of an unset place are those of a map above it, which is another node.
        if !self.is_set() {
            return None;
        }
        self.positions.iter().try_fold(&*self.tree.root, |node, &position| child_at(node, position as usize))
    }

    /// The path that leads to it from the root of its tree, as far as it is set.
    pub(super) fn path(&self) -> ValuePath {
        let mut path = ValuePath::root();
        let mut node = &*self.tree.root;
        for &position in &self.positions {
            let at = position as usize;
            let below = match &node.value {
                Value::Map(map) => {
                    map.get_index(at).map(|(key, entry)| (Segment::Key(key.to_string()), &entry.node))
                }
                Value::List(items) => items.get(at).map(|item| (Segment::Index(at), item)),
                Value::Scalar(_) => None,
            };
            let Some((segment, child)) = below else { break };
            path.0.push(segment);
            node = child;
        }
        path
    }

    /// Whether it is a place of this tree.
    pub(super) fn is_of(&self, tree: &Arc<ValueTree>) -> bool {
        Arc::ptr_eq(&self.tree, tree)
    }

    /// The place that is set at the end of some steps, without one for each step between; none if nobody set it.
    pub(super) fn descend<'s>(&self, steps: impl Iterator<Item = PathStep<'s>>) -> Option<NodeRef> {
        let mut node = self.node()?;
        let mut positions = Vec::with_capacity(self.positions.len() + steps.size_hint().0);
        positions.extend_from_slice(&self.positions);
        for step in steps {
            let position = match step {
                PathStep::Key(name) => node.as_map()?.get_index_of(name)?,
                PathStep::Index(index) => node.as_list().map(|_| index)?,
                PathStep::Dynamic => return None,
            };
            node = child_at(node, position)?;
            positions.push(as_position(position));
        }
        Some(NodeRef { tree: Arc::clone(&self.tree), positions, unset: None, native: self.native })
    }

    /// Whether somebody set it.
    #[inline]
    pub(crate) fn is_set(&self) -> bool {
        self.unset.is_none()
    }

    /// What the engine gets to see of it. A map that nobody set can still be walked into; anything else is undefined.
    pub(crate) fn to_jinja(&self) -> Option<Jinja> {
        match self.node() {
            Some(Node { value: Value::Scalar(scalar), .. }) => {
                let is_engines_own = self.native || keeps_its_text(scalar);
                Some(if is_engines_own {
                    scalar_to_jinja(scalar)
                } else {
                    Jinja::from_object(NumberRef(self.clone()))
                })
            }
            Some(_) => Some(Jinja::from_object(self.clone())),
            None => {
                let types = self.want()?.types();
                // What may be anything need not be a map.
                let can_be_walked = types.allows(Types::OBJECT) && types != Types::ANY;
                can_be_walked.then(|| Jinja::from_object(self.clone()))
            }
        }
    }

    /// What the schema says of it. It is looked up when it is asked for and not carried along, as it is needed of few
    /// nodes.
    fn want(&self) -> Option<WantRef<'_>> {
        if let Some(unset) = &self.unset {
            return Some(self.tree.wants.at(unset.want));
        }
        let mut node = &*self.tree.root;
        let mut want = self.tree.wants.root();
        for &position in &self.positions {
            (node, want) = match &node.value {
                Value::Map(map) => {
                    let (key, entry) = map.get_index(position as usize)?;
                    (&entry.node, want.property(key)?)
                }
                Value::List(items) => (items.get(position as usize)?, want.item()?),
                Value::Scalar(_) => return None,
            };
        }
        Some(want)
    }

    /// Whether both are places of one tree.
    pub(super) fn is_of_same_tree(&self, other: &NodeRef) -> bool {
        Arc::ptr_eq(&self.tree, &other.tree)
    }

    /// Whether both are the same place that is set.
    pub(super) fn is_same_place(&self, other: &NodeRef) -> bool {
        self.is_of_same_tree(other) && self.positions == other.positions && self.is_set() && other.is_set()
    }

    /// The `null` that took this very place away.
    pub(super) fn removed(&self) -> Option<&Arc<Tombstone>> {
        self.unset.as_ref()?.removed.as_ref()
    }

    /// The `null` that took away what would be under a key here, where there is nothing.
    pub(super) fn removed_below(&self, key: &str) -> Option<Arc<Tombstone>> {
        if self.tree.tombstones.is_empty() {
            return None;
        }
        // A map that was taken away took everything in it along.
        if let Some(unset) = &self.unset {
            return unset.removed.clone();
        }
        self.tombstones()?.key(key)?.here().cloned()
    }

    /// What a place that is set lacks because of nulls.
    fn tombstones(&self) -> Option<&Tombstones> {
        let mut node = &*self.tree.root;
        let mut tombstones = &*self.tree.tombstones;
        for &position in &self.positions {
            (node, tombstones) = match &node.value {
                Value::Map(map) => {
                    let (key, entry) = map.get_index(position as usize)?;
                    (&entry.node, tombstones.key(key)?)
                }
                Value::List(items) => (items.get(position as usize)?, tombstones.index(position as usize)?),
                Value::Scalar(_) => return None,
            };
        }
        Some(tombstones)
    }

    /// What it lacks because of nulls, if it is set.
    pub(super) fn lacking(&self) -> Option<&Tombstones> {
        if self.tree.tombstones.is_empty() || !self.is_set() {
            return None;
        }
        self.tombstones()
    }

    /// Notes that a function takes all that is here, and so misses all that was taken away from it.
    fn note_removed_within(&self) {
        for tombstone in self.lacking().map(Tombstones::all).unwrap_or_default() {
            if let Some(Segment::Key(key)) = tombstone.path.0.last() {
                removed::note(tombstone, key);
            }
        }
    }

    /// The child at a position, which must be there.
    #[inline]
    fn at(&self, position: usize) -> NodeRef {
        // One allocation, where a clone and a push would be two.
        let mut positions = Vec::with_capacity(self.positions.len() + 1);
        positions.extend_from_slice(&self.positions);
        positions.push(as_position(position));
        NodeRef { tree: Arc::clone(&self.tree), positions, unset: None, native: self.native }
    }

    /// How many nodes it has, with one more for each 128 bytes of text.
    pub(crate) fn weight(&self) -> usize {
        self.node().map_or(1, Node::weight)
    }
}

impl NumberRef {
    /// The place that it is.
    #[inline]
    pub(super) fn node(&self) -> &NodeRef {
        &self.0
    }

    /// The engine's own number.
    pub(super) fn to_native(&self) -> Jinja {
        self.scalar().map_or(Jinja::UNDEFINED, scalar_to_jinja)
    }

    /// The number as it is printed: its lexeme, in the one form that all readers know.
    pub(crate) fn text(&self) -> Arc<str> {
        self.scalar().map_or_else(|| Arc::from(""), Scalar::printed)
    }

    fn scalar(&self) -> Option<&Scalar> {
        self.0.node().and_then(Node::as_scalar)
    }
}

impl Object for NumberRef {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.to_native().is_true()
    }

    /// Where it becomes a part of a text, as of `~`.
    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// What is at a position of a map or a list.
#[inline]
fn child_at(node: &Node, position: usize) -> Option<&Node> {
    match &node.value {
        Value::Map(map) => map.get_index(position).map(|(_, entry)| &entry.node),
        Value::List(items) => items.get(position),
        Value::Scalar(_) => None,
    }
}

impl Descend for NodeRef {
    /// The place under a key; none when neither the tree nor the schema has it.
    fn child(&self, key: &str) -> Option<NodeRef> {
        let position = self.node().and_then(Node::as_map).and_then(|map| map.get_index_of(key));
        match position {
            Some(position) => Some(self.at(position)),
            // The positions stay those of the map above: an unset place is known by its want alone.
            None => {
                let unset =
                    Unset { want: self.want()?.property(key)?.id(), removed: self.removed_below(key) };
                Some(NodeRef { unset: Some(Box::new(unset)), ..self.clone() })
            }
        }
    }

    fn item(&self, index: usize) -> Option<NodeRef> {
        let length = self.node().and_then(Node::as_list).map_or(0, <[Node]>::len);
        (index < length).then(|| self.at(index))
    }

    fn children(&self) -> Vec<NodeRef> {
        let count = match self.node().map(|node| &node.value) {
            Some(Value::List(items)) => items.len(),
            Some(Value::Map(map)) => map.len(),
            _ => 0,
        };
        (0..count).map(|position| self.at(position)).collect()
    }
}

impl Object for NodeRef {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        match self.node().map(|node| &node.value) {
            Some(Value::List(_)) => ObjectRepr::Seq,
            // One that nobody set too: it counts as an empty map.
            _ => ObjectRepr::Map,
        }
    }

    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        // A key of a map, or a position in a list. A position of a map leads nowhere.
        match key.as_str() {
            Some(key) => self.get_value_by_str(key),
            None => match key.downcast_object_ref::<NumberRef>() {
                Some(number) => self.item(number.to_native().as_usize()?)?.to_jinja(),
                None => self.item(key.as_usize()?)?.to_jinja(),
            },
        }
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Jinja> {
        let child = self.child(key);
        if !self.tree.tombstones.is_empty()
            && child.as_ref().is_none_or(|child| !child.is_set())
            && let Some(tombstone) = self.removed_below(key)
        {
            removed::note(&tombstone, key);
        }
        child?.to_jinja()
    }

    /// Without a list of keys, which a map would have to be made one of to be counted.
    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(match self.node().map(|node| &node.value) {
            Some(Value::List(items)) => items.len(),
            Some(Value::Map(map)) => map.len(),
            _ => 0,
        })
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
    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.repr() == ObjectRepr::Seq { "<list>" } else { "<map>" })
    }
}

/// Whether a value counts as not set for `default`, `is defined` and their like: undefined, or a map that only the
/// schema knows.
pub(crate) fn counts_as_undefined(value: &Jinja) -> bool {
    value.is_undefined() || is_unset(value)
}

/// Whether it is a map of the schema that nobody set.
fn is_unset(value: &Jinja) -> bool {
    value.downcast_object_ref::<NodeRef>().is_some_and(|node| !node.is_set())
}

/// Whether the engine's own value is written as the scalar is, so that it needs no identity.
fn keeps_its_text(scalar: &Scalar) -> bool {
    match scalar.kind {
        Kind::Int => {
            let digits = scalar.text.strip_prefix('-').unwrap_or(&scalar.text);
            // As many digits as 64 bits have at least: nearly all numbers are known by looking at them.
            let is_short =
                (1..=18).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            if is_short {
                return !digits.starts_with('0') || *scalar.text == *"0";
            }
            scalar.text.parse::<i128>().is_ok_and(|number| number.to_string() == *scalar.text)
        }
        Kind::Float => scalar.as_f64().is_some_and(|float| format!("{float:?}") == *scalar.text),
        Kind::Null | Kind::Bool | Kind::Str => true,
    }
}

/// A scalar as the engine's own. A number that the engine cannot hold is the one that is nearest to it.
fn scalar_to_jinja(scalar: &Scalar) -> Jinja {
    // The text is shared, never copied: a string keeps its address (`StringIndex`).
    let text = || Jinja::from(Arc::clone(&scalar.text));
    let float = || scalar.as_f64().map_or_else(text, Jinja::from);
    match scalar.kind {
        Kind::Null => Jinja::from(()),
        // `True` and `TRUE` are booleans of YAML as well.
        Kind::Bool => Jinja::from(scalar.text.eq_ignore_ascii_case("true")),
        Kind::Int => match scalar.as_i64() {
            Some(int) => Jinja::from(int),
            None => scalar.text.parse::<i128>().map_or_else(|_| float(), Jinja::from),
        },
        Kind::Float => float(),
        Kind::Str => text(),
    }
}

/// The index of a tree's strings by the address of their bytes.
///
/// Two vectors instead of a map of vectors: a tree has thousands of strings, and this is made for each render.
#[derive(Debug, Default)]
struct StringIndex {
    /// Ascending by address: the address, and a range of `positions`.
    strings: Vec<(usize, Range<usize>)>,
    /// The positions that lead to the strings, one after the other.
    positions: Vec<u32>,
}

impl StringIndex {
    fn new(root: &Node) -> Self {
        let mut index = StringIndex::default();
        index.add(root, &mut Vec::new());
        // Of strings at one address (the anchor and the aliases of a YAML text share it), the first one counts.
        index.strings.sort_by_key(|(address, _)| *address);
        index.strings.dedup_by_key(|(address, _)| *address);
        index
    }

    /// The positions that lead to the string with these very bytes.
    fn find(&self, text: &str) -> Option<&[u32]> {
        let address = text.as_ptr() as usize;
        let at = self.strings.binary_search_by_key(&address, |(address, _)| *address).ok()?;
        self.positions.get(self.strings[at].1.clone())
    }

    /// Adds the scalars of a node that `path` leads to. `path` is the same again afterwards.
    fn add(&mut self, node: &Node, path: &mut Vec<u32>) {
        let mut add_child = |position: usize, child: &Node| {
            path.push(as_position(position));
            self.add(child, path);
            path.pop();
        };
        match &node.value {
            Value::Scalar(scalar) => {
                let start = self.positions.len();
                self.positions.extend_from_slice(path);
                self.strings.push((scalar.text.as_ptr() as usize, start..self.positions.len()));
            }
            Value::List(items) => items.iter().enumerate().for_each(|(at, item)| add_child(at, item)),
            Value::Map(map) => map.values().enumerate().for_each(|(at, entry)| add_child(at, &entry.node)),
        }
    }
}

/// A position in a list or map. None is that large: limits on files and nodes end far below.
fn as_position(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// Why a value of the engine can't become a node.
#[derive(Debug)]
pub(crate) enum ConversionError {
    /// An undefined value inside a list or a map.
    Undefined,
    /// A function, bytes, an iterator without end, …
    NotData(String),
    /// Two keys of a map that are different to the engine (`1` and `"1"`), and the same text.
    SameKey,
    /// Infinity, or "not a number", which no value has asked for.
    NotFinite,
    /// More than a template may make.
    TooMuch(Limit),
}

impl ConversionError {
    /// The reason in words.
    pub(crate) fn message(&self, limits: &Limits) -> String {
        match self {
            ConversionError::Undefined => "a part of this value is not set".to_owned(),
            ConversionError::NotData(what) => format!("this is not data: {what}"),
            ConversionError::SameKey => "two keys of this map are the same text".to_owned(),
            ConversionError::NotFinite => "the result is not a finite number".to_owned(),
            ConversionError::TooMuch(Limit::Levels) => {
                format!("a value nested more than {} levels deep", limits.said(Limit::Levels))
            }
            ConversionError::TooMuch(limit) => {
                format!("a value with more than {} items", limits.said(*limit))
            }
        }
    }
}

/// What became of a value of the engine.
#[derive(Debug)]
pub(crate) struct Converted {
    pub(crate) node: Node,
    /// What it lacks because of nulls, as far as it is known.
    pub(crate) lacking: Tombstones,
    /// The keys of maps that had no value and were left out.
    pub(super) left_out: Vec<Arc<str>>,
}

/// Turns an argument of a function into a node, while a template runs. Parts that functions made have no place.
///
/// # Errors
/// When a part of it is no data, or there is too much of it.
pub(crate) fn argument_to_node(value: &Jinja, limits: &Limits) -> Result<Converted, ConversionError> {
    convert(value, &[], Span::NOWHERE, limits, true)
}

/// Turns what a template computed and printed into a node at `span`. Parts that came from one of the trees keep their own
/// spans and lexemes.
///
/// # Errors
/// As [`argument_to_node`].
pub(super) fn printed_to_node(
    value: &Jinja,
    trees: &[Arc<ValueTree>],
    span: Span,
    limits: &Limits,
) -> Result<Converted, ConversionError> {
    convert(value, trees, span, limits, false)
}

fn convert(
    value: &Jinja,
    trees: &[Arc<ValueTree>],
    span: Span,
    limits: &Limits,
    in_run: bool,
) -> Result<Converted, ConversionError> {
    let left = limits.of(Limit::Items);
    let (lacking, left_out) = (Tombstones::default(), Vec::new());
    let mut conversion = Conversion { trees, span, left, in_run, lacking, left_out };
    let node = conversion.node(value, 0)?;
    Ok(Converted { node, lacking: conversion.lacking, left_out: conversion.left_out })
}

/// One value on its way from the engine to a node.
struct Conversion<'c> {
    /// The trees that strings can have come from.
    trees: &'c [Arc<ValueTree>],
    /// The place of what has no other.
    span: Span,
    /// How many more nodes may be made.
    left: usize,
    /// Whether a run on this thread is behind it, which notes what was read of what nulls took away.
    in_run: bool,
    /// What the part that is made right now lacks.
    lacking: Tombstones,
    /// Keys of maps that were left out.
    left_out: Vec<Arc<str>>,
}

impl Conversion<'_> {
    /// Takes nodes off those that may still be made.
    fn spend(&mut self, nodes: usize) -> Result<(), ConversionError> {
        self.left = self.left.checked_sub(nodes).ok_or(ConversionError::TooMuch(Limit::Items))?;
        Ok(())
    }

    /// A value that lies in `depth` others.
    #[inline]
    fn node(&mut self, value: &Jinja, depth: usize) -> Result<Node, ConversionError> {
        // A limit that no flag raises, since a deeper tree would overflow a stack.
        if depth as u64 >= Limit::Levels.standard() {
            return Err(ConversionError::TooMuch(Limit::Levels));
        }
        self.spend(1)?;
        // A part of the values is taken as it is, with all lexemes and spans; the engine's form of it has neither.
        if let Some(node) = value.downcast_object_ref::<NodeRef>() {
            if let Some(lacking) = node.lacking() {
                self.lacking = lacking.clone();
                if self.in_run {
                    node.note_removed_within();
                }
            }
            let node = node.node().ok_or(ConversionError::Undefined)?;
            self.spend(node.count() - 1)?;
            return Ok(node.clone());
        }
        if let Some(number) = value.downcast_object_ref::<NumberRef>() {
            return number.0.node().cloned().ok_or(ConversionError::Undefined);
        }
        match value.kind() {
            ValueKind::Undefined => Err(ConversionError::Undefined),
            ValueKind::None => Ok(plain("null", Kind::Null, self.span)),
            ValueKind::Bool => {
                Ok(plain(if value.is_true() { "true" } else { "false" }, Kind::Bool, self.span))
            }
            ValueKind::Number => number(value, self.span),
            ValueKind::String => Ok(self.string(value)),
            // An iterator has no length that could be looked at first; `left` ends one without end.
            ValueKind::Seq | ValueKind::Iterable => self.list(value, depth),
            ValueKind::Map => self.map(value, depth),
            kind => Err(ConversionError::NotData(format!("a {kind} is not data"))),
        }
    }

    /// Items that are null stay: without them the others would move.
    fn list(&mut self, value: &Jinja, depth: usize) -> Result<Node, ConversionError> {
        let mut items = Vec::new();
        for item in value.try_iter().map_err(not_data)?.checked() {
            let item = item.map_err(not_data)?;
            let node = self.part(&item, depth, || Segment::Index(items.len()))?;
            items.push(node);
        }
        Ok(Node::new(Value::List(items), self.span))
    }

    /// Keys whose value is null or that nobody set are left out, as they are where a template writes the key itself.
    fn map(&mut self, value: &Jinja, depth: usize) -> Result<Node, ConversionError> {
        let mut map = Map::default();
        for key in value.try_iter().map_err(not_data)? {
            let Ok(item) = value.get_item(&key) else { continue };
            if item.is_none() || item.is_undefined() || is_unset(&item) {
                if let Some(key) = key.to_str() {
                    self.leave_out(key);
                }
                continue;
            }
            // The engine takes numbers and booleans for keys as well; a tree has strings alone.
            let key = key.to_str().unwrap_or_else(|| key.to_string().into());
            let node = self.part(&item, depth, || Segment::Key(key.to_string()))?;
            if map.insert(key, Entry { key_span: node.span, node }).is_some() {
                return Err(ConversionError::SameKey);
            }
        }
        Ok(Node::new(Value::Map(map), self.span))
    }

    /// A part of a list or map that lies in `depth` others.
    fn part(
        &mut self,
        value: &Jinja,
        depth: usize,
        segment: impl FnOnce() -> Segment,
    ) -> Result<Node, ConversionError> {
        let around = std::mem::take(&mut self.lacking);
        let node = self.node(value, depth + 1)?;
        let lacking = std::mem::replace(&mut self.lacking, around);
        if !lacking.is_empty() {
            self.lacking.adopt(segment(), lacking);
        }
        Ok(node)
    }

    /// Leaves a key of a map out, for a `null` maybe.
    fn leave_out(&mut self, key: Arc<str>) {
        if self.in_run
            && let Some(tombstone) = removed::so_far(|reads| reads.setting_behind([&*key]).cloned())
        {
            self.lacking.adopt(Segment::Key(key.to_string()), Tombstones::of(tombstone));
        }
        self.left_out.push(key);
    }

    /// A string, which may be one of the values.
    fn string(&self, value: &Jinja) -> Node {
        let text = value.to_str().unwrap_or_else(|| Arc::from(""));
        // A string that went through the expression unchanged keeps its span and its style.
        let known = self.trees.iter().find_map(|tree| tree.node_of_text(&text));
        match known.as_ref().and_then(NodeRef::node) {
            Some(node) => node.clone(),
            None => Node::string(text, self.span),
        }
    }
}

/// The engine's refusal to walk through a value.
fn not_data(error: minijinja::Error) -> ConversionError {
    ConversionError::NotData(error.to_string())
}

/// A number that was computed.
fn number(value: &Jinja, span: Span) -> Result<Node, ConversionError> {
    if value.is_integer() {
        return Ok(plain(&value.to_string(), Kind::Int, span));
    }
    // A number that is no integer is a float of the engine, which always converts.
    let float = f64::try_from(value.clone()).unwrap_or(f64::NAN);
    if !float.is_finite() {
        return Err(ConversionError::NotFinite);
    }
    // The `Debug` form of a float always has a point or an exponent, so that it stays one when it is read.
    Ok(plain(&format!("{float:?}"), Kind::Float, span))
}

/// A plain scalar of a kind that is known.
fn plain(text: &str, kind: Kind, span: Span) -> Node {
    Node::new(Value::Scalar(Scalar { text: Arc::from(text), kind, style: Style::Plain }), span)
}

/// Gives a place to the parts of a node that functions made and that have none ([`Span::NOWHERE`]): strings that came
/// from a tree unchanged their own, all others that of the expression.
pub(super) fn fill_spans(node: &mut Node, expression: Span, trees: &[Arc<ValueTree>]) {
    if node.span == Span::NOWHERE {
        node.span = written_at(node, trees).unwrap_or(expression);
    }
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter_mut().for_each(|item| fill_spans(item, expression, trees)),
        Value::Map(map) => {
            for entry in map.values_mut() {
                if entry.key_span == Span::NOWHERE {
                    entry.key_span = expression;
                }
                fill_spans(&mut entry.node, expression, trees);
            }
        }
    }
}

/// Where the very string of a node was written.
fn written_at(node: &Node, trees: &[Arc<ValueTree>]) -> Option<Span> {
    let text = node.as_str()?;
    let known = trees.iter().find_map(|tree| tree.node_of_text(text))?;
    known.node().map(|node| node.span).filter(|span| *span != Span::NOWHERE)
}
