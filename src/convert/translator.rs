//! A chart of Helm on its way: what is known of it, and what of it was written.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::scope::Declared;
use super::symbols::{Expression, Form, Item, Symbol, Unsure, quoted};
use crate::gotemplate::ast::Template;
use crate::helm::chart::HelmChart;
use crate::helm::glob::Glob;
use crate::session::Session;
use crate::source::SourceId;
use crate::template::go_syntax::Binds;

/// The templates of a chart, by the names that others include them by.
pub(super) type Defined = BTreeMap<Arc<str>, Arc<Template>>;

/// Where helpers stand, in the bound chart.
pub(super) const LIBRARY: &str = "_helpers.yaml";

/// The most templates that include each other.
pub(super) const DEPTH: usize = 24;

/// A chart of Helm on its way.
pub(super) struct Translator<'t> {
    session: &'t Session,
    pub(super) chart: &'t HelmChart,
    pub(super) defined: &'t Defined,
    /// The file that is translated, as `.Template.Name` has it.
    pub(super) template_name: String,
    pub(super) steps: usize,
    /// Files that `.Files.Get` names.
    pub(super) files: RefCell<BTreeSet<String>>,
    /// What helpers have become, by their names and what they are given.
    pub(super) helpers: BTreeMap<String, Result<Expression<'t>, Unsure>>,
    /// The parts of the library, each behind those that it needs.
    pub(super) library: Vec<LibraryPart<'t>>,
    pub(super) library_names: BTreeSet<String>,
    /// Variables that have to be variables of the bound template, as a block inside of theirs sets them.
    pub(super) held: BTreeSet<Declared>,
    /// One of these that was found where it was too late: the block that declares it begins anew.
    pub(super) found_late: Option<Declared>,
    /// Whether what was translated may end a render: it calls `fail`, or takes something from what may not be there.
    pub(super) may_fail: bool,
    /// Helpers that may end a render, so that they are run where they are used alone.
    pub(super) failing: BTreeSet<Arc<str>>,
    /// Templates that are being included.
    pub(super) running: Vec<Arc<str>>,
}

/// A part of the file of the helpers.
pub(super) enum LibraryPart<'t> {
    /// Statements that set a variable.
    Value(Vec<Item<'t>>),
    /// A macro: its name with its parameters, and what it prints.
    Macro(String, Vec<Item<'t>>),
}

impl<'t> Translator<'t> {
    pub(super) fn new(session: &'t Session, chart: &'t HelmChart, defined: &'t Defined) -> Translator<'t> {
        Translator {
            session,
            chart,
            defined,
            template_name: String::new(),
            steps: 0,
            files: RefCell::default(),
            helpers: BTreeMap::new(),
            library: Vec::new(),
            library_names: BTreeSet::new(),
            held: BTreeSet::new(),
            found_late: None,
            may_fail: false,
            failing: BTreeSet::new(),
            running: Vec::new(),
        }
    }

    /// The parts of the library that were needed.
    pub(super) fn into_library(self) -> Vec<LibraryPart<'t>> {
        self.library
    }

    /// The text of a file.
    pub(super) fn text_of(&self, source: SourceId) -> String {
        self.session.source(source).text.to_string()
    }

    pub(super) fn has_file(&self, name: &str) -> bool {
        self.chart.files.iter().any(|file| *file.name == *name)
    }

    pub(super) fn has_text_file(&self, name: &str) -> bool {
        let found = self.chart.files.iter().any(|file| *file.name == *name && file.source.is_some());
        if found {
            self.files.borrow_mut().insert(name.to_owned());
        }
        found
    }

    /// The paths of the chart's files that a pattern of Helm matches, in order.
    pub(super) fn files_of(&self, pattern: &str) -> Vec<String> {
        let Some(glob) = Glob::new(pattern) else { return Vec::new() };
        let mut found: Vec<String> = self
            .chart
            .files
            .iter()
            .map(|file| file.name.to_string())
            .filter(|name| glob.matches(name))
            .collect();
        found.sort_unstable();
        found
    }

    /// `AsConfig` and `AsSecrets` of the files of a pattern.
    pub(super) fn files_field(&self, pattern: &str, name: &str) -> Result<Symbol<'t>, Unsure> {
        let function = match name {
            "AsConfig" => "files_text",
            "AsSecrets" => "files_base64",
            _ => return Err(Unsure::new(format!("files have no `.{name}` here"))),
        };
        let found = self.files_of(pattern);
        if found.is_empty() {
            return Ok(Symbol::Value(Expression::value("{}", Binds::Operand)));
        }
        if !found.iter().all(|path| self.has_text_file(path)) {
            return Err(Unsure::new("files that are not text are not copied: put them into `files/`"));
        }
        let call = format!("{function}({})", quoted(pattern));
        Ok(Symbol::Value(Expression { form: Form::Yaml, ..Expression::value(call, Binds::Operand) }))
    }
}
