//! A chart's templates, checked and compiled once.

use std::ops::Range;
use std::sync::Arc;
use std::thread::JoinHandle;

use minijinja::{Environment, Error};

use super::engine::{Facts, environment};
use super::errors;
use super::instrument::{WayBack, apply};
use super::plan::{Plan, plan};
use super::prepared;
use crate::session::{Outcome, Session};
use crate::source::{SourceId, Span};
use crate::yaml::Wants;

/// One template of a chart.
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
    /// It is rendered, and what it prints is documents.
    Document,
    /// Others import its macros.
    Library,
}

/// A chart's templates, ready to be rendered with any number of values.
#[derive(Debug)]
pub struct Program {
    pub(super) engine: Environment<'static>,
    pub(super) templates: Vec<TemplateFile>,
    pub(super) facts: Arc<Facts>,
    pub(super) wants: Arc<Wants>,
    ways_back: Vec<WayBack>,
}

/// Checks the templates against the values schema and compiles them. All findings of all templates are reported.
pub fn compile(session: &Session, templates: &[TemplateFile], wants: &Arc<Wants>) -> Outcome<Program> {
    let before = session.errors();
    let texts = texts(session, templates);
    let plan = plan(session, templates, &texts, wants)?;
    let (mut program, errors) = assemble(templates, &texts, plan);
    for (index, error) in errors {
        let place = |_: &str, range: Range<usize>| program.span_of(index, range);
        session.report(errors::finding(&error, &place, &str::to_owned));
    }
    session.clean_since(before)?;
    program.wants = Arc::clone(wants);
    Ok(program)
}

/// What [`begin`] needs to know of templates, so that it need not read and check them: they are read and checked here.
/// `schema` is the text of the schema's wants.
///
/// # Errors
/// As [`compile`].
pub fn prepare(
    session: &Session,
    templates: &[TemplateFile],
    wants: &Arc<Wants>,
    schema: &str,
) -> Outcome<String> {
    compile(session, templates, wants)?;
    let texts = texts(session, templates);
    let plan = plan(session, templates, &texts, wants)?;
    Ok(prepared::write(&plan, &prepared::fingerprint(templates, &texts, schema)))
}

/// A program that another thread is making, while values are read.
#[derive(Debug)]
pub struct Making(JoinHandle<Option<Program>>);

/// Begins to compile templates that were prepared for a schema.
pub fn begin(
    session: &Session,
    templates: Vec<TemplateFile>,
    prepared: &'static str,
    schema: &'static str,
) -> Making {
    let texts = texts(session, &templates);
    Making(std::thread::spawn(move || {
        let plan = prepared::read(prepared, &templates, &prepared::fingerprint(&templates, &texts, schema))?;
        let (program, errors) = assemble(&templates, &texts, plan);
        errors.is_empty().then_some(program)
    }))
}

impl Making {
    /// The program for what the schema wants; none when it was prepared for other templates.
    pub fn finish(self, wants: &Arc<Wants>) -> Option<Program> {
        let program = self.0.join().ok().flatten()?;
        Some(Program { wants: Arc::clone(wants), ..program })
    }
}

fn texts(session: &Session, templates: &[TemplateFile]) -> Vec<Arc<str>> {
    templates.iter().map(|file| Arc::clone(&session.source(file.source).text)).collect()
}

/// Gives the engine what is planned, and collects what it says of each template.
fn assemble(templates: &[TemplateFile], texts: &[Arc<str>], plan: Plan) -> (Program, Vec<(usize, Error)>) {
    let facts = Arc::new(plan.facts);
    let mut engine = environment(Arc::clone(&facts));
    let (mut errors, mut ways_back) = (Vec::new(), Vec::with_capacity(templates.len()));
    for (index, (file, text)) in templates.iter().zip(texts).enumerate() {
        let made = apply(text, plan.insertions.get(index).map_or(&[], Vec::as_slice));
        ways_back.push(made.way_back);
        if let Err(error) = engine.add_template_owned(file.name.to_string(), made.text) {
            errors.push((index, error));
        }
    }
    let (templates, wants) = (templates.to_vec(), Arc::new(Wants::anything()));
    (Program { engine, templates, facts, wants, ways_back }, errors)
}

impl Program {
    /// The place of a range of a compiled template.
    pub(super) fn place(&self, name: &str, range: Range<usize>) -> Option<Span> {
        self.span_of(self.templates.iter().position(|file| &*file.name == name)?, range)
    }

    fn span_of(&self, index: usize, range: Range<usize>) -> Option<Span> {
        let (file, way_back) = (self.templates.get(index)?, self.ways_back.get(index)?);
        Some(Span::new(file.source, way_back.original(range.start), way_back.original(range.end)))
    }
}
