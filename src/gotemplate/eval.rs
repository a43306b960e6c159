//! Running templates: fields, pipelines, calls, and the text that they print.

use std::any::Any;

/// A run of templates: scopes, budgets, and what the host of the engine keeps for its functions.
pub struct Evaluation<'e> {
    host: &'e dyn Any,
}

impl<'e> Evaluation<'e> {
    /// What the host of the engine keeps for its functions.
    pub fn host(&self) -> &'e dyn Any {
        self.host
    }
}
