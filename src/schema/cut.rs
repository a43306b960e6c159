//! The part of a built-in schema that some values touch. A validator of that part finds in these values what the whole one does,
//! and is made in a fraction of the time.

use std::cell::OnceCell;
use std::collections::HashSet;

use serde_json::{Map, Value as JsonValue};

use super::walk::{Reach, Shape, held};
use crate::source::Span;
use crate::yaml::{Node, Value};

/// A schema taken apart: the root, which has no name, and each definition by its own.
pub(super) type Parts = &'static [(&'static str, &'static str)];

/// Cuts a schema down to what these values touch: where no value is, anything is allowed, and definitions that no value
/// meets are left out. None for a schema with other references than `#/definitions/NAME`.
pub(super) fn cut(parts: Parts, values: &Node) -> Option<JsonValue> {
    let mut read: Vec<OnceCell<JsonValue>> = parts.iter().map(|_| OnceCell::new()).collect();
    let mut touch = Touch { parts, read: &read, touched: HashSet::new(), whole: true };
    touch.part("", values);
    let Touch { touched, whole, .. } = touch;
    let mut definitions = Map::new();
    for ((name, _), schema) in parts.iter().zip(&mut read) {
        if let Some(mut schema) = schema.take() {
            trim(&mut schema, &touched);
            definitions.insert((*name).to_owned(), schema);
        }
    }
    let mut root = definitions.shift_remove("")?;
    root.as_object_mut()?.insert("definitions".to_owned(), JsonValue::Object(definitions));
    Some(root).filter(|_| whole)
}

/// Finds which schemas meet a value. It may take too many for touched, and never too few.
struct Touch<'p> {
    parts: Parts,
    /// Definitions are read when a value meets them.
    read: &'p [OnceCell<JsonValue>],
    /// By address: what is inside a part stays where it is until it is trimmed.
    touched: HashSet<usize>,
    /// Whether every reference led somewhere.
    whole: bool,
}

impl<'p> Touch<'p> {
    fn part(&mut self, name: &str, node: &Node) {
        let found = self.parts.binary_search_by_key(&name, |(name, _)| name).ok();
        let Some((cell, (_, text))) = found.and_then(|at| self.read.get(at).zip(self.parts.get(at))) else {
            self.whole = false;
            return;
        };
        let read = || serde_json::from_str(text).unwrap_or_default();
        self.schema(cell.get_or_init(read), node);
    }

    fn schema(&mut self, schema: &'p JsonValue, node: &Node) {
        self.touched.insert(std::ptr::from_ref(schema) as usize);
        for (keyword, value) in schema.as_object().into_iter().flatten() {
            match keyword.as_str() {
                "$ref" => self.reference(value, node),
                "properties" => {
                    for (key, schema) in value.as_object().into_iter().flatten() {
                        node.get(key).into_iter().for_each(|node| self.schema(schema, node));
                    }
                }
                "propertyNames" => self.schema(value, &Node::string("", Span::NOWHERE)),
                keyword => self.keyword(keyword, value, node),
            }
        }
    }

    fn keyword(&mut self, keyword: &str, value: &'p JsonValue, node: &Node) {
        let Some((reach, shape)) = held(keyword, value) else { return };
        let nodes: Vec<&Node> = match (reach, &node.value) {
            (Reach::Here, _) => vec![node],
            (Reach::Below, Value::Map(map)) => map.values().map(|entry| &entry.node).collect(),
            (Reach::Below, Value::List(items)) => items.iter().collect(),
            (Reach::Below, Value::Scalar(_)) | (Reach::Nowhere, _) => return,
        };
        for schema in schemas(shape, value) {
            nodes.iter().for_each(|node| self.schema(schema, node));
        }
    }

    fn reference(&mut self, reference: &JsonValue, node: &Node) {
        let name = reference.as_str().and_then(|text| text.strip_prefix("#/definitions/"));
        match name.filter(|name| !name.contains(['/', '~', '%'])) {
            Some(name) => self.part(name, node),
            None => self.whole = false,
        }
    }
}

fn schemas(shape: Shape, value: &JsonValue) -> Vec<&JsonValue> {
    match (shape, value) {
        (Shape::One, schema) => vec![schema],
        (Shape::Many, JsonValue::Array(schemas)) => schemas.iter().collect(),
        (Shape::Named, JsonValue::Object(schemas)) => schemas.values().collect(),
        _ => Vec::new(),
    }
}

/// Allows anything where no value is.
fn trim(schema: &mut JsonValue, touched: &HashSet<usize>) {
    for (keyword, value) in schema.as_object_mut().into_iter().flatten() {
        let inner: Vec<&mut JsonValue> = match (held(keyword, value), value) {
            (Some((_, Shape::One)), schema) => vec![schema],
            (Some((_, Shape::Many)), JsonValue::Array(schemas)) => schemas.iter_mut().collect(),
            (Some((_, Shape::Named)), JsonValue::Object(schemas)) => schemas.values_mut().collect(),
            _ => Vec::new(),
        };
        for schema in inner.into_iter().filter(|schema| schema.is_object()) {
            match touched.contains(&(std::ptr::from_ref(schema) as usize)) {
                true => trim(schema, touched),
                false => *schema = JsonValue::Bool(true),
            }
        }
    }
}
