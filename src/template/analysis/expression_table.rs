//! A plan as the engine reads it: expressions by their numbers, the paths that they read, and where these may lead.
//!
//! Expressions and paths are cursors into the plan, which are `Copy`. Two things are kept once they were asked for, as a
//! loop asks the same of each turn: the text of a path, and its routes.

use std::sync::{Arc, OnceLock};

use super::expression::{PathStep, path_text};
use super::plan::{Plan, PlannedExpression, PlannedPath};
use super::routes::{Route, routes_of_path};
use crate::source::{SourceId, Span};

/// The printed expressions of a chart's templates, numbered through all templates. The number of an expression stands
/// in the call of the bind filter behind it, which is how a value that is printed finds its expression. Threads can
/// share it.
#[derive(Debug)]
pub(crate) struct ExpressionTable {
    plan: Plan,
    /// The texts of the templates, by position.
    sources: Vec<SourceId>,
    /// By path. In boxes, because a plan has thousands of paths and most are never asked for.
    known: Vec<OnceLock<Box<KnownPath>>>,
}

/// What is kept of a path.
#[derive(Debug)]
struct KnownPath {
    text: Arc<str>,
    /// Where below the values it may lead; following aliases is expensive.
    routes: OnceLock<Vec<Route>>,
}

/// One printed expression of a template.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expression<'p> {
    table: &'p ExpressionTable,
    planned: &'p PlannedExpression,
}

/// A path that an expression reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathRead<'p> {
    table: &'p ExpressionTable,
    planned: &'p PlannedPath,
    /// Its position in the plan.
    at: usize,
    /// The position of the template that it is written in.
    template: usize,
}

impl ExpressionTable {
    /// Of a plan, for templates with these texts.
    pub(crate) fn new(plan: Plan, sources: Vec<SourceId>) -> Self {
        let known = plan.paths.iter().map(|_| OnceLock::new()).collect();
        ExpressionTable { plan, sources, known }
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The expression with this number.
    pub(crate) fn get(&self, number: usize) -> Option<Expression<'_>> {
        Some(Expression { table: self, planned: self.plan.expressions.get(number)? })
    }

    /// The expressions of the template at a position.
    pub(crate) fn of_template(&self, template: usize) -> impl Iterator<Item = Expression<'_>> {
        let all = &self.plan.expressions;
        // They are numbered through all templates.
        let start = all.partition_point(|planned| (planned.template as usize) < template);
        let of_it = all[start..].iter().take_while(move |planned| planned.template as usize == template);
        of_it.map(|planned| Expression { table: self, planned })
    }
}

impl<'p> Expression<'p> {
    /// The position of its template.
    pub(crate) fn template(self) -> usize {
        self.planned.template as usize
    }

    /// Its place in the template, without the braces and the white space inside them.
    pub(crate) fn span(self) -> Span {
        let source = self.table.sources.get(self.template()).copied().unwrap_or(Span::NOWHERE.source);
        Span { source, start: self.planned.place.start, end: self.planned.place.end }
    }

    /// The path, when the expression is nothing else: `{{ values.image.tag }}`. Such a one prints a node of the values
    /// as it is.
    pub(crate) fn bare(self) -> Option<PathRead<'p>> {
        if self.planned.bare { self.all_paths().next() } else { None }
    }

    /// Every path that it reads, the longest of each chain; the bare one comes first.
    pub(crate) fn paths(self) -> impl Iterator<Item = PathRead<'p>> {
        // What `loop` knows (`loop.index`) comes from no value.
        self.all_paths().filter(|path| path.root() != "loop")
    }

    fn all_paths(self) -> impl Iterator<Item = PathRead<'p>> {
        let range = self.planned.paths;
        let (table, template) = (self.table, self.template());
        let paths = range.of(&table.plan.paths).iter();
        paths.enumerate().map(move |(at, planned)| PathRead {
            table,
            planned,
            at: range.start as usize + at,
            template,
        })
    }

    /// Whether the schema knows the bare path, so that it may be unset and leave its key out.
    pub(crate) fn in_schema(self) -> bool {
        self.planned.in_schema
    }

    /// Whether its `{{-` took the white space before it away.
    pub(crate) fn trims_before(self) -> bool {
        self.planned.trims_before
    }
}

impl<'p> PathRead<'p> {
    /// The variable.
    pub(crate) fn root(self) -> &'p str {
        self.planned.root.within(&self.table.plan.names)
    }

    /// The steps down from it.
    pub(crate) fn steps(self) -> impl Iterator<Item = PathStep<'p>> {
        let plan = &self.table.plan;
        self.planned.steps.of(&plan.steps).iter().map(|step| plan.step(*step))
    }

    /// What it ends with: the last key, or the variable.
    pub(crate) fn last_name(self) -> &'p str {
        let keys = self.steps().filter_map(|step| match step {
            PathStep::Key(name) => Some(name),
            _ => None,
        });
        keys.last().unwrap_or_else(|| self.root())
    }

    /// As the template writes it, for messages.
    pub(crate) fn text(self) -> &'p Arc<str> {
        &self.known().text
    }

    /// Where below the values it may lead.
    pub(crate) fn routes(self) -> &'p [Route] {
        self.known().routes.get_or_init(|| routes_of_path(&self.table.plan, self.template, self.planned))
    }

    fn known(self) -> &'p KnownPath {
        self.table.known[self.at].get_or_init(|| {
            let text = Arc::from(path_text(self.root(), self.steps()));
            Box::new(KnownPath { text, routes: OnceLock::new() })
        })
    }
}
