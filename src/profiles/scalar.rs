//! Scalars with a schema of their own: what may be written in more than one way, and what is secret.
//!
//! Some end as strings (in a ConfigMap, an annotation, an environment) and may be written as what they are. The
//! original charts quote `"false"` and `"100"`, because Helm would otherwise print what Kubernetes refuses. Here
//! `false` and `100` do as well, and the quoted forms keep working.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

// It begins with a letter, as the name of a Service must, and names of Services are made of it.
/// A name that becomes part of the names of objects; empty means none.
pub const NAME: &str = "^$|^[a-z]([-a-z0-9]*[a-z0-9])?$";

// The unreserved characters of RFC 3986. A variable such as `$(POSTGRES_PASSWORD)` is put into a URL by the kubelet,
// which encodes nothing: any other character would have to be encoded in the Secret.
/// What may stand in a URL as it is, so that Kubernetes can put it there from a Secret.
pub const URL_SAFE: &str = "^[A-Za-z0-9._~-]*$";

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

// No `IntText`: in a budget or a rollout the API server takes each string for a percentage, and refuses a quoted `1`.
// An original chart quotes it.
/// A number of pods: how many, or a percentage such as `50%`.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum Amount {
    /// How many.
    Count(i32),
    /// How many of a hundred, with the sign.
    Percentage(String),
}

/// A secret given inline. It is masked wherever a value is shown, and `Debug` does not print it either.
// No `Debug` by derivation, and no `Display`: a secret must not reach a log or a message of a test.
#[derive(Clone, Deserialize, Serialize, PartialEq, Eq)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

/// Gives a type a schema of its own, written in place rather than as a definition that is referred to.
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
// In these schemas `minimum` looks at numbers alone, and `pattern` at strings alone: one schema says what each form may
// be.
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
    "maximum": i32::MAX,
    "pattern": "^(100|[1-9]?[0-9])%$",
    "x-pattern-help": "write a number such as `1`, without quotes, or a percentage such as `50%`",
});
inline_schema!(Secret, { "type": "string", "writeOnly": true });
