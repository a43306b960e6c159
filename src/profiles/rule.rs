//! Rules that no type can say: conditions between settings, as JSON Schema with the message of a broken rule.
//!
//! A rule is an `if` with a `then`, or a `not`, with three keywords of our own beside it: `x-message` (or `x-warning`),
//! `x-help` and `x-at`. Conditions are made of schemas for dotted paths, such as `has("ingress.tls", …)`.
//!
//! Two functions reach into a path, and the difference is what keeps editors quiet. An editor checks one values file
//! alone, without the defaults below it. So a condition asks for its keys to be there ([`has`]): a file that does not
//! speak of them breaks no rule. What follows from a condition only looks at keys that are there ([`if_present`]).

use serde_json::{Value, json};

/// What a broken rule says.
#[derive(Clone, Copy, Debug)]
pub struct Message<'s> {
    /// What is wrong, as a lower-case phrase with the names in backticks.
    pub text: &'s str,
    /// What to do.
    pub help: &'s str,
    /// The JSON pointer of the value to edit, from where the rule stands.
    pub at: &'s str,
}

/// When `condition` holds, so must `consequence`.
pub fn rule(message: Message<'_>, condition: Value, consequence: Value) -> Value {
    with_message(message, json!({ "if": condition, "then": consequence }))
}

/// `condition` must not hold.
pub fn forbid(message: Message<'_>, condition: Value) -> Value {
    with_message(message, json!({ "not": condition }))
}

/// When `condition` holds, the message is a warning.
pub fn warn(message: Message<'_>, condition: Value) -> Value {
    // A schema has no warnings. A validator that does not know `x-warning` sees a `not` that fails, so an editor
    // underlines a warning as an error.
    json!({ "not": condition, "x-warning": message.text, "x-help": message.help, "x-at": message.at })
}

/// The text matches the expression, with words of its own when it does not.
pub fn pattern(message: Message<'_>, pattern: &str) -> Value {
    // Of what is no string at all, the type's own message speaks.
    rule(message, json!({ "type": "string" }), json!({ "pattern": pattern }))
}

fn with_message(message: Message<'_>, mut schema: Value) -> Value {
    schema["x-message"] = message.text.into();
    schema["x-help"] = message.help.into();
    schema["x-at"] = message.at.into();
    schema
}

// From the inside out: the last key is the innermost schema.
/// The value at the dotted path is there and as `schema` says.
pub fn has(path: &str, schema: Value) -> Value {
    path.rsplit('.').fold(schema, |inner, key| json!({ "properties": { key: inner }, "required": [key] }))
}

/// The value at the dotted path is as `schema` says, if it is there.
pub fn if_present(path: &str, schema: Value) -> Value {
    path.rsplit('.').fold(schema, |inner, key| json!({ "properties": { key: inner } }))
}

/// The string at the dotted path is there and not empty.
pub fn filled(path: &str) -> Value {
    has(path, json!({ "type": "string", "minLength": 1 }))
}

/// The string at the dotted path is not empty, if it is there.
pub fn filled_if_present(path: &str) -> Value {
    if_present(path, json!({ "minLength": 1 }))
}

/// The string at the dotted path is there and empty.
// Not `maxLength: 0`, which holds for a number, too.
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
