//! Whole numbers that have a type of their own in Go, and print as a name: months, weekdays, durations.

use std::any::Any;

use crate::gotemplate::text::Origin;
use crate::gotemplate::value::{Int, IntType, Object, Value};

/// A number with a type of its own.
#[derive(Debug)]
pub struct Named {
    /// The number.
    pub number: i64,
    /// Its type, such as `time.Month`.
    pub of: &'static str,
    /// What it prints as.
    pub text: String,
    /// What it was made of.
    pub origin: Origin,
}

impl Object for Named {
    fn type_name(&self) -> &'static str {
        self.of
    }

    fn kind_name(&self) -> &'static str {
        if self.of == "time.Duration" { "int64" } else { "int" }
    }

    fn field(&self, _: &str) -> Option<Value> {
        None
    }

    fn print(&self) -> String {
        self.text.clone()
    }

    fn plain(&self) -> Value {
        Value::Int(Int::of(i128::from(self.number), IntType::Int64), self.origin)
    }

    fn origin(&self) -> Origin {
        self.origin
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
