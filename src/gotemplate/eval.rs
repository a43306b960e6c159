//! Running templates: fields, pipelines, calls, and the text that they print.

use std::any::Any;

use super::budget::Budget;
use super::error::{Error, Failure};
use super::function::Run;
use super::templates::Templates;
use super::text::Text;
use super::value::Value;
use crate::limits::Limits;
use crate::source::Span;

/// A run of templates: scopes, budgets, and what the host of the engine keeps for its functions.
pub struct Evaluation<'e> {
    templates: &'e Templates,
    host: &'e dyn Any,
    budget: Budget,
}

impl<'e> Evaluation<'e> {
    /// A run with full budgets. All templates of a chart share one.
    pub fn new(templates: &'e Templates, host: &'e dyn Any, limits: &Limits) -> Evaluation<'e> {
        Evaluation { templates, host, budget: Budget::new(limits) }
    }

    /// What a template prints. `<no value>` is taken out of it.
    ///
    /// # Errors
    /// What is wrong, with its place.
    pub fn run(&mut self, name: &str, data: Value) -> Result<Text, Error> {
        let _ = (self.templates, name, data);
        Ok(Text::plain(""))
    }
}

impl<'e> Run<'e> for Evaluation<'e> {
    fn host(&self) -> &'e dyn Any {
        self.host
    }

    fn budget(&mut self) -> &mut Budget {
        &mut self.budget
    }

    fn include(&mut self, name: &str, data: Value, place: Span) -> Result<Text, Failure> {
        let _ = (name, data, place);
        Ok(Text::plain(""))
    }

    fn tpl(&mut self, text: &Text, data: Value, place: Span) -> Result<Text, Failure> {
        let _ = (text, data, place);
        Ok(Text::plain(""))
    }
}
