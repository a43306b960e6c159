//! The plans of bundled charts, which are built in, and reading them: each part is unpacked when it is first asked for.
//!
//! Such a plan is worked out when the program is built. `schemas/NAME.templates.json` is the only form of it that is
//! kept in the repository:
//!
//! ```text
//! plan_to_json ─► schemas/*.templates.json ─ build/plans.rs ─► PackedPlan (static data)
//! a run: bundled_plan ─ same fingerprint? ─► plan_from_bundled ─► unpacked piece by piece, when it is needed
//! ```

use std::sync::OnceLock;

use super::expression::{Expression, PathExpr, PathStep};
use super::packed_plan::{PackedAlias, PackedPath, PackedPlan, PackedStep, PackedVariable, Range};
use crate::source::{SourceId, Span};

/// The plans of all bundled charts.
mod plans {
    use crate::template::analysis::packed_plan::*;

    include!(concat!(env!("OUT_DIR"), "/plans.rs"));
}

/// The plan of the bundled chart with this name.
pub(crate) fn bundled_plan(chart: &str) -> Option<&'static PackedPlan> {
    plans::PLANS.iter().find(|(name, _)| *name == chart).map(|(_, plan)| *plan)
}

/// A list of known length whose items are made when they are first asked for. Threads can share it.
///
/// The items are boxed, because a list of thousands is made at the start of each run and most of it stays empty.
#[derive(Debug)]
pub(crate) struct LazyTable<T>(Vec<OnceLock<Box<T>>>);

impl<T> LazyTable<T> {
    /// A list of `len` items, none of which is made.
    pub(crate) fn new(len: usize) -> Self {
        LazyTable((0..len).map(|_| OnceLock::new()).collect())
    }

    /// The item at a position; none behind the end.
    pub(crate) fn get(&self, at: usize, make: impl FnOnce() -> T) -> Option<&T> {
        Some(self.0.get(at)?.get_or_init(|| Box::new(make())))
    }
}

// Ranges and positions in a packed plan are those that `build/plans.rs` has counted, so what they name is there, and
// they are indexed without a fallback.
impl PackedPlan {
    /// A range of the text.
    pub(crate) fn text(&self, range: Range) -> &'static str {
        &self.text[range.0 as usize..range.1 as usize]
    }

    /// What is put into a template: offsets in it, and texts.
    pub(crate) fn insertions_of(&self, template: usize) -> impl Iterator<Item = (usize, &str)> {
        // A plan that is stale may be of fewer templates than the chart has: the test that finds it stale asks for all
        // of them.
        let range = self.templates.get(template).copied().unwrap_or(Range(0, 0));
        slice(self.insertions, range).iter().map(|insertion| (insertion.0 as usize, self.text(insertion.1)))
    }

    /// An expression, with its place in the text of its template; none behind the last one. `sources` are the
    /// templates' texts by position.
    pub(crate) fn expression(&self, id: usize, sources: &[SourceId]) -> Option<Expression> {
        let packed = self.expressions.get(id)?;
        let template = packed.template as usize;
        let span = Span { source: *sources.get(template)?, start: packed.place.0, end: packed.place.1 };
        let mut paths = slice(self.paths, packed.paths).iter().map(|path| self.path(*path)).peekable();
        // The bare path is not packed a second time: it is the first of those that are read.
        let bare = if packed.bare { paths.peek().cloned() } else { None };
        Some(Expression {
            template,
            span,
            bare,
            paths: paths.filter_map(PathExpr::read).collect(),
            in_schema: packed.in_schema,
            trims_before: packed.trims_before,
        })
    }

    /// A path. Its places inside the template are not packed, because only the check needs them.
    pub(crate) fn path(&self, packed: PackedPath) -> PathExpr {
        let step = |step: &PackedStep| match *step {
            PackedStep::Key(key) => PathStep::Key { name: self.text(key).to_owned(), start: 0, end: 0 },
            PackedStep::Index(index) => PathStep::Index(index as usize),
            PackedStep::Dynamic => PathStep::Dynamic,
        };
        let steps = slice(self.steps, packed.steps).iter().map(step).collect();
        PathExpr { root: self.text(packed.root).to_owned(), steps, start: 0, end: 0 }
    }

    /// The position of a variable in [`PackedPlan::variables`].
    pub(crate) fn variable(&self, template: usize, name: &str) -> Option<usize> {
        // The packer keeps the order of the JSON, which is that of a `BTreeMap` by template and name.
        let key = |variable: &PackedVariable| (variable.template as usize, self.text(variable.name));
        self.variables.binary_search_by(|variable| key(variable).cmp(&(template, name))).ok()
    }

    /// What a variable may stand for.
    pub(crate) fn aliases_of(&self, variable: &PackedVariable) -> &'static [PackedAlias] {
        slice(self.aliases, variable.aliases)
    }
}

/// A part of an array.
fn slice<T>(all: &'static [T], range: Range) -> &'static [T] {
    &all[range.0 as usize..range.1 as usize]
}
