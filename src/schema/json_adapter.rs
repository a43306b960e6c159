//! The spanned tree as jsonschema sees it, through its `Json` trait: borrowed, never copied.
//!
//! jsonschema is generic over how JSON is represented. To validate our tree itself, instead of a `serde_json::Value`
//! that is made of it, saves a copy of all values, and keeps numbers as they were written. Where jsonschema wants an
//! owned value all the same (`const`, `enum`, `uniqueItems`), that part is copied by [`to_json`].
//!
//! | tree | JSON |
//! |---|---|
//! | map, with its keys in order | object |
//! | list | array |
//! | scalar of [`Kind::Int`] or [`Kind::Float`] | number, decoded from its text when it is asked for |
//! | scalar of [`Kind::Str`], however it was written | string |

use std::borrow::Cow;
use std::sync::Arc;

use jsonschema::json::{self, Json, JsonNumber, NodeIdentity};
use jsonschema::{JsonType, PatternOptions, ValidationError, Validator};
use serde_json::{Number, Value as JsonValue};

use crate::source::Span;
use crate::yaml::{Entry, Iter, Kind, Map, Node, Scalar, Value};

/// The validator's name for our tree.
#[derive(Debug)]
pub(super) struct Tree;

/// A validator of our tree. Nothing is fetched, and expressions take linear time.
///
/// # Errors
/// What jsonschema says of a schema that breaks the meta-schema, or has a pattern with look-around or back references. Its
/// own default is an engine that has these and backtracks; a pattern and a value could then take for ever together.
pub(super) fn validator(schema: &JsonValue) -> Result<Validator<Tree>, ValidationError<'static>> {
    // The draft is the one that `$schema` names, and 2020-12 where nothing is said.
    let options = jsonschema::options_for::<Tree>().offline();
    options.with_pattern_options(PatternOptions::regex()).build(schema)
}

/// Room for a property's name that is validated as a string (`propertyNames`): keys are no nodes of the
/// tree, and one must be borrowed.
#[derive(Default)]
pub(super) struct KeyBuffer(Option<Node>);

impl Json for Tree {
    type Node<'a> = &'a Node;
    type PreparedKey = Arc<str>;
    type StringBuffer = KeyBuffer;

    fn prepare_key(key: &str) -> Arc<str> {
        Arc::from(key)
    }

    fn with_string_node<T>(buffer: &mut KeyBuffer, string: &str, f: impl FnOnce(&Node) -> T) -> T {
        f(buffer.0.insert(Node::string(string, Span::NOWHERE)))
    }
}

impl<'a> json::Node<'a, Tree> for &'a Node {
    type Object = &'a Map;
    type Array = &'a [Node];
    type Number = Lexeme<'a>;

    fn as_object(&self) -> Option<&'a Map> {
        self.as_map()
    }

    fn as_array(&self) -> Option<&'a [Node]> {
        self.as_list()
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        Node::as_str(self).map(Cow::Borrowed)
    }

    fn as_number(&self) -> Option<Lexeme<'a>> {
        self.as_scalar().filter(|scalar| matches!(scalar.kind, Kind::Int | Kind::Float)).map(Lexeme)
    }

    fn as_boolean(&self) -> Option<bool> {
        self.as_bool()
    }

    fn is_null(&self) -> bool {
        Node::is_null(self)
    }

    fn json_type(&self) -> JsonType {
        match &self.value {
            Value::Map(_) => JsonType::Object,
            Value::List(_) => JsonType::Array,
            Value::Scalar(scalar) => match scalar.kind {
                Kind::Null => JsonType::Null,
                Kind::Bool => JsonType::Boolean,
                Kind::Int | Kind::Float => JsonType::Number,
                Kind::Str => JsonType::String,
            },
        }
    }

    fn equals_value(&self, expected: &JsonValue) -> bool {
        // A copy, for jsonschema's own equality, in which `1` equals `1.0`. Only `const` and
        // `enum` ask, mostly of scalars.
        json::cmp::equal(&to_json(self), expected)
    }

    /// The validator asks for this only to put it into its errors. It gets nothing, so it can leak nothing.
    fn to_value(&self) -> Cow<'a, JsonValue> {
        Cow::Owned(JsonValue::Null)
    }

    /// Lets jsonschema notice that a recursive schema came back to the same value, and remember
    /// results of shared definitions.
    fn identity(&self) -> Option<NodeIdentity> {
        // The tree is borrowed for as long as it is validated, so no node moves and an address is not used twice. That
        // of a `KeyBuffer` is, but jsonschema remembers results of lists and maps alone
        // (`ValidationContext::cache_result` in its `validator.rs`).
        Some(NodeIdentity::new(std::ptr::from_ref::<Node>(self) as usize))
    }
}

/// The members of a map.
pub(super) struct Members<'a>(Iter<'a, Entry>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a Node);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, entry)| (&**key, &entry.node))
    }
}

impl<'a> json::Object<'a, Tree> for &'a Map {
    type Node = &'a Node;
    type MemberName = &'a str;
    type MembersIter = Members<'a>;

    fn len(&self) -> usize {
        Map::len(self)
    }

    fn get(&self, key: &Arc<str>) -> Option<&'a Node> {
        Map::get(self, key).map(|entry| &entry.node)
    }

    fn members(&self) -> Members<'a> {
        Members(self.iter())
    }
}

impl<'a> json::Array<'a, Tree> for &'a [Node] {
    type Node = &'a Node;
    type ElementsIter = std::slice::Iter<'a, Node>;

    fn len(&self) -> usize {
        <[Node]>::len(self)
    }

    fn elements(&self) -> std::slice::Iter<'a, Node> {
        self.iter()
    }

    fn is_unique(&self) -> bool {
        // Copied, so that jsonschema's own comparison is asked: it hashes long lists, and `1` and `1.0` are the same
        // item.
        let values: Vec<JsonValue> = self.iter().map(to_json).collect();
        json::unique::is_unique(&values)
    }
}

/// A number by its text: what is printed later is what was written, so the tree keeps no number beside it. Each
/// question decodes the text again; jsonschema asks only where a schema has a numeric keyword.
pub(super) struct Lexeme<'a>(&'a Scalar);

impl JsonNumber for Lexeme<'_> {
    fn as_u64(&self) -> Option<u64> {
        number(self.0).as_u64()
    }

    fn as_i64(&self) -> Option<i64> {
        self.0.as_i64()
    }

    fn as_f64(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Owned(number(self.0).to_string())
    }

    fn to_number(&self) -> Cow<'_, Number> {
        Cow::Owned(number(self.0))
    }
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
