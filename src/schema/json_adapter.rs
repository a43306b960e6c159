//! The spanned tree as JSON, for jsonschema: a copy, without places.
//!
//! jsonschema could validate our tree itself, through its trait `Json`. It would be in the program twice then, because
//! schemas of Helm charts are held against JSON as Helm has it; a twentieth of the program, to save a copy of values in which
//! something is wrong.
//!
//! | tree | JSON |
//! |---|---|
//! | map, with its keys in order | object |
//! | list | array |
//! | scalar of [`Kind::Int`] or [`Kind::Float`] | number, decoded from its text |
//! | scalar of [`Kind::Str`], however it was written | string |

use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::{Number, Value as JsonValue};

use crate::yaml::{Kind, Node, Scalar, Value};

/// A validator. Nothing is fetched, and expressions take linear time.
///
/// # Errors
/// What jsonschema says of a schema that breaks the meta-schema, or has a pattern with look-around or back references. Its
/// own default is an engine that has these and backtracks; a pattern and a value could then take for ever together.
pub(super) fn validator(schema: &JsonValue) -> Result<Validator, ValidationError<'static>> {
    // The draft is the one that `$schema` names, and 2020-12 where nothing is said.
    let options = jsonschema::options().offline();
    options.with_pattern_options(PatternOptions::regex()).build(schema)
}

/// A tree as a JSON value, without its places. Recursive; the depth of a tree is bounded when it is read.
pub(super) fn to_json(node: &Node) -> JsonValue {
    match &node.value {
        Value::Map(map) => JsonValue::Object(
            map.iter().map(|(key, entry)| (key.to_string(), to_json(&entry.node))).collect(),
        ),
        Value::List(items) => JsonValue::Array(items.iter().map(to_json).collect()),
        Value::Scalar(scalar) => match scalar.kind {
            Kind::Null => JsonValue::Null,
            Kind::Bool => JsonValue::Bool(scalar.is_true()),
            Kind::Int | Kind::Float => JsonValue::Number(number(scalar)),
            Kind::Str => JsonValue::String(scalar.text.to_string()),
        },
    }
}

/// The number of a scalar that is one. Integers beyond 64 bits become the nearest double, as everywhere in Kubernetes.
pub(super) fn number(scalar: &Scalar) -> Number {
    if let Some(integer) = scalar.as_i64() {
        return Number::from(integer);
    }
    // The upper half of 64 bits without a sign, which JSON numbers can hold.
    if scalar.kind == Kind::Int
        && let Ok(unsigned) = scalar.text.parse::<u64>()
    {
        return Number::from(unsigned);
    }
    // None for `.inf` and `.nan`, which JSON has no numbers for. Values with one are refused before they are checked
    // (Y008), except under a key that the schema refuses; then which number it is makes no difference.
    scalar.as_f64().and_then(Number::from_f64).unwrap_or_else(|| Number::from(0))
}

/// Whether no two items are equal, as jsonschema compares them: it hashes long lists, and `1` and `1.0` are the same item.
pub(super) fn are_unique(items: &[Node]) -> bool {
    let values: Vec<JsonValue> = items.iter().map(to_json).collect();
    jsonschema::json::unique::is_unique(&values)
}
