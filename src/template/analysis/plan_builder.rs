//! Writing a plan, template by template: the analyses say what they find, and the builder lays it out in flat arrays.

use std::collections::HashMap;

use foldhash::quality::RandomState;

use super::expression::{Path, PathStep};
use super::insertion::{ImportedName, Insertion, InsertionKind, PlannedImport};
use super::plan::{Plan, PlannedAlias, PlannedExpression, PlannedPath, PlannedStep, PlannedVariable};
use super::range::{Range, count};
use super::shared_imports::SharedImport;

/// A plan that is being written. `'t` is the life of the templates' syntax trees, whose names it knows by.
#[derive(Debug, Default)]
pub(super) struct PlanBuilder<'t> {
    plan: Plan,
    /// Where each name stands that was written.
    names: HashMap<&'t str, Range, RandomState>,
}

/// What there is to say of a printed expression.
#[derive(Debug)]
pub(super) struct ExpressionFacts<'t> {
    /// Its bytes in the template.
    pub(super) place: std::ops::Range<usize>,
    /// Every path in it, the longest of each chain.
    pub(super) paths: Vec<Path<'t>>,
    /// It is nothing but the first of them.
    pub(super) bare: bool,
    pub(super) in_schema: bool,
    pub(super) trims_before: bool,
}

impl<'t> PlanBuilder<'t> {
    /// How many expressions have been added: the number of the next one.
    pub(super) fn expressions(&self) -> usize {
        self.plan.expressions.len()
    }

    /// Adds the next template, with what is put into it, in the order of the offsets. Its expressions follow.
    pub(super) fn add_template(&mut self, insertions: Vec<Insertion>) {
        let start = self.plan.insertions.len();
        self.plan.insertions.extend(insertions);
        self.plan.templates.push(Range::new(start, self.plan.insertions.len()));
    }

    /// Adds an import of the next template that is shared; gives what is put around it.
    pub(super) fn add_import(&mut self, import: &SharedImport<'t>) -> [Insertion; 2] {
        let position = count(self.plan.imports.len());
        let start = self.plan.imported.len();
        for (exported, name) in &import.names {
            let imported = ImportedName { exported: self.name(exported), name: self.name(name) };
            self.plan.imported.push(imported);
        }
        self.plan.imports.push(PlannedImport {
            library: count(import.library),
            whole: import.whole,
            names: Range::new(start, self.plan.imported.len()),
            before: import.before,
            behind: import.behind,
        });
        [
            Insertion::new(import.place.start, InsertionKind::TakeLibrary(position)),
            Insertion::new(import.place.end, InsertionKind::KeepLibrary(position)),
        ]
    }

    /// Adds an expression of the template that was added last.
    pub(super) fn add_expression(&mut self, facts: &ExpressionFacts<'t>) {
        let start = self.plan.paths.len();
        for path in &facts.paths {
            let path = self.path(path);
            self.plan.paths.push(path);
        }
        self.plan.expressions.push(PlannedExpression {
            template: count(self.plan.templates.len().saturating_sub(1)),
            place: Range::new(facts.place.start, facts.place.end),
            paths: Range::new(start, self.plan.paths.len()),
            bare: facts.bare,
            in_schema: facts.in_schema,
            trims_before: facts.trims_before,
        });
    }

    /// Begins a variable of a template; what it stands for follows. Variables come ascending by template and name, and
    /// behind all expressions.
    pub(super) fn add_variable(&mut self, template: usize, name: &'t str) {
        let here = self.plan.aliases.len();
        let name = self.name(name);
        let aliases = Range::new(here, here);
        self.plan.variables.push(PlannedVariable { template: count(template), name, aliases });
    }

    /// Adds what the variable that was added last may stand for: a path of a template, or each item of it.
    pub(super) fn add_alias(&mut self, template: usize, path: &Path<'t>, element: bool) {
        let path = self.path(path);
        self.plan.aliases.push(PlannedAlias { template: count(template), path, element });
        if let Some(variable) = self.plan.variables.last_mut() {
            variable.aliases.end = count(self.plan.aliases.len());
        }
    }

    pub(super) fn finish(self) -> Plan {
        self.plan
    }

    fn path(&mut self, path: &Path<'t>) -> PlannedPath {
        let root = self.name(path.root);
        let start = self.plan.steps.len();
        for written in &path.steps {
            let step = match written.step {
                PathStep::Key(name) => PlannedStep::Key(self.name(name)),
                PathStep::Index(index) => PlannedStep::Index(index as u64),
                PathStep::Dynamic => PlannedStep::Dynamic,
            };
            self.plan.steps.push(step);
        }
        PlannedPath { root, steps: Range::new(start, self.plan.steps.len()) }
    }

    fn name(&mut self, name: &'t str) -> Range {
        *self.names.entry(name).or_insert_with(|| {
            let start = self.plan.names.len();
            self.plan.names.push_str(name);
            Range::new(start, self.plan.names.len())
        })
    }
}
