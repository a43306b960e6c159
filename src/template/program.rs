//! A chart's templates, checked and compiled once.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use minijinja::{Environment, Error, Template};

use super::engine::environment;
use super::errors;
use super::facts::Facts;
use super::instrument::Insertions;
use super::look::{self, ValueUse};
use super::plan::{Plan, plan};
use super::prepared;
use crate::limits::Limits;
use crate::secrets::SecretTexts;
use crate::session::{Outcome, Session};
use crate::source::{SourceId, Span, Text};
use crate::yaml::{Node, Wants};

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

/// A chart's templates, ready to be rendered with any number of values. Threads can share it.
#[derive(Debug)]
pub struct Program {
    pub(super) engine: Environment<'static>,
    pub(super) templates: Vec<TemplateFile>,
    pub(super) facts: Arc<Facts>,
    pub(super) wants: Arc<Wants>,
    pub(super) limits: Limits,
    insertions: Arc<Insertions>,
}

/// Checks the templates against the values schema and compiles them. All findings of all templates are reported.
pub fn compile(session: &Session, templates: &[TemplateFile], wants: &Arc<Wants>) -> Outcome<Program> {
    let before = session.errors();
    let texts = texts(session, templates);
    let plan = plan(session, templates, &texts, wants)?;
    let program = Program::new(session, templates, texts, plan, wants);
    for index in 0..templates.len() {
        if let Err(error) = program.compiled(index) {
            let place = |_: &str, range: Range<usize>| program.span_of(index, range);
            session.report(errors::finding(&error, session.limits(), &place, &SecretTexts::default()));
        }
    }
    session.clean_since(before)?;
    Ok(program)
}

/// The program of a bundled chart whose templates were read and checked when it was built: each is compiled when it is first
/// needed. None for any other chart, or for other templates. `wants_fingerprint` is that of what the schema wants.
pub fn bundled_program(
    session: &Session,
    chart: &str,
    templates: &[TemplateFile],
    wants: &Arc<Wants>,
    wants_fingerprint: &str,
) -> Option<Program> {
    let texts = texts(session, templates);
    let plan = prepared::of_chart(chart)?;
    let same = plan.of == prepared::of(templates, &texts, wants_fingerprint);
    same.then(|| Program::new(session, templates, texts, prepared::read(plan, templates), wants))
}

/// What [`bundled_program`] needs to know of templates, so that it need not read and check them, as `build.rs` reads it: they are read
/// and checked here.
///
/// # Errors
/// As [`compile`].
pub fn plan_as_json(
    session: &Session,
    templates: &[TemplateFile],
    wants: &Arc<Wants>,
    wants_fingerprint: &str,
) -> Outcome<String> {
    compile(session, templates, wants)?;
    let texts = texts(session, templates);
    let plan = plan(session, templates, &texts, wants)?;
    Ok(prepared::write(&plan, templates.len(), &prepared::of(templates, &texts, wants_fingerprint)))
}

/// What is built in for a chart with these templates, in the same form.
pub fn bundled_plan_as_json(chart: &str, templates: &[TemplateFile]) -> Option<String> {
    let plan = prepared::of_chart(chart)?;
    Some(prepared::write(&prepared::read(plan, templates), templates.len(), plan.of))
}

fn texts(session: &Session, templates: &[TemplateFile]) -> Vec<Text> {
    templates.iter().map(|file| session.source(file.source).text.clone()).collect()
}

impl Program {
    /// Every place where a template uses a value that is set without printing it, in the order of the templates. They are parsed
    /// once more for it.
    pub fn value_uses(&self, session: &Session, values: &Arc<Node>) -> Vec<ValueUse> {
        look::value_uses(session, self, values)
    }

    /// Where templates define variables: the expression of each `{% set %}`, by the template that can use the variable and the
    /// name that it has there, `url` or `lib.url`. Of a variable that is set twice, the first place counts.
    pub fn variable_definitions(&self, session: &Session) -> BTreeMap<(SourceId, String), Span> {
        look::variable_definitions(session, self)
    }

    /// The engine compiles a template when it is first asked for it.
    fn new(
        session: &Session,
        templates: &[TemplateFile],
        texts: Vec<Text>,
        plan: Plan,
        wants: &Arc<Wants>,
    ) -> Self {
        let (facts, insertions) = (Arc::new(plan.facts), Arc::new(plan.insertions));
        let mut engine = environment(Arc::clone(&facts), *session.limits());
        let (named, planned) = (templates.to_vec(), Arc::clone(&insertions));
        engine.set_auto_reload(false);
        engine.set_loader(move |name| {
            let index = position(&named, name);
            Ok(index.map(|index| planned.instrumented(index, &texts[index])))
        });
        let (templates, wants) = (templates.to_vec(), Arc::clone(wants));
        Program { engine, templates, facts, wants, limits: *session.limits(), insertions }
    }

    /// The positions of the templates that are for this.
    pub(super) fn of_role(&self, role: Role) -> impl Iterator<Item = usize> {
        (0..self.templates.len()).filter(move |index| self.templates[*index].role == role)
    }

    /// A template, compiled.
    pub(super) fn compiled(&self, index: usize) -> Result<Template<'_, '_>, Error> {
        self.engine.get_template(&self.templates[index].name)
    }

    /// The place of a range of a compiled template.
    pub(super) fn place(&self, name: &str, range: Range<usize>) -> Option<Span> {
        self.span_of(position(&self.templates, name)?, range)
    }

    fn span_of(&self, index: usize, range: Range<usize>) -> Option<Span> {
        let original = |offset| self.insertions.original(index, offset);
        Some(Span::new(self.templates.get(index)?.source, original(range.start), original(range.end)))
    }
}

fn position(templates: &[TemplateFile], name: &str) -> Option<usize> {
    templates.iter().position(|file| &*file.name == name)
}
