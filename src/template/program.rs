//! A chart's templates, checked and compiled once.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Environment;
use minijinja::machinery::ast::{Expr, Stmt};
use minijinja::machinery::{parse, parse_expr};

use super::check::{Names, check_template};
use super::depth::too_deep;
use super::engine::{Facts, environment, syntax};
use super::expression::{Expression, bare_path, each_path};
use super::instrument::{Instrumented, instrument};
use super::reads::Reads;
use super::syntax::each_statement;
use super::{errors, limits};
use crate::diagnostic::{Code, Diagnostic};
use crate::session::{Outcome, Session};
use crate::source::{SourceId, Span};
use crate::yaml::{Wants, refuse_reserved};

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
    instrumented: Vec<Instrumented>,
    reads: Reads,
}

/// Checks the templates against the values schema and compiles them. All findings of all templates are reported.
pub fn compile(session: &Session, templates: &[TemplateFile], wants: &Arc<Wants>) -> Outcome<Program> {
    let before = session.errors();
    let texts: Vec<Arc<str>> =
        templates.iter().map(|file| Arc::clone(&session.source(file.source).text)).collect();
    for file in templates {
        let _ = refuse_reserved(session, file.source);
    }
    let trees: Vec<Option<Stmt<'_>>> =
        templates.iter().zip(&texts).map(|(file, text)| read(session, file, text)).collect();
    session.clean_since(before)?;
    let mut facts = Facts::default();
    let parsed =
        || trees.iter().enumerate().filter_map(|(index, tree)| tree.as_ref().map(|tree| (index, tree)));
    parsed().for_each(|(index, tree)| facts.aliases.note_macros(index, tree));
    parsed().for_each(|(index, tree)| facts.aliases.note_uses(index, tree));
    let names = Names::of(templates, parsed());
    let mut instrumented = Vec::with_capacity(templates.len());
    let mut reads = Reads::default();
    for (index, tree) in parsed() {
        let file = &templates[index];
        let known = check_template(session, file, tree, wants, &names, &mut reads);
        let made = instrument(&texts[index], tree, index, facts.expressions.len(), &syntax());
        let printed = printed(tree);
        for &(start, end) in &made.expressions {
            let span = Span::new(file.source, start, end);
            let expr = printed.range(span.start..span.end.max(span.start + 1)).next().map(|(_, expr)| *expr);
            facts.expressions.push(expression(&texts[index], span, expr, known.contains(&span.start)));
            facts.homes.push(index);
        }
        instrumented.push(made);
    }
    session.clean_since(before)?;
    let facts = Arc::new(facts);
    let mut engine = environment(Arc::clone(&facts));
    for (file, made) in templates.iter().zip(&instrumented) {
        if let Err(error) = engine.add_template_owned(file.name.to_string(), made.text.clone()) {
            let place = |_: &str, range: std::ops::Range<usize>| Some(span_of(file, made, range));
            session.report(errors::finding(&error, &place, &str::to_owned));
        }
    }
    session.clean_since(before)?;
    Ok(Program {
        engine,
        templates: templates.to_vec(),
        facts,
        wants: Arc::clone(wants),
        instrumented,
        reads,
    })
}

impl Program {
    /// The settings that the templates read.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// The place of a range of a compiled template.
    pub(super) fn place(&self, name: &str, range: std::ops::Range<usize>) -> Option<Span> {
        let index = self.templates.iter().position(|file| &*file.name == name)?;
        Some(span_of(&self.templates[index], self.instrumented.get(index)?, range))
    }
}

fn span_of(file: &TemplateFile, made: &Instrumented, range: std::ops::Range<usize>) -> Span {
    Span::new(file.source, made.original(range.start), made.original(range.end))
}

fn read<'t>(session: &Session, file: &TemplateFile, text: &'t str) -> Option<Stmt<'t>> {
    if text.len() > limits::STRING {
        let finding = Diagnostic::error(Code::T008, "the template is larger than 8 MiB");
        session.report(
            finding.at(Span::new(file.source, 0, 1), "this file").help("put data into the chart's `files/`"),
        );
        return None;
    }
    if let Some((range, reason)) = too_deep(text, &syntax()) {
        let finding = Diagnostic::error(Code::T008, format!("the template is too deep: {reason}"));
        let span = Span::new(file.source, range.start, range.end);
        session.report(finding.at(span, "here").help("split it, or put data into the values"));
        return None;
    }
    match parse(text, "", syntax()) {
        Ok(tree) => Some(tree),
        Err(error) => {
            let range = error.range().unwrap_or(0..0);
            let place =
                |_: &str, _: std::ops::Range<usize>| Some(Span::new(file.source, range.start, range.end));
            session.report(errors::finding(&error, &place, &str::to_owned));
            None
        }
    }
}

/// Whether an expression is opened by `{{-` behind white space.
fn trims(text: &str, span: Span) -> bool {
    let before = text.get(..span.start as usize).unwrap_or_default().trim_end();
    before.strip_suffix("{{-").is_some_and(|before| before.ends_with(char::is_whitespace))
}

/// The printed expressions of a template, by where they start.
fn printed<'t>(tree: &'t Stmt<'t>) -> BTreeMap<u32, &'t Expr<'t>> {
    let mut printed = BTreeMap::new();
    each_statement(tree, &mut |statement| {
        if let Stmt::EmitExpr(node) = statement {
            printed.insert(node.expr.span().start_offset, &node.expr);
        }
    });
    printed
}

/// What a printed expression says.
fn expression(text: &str, span: Span, expr: Option<&Expr<'_>>, known: bool) -> Expression {
    let mut found = Expression { span, bare: None, paths: Vec::new(), known, trims: trims(text, span) };
    // The engine gives comparisons the place of their operator; those few are read once more.
    let again =
        if expr.is_none() { text.get(span.range()).and_then(|text| parse_expr(text).ok()) } else { None };
    let Some(expr) = expr.or(again.as_ref()) else { return found };
    found.bare = bare_path(expr);
    each_path(expr, &mut |path| {
        let text = Arc::from(path.text());
        if path.root != "loop" {
            found.paths.push((path, text));
        }
    });
    found
}
