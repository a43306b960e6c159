//! Values of templates as trees with spans, as everything else of the program knows values.

use std::sync::Arc;

use super::numbers;
use crate::gotemplate::text::Origin;
use crate::gotemplate::value::Value;
use crate::source::Span;
use crate::yaml::{Entry, Kind, Map, Node, Scalar, Style, Value as Content};

/// A value as a tree. What does not say where it was written gets the span of what it stands in.
pub fn node(value: &Value, around: Span) -> Node {
    let span = place(value.origin(), around);
    let scalar = |text: String, kind: Kind| {
        let style = if kind == Kind::Str { Style::Quoted } else { Style::Plain };
        Node::new(Content::Scalar(Scalar { text: Arc::from(text), kind, style }), span)
    };
    match value {
        Value::Nil | Value::Object(_) => scalar("null".to_owned(), Kind::Null),
        Value::Bool(value, _) => scalar(value.to_string(), Kind::Bool),
        Value::Int(value, _) => scalar(value.value().to_string(), Kind::Int),
        Value::Float(value, _) => match numbers::json(*value) {
            Some(text) if text.contains(['.', 'e']) => scalar(text, Kind::Float),
            Some(text) => scalar(text, Kind::Int),
            None => scalar(value.to_string(), Kind::Str),
        },
        Value::String(text) | Value::Bytes(text) => scalar(text.to_str().into_owned(), Kind::Str),
        Value::List(list) => {
            Node::new(Content::List(list.items.iter().map(|item| node(item, around)).collect()), span)
        }
        Value::Map(map) => {
            let mut entries = Map::default();
            for (key, entry) in map.entries.borrow().iter() {
                let key_span = place(entry.key, around);
                let value = node(&entry.value, key_span);
                entries.insert(Arc::from(String::from_utf8_lossy(key)), Entry { key_span, node: value });
            }
            Node::new(Content::Map(entries), span)
        }
    }
}

fn place(origin: Origin, around: Span) -> Span {
    if origin.value == Span::NOWHERE { around } else { origin.value }
}
