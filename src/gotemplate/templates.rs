//! Sets of parsed templates: what a chart's files and their `define`s come to, shared by threads.

use std::collections::HashMap;
use std::sync::Arc;

use super::ast::{Template, Unit};
use super::builtins;
use super::error::Error;
use super::function::{Function, Methods};
use super::parser::{self, Functions, Wrong};
use crate::source::{SourceId, Span};

/// Parsed templates, by their names.
#[derive(Debug)]
pub struct Templates {
    functions: HashMap<&'static str, &'static Function>,
    builtins: HashMap<&'static str, &'static Function>,
    methods: HashMap<&'static str, &'static [Function]>,
    defined: HashMap<Arc<str>, Arc<Template>>,
}

impl Templates {
    /// No templates yet, with these functions besides Go's own, and these methods.
    pub fn new(tables: &[&'static [Function]], methods: &[Methods]) -> Templates {
        let named = |function: &'static Function| (function.name, function);
        Templates {
            functions: tables.iter().flat_map(|table| table.iter()).map(named).collect(),
            builtins: builtins::TABLE.iter().map(named).collect(),
            methods: methods.iter().map(|methods| (methods.of, methods.functions)).collect(),
            defined: HashMap::new(),
        }
    }

    /// Parses a text and adds it under its name, and what it defines under theirs. What was defined before under the same
    /// name is replaced, but not by what is empty.
    ///
    /// # Errors
    /// When the text is no template.
    pub fn parse(&mut self, name: &str, text: &str, source: SourceId) -> Result<(), Error> {
        let unit = Unit { name: Arc::from(name), text: Arc::from(text.as_bytes()), source: Some(source) };
        let parsed = parser::parse(&Arc::new(unit), self).map_err(|wrong| {
            let place = Span::new(source, wrong.at.start as usize, wrong.at.end as usize);
            Error::new(wrong.kind, place, wrong.message)
        })?;
        add(&mut self.defined, parsed);
        Ok(())
    }

    /// Whether there is a template of this name.
    pub fn has(&self, name: &str) -> bool {
        self.defined.contains_key(name)
    }

    /// Parses a text that is no file.
    pub(super) fn parse_text(&self, name: &str, text: &[u8]) -> Result<Vec<Template>, Wrong> {
        let unit = Unit { name: Arc::from(name), text: Arc::from(text), source: None };
        parser::parse(&Arc::new(unit), self)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Arc<Template>> {
        self.defined.get(name)
    }

    /// A method of a type.
    pub(super) fn method(&self, of: &str, name: &str) -> Option<&'static Function> {
        self.methods.get(of)?.iter().find(|method| method.name == name)
    }
}

/// Adds templates to those that are known.
pub(super) fn add(known: &mut HashMap<Arc<str>, Arc<Template>>, parsed: Vec<Template>) {
    for template in parsed {
        if !template.is_empty || !known.contains_key(&template.name) {
            known.insert(template.name.clone(), Arc::new(template));
        }
    }
}

impl Functions for Templates {
    fn host(&self, name: &str) -> Option<&'static Function> {
        self.functions.get(name).copied()
    }

    fn builtin(&self, name: &str) -> Option<&'static Function> {
        self.builtins.get(name).copied()
    }
}
