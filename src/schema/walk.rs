//! Which parts of a schema are schemas themselves, and where a `$ref` leads.

use serde_json::Value as JsonValue;

use crate::yaml::{Node, Value, ValuePath};

/// What a subschema is applied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The same value as the schema around it.
    Here,
    /// A part of that value.
    Below,
    /// Nothing by itself: a definition.
    Nowhere,
}

/// How a keyword holds its subschemas.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// It is one.
    One,
    /// In a list.
    Many,
    /// In a map, by names.
    Named,
}

/// Every keyword that holds schemas.
const KEYWORDS: &[(&str, Reach, Shape)] = &[
    ("allOf", Reach::Here, Shape::Many),
    ("anyOf", Reach::Here, Shape::Many),
    ("oneOf", Reach::Here, Shape::Many),
    ("not", Reach::Here, Shape::One),
    ("if", Reach::Here, Shape::One),
    ("then", Reach::Here, Shape::One),
    ("else", Reach::Here, Shape::One),
    ("dependentSchemas", Reach::Here, Shape::Named),
    ("dependencies", Reach::Here, Shape::Named),
    ("properties", Reach::Below, Shape::Named),
    ("patternProperties", Reach::Below, Shape::Named),
    ("additionalProperties", Reach::Below, Shape::One),
    ("unevaluatedProperties", Reach::Below, Shape::One),
    ("propertyNames", Reach::Below, Shape::One),
    ("items", Reach::Below, Shape::One),
    ("items", Reach::Below, Shape::Many),
    ("prefixItems", Reach::Below, Shape::Many),
    ("additionalItems", Reach::Below, Shape::One),
    ("unevaluatedItems", Reach::Below, Shape::One),
    ("contains", Reach::Below, Shape::One),
    ("definitions", Reach::Nowhere, Shape::Named),
    ("$defs", Reach::Nowhere, Shape::Named),
];

/// The schemas directly inside a schema.
pub(super) fn subschemas(schema: &Node) -> Vec<(Reach, &Node)> {
    let mut found = Vec::new();
    for (keyword, reach, shape) in KEYWORDS {
        let Some(value) = schema.get(keyword) else { continue };
        match (shape, &value.value) {
            (Shape::One, Value::Map(_)) => found.push((*reach, value)),
            (Shape::Many, Value::List(items)) => found.extend(items.iter().map(|item| (*reach, item))),
            (Shape::Named, Value::Map(map)) => {
                let schemas = map.values().map(|entry| &entry.node).filter(|node| node.as_map().is_some());
                found.extend(schemas.map(|node| (*reach, node)));
            }
            _ => {}
        }
    }
    found
}

/// Where the `$ref` of a schema leads, if it has one that leads anywhere in this file.
pub(super) fn target<'n>(root: &'n Node, schema: &Node) -> Option<&'n Node> {
    let reference = schema.get("$ref")?.as_str()?;
    let pointer = percent_decoded(reference.strip_prefix('#')?);
    ValuePath::from_pointer(&pointer, root).find(root)
}

/// A pointer in a `$ref` is a URI fragment, so its characters may be percent-encoded.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What the value of a keyword holds, if it holds schemas.
pub(super) fn held(keyword: &str, value: &JsonValue) -> Option<(Reach, Shape)> {
    let fits = |shape: &Shape| matches!(shape, Shape::Many) == value.is_array();
    let (_, reach, shape) = KEYWORDS.iter().find(|(known, _, shape)| *known == keyword && fits(shape))?;
    Some((*reach, *shape))
}

/// The schema that one token of an evaluation path leads to; what a list or a map of schemas needs besides comes
/// from `tokens`.
pub(super) fn step<'n, 't>(
    root: &'n JsonValue,
    schema: &'n JsonValue,
    token: &str,
    tokens: &mut impl Iterator<Item = &'t str>,
) -> Option<(Reach, &'n JsonValue)> {
    let value = schema.get(token)?;
    if token == "$ref" {
        let pointer = percent_decoded(value.as_str()?.strip_prefix('#')?);
        return root.pointer(&pointer).map(|target| (Reach::Here, target));
    }
    let (reach, shape) = held(token, value)?;
    let inner = match shape {
        Shape::One => value,
        Shape::Many => value.get(tokens.next()?.parse::<usize>().ok()?)?,
        Shape::Named => value.get(tokens.next()?.replace("~1", "/").replace("~0", "~"))?,
    };
    Some((reach, inner))
}
