//! From the engine's values back to nodes of a tree, with the spans of what they were made of.

use std::sync::Arc;

use minijinja::value::{Value as Jinja, ValueKind};

use super::value::{NodeRef, ValueTree, is_unset};
use crate::limits::{Limit, Limits};
use crate::source::Span;
use crate::yaml::{Entry, Kind, Map, Node, Scalar, Style, Value};

/// Why a value of the engine can't become a node.
#[derive(Debug)]
pub(crate) enum ConversionError {
    /// An undefined value inside a list or a map.
    Undefined,
    /// A function, bytes, an iterator without end, …
    NotData(String),
    /// More than a template may make.
    TooMuch(Limit),
}

impl ConversionError {
    /// The reason in words.
    pub(crate) fn message(&self, limits: &Limits) -> String {
        match self {
            ConversionError::Undefined => "a part of this value is not set".to_owned(),
            ConversionError::NotData(what) => format!("this is no data: {what}"),
            ConversionError::TooMuch(Limit::Levels) => {
                format!("a value nested more than {} levels deep", limits.said(Limit::Levels))
            }
            ConversionError::TooMuch(limit) => {
                format!("a value with more than {} items", limits.said(*limit))
            }
        }
    }
}

/// Turns what a template computed into a node at `span`. Parts that came from one of the trees keep their own spans and lexemes.
///
/// # Errors
/// When a part of it is no data, or there is too much of it.
pub(crate) fn to_node(
    value: &Jinja,
    trees: &[Arc<ValueTree>],
    span: Span,
    limits: &Limits,
) -> Result<Node, ConversionError> {
    Conversion { trees, span, left: limits.of(Limit::Items) }.node(value, 0)
}

struct Conversion<'c> {
    trees: &'c [Arc<ValueTree>],
    span: Span,
    /// How many more nodes may be made.
    left: usize,
}

impl Conversion<'_> {
    fn spend(&mut self, nodes: usize) -> Result<(), ConversionError> {
        self.left = self.left.checked_sub(nodes).ok_or(ConversionError::TooMuch(Limit::Items))?;
        Ok(())
    }

    fn node(&mut self, value: &Jinja, depth: usize) -> Result<Node, ConversionError> {
        // A limit that no flag raises, since a deeper tree would overflow a stack.
        if depth as u64 >= Limit::Levels.standard() {
            return Err(ConversionError::TooMuch(Limit::Levels));
        }
        self.spend(1)?;
        // A part of the values is taken as it is, with all lexemes and spans; the engine's form of it has neither.
        if let Some(node) = value.downcast_object_ref::<NodeRef>() {
            let node = node.node().ok_or(ConversionError::Undefined)?;
            self.spend(node.count() - 1)?;
            return Ok(node.clone());
        }
        match value.kind() {
            ValueKind::Undefined => Err(ConversionError::Undefined),
            ValueKind::None => Ok(plain("null", Kind::Null, self.span)),
            ValueKind::Bool => {
                Ok(plain(if value.is_true() { "true" } else { "false" }, Kind::Bool, self.span))
            }
            ValueKind::Number => Ok(number(value, self.span)),
            ValueKind::String => Ok(self.string(value)),
            // An iterator has no length that could be looked at first; `left` ends one without end.
            ValueKind::Seq | ValueKind::Iterable => self.list(value, depth),
            ValueKind::Map => self.map(value, depth),
            kind => Err(ConversionError::NotData(format!("a {kind} is no data"))),
        }
    }

    fn list(&mut self, value: &Jinja, depth: usize) -> Result<Node, ConversionError> {
        let mut items = Vec::new();
        for item in value.try_iter().map_err(not_data)?.checked() {
            let item = item.map_err(not_data)?;
            items.push(self.node(&item, depth + 1)?);
        }
        Ok(Node::new(Value::List(items), self.span))
    }

    /// Keys whose value is null or that nobody set are left out, as they are where a template writes the key itself.
    fn map(&mut self, value: &Jinja, depth: usize) -> Result<Node, ConversionError> {
        let mut map = Map::default();
        for key in value.try_iter().map_err(not_data)? {
            let Ok(item) = value.get_item(&key) else { continue };
            if item.is_none() || item.is_undefined() || is_unset(&item) {
                continue;
            }
            let node = self.node(&item, depth + 1)?;
            let key = key.to_str().unwrap_or_else(|| key.to_string().into());
            map.insert(key, Entry { key_span: node.span, node });
        }
        Ok(Node::new(Value::Map(map), self.span))
    }

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

fn not_data(error: minijinja::Error) -> ConversionError {
    ConversionError::NotData(error.to_string())
}

fn number(value: &Jinja, span: Span) -> Node {
    if value.is_integer() {
        return plain(&value.to_string(), Kind::Int, span);
    }
    // A number that is no integer is a float of the engine, which always converts.
    let float = f64::try_from(value.clone()).unwrap_or(f64::NAN);
    // The `Debug` form of a float always has a point or an exponent, so that it stays one when it is read.
    plain(&format!("{float:?}"), Kind::Float, span)
}

fn plain(text: &str, kind: Kind, span: Span) -> Node {
    Node::new(Value::Scalar(Scalar { text: Arc::from(text), kind, style: Style::Plain }), span)
}

/// Gives a place to the parts of a node that functions made and that have none ([`Span::NOWHERE`]): strings that came from a
/// tree unchanged their own, all others that of the expression.
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
