//! The values of expressions. Maps and lists of a document stay nodes of its tree, with their type in the API table: a
//! rule looks at few of them, and a copy of a whole object would cost more than the rule.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::kube::api::Api;
use crate::kube::api::table::{Format, Shape, TypeId};
use crate::yaml::{Kind, Node, Scalar};

/// What an expression gives.
#[derive(Clone, Debug)]
pub(super) enum Value<'v> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(Cow<'v, str>),
    Bytes(Arc<[u8]>),
    /// Nanoseconds since 1970.
    Timestamp(i128),
    /// Nanoseconds.
    Duration(i128),
    /// An amount in billionths.
    Quantity(i128),
    List(Rc<Vec<Value<'v>>>),
    Map(Rc<Vec<(Value<'v>, Value<'v>)>>),
    /// A map or a list of the document, and its type where that is known.
    Node(&'v Node, Option<TypeId>),
    Optional(Option<Rc<Value<'v>>>),
}

/// What is known of the types of the document.
#[derive(Clone, Copy)]
pub(super) struct Types<'v> {
    pub(super) api: &'v Api,
}

impl<'v> Types<'v> {
    /// The value of a node of this type.
    pub(super) fn value(self, node: &'v Node, id: Option<TypeId>) -> Value<'v> {
        let Some(scalar) = node.as_scalar() else { return Value::Node(node, id) };
        let of = id.map(|id| self.api.table.get(id));
        let text = || Value::Text(Cow::Borrowed(&*scalar.text));
        match of.map(|of| of.shape) {
            _ if scalar.kind == Kind::Null => Value::Null,
            Some(Shape::Text(Format::DateTime | Format::MicroTime)) => {
                time(&scalar.text).map_or_else(text, Value::Timestamp)
            }
            Some(Shape::Text(_)) if id.and_then(|id| self.format(id)).as_deref() == Some("duration") => {
                duration(&scalar.text).map_or_else(text, Value::Duration)
            }
            Some(Shape::Text(_)) => text(),
            Some(Shape::Number) => scalar.as_f64().map_or_else(text, Value::Double),
            _ => plain(scalar),
        }
    }

    /// The format that is not in the shape of a type.
    fn format(self, id: TypeId) -> Option<String> {
        let table = &self.api.table;
        let rest = self.api.rest.get(table, table.constraints(table.get(id)).rest?);
        rest.get("format")?.as_str().map(str::to_owned)
    }

    /// The value of a field, with its default where it is not there.
    pub(super) fn field(self, node: &'v Node, id: Option<TypeId>, name: &str) -> Option<Value<'v>> {
        let table = &self.api.table;
        let below = match id.map(|id| table.get(id).shape) {
            Some(Shape::Object { fields, .. }) => table.field(fields, name).map(|field| field.type_id),
            Some(Shape::Map { values, .. }) => Some(values),
            _ => None,
        };
        let nullable = below.is_none_or(|below| table.get(below).nullable);
        match node.get(name) {
            Some(node) if !node.is_null() || nullable => Some(self.value(node, below)),
            _ => self.default(below?),
        }
    }

    fn default(self, id: TypeId) -> Option<Value<'v>> {
        let table = &self.api.table;
        let of = table.get(id);
        let rest = self.api.rest.get(table, table.constraints(of).rest?);
        let default = rest.get("default")?;
        let is_double = of.shape == Shape::Number;
        Some(match from_json(default) {
            Value::Int(value) if is_double => Value::Double(value as f64),
            value => value,
        })
    }

    /// The items of a list.
    pub(super) fn items(self, value: &Value<'v>) -> Option<Vec<Value<'v>>> {
        match value {
            Value::List(items) => Some(items.to_vec()),
            Value::Node(node, id) => {
                let of = match id.map(|id| self.api.table.get(id).shape) {
                    Some(Shape::List { items, .. }) => Some(items),
                    _ => None,
                };
                Some(node.as_list()?.iter().map(|item| self.value(item, of)).collect())
            }
            _ => None,
        }
    }

    /// The entries of a map.
    pub(super) fn entries(self, value: &Value<'v>) -> Option<Vec<(Value<'v>, Value<'v>)>> {
        match value {
            Value::Map(entries) => Some(entries.to_vec()),
            Value::Node(node, id) => {
                let entry =
                    |key: &'v str| Some((Value::Text(Cow::Borrowed(key)), self.field(node, *id, key)?));
                Some(node.as_map()?.keys().filter_map(|key| entry(key)).collect())
            }
            _ => None,
        }
    }

    /// Whether two values are the same; none where that is not known.
    pub(super) fn equal(self, a: &Value<'v>, b: &Value<'v>) -> Option<bool> {
        if let (Some(a), Some(b)) = (self.items(a), self.items(b)) {
            return all_equal(a.len() == b.len(), a.iter().zip(&b).map(|(a, b)| self.equal(a, b)));
        }
        if let (Some(a), Some(b)) = (self.entries(a), self.entries(b)) {
            let pairs = a.iter().map(|(key, value)| {
                let other = b.iter().find(|(other, _)| self.equal(key, other) == Some(true));
                other.map_or(Some(false), |(_, other)| self.equal(value, other))
            });
            return all_equal(a.len() == b.len(), pairs);
        }
        Some(match (a, b) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::Bytes(a), Value::Bytes(b)) => a == b,
            (Value::Optional(None), Value::Optional(None)) => true,
            (Value::Optional(Some(a)), Value::Optional(Some(b))) => return self.equal(a, b),
            _ => compare(a, b) == Some(Ordering::Equal),
        })
    }
}

fn all_equal(same_length: bool, mut pairs: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    if !same_length {
        return Some(false);
    }
    pairs.try_fold(true, |all, pair| Some(all && pair?))
}

/// A scalar as YAML has it.
fn plain(scalar: &Scalar) -> Value<'_> {
    let text = || Value::Text(Cow::Borrowed(&*scalar.text));
    match scalar.kind {
        Kind::Null => Value::Null,
        Kind::Bool => Value::Bool(scalar.is_true()),
        Kind::Int => scalar.as_i64().map_or_else(text, Value::Int),
        Kind::Float => scalar.as_f64().map_or_else(text, Value::Double),
        Kind::Str => text(),
    }
}

fn from_json<'v>(json: &Json) -> Value<'v> {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(value) => Value::Int(value),
            None => Value::Double(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::Text(Cow::Owned(text.clone())),
        Json::Array(items) => Value::List(Rc::new(items.iter().map(from_json).collect())),
        Json::Object(fields) => {
            let entries =
                fields.iter().map(|(key, value)| (Value::Text(Cow::Owned(key.clone())), from_json(value)));
            Value::Map(Rc::new(entries.collect()))
        }
    }
}

/// How two scalars compare; none for what has no order.
pub(super) fn compare(a: &Value<'_>, b: &Value<'_>) -> Option<Ordering> {
    let number = |value: &Value<'_>| match value {
        Value::Int(value) => Some(i128::from(*value)),
        Value::Uint(value) => Some(i128::from(*value)),
        _ => None,
    };
    if let (Some(a), Some(b)) = (number(a), number(b)) {
        return Some(a.cmp(&b));
    }
    let double = |value: &Value<'_>| match value {
        Value::Double(value) => Some(*value),
        value => number(value).map(|value| value as f64),
    };
    if let (Some(a), Some(b)) = (double(a), double(b)) {
        return a.partial_cmp(&b);
    }
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Bytes(a), Value::Bytes(b)) => Some(a.cmp(b)),
        (Value::Timestamp(a), Value::Timestamp(b))
        | (Value::Duration(a), Value::Duration(b))
        | (Value::Quantity(a), Value::Quantity(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// A time of RFC 3339 in nanoseconds since 1970.
pub(super) fn time(text: &str) -> Option<i128> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_nanosecond)
}

/// A duration as Go writes it, `1h30m`, in nanoseconds.
pub(super) fn duration(text: &str) -> Option<i128> {
    const UNITS: &[(&str, i128)] = &[
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, unit) = rest.split_at(unit_at);
        let end = unit.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(unit.len());
        let (unit, after) = unit.split_at(end);
        let scale = UNITS.iter().find(|(name, _)| *name == unit)?.1;
        total = total.checked_add((number.parse::<f64>().ok()? * scale as f64) as i128)?;
        rest = after;
    }
    Some(sign * total)
}
