//! The values of templates: what Go's `interface{}` holds in a chart, with where each came from.
//!
//! Numbers keep which of Go's types they have, as `printf "%d"`, `kindOf` and comparisons depend on it. Maps are
//! references, as in Go: what changes one changes it for everybody who has it.

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::rc::Rc;

use super::text::{Origin, Text};

/// A value.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// Go's `nil`.
    #[default]
    Nil,
    /// A boolean.
    Bool(bool, Origin),
    /// A whole number of one of Go's types.
    Int(Int, Origin),
    /// A `float64`.
    Float(f64, Origin),
    /// A string.
    String(Text),
    /// A `[]byte`.
    Bytes(Text),
    /// A slice; never changed, so what appends makes another one.
    List(Rc<List>),
    /// A map with strings as keys; a reference.
    Map(Rc<Map>),
    /// A struct, or another type with fields or methods.
    Object(Rc<dyn Object>),
}

/// Which of Go's types of whole numbers one has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntType {
    /// `int`: constants of templates, and what `len` and `int` return.
    Int,
    /// `int8`
    Int8,
    /// `int16`
    Int16,
    /// `int32`, also `rune`
    Int32,
    /// `int64`: what Sprig calculates with.
    Int64,
    /// `uint`
    Uint,
    /// `uint8`, also `byte`
    Uint8,
    /// `uint16`
    Uint16,
    /// `uint32`
    Uint32,
    /// `uint64`
    Uint64,
}

impl IntType {
    /// Its name in Go.
    pub fn name(self) -> &'static str {
        match self {
            IntType::Int => "int",
            IntType::Int8 => "int8",
            IntType::Int16 => "int16",
            IntType::Int32 => "int32",
            IntType::Int64 => "int64",
            IntType::Uint => "uint",
            IntType::Uint8 => "uint8",
            IntType::Uint16 => "uint16",
            IntType::Uint32 => "uint32",
            IntType::Uint64 => "uint64",
        }
    }
}

/// A whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Int {
    /// Its value, of 64 bits; of an unsigned one, the same bits.
    bits: i64,
    /// Its type.
    pub of: IntType,
}

impl Int {
    /// An `int`.
    pub fn new(value: i64) -> Int {
        Int { bits: value, of: IntType::Int }
    }

    /// An `int64`.
    pub fn int64(value: i64) -> Int {
        Int { bits: value, of: IntType::Int64 }
    }

    /// A number of a type; its bits are cut to those of the type, as a conversion in Go does.
    pub fn of(value: i128, of: IntType) -> Int {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what Go does")]
        let bits = match of {
            IntType::Int8 => i64::from(value as i8),
            IntType::Int16 => i64::from(value as i16),
            IntType::Int32 => i64::from(value as i32),
            IntType::Uint8 => i64::from(value as u8),
            IntType::Uint16 => i64::from(value as u16),
            IntType::Uint32 => i64::from(value as u32),
            IntType::Int | IntType::Int64 | IntType::Uint | IntType::Uint64 => value as i64,
        };
        Int { bits, of }
    }

    /// Its value.
    pub fn value(self) -> i128 {
        if self.is_signed() { i128::from(self.bits) } else { i128::from(self.bits.cast_unsigned()) }
    }

    /// Whether its type has a sign.
    pub fn is_signed(self) -> bool {
        matches!(self.of, IntType::Int | IntType::Int8 | IntType::Int16 | IntType::Int32 | IntType::Int64)
    }
}

/// A slice.
#[derive(Debug)]
pub struct List {
    /// Its items.
    pub items: Vec<Value>,
    /// The type of its items, which `typeOf` and `printf "%v"` tell.
    pub of: ListType,
}

/// The type of a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListType {
    /// `[]interface {}`
    Any,
    /// `[]string`
    Strings,
    /// `[]int`
    Ints,
    /// A `[]interface {}` that is `nil`: empty like any other, but JSON has `null` for it, and it is no empty list.
    Nil,
    /// A `[]string` that is `nil`.
    NilStrings,
    /// Another type by its name, such as `common.VersionSet`.
    Named(&'static str),
}

/// A map with strings as keys. Iteration is in the order of the keys' bytes, as Go's templates do it.
#[derive(Debug)]
pub struct Map {
    /// Its entries; shared with a map of another type, if one was made into the other.
    pub entries: Rc<RefCell<BTreeMap<Rc<[u8]>, Entry>>>,
    /// Its type.
    pub of: MapType,
}

/// The type of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapType {
    /// `map[string]interface {}`
    Any,
    /// A `map[string]interface {}` that is Go's `nil`: it is empty, and nothing can be put into it.
    Nil,
    /// `map[string]string`
    Strings,
    /// A `map[string]string` that is Go's `nil`.
    NilStrings,
    /// Another type by its name, such as `common.Values`.
    Named(&'static str),
}

/// What a map holds under a key.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where the key was written.
    pub key: Origin,
    /// The value.
    pub value: Value,
}

/// A type with fields or methods: what Go has as a struct, or as a named type. Its methods stand in a table of
/// [`Methods`](super::function::Methods), by the name of the type.
pub trait Object: Debug {
    /// Its type as `printf "%T"` tells it, such as `*common.Capabilities`.
    fn type_name(&self) -> &'static str;

    /// Its kind as `kindOf` tells it, such as `ptr`, `struct` or `map`.
    fn kind_name(&self) -> &'static str;

    /// A field.
    fn field(&self, name: &str) -> Option<Value>;

    /// What `print` and `{{ . }}` make of it, as Go's `%v`. Of what has [`Object::structure`], those fields are printed.
    fn print(&self) -> String {
        String::new()
    }

    /// What a method `String` gives that `{{ .Object }}` alone takes, and `print` does not see.
    fn show(&self) -> Option<String> {
        None
    }

    /// The fields of a struct in the order in which Go declares them; of what prints as a text, none.
    fn structure(&self) -> Vec<StructField> {
        Vec::new()
    }

    /// The value that `toYaml` and functions over maps and lists see; of most objects, a map of their fields.
    fn plain(&self) -> Value;

    /// What it was made of, as one origin.
    fn origin(&self) -> Origin {
        Origin::NOWHERE
    }

    /// Itself, for functions that know its type.
    fn as_any(&self) -> &dyn Any;
}

/// A field of a struct.
#[derive(Clone, Debug)]
pub struct StructField {
    /// Its name in Go.
    pub name: &'static str,
    /// Its key in JSON; none if it is not written there.
    pub json: Option<&'static str>,
    /// What is in it.
    pub value: Value,
}

impl Value {
    /// A boolean that nobody wrote.
    pub fn bool(value: bool) -> Value {
        Value::Bool(value, Origin::NOWHERE)
    }

    /// An `int` that nobody wrote.
    pub fn int(value: i64) -> Value {
        Value::Int(Int::new(value), Origin::NOWHERE)
    }

    /// An `int64` that nobody wrote.
    pub fn int64(value: i64) -> Value {
        Value::Int(Int::int64(value), Origin::NOWHERE)
    }

    /// A string that nobody wrote.
    pub fn plain_string(text: impl Into<Vec<u8>>) -> Value {
        Value::String(Text::plain(text))
    }

    /// A `[]interface {}`.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(Rc::new(List { items, of: ListType::Any }))
    }

    /// A `[]interface {}` that is `nil`.
    pub fn nil_list() -> Value {
        Value::List(Rc::new(List { items: Vec::new(), of: ListType::Nil }))
    }

    /// A `[]string`.
    pub fn strings(items: impl IntoIterator<Item = Text>) -> Value {
        let items = items.into_iter().map(Value::String).collect();
        Value::List(Rc::new(List { items, of: ListType::Strings }))
    }

    /// A `map[string]interface {}` with entries whose keys nobody wrote.
    pub fn map<K: AsRef<[u8]>>(entries: impl IntoIterator<Item = (K, Value)>) -> Value {
        let map = Map::new(MapType::Any);
        for (key, value) in entries {
            map.insert(key.as_ref(), Origin::NOWHERE, value);
        }
        Value::Map(Rc::new(map))
    }

    /// Its type as `printf "%T"` tells it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Nil => "<nil>",
            Value::Bool(..) => "bool",
            Value::Int(int, _) => int.of.name(),
            Value::Float(..) => "float64",
            Value::String(_) => "string",
            Value::Bytes(_) => "[]uint8",
            Value::List(list) => match list.of {
                ListType::Any | ListType::Nil => "[]interface {}",
                ListType::Strings | ListType::NilStrings => "[]string",
                ListType::Ints => "[]int",
                ListType::Named(name) => name,
            },
            Value::Map(map) => match map.of {
                MapType::Any | MapType::Nil => "map[string]interface {}",
                MapType::Strings | MapType::NilStrings => "map[string]string",
                MapType::Named(name) => name,
            },
            Value::Object(object) => object.type_name(),
        }
    }

    /// Its kind as Sprig's `kindOf` tells it.
    pub fn kind_name(&self) -> &'static str {
        match self {
            Value::Nil => "invalid",
            Value::Bytes(_) | Value::List(_) => "slice",
            Value::Map(_) => "map",
            Value::Object(object) => object.kind_name(),
            other => other.type_name(),
        }
    }

    /// Whether `if` takes it for true: all but `nil`, `false`, zeros, and what is empty.
    pub fn is_true(&self) -> bool {
        match self {
            Value::Nil => false,
            Value::Bool(value, _) => *value,
            Value::Int(int, _) => int.value() != 0,
            Value::Float(float, _) => *float != 0.0,
            Value::String(text) | Value::Bytes(text) => !text.is_empty(),
            Value::List(list) => !list.items.is_empty(),
            Value::Map(map) => !map.is_empty(),
            Value::Object(object) => match object.kind_name() {
                "map" | "slice" => object.plain().is_true(),
                _ => true,
            },
        }
    }

    /// What it was made of, as one origin; of a list or a map, nothing.
    pub fn origin(&self) -> Origin {
        match self {
            Value::Bool(_, origin) | Value::Int(_, origin) | Value::Float(_, origin) => *origin,
            Value::String(text) | Value::Bytes(text) => text.origin(),
            Value::Object(object) => object.origin(),
            Value::Nil | Value::List(_) | Value::Map(_) => Origin::NOWHERE,
        }
    }

    fn holds_others(&self) -> bool {
        matches!(self, Value::List(_) | Value::Map(_))
    }

    /// The same value with another origin; lists, maps and objects have none.
    #[must_use]
    pub fn with_origin(self, origin: Origin) -> Value {
        match self {
            Value::Bool(value, _) => Value::Bool(value, origin),
            Value::Int(value, _) => Value::Int(value, origin),
            Value::Float(value, _) => Value::Float(value, origin),
            Value::String(text) => Value::String(Text::new(text.as_bytes(), origin)),
            Value::Bytes(text) => Value::Bytes(Text::new(text.as_bytes(), origin)),
            other => other,
        }
    }
}

/// What holds other values is let go of step by step, as lists in lists may be nested deeper than the stack.
fn release(values: impl IntoIterator<Item = Value>) {
    let mut waiting: Vec<Value> = values.into_iter().filter(Value::holds_others).collect();
    while let Some(value) = waiting.pop() {
        match value {
            Value::List(list) => {
                if let Some(mut list) = Rc::into_inner(list) {
                    waiting.extend(std::mem::take(&mut list.items).into_iter().filter(Value::holds_others));
                }
            }
            Value::Map(map) => {
                if let Some(mut map) = Rc::into_inner(map) {
                    waiting.extend(map.take_last().into_iter().filter(Value::holds_others));
                }
            }
            _ => {}
        }
    }
}

impl Drop for List {
    fn drop(&mut self) {
        if self.items.iter().any(Value::holds_others) {
            release(std::mem::take(&mut self.items));
        }
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        if Rc::strong_count(&self.entries) == 1
            && self.entries.borrow().values().any(|entry| entry.value.holds_others())
        {
            release(self.take_last());
        }
    }
}

impl List {
    /// Whether it is a `nil` slice.
    pub fn is_nil(&self) -> bool {
        matches!(self.of, ListType::Nil | ListType::NilStrings)
    }
}

impl Map {
    /// An empty map of a type.
    pub fn new(of: MapType) -> Map {
        Map { entries: Rc::default(), of }
    }

    /// Whether it is Go's `nil`.
    pub fn is_nil(&self) -> bool {
        matches!(self.of, MapType::Nil | MapType::NilStrings)
    }

    /// Whether its values are strings.
    pub fn holds_strings(&self) -> bool {
        matches!(self.of, MapType::Strings | MapType::NilStrings)
    }

    /// The values, if no other map shares them.
    fn take_last(&mut self) -> Vec<Value> {
        let entries = Rc::get_mut(&mut self.entries).map(|entries| entries.take()).unwrap_or_default();
        entries.into_values().map(|entry| entry.value).collect()
    }

    /// A map of another type with the same entries: what changes one changes the other.
    pub fn shared_as(&self, of: MapType) -> Map {
        Map { entries: self.entries.clone(), of }
    }

    /// The value under a key.
    pub fn get(&self, key: &[u8]) -> Option<Value> {
        self.entries.borrow().get(key).map(|entry| entry.value.clone())
    }

    /// Puts a value under a key, in the place of the one that was there.
    pub fn insert(&self, key: &[u8], origin: Origin, value: Value) {
        self.entries.borrow_mut().insert(Rc::from(key), Entry { key: origin, value });
    }

    /// The number of its entries.
    pub fn len(&self) -> usize {
        self.entries.borrow().len()
    }

    /// Whether it has no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.borrow().is_empty()
    }
}
