//! `Node`: a YAML value that knows where it was written.

use std::sync::Arc;

use super::Map;
use crate::source::{OriginId, Span};

/// A value, the place it was written at and, in a rendered document, what it was bound from.
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
    /// A mapping; keys are always strings and keep their order.
    Map(Map),
}

/// A key's place and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where the key was written.
    pub key_span: Span,
    /// The value.
    pub node: Node,
}

/// A scalar keeps its lexeme, so that `1.10` stays `1.10` and no digit of 2^53+1 is lost.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// The text: as written for plain scalars, unescaped for the others.
    pub text: Arc<str>,
    /// What YAML 1.2 core (or a wanted type) makes of it.
    pub kind: Kind,
    /// How it was written.
    pub style: Style,
}

/// The types of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number without fraction and exponent.
    Int,
    /// Any other number.
    Float,
    /// Text.
    Str,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In single or double quotes.
    Quoted,
    /// A literal or folded block.
    Block,
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
        let kind = super::resolve_core(&text);
        Node::new(Value::Scalar(Scalar { text, kind, style: Style::Plain }), span)
    }

    /// An empty mapping.
    pub fn empty_map(span: Span) -> Self {
        Node::new(Value::Map(Map::default()), span)
    }

    /// The scalar, if it is one.
    pub fn as_scalar(&self) -> Option<&Scalar> {
        if let Value::Scalar(scalar) = &self.value { Some(scalar) } else { None }
    }

    /// The mapping, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        if let Value::Map(map) = &self.value { Some(map) } else { None }
    }

    /// The mapping, if it is one, to be changed.
    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        if let Value::Map(map) = &mut self.value { Some(map) } else { None }
    }

    /// The items, if it is a list.
    pub fn as_list(&self) -> Option<&[Node]> {
        if let Value::List(items) = &self.value { Some(items) } else { None }
    }

    /// The text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        self.as_scalar().filter(|scalar| scalar.kind == Kind::Str).map(|scalar| &*scalar.text)
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        self.as_scalar()
            .filter(|scalar| scalar.kind == Kind::Bool)
            .map(|s| s.text.eq_ignore_ascii_case("true"))
    }

    /// The integer, if it is one and fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_scalar().filter(|scalar| scalar.kind == Kind::Int).and_then(Scalar::as_i64)
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        self.as_scalar().is_some_and(|scalar| scalar.kind == Kind::Null)
    }

    /// The value under `key`, if it is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key).map(|entry| &entry.node)
    }

    /// What it is, with its article, as messages say it: `a string`, `a map`.
    pub fn noun(&self) -> &'static str {
        match &self.value {
            Value::Map(_) => "a map",
            Value::List(_) => "a list",
            Value::Scalar(scalar) => match scalar.kind {
                Kind::Null => "null",
                Kind::Bool => "a boolean",
                Kind::Int => "an integer",
                Kind::Float => "a number",
                Kind::Str => "a string",
            },
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

    /// How much it is to keep and to print: its nodes, of which a long text counts as several. What is repeated by reference
    /// costs no memory until it is printed.
    pub fn weight(&self) -> usize {
        let of = |text: &str| 1 + text.len() / BYTES_OF_A_NODE;
        match &self.value {
            Value::Scalar(scalar) => of(&scalar.text),
            Value::List(items) => 1 + items.iter().map(Node::weight).sum::<usize>(),
            Value::Map(map) => {
                1 + map.iter().map(|(key, entry)| of(key) - 1 + entry.node.weight()).sum::<usize>()
            }
        }
    }

    /// Says of the whole tree what it was bound from.
    pub fn set_origin(&mut self, origin: Option<OriginId>) {
        self.origin = origin;
        match &mut self.value {
            Value::Scalar(_) => {}
            Value::List(items) => items.iter_mut().for_each(|item| item.set_origin(origin)),
            Value::Map(map) => map.values_mut().for_each(|entry| entry.node.set_origin(origin)),
        }
    }
}

/// Text that counts as much as a node.
const BYTES_OF_A_NODE: usize = 128;

/// Trees are equal when their values are; spans and styles do not count.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Scalar(a), Value::Scalar(b)) => {
                a.kind == b.kind && (a.kind == Kind::Null || a.text == b.text)
            }
            (Value::List(a), Value::List(b)) => a == b,
            (Value::Map(a), Value::Map(b)) => {
                a.len() == b.len()
                    && a.iter().all(|(key, entry)| b.get(key).is_some_and(|o| o.node == entry.node))
            }
            _ => false,
        }
    }
}

impl Scalar {
    /// The integer, in decimal, octal (`0o17`) or hexadecimal (`0x1f`), if it fits into 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        if self.kind != Kind::Int {
            return None;
        }
        match self.text.get(..2) {
            Some("0o") => i64::from_str_radix(&self.text[2..], 8).ok(),
            Some("0x") => i64::from_str_radix(&self.text[2..], 16).ok(),
            _ => self.text.parse().ok(),
        }
    }

    /// The number, as near as a double can hold it.
    pub fn as_f64(&self) -> Option<f64> {
        match self.kind {
            Kind::Int => self.as_i64().map(|int| int as f64).or_else(|| super::parse_float(&self.text)),
            Kind::Float => super::parse_float(&self.text),
            _ => None,
        }
    }
}
