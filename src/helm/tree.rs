//! Values at rest: what a chart's defaults are, for any number of renders and threads.
//!
//! [`Value`]s are references that templates may change, and belong to one thread. A [`Tree`] is what they are made from.

use std::rc::Rc;
use std::sync::Arc;

use crate::gotemplate::text::{Origin, Text};
use crate::gotemplate::value::{Int, List, ListType, Map, MapType, Value};

/// A value that does not change.
#[derive(Clone, Debug, Default)]
pub enum Tree {
    /// Go's `nil`.
    #[default]
    Nil,
    /// A boolean.
    Bool(bool, Origin),
    /// A whole number.
    Int(Int, Origin),
    /// A `float64`.
    Float(f64, Origin),
    /// A string of one origin.
    String(Arc<[u8]>, Origin),
    /// A list.
    List(Arc<[Tree]>),
    /// A map, in the order of its keys.
    Map(Arc<[Field]>),
}

/// An entry of a map.
#[derive(Clone, Debug)]
pub struct Field {
    /// The key.
    pub key: Arc<[u8]>,
    /// Where the key was written.
    pub origin: Origin,
    /// The value.
    pub value: Tree,
}

impl Tree {
    /// What a value is now. Objects, which no text has, become `nil`.
    pub fn of(value: &Value) -> Tree {
        match value {
            Value::Nil | Value::Object(_) => Tree::Nil,
            Value::Bool(value, origin) => Tree::Bool(*value, *origin),
            Value::Int(value, origin) => Tree::Int(*value, *origin),
            Value::Float(value, origin) => Tree::Float(*value, *origin),
            Value::String(text) | Value::Bytes(text) => Tree::String(text.as_bytes().into(), text.origin()),
            Value::List(list) => Tree::List(list.items.iter().map(Tree::of).collect()),
            Value::Map(map) => {
                let entries = map.entries.borrow();
                let fields = entries.iter().map(|(key, entry)| Field {
                    key: Arc::from(&**key),
                    origin: entry.key,
                    value: Tree::of(&entry.value),
                });
                Tree::Map(fields.collect())
            }
        }
    }

    /// A value of its own.
    pub fn value(&self) -> Value {
        match self {
            Tree::Nil => Value::Nil,
            Tree::Bool(value, origin) => Value::Bool(*value, *origin),
            Tree::Int(value, origin) => Value::Int(*value, *origin),
            Tree::Float(value, origin) => Value::Float(*value, *origin),
            Tree::String(bytes, origin) => Value::String(Text::new(&**bytes, *origin)),
            Tree::List(items) => {
                let items = items.iter().map(Tree::value).collect();
                Value::List(Rc::new(List { items, of: ListType::Any }))
            }
            Tree::Map(_) => Value::Map(self.map()),
        }
    }

    /// A map of its own; an empty one of what is no map.
    pub fn map(&self) -> Rc<Map> {
        let map = Map::new(MapType::Any);
        if let Tree::Map(fields) = self {
            for Field { key, origin, value } in &**fields {
                map.insert(key, *origin, value.value());
            }
        }
        Rc::new(map)
    }
}
