//! A template of a chart: its name, where its text is, and what it is for.

use std::sync::Arc;

use crate::session::Session;
use crate::source::{SourceId, Text};

/// One template of a chart.
///
/// Templates are numbered by their position in the chart's list. That position stands in source marks and in plans, so
/// the list keeps its order from the analysis to the last render.
#[derive(Clone, Debug)]
pub struct TemplateFile {
    /// Its path below the chart's `templates/`, by which others import it.
    pub name: Arc<str>,
    /// Its text.
    pub source: SourceId,
    /// What it is for.
    pub role: Role,
}

/// What a template is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is rendered, and its output is documents.
    Document,
    /// Others import its macros. It is never rendered by itself.
    Library,
}

/// The texts of templates, in the same order.
pub(crate) fn texts(session: &Session, templates: &[TemplateFile]) -> Vec<Text> {
    templates.iter().map(|file| session.source(file.source).text.clone()).collect()
}

/// The position of the template with this name.
pub(crate) fn position(templates: &[TemplateFile], name: &str) -> Option<usize> {
    templates.iter().position(|file| &*file.name == name)
}
