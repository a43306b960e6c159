//! Values at rest: what a chart's defaults are, for any number of renders and threads.
//!
//! [`Value`]s are references that templates may change, and belong to one thread. A [`Tree`] is what they are made from.

use std::collections::HashMap;
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
            Value::Map(map) => Tree::of_map(map),
        }
    }

    /// What a map is now.
    pub fn of_map(map: &Map) -> Tree {
        let entries = map.entries.borrow();
        let fields = entries.iter().map(|(key, entry)| Field {
            key: Arc::from(&**key),
            origin: entry.key,
            value: Tree::of(&entry.value),
        });
        Tree::Map(fields.collect())
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

/// The maps and lists of values in which one can stand at several places, as references do: what a template changes at one
/// of them is changed at the others. Where there is one holder alone, nothing has to be remembered.
#[derive(Debug, Default)]
struct Shared<T> {
    known: HashMap<usize, T>,
}

impl<T: Clone> Shared<T> {
    fn once(&mut self, address: usize, holders: usize, make: impl FnOnce(&mut Self) -> T) -> T {
        if holders < 2 {
            return make(self);
        }
        if let Some(known) = self.known.get(&address) {
            return known.clone();
        }
        let made = make(self);
        self.known.insert(address, made.clone());
        made
    }
}

/// Values at rest in which maps may be shared: those of a chart together with its subcharts.
#[derive(Clone, Debug)]
pub struct SharingTree(Tree);

impl SharingTree {
    /// What a map is now.
    pub fn of(map: &Rc<Map>) -> SharingTree {
        fn tree(value: &Value, shared: &mut Shared<Tree>) -> Tree {
            match value {
                Value::List(list) => shared.once(Rc::as_ptr(list).addr(), Rc::strong_count(list), |shared| {
                    Tree::List(list.items.iter().map(|item| tree(item, shared)).collect())
                }),
                Value::Map(map) => shared.once(Rc::as_ptr(map).addr(), Rc::strong_count(map), |shared| {
                    let entries = map.entries.borrow();
                    let fields = entries.iter().map(|(key, entry)| Field {
                        key: Arc::from(&**key),
                        origin: entry.key,
                        value: tree(&entry.value, shared),
                    });
                    Tree::Map(fields.collect())
                }),
                other => Tree::of(other),
            }
        }
        SharingTree(tree(&Value::Map(Rc::clone(map)), &mut Shared::default()))
    }

    /// A map of its own, in which the same maps are shared.
    pub fn map(&self) -> Rc<Map> {
        fn value(tree: &Tree, shared: &mut Shared<Value>) -> Value {
            match tree {
                Tree::List(items) => shared.once(items.as_ptr().addr(), Arc::strong_count(items), |shared| {
                    let items = items.iter().map(|item| value(item, shared)).collect();
                    Value::List(Rc::new(List { items, of: ListType::Any }))
                }),
                Tree::Map(fields) => {
                    shared.once(fields.as_ptr().addr(), Arc::strong_count(fields), |shared| {
                        let map = Map::new(MapType::Any);
                        for field in &**fields {
                            map.insert(&field.key, field.origin, value(&field.value, shared));
                        }
                        Value::Map(Rc::new(map))
                    })
                }
                other => other.value(),
            }
        }
        match value(&self.0, &mut Shared::default()) {
            Value::Map(map) => map,
            _ => Rc::new(Map::new(MapType::Any)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `{a: {x: 1}, b: …}` with one map at both places, and another one alike at `c`.
    fn values() -> Rc<Map> {
        let inner = Value::map([("x", Value::int(1))]);
        match Value::map([
            ("a", inner.clone()),
            ("b", Value::list(vec![inner])),
            ("c", Value::map([("x", Value::int(1))])),
            ("d", Value::map::<&str>([])),
            ("e", Value::map::<&str>([])),
        ]) {
            Value::Map(map) => map,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn maps_that_were_shared_are_shared_again_and_no_others() {
        let before = values();
        let at_rest = SharingTree::of(&before);
        let (one, other) = (at_rest.map(), at_rest.clone().map());
        let Some(Value::Map(inner)) = one.get(b"a") else { panic!("no map") };
        inner.insert(b"x", Origin::NOWHERE, Value::int(2));
        let Some(Value::Map(empty)) = one.get(b"d") else { panic!("no map") };
        empty.insert(b"z", Origin::NOWHERE, Value::int(3));
        let print = |map: &Rc<Map>| {
            let value = Value::Map(Rc::clone(map));
            crate::helm::yaml::print(&value).unwrap().to_str().into_owned()
        };
        assert_eq!(print(&one), "a:\n  x: 2\nb:\n- x: 2\nc:\n  x: 1\nd:\n  z: 3\ne: {}");
        for untouched in [&before, &other] {
            assert_eq!(print(untouched), "a:\n  x: 1\nb:\n- x: 1\nc:\n  x: 1\nd: {}\ne: {}");
        }
    }
}
