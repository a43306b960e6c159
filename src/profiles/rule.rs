//! Rules that no type can say, as JSON Schema with the sentence that a broken rule reads as.
//!
//! A rule's condition asks for keys to be there (`has`), so that a values file that does not speak of them is
//! not found wrong in an editor; what follows from it (`lets`) only looks at keys that are there.

use serde_json::{Value, json};

/// What a broken rule says.
#[derive(Clone, Copy, Debug)]
pub struct Sentence<'s> {
    /// What is wrong, as a lower-case phrase with the names in backticks.
    pub message: &'s str,
    /// What to do.
    pub help: &'s str,
    /// The JSON pointer of the value to edit, from where the rule stands.
    pub at: &'s str,
}

/// When `condition` holds, so must `consequence`.
pub fn rule(sentence: Sentence<'_>, condition: Value, consequence: Value) -> Value {
    said(sentence, json!({ "if": condition, "then": consequence }))
}

/// `condition` must not hold.
pub fn forbid(sentence: Sentence<'_>, condition: Value) -> Value {
    said(sentence, json!({ "not": condition }))
}

/// When `condition` holds, the sentence is said as a warning.
pub fn warn(sentence: Sentence<'_>, condition: Value) -> Value {
    json!({ "not": condition, "x-warning": sentence.message, "x-help": sentence.help, "x-at": sentence.at })
}

fn said(sentence: Sentence<'_>, mut schema: Value) -> Value {
    schema["x-message"] = sentence.message.into();
    schema["x-help"] = sentence.help.into();
    schema["x-at"] = sentence.at.into();
    schema
}

/// The value at the dotted path is there and as `schema` says.
pub fn has(path: &str, schema: Value) -> Value {
    path.rsplit('.').fold(schema, |inner, key| json!({ "properties": { key: inner }, "required": [key] }))
}

/// The value at the dotted path is as `schema` says, if it is there.
pub fn lets(path: &str, schema: Value) -> Value {
    path.rsplit('.').fold(schema, |inner, key| json!({ "properties": { key: inner } }))
}

/// The string at the dotted path is there and not empty.
pub fn filled(path: &str) -> Value {
    has(path, json!({ "type": "string", "minLength": 1 }))
}

/// The string at the dotted path is there and empty.
pub fn empty(path: &str) -> Value {
    has(path, json!({ "const": "" }))
}

/// The switch at the dotted path is there and on or off.
pub fn switched(path: &str, on: bool) -> Value {
    has(path, json!({ "const": on }))
}

/// All of them hold.
pub fn all<const N: usize>(conditions: [Value; N]) -> Value {
    json!({ "allOf": Vec::from(conditions) })
}

/// One of them holds.
pub fn any<const N: usize>(conditions: [Value; N]) -> Value {
    json!({ "anyOf": Vec::from(conditions) })
}

/// It does not hold.
pub fn not(condition: Value) -> Value {
    json!({ "not": condition })
}
