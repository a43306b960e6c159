//! A chart of Helm on its way: what is known of it, and what of it was written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::symbols::{Expression, Item, Unsure};
use crate::gotemplate::ast::Template;
use crate::helm::chart::HelmChart;

/// The templates of a chart, by the names that others include them by.
pub(super) type Defined = BTreeMap<Arc<str>, Arc<Template>>;

/// Where helpers stand, in the bound chart.
pub(super) const LIBRARY: &str = "_helpers.yaml";

/// The most templates that include each other.
pub(super) const DEPTH: usize = 24;

/// A chart of Helm on its way.
pub(super) struct Translator<'t> {
    pub(super) chart: &'t HelmChart,
    pub(super) defined: &'t Defined,
    /// The file that is translated, as `.Template.Name` has it.
    pub(super) template_name: String,
    pub(super) steps: usize,
    /// Files that `.Files.Get` names.
    pub(super) files: BTreeSet<String>,
    /// What helpers have become, by their names and what they are given.
    pub(super) helpers: BTreeMap<String, Result<Expression<'t>, Unsure>>,
    /// The parts of the library, each behind those that it needs.
    pub(super) library: Vec<LibraryPart<'t>>,
    pub(super) library_names: BTreeSet<String>,
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
    pub(super) fn new(chart: &'t HelmChart, defined: &'t Defined) -> Translator<'t> {
        Translator {
            chart,
            defined,
            template_name: String::new(),
            steps: 0,
            files: BTreeSet::new(),
            helpers: BTreeMap::new(),
            library: Vec::new(),
            library_names: BTreeSet::new(),
            running: Vec::new(),
        }
    }

    /// The parts of the library that were needed.
    pub(super) fn into_library(self) -> Vec<LibraryPart<'t>> {
        self.library
    }

    pub(super) fn has_file(&self, name: &str) -> bool {
        self.chart.files.iter().any(|file| *file.name == *name)
    }

    pub(super) fn has_text_file(&mut self, name: &str) -> bool {
        let found = self.chart.files.iter().any(|file| *file.name == *name && file.source.is_some());
        if found {
            self.files.insert(name.to_owned());
        }
        found
    }
}
