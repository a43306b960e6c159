//! A chart's templates, checked and compiled once.

use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{Builder, JoinHandle};

use minijinja::{Environment, Error};

use super::engine::{Facts, environment};
use super::errors;
use super::instrument::{WayBack, apply};
use super::plan::{Plan, plan};
use super::prepared;
use crate::limits::Limits;
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
    pub(super) limits: Limits,
    ways_back: Vec<WayBack>,
}

/// Checks the templates against the values schema and compiles them. All findings of all templates are reported.
pub fn compile(session: &Session, templates: &[TemplateFile], wants: &Arc<Wants>) -> Outcome<Program> {
    let before = session.errors();
    let texts = texts(session, templates);
    let plan = plan(session, templates, &texts, wants)?;
    let (mut program, errors) = assemble(templates, &texts, plan, *session.limits());
    for (index, error) in errors {
        let place = |_: &str, range: Range<usize>| program.span_of(index, range);
        session.report(errors::finding(&error, session.limits(), &place, &str::to_owned));
    }
    session.clean_since(before)?;
    program.wants = Arc::clone(wants);
    Ok(program)
}

/// What [`begin`] needs to know of templates, so that it need not read and check them: they are read and checked here.
/// `of` is the fingerprint of what the schema wants.
///
/// # Errors
/// As [`compile`].
pub fn prepare(
    session: &Session,
    templates: &[TemplateFile],
    wants: &Arc<Wants>,
    of: &str,
) -> Outcome<String> {
    compile(session, templates, wants)?;
    let texts = texts(session, templates);
    let plan = plan(session, templates, &texts, wants)?;
    Ok(prepared::write(&plan, &prepared::of(templates, &texts, of)))
}

/// A program that another thread is making, while values are read.
#[derive(Debug)]
pub struct Making {
    thread: Mutex<Option<JoinHandle<Option<Program>>>>,
    made: OnceLock<Option<Arc<Program>>>,
}

/// Begins to compile templates that were prepared for a schema. None if others were prepared, or without a thread.
pub fn begin(
    session: &Session,
    templates: &[TemplateFile],
    prepared: &'static str,
    of: &str,
) -> Option<Making> {
    let texts = texts(session, templates);
    if !prepared::is_of(prepared, &prepared::of(templates, &texts, of)) {
        return None;
    }
    let (templates, limits) = (templates.to_vec(), *session.limits());
    let make = move || {
        let plan = prepared::read(prepared, &templates)?;
        let (program, errors) = assemble(&templates, &texts, plan, limits);
        errors.is_empty().then_some(program)
    };
    let thread = Builder::new().spawn(make).ok()?;
    Some(Making { thread: Mutex::new(Some(thread)), made: OnceLock::new() })
}

impl Making {
    /// Waits for the program. None if it could not be made, which the tests of the bundled charts rule out.
    pub fn get(&self, wants: &Arc<Wants>) -> Option<Arc<Program>> {
        let wait = || {
            let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
            let program = thread.and_then(|thread| thread.join().ok()).flatten()?;
            Some(Arc::new(Program { wants: Arc::clone(wants), ..program }))
        };
        self.made.get_or_init(wait).clone()
    }

    /// Whether somebody has waited for it.
    pub fn is_done(&self) -> bool {
        self.made.get().is_some()
    }
}

fn texts(session: &Session, templates: &[TemplateFile]) -> Vec<Arc<str>> {
    templates.iter().map(|file| Arc::clone(&session.source(file.source).text)).collect()
}

/// Gives the engine what is planned, and collects what it says of each template.
fn assemble(
    templates: &[TemplateFile],
    texts: &[Arc<str>],
    plan: Plan,
    limits: Limits,
) -> (Program, Vec<(usize, Error)>) {
    let facts = Arc::new(plan.facts);
    let mut engine = environment(Arc::clone(&facts), limits);
    let (mut errors, mut ways_back) = (Vec::new(), Vec::with_capacity(templates.len()));
    for (index, (file, text)) in templates.iter().zip(texts).enumerate() {
        let made = apply(text, plan.insertions.get(index).map_or(&[], Vec::as_slice));
        ways_back.push(made.way_back);
        if let Err(error) = engine.add_template_owned(file.name.to_string(), made.text) {
            errors.push((index, error));
        }
    }
    let (templates, wants) = (templates.to_vec(), Arc::new(Wants::anything()));
    (Program { engine, templates, facts, wants, limits, ways_back }, errors)
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
