//! Subschema traversal: which keywords hold schemas, and `$ref` resolution.
//!
//! A schema is walked in two forms: as a spanned tree, before it is compiled, and as the JSON that jsonschema's errors
//! point into. [`KEYWORDS`] is the one list for both. It has the keywords of draft 07 and of 2020-12.
//!
//! A keyword that is missing in the list would not be bounded (`bounds.rs`), and words of its schemas' authors would
//! not be found. So it has also those that the rest of this module does not look into.

use serde_json::Value as JsonValue;

use crate::yaml::{Node, Value, ValuePath};

/// What a subschema is applied to: the "applicator" keywords of the specification, in three kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The same value as the schema around it.
    Same,
    /// A part of that value.
    Child,
    /// Nothing by itself: a definition.
    Definition,
}

/// How a keyword holds its subschemas.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// It is one.
    One,
    /// In a list.
    Many,
    /// In a map, by names.
    Named,
}

// `contentSchema` is not in it: jsonschema takes it for an annotation. Nor are `$dynamicRef` and
// `$recursiveRef`, which are refused.

/// Every keyword that holds schemas. `items` stands twice: draft 07 allows a list of schemas there,
/// which 2020-12 calls `prefixItems`.
const KEYWORDS: &[(&str, Reach, Shape)] = &[
    ("allOf", Reach::Same, Shape::Many),
    ("anyOf", Reach::Same, Shape::Many),
    ("oneOf", Reach::Same, Shape::Many),
    ("not", Reach::Same, Shape::One),
    ("if", Reach::Same, Shape::One),
    ("then", Reach::Same, Shape::One),
    ("else", Reach::Same, Shape::One),
    ("dependentSchemas", Reach::Same, Shape::Named),
    ("dependencies", Reach::Same, Shape::Named),
    ("properties", Reach::Child, Shape::Named),
    ("patternProperties", Reach::Child, Shape::Named),
    ("additionalProperties", Reach::Child, Shape::One),
    ("unevaluatedProperties", Reach::Child, Shape::One),
    ("propertyNames", Reach::Child, Shape::One),
    ("items", Reach::Child, Shape::One),
    ("items", Reach::Child, Shape::Many),
    ("prefixItems", Reach::Child, Shape::Many),
    ("additionalItems", Reach::Child, Shape::One),
    ("unevaluatedItems", Reach::Child, Shape::One),
    ("contains", Reach::Child, Shape::One),
    ("definitions", Reach::Definition, Shape::Named),
    ("$defs", Reach::Definition, Shape::Named),
];

/// The schemas directly inside a schema, in the order of [`KEYWORDS`]: those that apply to the same value first.
/// Boolean schemas are left out of what is named or alone: there is nothing in them to walk.
pub(super) fn subschemas(schema: &Node) -> Vec<(Reach, &Node)> {
    // One pass over what is there, as a schema has few of the keywords.
    let mut held: Vec<(usize, &Node)> = Vec::new();
    for (key, entry) in schema.as_map().into_iter().flatten() {
        // Most keywords have a text or a number, in which there is no schema.
        if entry.node.as_scalar().is_some() {
            continue;
        }
        for (at, (keyword, ..)) in KEYWORDS.iter().enumerate() {
            // Lengths first: they tell nearly all apart.
            if keyword.len() == key.len() && *keyword == &**key {
                held.push((at, &entry.node));
            }
        }
    }
    if held.len() > 1 {
        held.sort_unstable_by_key(|(at, _)| *at);
    }
    let mut found = Vec::new();
    for (at, value) in held {
        let (_, reach, shape) = KEYWORDS[at];
        // A value of another form is no schema; jsonschema will say so when it compiles the whole.
        match (shape, &value.value) {
            (Shape::One, Value::Map(_)) => found.push((reach, value)),
            (Shape::Many, Value::List(items)) => found.extend(items.iter().map(|item| (reach, item))),
            (Shape::Named, Value::Map(map)) => {
                let schemas = map.values().map(|entry| &entry.node).filter(|node| node.as_map().is_some());
                found.extend(schemas.map(|node| (reach, node)));
            }
            _ => {}
        }
    }
    found
}

/// Where the `$ref` of a schema leads, if it has one that leads anywhere in this file:
/// `#/definitions/a%20b` to the definition `a b`.
pub(super) fn target<'n>(root: &'n Node, schema: &Node) -> Option<&'n Node> {
    let reference = schema.get("$ref")?.as_str()?;
    let pointer = percent_decoded(reference.strip_prefix('#')?);
    // Looked up each time: a schema that was read is asked for each of its references a few times, and then never
    // again.
    ValuePath::from_pointer(&pointer, root).find(root)
}

/// The list under a keyword. An empty one where there is none, as every keyword that holds a list (`allOf`, `enum`,
/// `required`) says nothing when it is left out.
pub(super) fn list<'n>(schema: &'n Node, keyword: &str) -> &'n [Node] {
    schema.get(keyword).and_then(Node::as_list).unwrap_or_default()
}

/// A pointer in a `$ref` is a URI fragment, so its characters may be percent-encoded.
fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
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
    // What is no UTF-8 becomes a replacement character, which names no definition, and the reference is refused.
    String::from_utf8_lossy(&bytes).into_owned()
}

/// To what a keyword applies its schemas, and how it holds them; none if it holds none.
fn applicator(keyword: &str, value: &JsonValue) -> Option<(Reach, Shape)> {
    // `items` stands twice in the list, and what is written tells which of the two it is.
    let fits = |shape: &Shape| matches!(shape, Shape::Many) == value.is_array();
    let (_, reach, shape) = KEYWORDS.iter().find(|(known, _, shape)| *known == keyword && fits(shape))?;
    Some((*reach, *shape))
}

/// The schema that one token of an evaluation path leads to, and what it applies to. In a list or a map of schemas it
/// takes one more of the `tokens`, the index or the name. None for a keyword that holds no schema.
///
/// ```text
/// /allOf/0/properties/a~1b/$ref/type
/// └──┬───┘ └─────┬───────┘ └─┬─┘ └── no schema
///  Same        Child       Same
/// ```
pub(super) fn resolve_token<'n, 't>(
    root: &'n JsonValue,
    schema: &'n JsonValue,
    token: &str,
    tokens: &mut impl Iterator<Item = &'t str>,
) -> Option<(Reach, &'n JsonValue)> {
    let value = schema.get(token)?;
    // Among the keywords it has no place, as its value is no schema; where it leads, the
    // target applies to the same value.
    if token == "$ref" {
        let pointer = percent_decoded(value.as_str()?.strip_prefix('#')?);
        return root.pointer(&pointer).map(|target| (Reach::Same, target));
    }
    let (reach, shape) = applicator(token, value)?;
    let inner = match shape {
        Shape::One => value,
        Shape::Many => value.get(tokens.next()?.parse::<usize>().ok()?)?,
        Shape::Named => value.get(tokens.next()?.replace("~1", "/").replace("~0", "~"))?,
    };
    Some((reach, inner))
}
