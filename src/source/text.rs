//! A source's text: shared, or a part of the program.

use std::ops::Deref;
use std::sync::Arc;

/// A text that is cheap to clone.
#[derive(Clone, Debug)]
pub enum Text {
    /// What is built into the program is not copied.
    BuiltIn(&'static str),
    /// Whatever was read or made.
    Shared(Arc<str>),
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Text::BuiltIn(text) => text,
            Text::Shared(text) => text,
        }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text::Shared(text.into())
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self
    }
}
