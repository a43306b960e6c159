//! Sets of parsed templates: what a chart's files and their `define`s come to, shared by threads.

use std::collections::HashMap;
use std::sync::Arc;

use super::ast::{Template, Unit};
use super::builtins;
use super::error::Error;
use super::function::{Function, Methods};
use super::parser::{self, Functions, Wrong};
use crate::source::{SourceId, Span};

/// What templates may call, by its names.
#[derive(Debug)]
pub struct Callables {
    functions: HashMap<&'static str, &'static Function>,
    builtins: HashMap<&'static str, &'static Function>,
    methods: HashMap<&'static str, &'static [Function]>,
}

/// What a text comes to: itself as a template, and what it defines.
#[derive(Clone, Debug)]
pub struct Parsed(Arc<[Arc<Template>]>);

/// Parsed templates, by their names.
#[derive(Debug)]
pub struct Templates {
    callables: Arc<Callables>,
    defined: HashMap<Arc<str>, Arc<Template>>,
}

impl Callables {
    /// These functions besides Go's own, and these methods.
    pub fn new(tables: &[&'static [Function]], methods: &[Methods]) -> Callables {
        let named = |function: &'static Function| (function.name, function);
        Callables {
            functions: tables.iter().flat_map(|table| table.iter()).map(named).collect(),
            builtins: builtins::TABLE.iter().map(named).collect(),
            methods: methods.iter().map(|methods| (methods.of, methods.functions)).collect(),
        }
    }

    /// Parses a file, which has this name.
    ///
    /// # Errors
    /// When the text is no template.
    pub fn parse(&self, name: &str, text: &str, source: SourceId) -> Result<Parsed, Error> {
        let unit = Unit { name: Arc::from(name), text: Arc::from(text.as_bytes()), source: Some(source) };
        let parsed = parser::parse(&Arc::new(unit), self).map_err(|wrong| {
            let place = Span::new(source, wrong.at.start as usize, wrong.at.end as usize);
            Error::new(wrong.kind, place, wrong.message)
        })?;
        Ok(Parsed(parsed.into_iter().map(Arc::new).collect()))
    }
}

impl Parsed {
    /// The templates: those that are defined, and the file itself, in their order.
    pub(crate) fn templates(&self) -> &[Arc<Template>] {
        &self.0
    }

    /// Whether it is this one itself, and not one that is alike.
    pub fn is(&self, other: &Parsed) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Templates {
    /// No templates yet, with these functions besides Go's own, and these methods.
    pub fn new(tables: &[&'static [Function]], methods: &[Methods]) -> Templates {
        Templates::calling(Arc::new(Callables::new(tables, methods)))
    }

    /// No templates yet, which may call these.
    pub fn calling(callables: Arc<Callables>) -> Templates {
        Templates { callables, defined: HashMap::new() }
    }

    /// Parses a text and adds it, as [`Templates::add`] does.
    ///
    /// # Errors
    /// When the text is no template.
    pub fn parse(&mut self, name: &str, text: &str, source: SourceId) -> Result<(), Error> {
        let parsed = self.callables.parse(name, text, source)?;
        self.add(&parsed);
        Ok(())
    }

    /// Adds a file under its name, and what it defines under theirs. What was defined before under the same name is
    /// replaced, but not by what is empty.
    pub fn add(&mut self, parsed: &Parsed) {
        for template in &*parsed.0 {
            if !template.is_empty || !self.defined.contains_key(&template.name) {
                self.defined.insert(template.name.clone(), Arc::clone(template));
            }
        }
    }

    /// Whether there is a template of this name.
    pub fn has(&self, name: &str) -> bool {
        self.defined.contains_key(name)
    }

    /// Parses a text that is no file.
    pub(super) fn parse_text(&self, name: &str, text: &[u8]) -> Result<Vec<Template>, Wrong> {
        let unit = Unit { name: Arc::from(name), text: Arc::from(text), source: None };
        parser::parse(&Arc::new(unit), &*self.callables)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Arc<Template>> {
        self.defined.get(name)
    }

    /// All templates, in no order.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Template>> {
        self.defined.values()
    }

    /// A method of a type.
    pub(super) fn method(&self, of: &str, name: &str) -> Option<&'static Function> {
        self.callables.methods.get(of)?.iter().find(|method| method.name == name)
    }
}

impl Functions for Callables {
    fn host(&self, name: &str) -> Option<&'static Function> {
        self.functions.get(name).copied()
    }

    fn builtin(&self, name: &str) -> Option<&'static Function> {
        self.builtins.get(name).copied()
    }
}
