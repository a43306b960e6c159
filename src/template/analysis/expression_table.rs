//! The expression table: every printed expression by its number, and what the variables in them stand for.

use super::aliases::Aliases;
use super::expression::Expression;
use super::precompiled::packed::PackedPlan;
use super::precompiled::unpack::LazyTable;
use crate::source::SourceId;

/// The printed expressions of a chart's templates, numbered through all templates. The number of an expression stands in the
/// call of the bind filter that is put around it, which is how a value that is printed finds its expression.
#[derive(Debug)]
pub(crate) struct ExpressionTable {
    expressions: Expressions,
    /// What variables stand for.
    pub(crate) aliases: Aliases,
}

#[derive(Debug)]
enum Expressions {
    Analysed(Vec<Expression>),
    /// Of a plan that is built in, with the texts of its templates.
    Packed(&'static PackedPlan, Vec<SourceId>, LazyTable<Option<Expression>>),
}

impl ExpressionTable {
    /// Of templates that were analysed in this run.
    pub(super) fn new(expressions: Vec<Expression>, aliases: Aliases) -> Self {
        ExpressionTable { expressions: Expressions::Analysed(expressions), aliases }
    }

    /// Of a plan that is built in, for templates with these texts. An expression is unpacked when it is first printed: half
    /// of them stand in branches that are not taken.
    pub(super) fn packed(plan: &'static PackedPlan, sources: Vec<SourceId>) -> Self {
        let expressions = Expressions::Packed(plan, sources, LazyTable::new(plan.expressions.len()));
        ExpressionTable { expressions, aliases: Aliases::packed(plan) }
    }

    /// The expression with this number.
    pub(crate) fn get(&self, id: usize) -> Option<&Expression> {
        match &self.expressions {
            Expressions::Analysed(expressions) => expressions.get(id),
            Expressions::Packed(plan, sources, unpacked) => {
                unpacked.get(id, || plan.expression(id, sources))?.as_ref()
            }
        }
    }

    /// Every expression, by ascending number.
    pub(super) fn all(&self) -> impl Iterator<Item = &Expression> {
        // Numbers have no gaps, and the first one behind the last has no expression.
        (0..).map_while(|id| self.get(id))
    }
}
