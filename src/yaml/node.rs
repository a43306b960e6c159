//! `Node`: a YAML tree that knows where each of its values was written.
//!
//! Every stage from values files to manifests works on this one tree, so a finding of any stage can point at the line
//! that a user has to change. A span is twelve bytes, copied along when layers are merged or values are bound; there is
//! no side table from paths to places that would have to follow each change of the tree.
//!
//! ```text
//! image:                    Map (span: both lines)
//!   tag: 1.10                 "image" -> Map
//!                               "tag" -> Scalar "1.10", Float, Plain (span: `1.10`)
//! ```
//!
//! Functions over a tree recurse. They may: no text is read that is nested deeper than `Limit::Nesting`, no template
//! makes a value deeper than `Limit::Levels`, and no path of a flag is longer than `Limit::PathSteps`.

use std::sync::Arc;

use super::ordered_map::OrderedMap;
use super::scalar::{Kind, Scalar, Style, resolve_core};
use crate::source::{OriginId, OriginShift, Span};

/// A value, where it was written and, in a rendered document, what it was bound from.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it was written: in a values file, in a flag, in a rendered template.
    pub span: Span,
    /// In a rendered document: the expression and the values behind it. None for what the template says itself.
    pub origin: Option<OriginId>,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub enum Value {
    /// A single value, with the text it was written as.
    Scalar(Scalar),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping.
    Map(Map),
}

/// A mapping. Keys are strings, as in JSON, and keep their order: people find their settings again in what is printed.
pub type Map = OrderedMap<Entry>;

/// What a mapping has under a key: where the key was written, and the value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where the key was written.
    pub key_span: Span,
    /// The value.
    pub node: Node,
}

impl Node {
    /// A node that was written at `span`.
    pub fn new(value: Value, span: Span) -> Self {
        Node { value, span, origin: None }
    }

    /// A string node.
    pub fn string(text: impl Into<Arc<str>>, span: Span) -> Self {
        Node::new(Value::Scalar(Scalar { text: text.into(), kind: Kind::Str, style: Style::Quoted }), span)
    }

    /// A plain scalar, read as YAML 1.2 core reads it.
    pub fn plain(text: impl Into<Arc<str>>, span: Span) -> Self {
        let text = text.into();
        let kind = resolve_core(&text);
        Node::new(Value::Scalar(Scalar { text, kind, style: Style::Plain }), span)
    }

    /// An empty mapping.
    pub fn empty_map(span: Span) -> Self {
        Node::new(Value::Map(Map::default()), span)
    }

    /// The scalar, if it is one.
    #[inline]
    pub fn as_scalar(&self) -> Option<&Scalar> {
        if let Value::Scalar(scalar) = &self.value { Some(scalar) } else { None }
    }

    /// The mapping, if it is one.
    #[inline]
    pub fn as_map(&self) -> Option<&Map> {
        if let Value::Map(map) = &self.value { Some(map) } else { None }
    }

    /// The mapping, if it is one, to be changed.
    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        if let Value::Map(map) = &mut self.value { Some(map) } else { None }
    }

    /// The items, if it is a list.
    #[inline]
    pub fn as_list(&self) -> Option<&[Node]> {
        if let Value::List(items) = &self.value { Some(items) } else { None }
    }

    /// The text, if it is a string. A number has none here, although it has a lexeme.
    #[inline]
    pub fn as_str(&self) -> Option<&str> {
        self.as_scalar().filter(|scalar| scalar.kind == Kind::Str).map(|scalar| &*scalar.text)
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        self.as_scalar().filter(|scalar| scalar.kind == Kind::Bool).map(Scalar::is_true)
    }

    /// The integer, if it is one and fits into 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_scalar().filter(|scalar| scalar.kind == Kind::Int).and_then(Scalar::as_i64)
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        self.as_scalar().is_some_and(|scalar| scalar.kind == Kind::Null)
    }

    /// The value under `key`, if it is a map that has it.
    #[inline]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key).map(|entry| &entry.node)
    }

    /// What it is, with its article, as messages say it: `a string`, `a map`.
    pub fn noun(&self) -> &'static str {
        match &self.value {
            Value::Map(_) => "a map",
            Value::List(_) => "a list",
            Value::Scalar(scalar) => scalar.kind.noun(),
        }
    }

    /// How many nodes the tree has, itself included.
    pub fn count(&self) -> usize {
        match &self.value {
            Value::Scalar(_) => 1,
            Value::List(items) => 1 + items.iter().map(Node::count).sum::<usize>(),
            Value::Map(map) => 1 + map.values().map(|entry| entry.node.count()).sum::<usize>(),
        }
    }

    /// How much the tree is to keep and to print, for limits: its nodes, and one more for each 128 bytes of a text or a
    /// key.
    ///
    /// Texts count because an alias or a fragment repeats them by reference: they cost no memory until they are
    /// printed, and then a few repeated long texts can make gigabytes out of a small file.
    pub fn weight(&self) -> usize {
        match &self.value {
            Value::Scalar(scalar) => 1 + text_weight(&scalar.text),
            Value::List(items) => 1 + items.iter().map(Node::weight).sum::<usize>(),
            Value::Map(map) => {
                1 + map.iter().map(|(key, entry)| text_weight(key) + entry.node.weight()).sum::<usize>()
            }
        }
    }

    /// Sets what the tree was bound from, for every node of it: a finding may be about any of them.
    pub fn set_origin(&mut self, origin: Option<OriginId>) {
        self.origin = origin;
        match &mut self.value {
            Value::Scalar(_) => {}
            Value::List(items) => items.iter_mut().for_each(|item| item.set_origin(origin)),
            Value::Map(map) => map.values_mut().for_each(|entry| entry.node.set_origin(origin)),
        }
    }
}

impl Node {
    /// Renames the origins of the tree, when those of an overlay become those of its session.
    pub(crate) fn shift_origins(&mut self, shift: OriginShift) {
        self.origin = self.origin.map(|id| shift.of(id));
        match &mut self.value {
            Value::Scalar(_) => {}
            Value::List(items) => items.iter_mut().for_each(|item| item.shift_origins(shift)),
            Value::Map(map) => map.values_mut().for_each(|entry| entry.node.shift_origins(shift)),
        }
    }
}

/// The nodes that a text counts as, besides its own.
fn text_weight(text: &str) -> usize {
    const BYTES_PER_NODE: usize = 128;
    text.len() / BYTES_PER_NODE
}

/// Trees are equal when their values are: spans, origins, styles and the order of keys do not count. Numbers and
/// booleans are compared by their lexemes, so `1.0` and `1.00` differ, and `true` and `True`; all spellings of null are
/// equal.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Scalar(a), Value::Scalar(b)) => {
                a.kind == b.kind && (a.kind == Kind::Null || a.text == b.text)
            }
            (Value::List(a), Value::List(b)) => a == b,
            (Value::Map(a), Value::Map(b)) => {
                // With as many keys in both, and each of the one in the other, none is left over.
                let same = |(key, entry): (&Arc<str>, &Entry)| {
                    b.get(key).is_some_and(|other| other.node == entry.node)
                };
                a.len() == b.len() && a.iter().all(same)
            }
            _ => false,
        }
    }
}
