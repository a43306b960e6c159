//! Scalars that end as strings (in a ConfigMap, an annotation, an environment) and may be written as what they are.
//!
//! The original charts quote `"false"` and `"100"`, because Helm would otherwise print what Kubernetes refuses. Here
//! `false` and `100` do as well, and the quoted forms keep working.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// `true`, `false`, or one of the two as a string.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum BoolText {
    /// A boolean.
    Bool(bool),
    /// `"true"` or `"false"`.
    Text(String),
}

/// A whole number of zero or more, or its digits as a string; the empty string is no number.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum IntText {
    /// A number.
    Int(u64),
    /// Its digits.
    Text(String),
}

/// A number of zero or more, or its digits as a string.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(untagged)]
pub enum NumberText {
    /// A number.
    Number(f64),
    /// Its digits.
    Text(String),
}

/// Any scalar: a string, or a number or boolean that is meant as its text.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(untagged)]
pub enum Text {
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A string.
    Text(String),
}

/// A number of pods: how many, or a percentage such as `50%`.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum Amount {
    /// How many.
    Count(i32),
    /// How many of a hundred, with the sign.
    Percentage(String),
}

/// Gives a type a schema of its own, written in place.
macro_rules! inline_schema {
    ($type:ident, $schema:tt) => {
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

inline_schema!(BoolText, {
    "type": ["boolean", "string"],
    "pattern": "^(true|false)$",
    "x-pattern-help": "write `true` or `false`",
});
inline_schema!(IntText, {
    "type": ["integer", "string"],
    "minimum": 0,
    "pattern": "^[0-9]*$",
    "x-pattern-help": "write a whole number",
});
inline_schema!(NumberText, {
    "type": ["number", "string"],
    "minimum": 0,
    "pattern": "^[0-9]*([.][0-9]+)?$",
    "x-pattern-help": "write a number such as `2.0`",
});
inline_schema!(Text, { "type": ["string", "number", "boolean"] });
inline_schema!(Amount, {
    "type": ["integer", "string"],
    "minimum": 0,
    "pattern": "^(100|[1-9]?[0-9])%$",
    "x-pattern-help": "write a number such as `1`, without quotes, or a percentage such as `50%`",
});
