//! The plan of a chart's templates: all that the engine needs to know of them besides their texts.
//!
//! ```text
//! replicas: {{ values.replicas }}          (template 0)
//! image: {{ image(values.image) }}
//!
//! names         "valuesreplicasimage"
//! templates     0..4                                       a range of the insertions for each template
//! insertions    (0, Mark), (29, Bind(0)), (32, Mark), (62, Bind(1))
//! expressions   { template: 0, place: 13..28, paths: 0..1, bare }, { template: 0, place: 42..61, paths: 1..2 }
//! paths         { root: "values", steps: 0..1 }, { root: "values", steps: 1..2 }
//! steps         Key("replicas"), Key("image")
//! variables     none, as nothing gets a name
//! ```
//!
//! It is made by [`analyse`](super::analyse) through a [`PlanBuilder`](super::plan_builder), or read from where it was
//! stored. Both are the same type: arrays without a pointer in them, so that a plan that is read costs next to nothing
//! before a part of it is asked for. Nothing is unpacked. What the engine asks for is read where it stands
//! ([`ExpressionTable`](super::expression_table)).
//!
//! A plan depends on the templates and on what the schema wants, and on no values.

use serde::{Deserialize, Serialize};

use super::expression::PathStep;
use super::insertion::{self, ImportedName, Insertion, PlannedImport, PlannedImports};
use super::range::Range;

/// What templates come to before the engine sees them.
///
/// One that comes from outside of this program must be [sound](Plan::is_sound) before it is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Every name, each once.
    pub(super) names: String,
    /// By template: a range of the insertions.
    pub(super) templates: Vec<Range>,
    /// What is put into templates; those of one stand together, in the order of their offsets.
    pub(super) insertions: Vec<Insertion>,
    /// The imports that templates share, in the order of the templates and in them.
    pub(super) imports: Vec<PlannedImport>,
    /// The names that they give.
    pub(super) imported: Vec<ImportedName>,
    /// Every printed expression, by its number: they are numbered through all templates.
    pub(super) expressions: Vec<PlannedExpression>,
    /// The paths of expressions, in the order of the expressions.
    pub(super) paths: Vec<PlannedPath>,
    /// The steps of paths: first those of expressions, then those of aliases, in their order.
    pub(super) steps: Vec<PlannedStep>,
    /// The variables of templates, ascending by template and name.
    pub(super) variables: Vec<PlannedVariable>,
    /// What variables stand for, in the order of the variables.
    pub(super) aliases: Vec<PlannedAlias>,
}

/// A printed expression, or a `fail(…)` that nothing prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PlannedExpression {
    /// The position of its template.
    pub(super) template: u32,
    /// Its bytes in the template, without the braces and the white space inside them.
    pub(super) place: Range,
    /// The paths that it reads: of each chain the longest.
    pub(super) paths: Range,
    /// Whether it is nothing but the first of its paths.
    pub(super) bare: bool,
    /// Whether the schema knows the bare path, so that it may be unset and leave its key out.
    pub(super) in_schema: bool,
    /// Whether its `{{-` takes white space away.
    pub(super) trims_before: bool,
}

/// A variable and the steps down from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PlannedPath {
    /// The variable: a range of the names.
    pub(super) root: Range,
    pub(super) steps: Range,
}

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PlannedStep {
    /// `.name` or `["name"]`: a range of the names.
    Key(Range),
    /// `[0]`
    Index(u64),
    /// `[expression]`: any item or key.
    Dynamic,
}

/// A variable of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PlannedVariable {
    /// The position of the template.
    pub(super) template: u32,
    /// A range of the names.
    pub(super) name: Range,
    pub(super) aliases: Range,
}

/// What a variable may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PlannedAlias {
    /// The position of the template that the path is written in.
    pub(super) template: u32,
    pub(super) path: PlannedPath,
    /// The variable takes each item of what the path leads to.
    pub(super) element: bool,
}

impl Plan {
    /// The instrumented text of a template, which is what the engine compiles; `source` is the template's own.
    pub(crate) fn instrumented(&self, template: usize, source: &str) -> String {
        insertion::instrumented(self.insertions_of(template), self.shared_imports(), template, source)
    }

    /// The offset in a template for an offset in its instrumented text.
    pub(crate) fn original_offset(&self, template: usize, offset: usize) -> usize {
        insertion::original_offset(self.insertions_of(template), self.shared_imports(), template, offset)
    }

    fn shared_imports(&self) -> PlannedImports<'_> {
        PlannedImports { names: &self.names, imports: &self.imports, imported: &self.imported }
    }

    fn insertions_of(&self, template: usize) -> &[Insertion] {
        self.templates.get(template).map_or(&[], |range| range.of(&self.insertions))
    }

    /// What a step says.
    pub(super) fn step(&self, step: PlannedStep) -> PathStep<'_> {
        match step {
            PlannedStep::Key(name) => PathStep::Key(name.within(&self.names)),
            PlannedStep::Index(index) => PathStep::Index(usize::try_from(index).unwrap_or(usize::MAX)),
            PlannedStep::Dynamic => PathStep::Dynamic,
        }
    }

    /// The position of a variable.
    pub(super) fn variable(&self, template: usize, name: &str) -> Option<usize> {
        let key =
            |variable: &PlannedVariable| (variable.template as usize, variable.name.within(&self.names));
        self.variables.binary_search_by(|variable| key(variable).cmp(&(template, name))).ok()
    }

    /// What the variable at a position may stand for.
    pub(super) fn aliases_of(&self, variable: usize) -> &[PlannedAlias] {
        self.variables.get(variable).map_or(&[], |variable| variable.aliases.of(&self.aliases))
    }
}
