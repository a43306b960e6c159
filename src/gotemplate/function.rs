//! What functions are: a name, the types that they take, and Rust code that is given checked arguments.
//!
//! A table of functions is an array of [`Function`]s. The engine finds each by its name when a template is parsed, checks and
//! converts arguments as Go does by reflection, and calls it with a [`Call`]. Methods of types are functions too, with the
//! receiver as their first argument.

use std::any::Any;

use super::budget::Budget;
pub use super::error::Failure;
use super::text::{Origin, Text};
use super::value::Value;
use crate::source::Span;

/// A function of templates.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name in templates.
    pub name: &'static str,
    /// What it takes.
    pub signature: Signature,
    /// What it does.
    pub run: fn(&mut Call<'_, '_>) -> Result<Value, Failure>,
}

/// The methods of a type: of an object, or of a named type of maps.
#[derive(Clone, Copy, Debug)]
pub struct Methods {
    /// The name of the type, as [`Value::type_name`] tells it.
    pub of: &'static str,
    /// Its methods. The first argument is the receiver, so the first parameter is [`Param::Any`].
    pub functions: &'static [Function],
}

/// What a function takes.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// The types of its first arguments, all of which must be there.
    pub params: &'static [Param],
    /// The type of any number of further arguments.
    pub rest: Option<Param>,
}

/// The type of a parameter, as in the Go function. A value of another type is an error, as in Go: a `float64` is no `int`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Param {
    /// `interface{}`: anything, `nil` too.
    Any,
    /// `string`
    String,
    /// `int`
    Int,
    /// `int64`
    Int64,
    /// `uint32`
    Uint32,
    /// `float64`
    Float64,
    /// `bool`
    Bool,
    /// `[]interface{}`
    List,
    /// `[]string`
    Strings,
    /// `map[string]interface{}`; a named type of maps is taken as well, and becomes one of this type that shares its
    /// entries.
    Map,
    /// `map[string]string`
    StringMap,
    /// `[]byte`
    Bytes,
    /// `reflect.Value`: anything, `nil` too.
    Reflect,
    /// Another type by its name, such as `time.Time`.
    Named(&'static str),
    /// A named type of strings: a string that stands in the template fits, a value does not.
    Constant,
}

/// A call of a function: its arguments, and the run that it belongs to.
pub struct Call<'c, 'e> {
    /// The arguments, checked against the signature and converted.
    pub args: &'c [Value],
    /// The place of the call in its template.
    pub place: Span,
    /// The run.
    pub evaluation: &'c mut (dyn Run<'e> + 'c),
}

/// What functions may ask of the run that they belong to.
pub trait Run<'e> {
    /// What the host of the engine keeps for its functions.
    fn host(&self) -> &'e dyn Any;

    /// What is left of the limits.
    fn budget(&mut self) -> &mut Budget;

    /// What a template of this name prints. `place` is that of the call.
    ///
    /// # Errors
    /// As the template says; when there is none of the name; when it includes itself too often.
    fn include(&mut self, name: &str, data: Value, place: Span) -> Result<Text, Failure>;

    /// What a text prints that is run as a template. `place` is that of the call.
    ///
    /// # Errors
    /// As the template says.
    fn tpl(&mut self, text: &Text, data: Value, place: Span) -> Result<Text, Failure>;

    /// See [`Budget::charge_fuel`].
    ///
    /// # Errors
    /// When the fuel is used up.
    fn charge_fuel(&mut self, steps: usize) -> Result<(), Failure> {
        self.budget().charge_fuel(steps)
    }

    /// See [`Budget::charge_text`].
    ///
    /// # Errors
    /// When that is too much.
    fn charge_text(&mut self, bytes: usize) -> Result<(), Failure> {
        self.budget().charge_text(bytes)
    }

    /// See [`Budget::charge_items`].
    ///
    /// # Errors
    /// When these are too many.
    fn charge_items(&mut self, items: usize) -> Result<(), Failure> {
        self.budget().charge_items(items)
    }
}

impl<'c, 'e> Call<'c, 'e> {
    /// An argument; `nil` if it was not given.
    pub fn arg(&self, index: usize) -> Value {
        self.args.get(index).cloned().unwrap_or_default()
    }

    /// A string argument. Empty if the argument is none, which the signature has made sure of.
    pub fn text(&self, index: usize) -> Text {
        match self.args.get(index) {
            Some(Value::String(text) | Value::Bytes(text)) => text.clone(),
            _ => Text::plain(""),
        }
    }

    /// The arguments from one on.
    pub fn rest(&self, from: usize) -> &'c [Value] {
        self.args.get(from..).unwrap_or_default()
    }

    /// What all arguments were made of: for results whose bytes are other ones.
    pub fn origin(&self) -> Origin {
        Origin::of_all(self.args.iter().map(Value::origin))
    }

    /// What the host of the engine keeps for its functions, by its type.
    pub fn host<T: 'static>(&self) -> Option<&'e T> {
        self.evaluation.host().downcast_ref::<T>()
    }
}

impl Param {
    /// The name of the type in Go.
    pub fn type_name(self) -> &'static str {
        match self {
            Param::Any => "interface {}",
            Param::String => "string",
            Param::Int => "int",
            Param::Int64 => "int64",
            Param::Uint32 => "uint32",
            Param::Float64 => "float64",
            Param::Bool => "bool",
            Param::List => "[]interface {}",
            Param::Strings => "[]string",
            Param::Map => "map[string]interface {}",
            Param::StringMap => "map[string]string",
            Param::Bytes => "[]uint8",
            Param::Reflect => "reflect.Value",
            Param::Named(name) => name,
            Param::Constant => "sprig.HashAlgorithm",
        }
    }
}
