//! Where a template makes the variables that its expressions read.

use std::collections::BTreeMap;

use super::place::{Location, location};
use crate::pipeline::Rendering;
use crate::session::Session;
use crate::source::{SourceId, Span};

/// The variables of a chart's templates, with the places where they are made.
#[derive(Debug)]
pub struct VariableDefinitions {
    by_name: BTreeMap<(SourceId, String), Span>,
}

impl VariableDefinitions {
    /// Those of the templates of a rendering; they are read once more for it.
    pub fn new(session: &Session, rendering: &Rendering) -> Self {
        VariableDefinitions { by_name: rendering.program.variable_definitions(session) }
    }

    /// Where a template makes the variable that `name` begins with, as an expression at `user` reads it.
    pub fn location(&self, session: &Session, user: &Location, name: &str) -> Option<Location> {
        let source = user.span.source;
        let ends = name.match_indices(['.', '[']).map(|(at, _)| at).chain([name.len()]);
        let span = ends.filter_map(|end| self.by_name.get(&(source, name[..end].to_owned()))).next_back()?;
        Some(location(session, *span))
    }
}
