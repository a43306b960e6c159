//! What is known of a chart's expressions and variables: found out in this run, or packed into the program.

use std::sync::OnceLock;

use super::alias::Aliases;
use super::expression::Expression;
use super::packed::PackedPlan;
use crate::source::SourceId;

/// What the bind filter needs to know of a chart's templates.
#[derive(Debug)]
pub(super) struct Facts {
    /// Every printed expression, by id.
    pub(super) expressions: Expressions,
    /// What variables stand for.
    pub(super) aliases: Aliases,
}

impl Facts {
    /// Of a plan that is built in, for templates with these texts.
    pub(super) fn packed(plan: &'static PackedPlan, sources: Vec<SourceId>) -> Self {
        let expressions = Expressions::Packed(plan, sources, Lazy::new(plan.expressions.len()));
        Facts { expressions, aliases: Aliases::packed(plan) }
    }
}

/// Expressions by id. Those that are packed are read when somebody asks for them: half of them are in branches not taken.
#[derive(Debug)]
pub(super) enum Expressions {
    Made(Vec<Expression>),
    Packed(&'static PackedPlan, Vec<SourceId>, Lazy<Option<Expression>>),
}

impl Expressions {
    pub(super) fn get(&self, id: usize) -> Option<&Expression> {
        match self {
            Expressions::Made(made) => made.get(id),
            Expressions::Packed(plan, sources, read) => {
                read.get(id, || plan.expression(id, sources))?.as_ref()
            }
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Expression> {
        (0..).map_while(|id| self.get(id))
    }
}

/// A list whose items are made when somebody asks for them.
#[derive(Debug)]
pub(super) struct Lazy<T>(Vec<OnceLock<Box<T>>>);

impl<T> Lazy<T> {
    pub(super) fn new(len: usize) -> Self {
        Lazy((0..len).map(|_| OnceLock::new()).collect())
    }

    /// The item at a position.
    pub(super) fn get(&self, at: usize, make: impl FnOnce() -> T) -> Option<&T> {
        Some(self.0.get(at)?.get_or_init(|| Box::new(make())))
    }
}
