//! The constraints that a schema puts on one value, as phrases for people: "at least 1", "one of `a`, `b`".

use super::subschemas::target;
use super::type_inference::Groups;
use crate::yaml::{Node, Value, print_inline};

/// The demands of every group on one value, each once. Where several alternatives apply, none of theirs holds alone.
pub(super) fn of_groups(root: &Node, groups: &Groups<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for group in groups {
        match group.as_slice() {
            [only] => of_schema(root, only, &mut found),
            several => alternatives(root, several.iter().copied(), &mut found),
        }
    }
    let mut once: Vec<String> = Vec::with_capacity(found.len());
    for phrase in found {
        if !once.contains(&phrase) {
            once.push(phrase);
        }
    }
    once
}

/// A schema with every one that it applies without a condition: by reference, and by `allOf`.
pub(super) fn applied<'n>(root: &'n Node, schema: &'n Node, found: &mut Vec<&'n Node>) {
    found.push(schema);
    let parts = schema.get("allOf").and_then(Node::as_list).unwrap_or_default();
    target(root, schema).into_iter().chain(parts).for_each(|part| applied(root, part, found));
}

fn of_schema(root: &Node, schema: &Node, found: &mut Vec<String>) {
    let mut all = Vec::new();
    applied(root, schema, &mut all);
    for schema in all {
        found.extend(own(schema));
        for keyword in ["anyOf", "oneOf"] {
            let branches = schema.get(keyword).and_then(Node::as_list).unwrap_or_default();
            // An author's own sentence says it better.
            if schema.get("x-message").is_none() {
                alternatives(root, branches.iter(), found);
            }
        }
    }
}

/// Demands of which one branch's must hold. A branch that demands nothing makes the others idle.
fn alternatives<'n>(root: &Node, branches: impl Iterator<Item = &'n Node>, found: &mut Vec<String>) {
    let mut phrases: Vec<String> = Vec::new();
    for branch in branches {
        let mut demands = Vec::new();
        of_schema(root, branch, &mut demands);
        if demands.is_empty() {
            return;
        }
        let phrase = demands.join(" and ");
        if !phrases.contains(&phrase) {
            phrases.push(phrase);
        }
    }
    match phrases.as_slice() {
        [] => {}
        [one] => found.push(one.clone()),
        several => found.push(format!("either {}", several.join(", or "))),
    }
}

/// What the schema's own keywords demand.
pub(super) fn own(schema: &Node) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(value) = schema.get("const") {
        found.push(format!("always {}", quoted(value)));
    }
    if let Some(values) = schema.get("enum").and_then(Node::as_list) {
        found.push(one_of(values));
    }
    found.extend(LIMITS.iter().filter_map(|(keyword, limit)| sized(schema.get(keyword)?, limit)));
    found.extend(form(schema));
    if schema.get("uniqueItems").and_then(Node::as_bool) == Some(true) {
        found.push("no item twice".to_owned());
    }
    if let Some(keys) = schema.get("propertyNames") {
        found.extend(own(keys).into_iter().map(|phrase| format!("keys: {phrase}")));
    }
    found
}

/// A number's keyword: what to say of it, and what it counts.
struct Limit {
    words: &'static str,
    unit: &'static str,
    /// What it says shorter about 1 (or, of a maximum, about 0).
    short: Option<(&'static str, &'static str)>,
}

const fn limit(words: &'static str, unit: &'static str) -> Limit {
    Limit { words, unit, short: None }
}

const LIMITS: &[(&str, Limit)] = &[
    ("minimum", limit("at least", "")),
    ("exclusiveMinimum", limit("more than", "")),
    ("maximum", limit("at most", "")),
    ("exclusiveMaximum", limit("less than", "")),
    ("multipleOf", limit("a multiple of", "")),
    ("minLength", Limit { words: "at least", unit: " characters", short: Some(("1", "not empty")) }),
    ("maxLength", Limit { words: "at most", unit: " characters", short: Some(("0", "empty")) }),
    ("minItems", Limit { words: "at least", unit: " items", short: Some(("1", "not empty")) }),
    ("maxItems", Limit { words: "at most", unit: " items", short: Some(("0", "empty")) }),
    ("minProperties", Limit { words: "at least", unit: " keys", short: Some(("1", "not empty")) }),
    ("maxProperties", Limit { words: "at most", unit: " keys", short: Some(("0", "empty")) }),
];

fn sized(value: &Node, limit: &Limit) -> Option<String> {
    let number = &value.as_scalar()?.text;
    match limit.short {
        Some((short, words)) if &**number == short => Some(words.to_owned()),
        _ => Some(format!("{} {number}{}", limit.words, limit.unit)),
    }
}

/// A pattern in the author's words (`x-pattern-help`), or as it is; a format that means more than a number's width. Schemas that
/// schemars makes of Rust integers have formats such as `uint32`.
fn form(schema: &Node) -> Option<String> {
    let words = |keyword: &str| schema.get(keyword).and_then(Node::as_str);
    let pattern = || words("pattern").map(pattern_words);
    let format = words("format")
        .filter(|format| !["int", "uint", "float", "double"].iter().any(|w| format.starts_with(w)));
    words("x-pattern-help")
        .map(str::to_owned)
        .or_else(pattern)
        .or_else(|| format.map(|name| format!("a valid {name}")))
}

fn pattern_words(pattern: &str) -> String {
    match pattern.strip_prefix("^$|") {
        Some(rest) => format!("empty, or of the form {}", inline_code(rest)),
        None => format!("of the form {}", inline_code(pattern)),
    }
}

/// The allowed values of an `enum`.
pub(super) fn one_of(values: &[Node]) -> String {
    let list: Vec<String> = values.iter().map(quoted).collect();
    format!("one of {}", list.join(", "))
}

/// A value as people write it, in backticks; the empty string in quotes.
pub(super) fn quoted(value: &Node) -> String {
    match &value.value {
        Value::Scalar(scalar) if !scalar.text.is_empty() => inline_code(&scalar.text),
        Value::Scalar(_) => "`\"\"`".to_owned(),
        _ => inline_code(&print_inline(value)),
    }
}

/// A text as inline code, with more backticks around it than it has.
pub(crate) fn inline_code(text: &str) -> String {
    let fence = "`".repeat(1 + text.split(|c| c != '`').map(str::len).max().unwrap_or(0));
    let pad = if fence.len() > 1 { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}
