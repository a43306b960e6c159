//! The constraints that a schema puts on one value, as phrases for people: "at least 1", "one of `a`, `b`".
//!
//! Phrases are made so that they can end a sentence ("the setting is …") and be joined:
//!
//! | keywords | phrase |
//! |---|---|
//! | `"const": true` | always `true` |
//! | `"enum": ["a", "b"]` | one of `a`, `b` |
//! | `"minimum": 1` | at least 1 |
//! | `"minLength": 1` | not empty |
//! | `"pattern": "^$\|^[a-z]+$"` | empty, or of the form `^[a-z]+$` |
//! | `"anyOf": [{"minimum": 5}, {"const": 0}]` | either at least 5, or always `0` |
//!
//! Types are not among them: [`SettingTree::docs`](super::SettingTree::docs) has those in a field of their own. Nor are
//! `if` and `not`, which `setting_rules.rs` makes sentences of.

use super::groups::Groups;
use super::subschemas::{list, target};
use crate::yaml::{Node, Value, print_inline};

/// The demands of every group on one value, each once, in the order of the schema. Where a group has several
/// alternatives, none of their demands holds alone, so they become one phrase.
pub(super) fn of_groups(root: &Node, groups: &Groups<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for group in groups.iter() {
        match group {
            [only] => of_schema(root, only, &mut found),
            several => alternatives(root, several.iter().copied(), &mut found),
        }
    }
    // A list, not a set: there are a handful, and their order is the author's.
    let mut once: Vec<String> = Vec::with_capacity(found.len());
    for phrase in found {
        if !once.contains(&phrase) {
            once.push(phrase);
        }
    }
    once
}

/// Adds a schema and every one that it applies to the same value without a condition: by `$ref`, and by `allOf`.
/// The schema itself comes first.
///
/// It ends, as `bounds.rs` refuses schemas that apply themselves to one value.
pub(super) fn unconditional<'n>(root: &'n Node, schema: &'n Node, found: &mut Vec<&'n Node>) {
    found.push(schema);
    if let Some(target) = target(root, schema) {
        unconditional(root, target, found);
    }
    for part in list(schema, "allOf") {
        unconditional(root, part, found);
    }
}

/// Adds what one schema demands, and every one that it applies without a condition.
fn of_schema(root: &Node, schema: &Node, found: &mut Vec<String>) {
    let mut applied = Vec::new();
    unconditional(root, schema, &mut applied);
    for schema in applied {
        found.extend(of_own_keywords(schema));
        // The author's own sentence says it better, and stands among the rules of the schema.
        if schema.get("x-message").is_some() {
            continue;
        }
        for keyword in ["anyOf", "oneOf"] {
            let branches = list(schema, keyword);
            alternatives(root, branches.iter(), found);
        }
    }
}

/// Adds the demands of which one branch's must hold, as one phrase. If a branch demands nothing, any value
/// passes by it, so there is nothing to say of the others: `anyOf: [{ type: null }, { minimum: 1 }]` has no
/// phrase, as types are not told.
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

/// What the schema's own keywords demand of the value; nothing of what it says about keys and items below.
pub(super) fn of_own_keywords(schema: &Node) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(value) = schema.get("const") {
        found.push(format!("always {}", quoted(value)));
    }
    if let Some(values) = schema.get("enum").and_then(Node::as_list) {
        found.push(one_of(values));
    }
    // Limits by a table, as all have one form; the rest each have their own.
    // Where the author says what a text must look like, how long it may be is left to the finding.
    let is_said = |keyword: &str| keyword == "maxLength" && schema.get("x-pattern-help").is_some();
    let limits = LIMITS.iter().filter(|(keyword, _)| !is_said(keyword));
    found.extend(limits.filter_map(|(keyword, limit)| sized(schema.get(keyword)?, limit)));
    found.extend(form(schema));
    if schema.get("uniqueItems").and_then(Node::as_bool) == Some(true) {
        found.push("no item twice".to_owned());
    }
    if let Some(keys) = schema.get("propertyNames") {
        found.extend(of_own_keywords(keys).into_iter().map(|phrase| format!("keys: {phrase}")));
    }
    found
}

/// How a keyword that holds a number is said: `at least 3 characters`.
struct Limit {
    words: &'static str,
    /// What it counts, with a space before; empty for numbers themselves.
    unit: &'static str,
    /// One number for which there is a shorter phrase, and that phrase: `minLength: 1` is `not empty`.
    short: Option<(&'static str, &'static str)>,
}

const fn limit(words: &'static str, unit: &'static str) -> Limit {
    Limit { words, unit, short: None }
}

/// The keywords that hold a number, in the order in which their phrases stand.
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

/// The phrase of a limit; none for a limit that is no more than the width of a type. The number is said as it is written:
/// `1e6` stays what the author wrote.
fn sized(value: &Node, limit: &Limit) -> Option<String> {
    let number = &value.as_scalar()?.text;
    // The width of a type, as `int32` is.
    if &**number == "2147483647" {
        return None;
    }
    match limit.short {
        Some((short, words)) if &**number == short => Some(words.to_owned()),
        _ => Some(format!("{} {number}{}", limit.words, limit.unit)),
    }
}

/// What a text must look like, in one phrase: in the author's words (`x-pattern-help`), or by
/// its pattern, or by its format.
fn form(schema: &Node) -> Option<String> {
    let words = |keyword: &str| schema.get(keyword).and_then(Node::as_str);
    if let Some(help) = words("x-pattern-help") {
        return Some(help.to_owned());
    }
    if let Some(pattern) = words("pattern") {
        return Some(pattern_words(pattern));
    }
    // Schemas that schemars makes of Rust numbers have formats such as `uint32`: the width of a type, which is no form.
    let format = words("format")?;
    let is_width = ["int", "uint", "float", "double"].iter().any(|width| format.starts_with(width));
    (!is_width).then(|| format!("a valid {format}"))
}

/// `^$|…` is how a schema lets a setting be unset: the empty text, or the form.
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

/// A text as inline code of Markdown, with more backticks around it than it has.
///
/// With more than one, a space stands inside on both sides: a backtick at the end of the text would belong to the
/// fence. CommonMark takes one such space away.
pub(crate) fn inline_code(text: &str) -> String {
    let longest_run = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest_run + 1);
    let pad = if fence.len() > 1 { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}
