//! What functions are: a name, the types that they take, and Rust code that is given checked arguments.
//!
//! A table of functions is an array of [`Function`]s. The engine finds each by its name when a template is parsed, checks and
//! converts arguments as Go does by reflection, and calls it with a [`Call`].

use std::any::Any;

use super::eval::Evaluation;
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
    /// `float64`
    Float64,
    /// `bool`
    Bool,
    /// `[]interface{}`
    List,
    /// `[]string`
    Strings,
    /// `map[string]interface{}`; a named map type is taken as well.
    Map,
    /// `[]byte`
    Bytes,
    /// `reflect.Value`: anything but an untyped `nil`.
    Reflect,
}

/// A call of a function: its arguments, and the run that it belongs to.
pub struct Call<'c, 'e> {
    /// The arguments, checked against the signature and converted.
    pub args: &'c [Value],
    /// The place of the call in its template.
    pub place: Span,
    /// The run.
    pub evaluation: &'c mut Evaluation<'e>,
}

/// Why a function cannot give a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong, as a sentence without a place.
    pub message: String,
    /// Set if it comes from a place of its own, such as a template that was included; then the engine adds nothing.
    pub at: Option<Box<super::error::Error>>,
}

impl Failure {
    /// What is wrong, in words.
    pub fn new(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), at: None }
    }
}

impl Call<'_, '_> {
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
    pub fn rest(&self, from: usize) -> &[Value] {
        self.args.get(from..).unwrap_or_default()
    }

    /// What all arguments were made of: for results whose bytes are other ones.
    pub fn origin(&self) -> Origin {
        Origin::of_all(self.args.iter().map(Value::origin))
    }

    /// What the host of the engine keeps for its functions, by its type.
    pub fn host<T: 'static>(&self) -> Option<&T> {
        let host: &dyn Any = self.evaluation.host();
        host.downcast_ref::<T>()
    }
}
