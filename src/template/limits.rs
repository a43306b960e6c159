//! How the engine's errors carry the limit that was reached, so that a finding can name the flag that raises it.

use std::fmt;

use minijinja::{Error, ErrorKind};

use crate::limits::{Limit, Limits};

/// The limit that was reached, as the source of an engine's error.
#[derive(Clone, Copy, Debug)]
struct Reached(Limit);

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.row().what)
    }
}

impl std::error::Error for Reached {}

/// The error of an expression that goes beyond a limit.
pub(super) fn beyond(limit: Limit, what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::OutOfFuel, what).with_source(Reached(limit))
}

/// The limit behind an error; an error without one has used up its instructions.
pub(super) fn reached(error: &Error) -> Limit {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<Reached>());
    source.map_or(Limit::Fuel, |reached| reached.0)
}

/// Refuses a text that is larger than an expression may make.
pub(super) fn fits(bytes: usize, limits: &Limits) -> Result<(), Error> {
    if bytes > limits.of(Limit::Text) {
        return Err(beyond(Limit::Text, format!("a text of more than {}", limits.said(Limit::Text))));
    }
    Ok(())
}
