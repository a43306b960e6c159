//! What templates come to before the engine sees them: it depends on them and on what the schema wants, and on no values.

use std::collections::BTreeMap;

use minijinja::machinery::ast::{Expr, Stmt};
use minijinja::machinery::{parse, parse_expr};

use super::alias::Aliases;
use super::check::{Names, check_template};
use super::depth::too_deep;
use super::engine::syntax;
use super::expression::{Expression, bare_path, each_path};
use super::facts::{Expressions, Facts};
use super::instrument::{Insertions, instrument};
use super::reads::SettingReads;
use super::syntax::each_statement;
use super::{TemplateFile, errors};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::Limit;
use crate::secrets::SecretTexts;
use crate::session::{Outcome, Session};
use crate::source::{Span, Text};
use crate::yaml::{Wants, refuse_reserved};

/// What is put into each template, and what is known of their expressions and variables.
#[derive(Debug)]
pub(super) struct Plan {
    /// What is put into them.
    pub(super) insertions: Insertions,
    /// Of all templates.
    pub(super) facts: Facts,
    /// Of all templates; empty when they were prepared.
    pub(super) reads: SettingReads,
}

/// Reads the templates and checks them against the values schema. All findings of all templates are reported.
pub(super) fn plan(
    session: &Session,
    templates: &[TemplateFile],
    texts: &[Text],
    wants: &Wants,
) -> Outcome<Plan> {
    let before = session.errors();
    for file in templates {
        let _ = refuse_reserved(session, file.source);
    }
    let trees: Vec<Option<Stmt<'_>>> =
        templates.iter().zip(texts).map(|(file, text)| read(session, file, text)).collect();
    session.clean_since(before)?;
    let (mut expressions, mut aliases) = (Vec::new(), Aliases::default());
    let parsed =
        || trees.iter().enumerate().filter_map(|(index, tree)| tree.as_ref().map(|tree| (index, tree)));
    parsed().for_each(|(index, tree)| aliases.note_macros(index, tree));
    parsed().for_each(|(index, tree)| aliases.note_uses(index, tree));
    let names = Names::of(templates, parsed());
    let mut reads = SettingReads::default();
    let mut insertions = Vec::with_capacity(templates.len());
    for (index, tree) in parsed() {
        let file = &templates[index];
        let known = check_template(session, file, tree, wants, &names, &mut reads);
        let made = instrument(&texts[index], tree, index, expressions.len(), &syntax());
        let printed = printed(tree);
        for &(start, end) in &made.expressions {
            let span = Span::new(file.source, start, end);
            let expr = printed.range(span.start..span.end.max(span.start + 1)).next().map(|(_, expr)| *expr);
            let known = known.contains(&span.start);
            expressions.push(expression(&texts[index], index, span, expr, known));
        }
        insertions.push(made.insertions);
    }
    session.clean_since(before)?;
    let facts = Facts { expressions: Expressions::Made(expressions), aliases };
    Ok(Plan { insertions: Insertions::Made(insertions), facts, reads })
}

fn read<'t>(session: &Session, file: &TemplateFile, text: &'t str) -> Option<Stmt<'t>> {
    if text.len() > session.limits().of(Limit::Text) {
        let message = format!("the template is larger than {}", session.limits().said(Limit::Text));
        let finding = Diagnostic::error(Code::T008, message).at(Span::new(file.source, 0, 1), "this file");
        let help = session.limits().help(Limit::Text, "put data into the chart's `files/`");
        session.report(finding.help(help));
        return None;
    }
    if let Some((range, reason)) = too_deep(text, &syntax()) {
        let finding = Diagnostic::error(Code::T008, format!("the template is too deep: {reason}"));
        let span = Span::new(file.source, range.start, range.end);
        session.report(finding.at(span, "here").help("split it, or put data into the values"));
        return None;
    }
    match parse(text, "", syntax()) {
        Ok(tree) => match unnamed_import(&tree) {
            None => Some(tree),
            Some((start, end)) => {
                let finding = Diagnostic::error(Code::T001, "this is not a template: an import needs a name");
                let finding = finding.at(Span::new(file.source, start, end), "this is no name");
                session.report(finding.help("write `{% import \"…\" as NAME %}`"));
                None
            }
        },
        Err(error) => {
            let range = error.range().unwrap_or(0..0);
            let place =
                |_: &str, _: std::ops::Range<usize>| Some(Span::new(file.source, range.start, range.end));
            session.report(errors::finding(&error, session.limits(), &place, &SecretTexts::default()));
            None
        }
    }
}

/// The place of what stands for the name of an import and is none. The engine's parser lets any expression stand there, and its
/// compiler gives up on one.
fn unnamed_import(tree: &Stmt<'_>) -> Option<(usize, usize)> {
    let mut found = None;
    each_statement(tree, &mut |statement| {
        if let Stmt::Import(import) = statement
            && !matches!(import.name, Expr::Var(_))
        {
            let span = import.name.span();
            found = found.or(Some((span.start_offset as usize, span.end_offset as usize)));
        }
    });
    found
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
fn expression(text: &str, template: usize, span: Span, expr: Option<&Expr<'_>>, known: bool) -> Expression {
    let trims = trims(text, span);
    let mut found = Expression { template, span, bare: None, paths: Vec::new(), known, trims };
    // The engine gives comparisons the place of their operator; those few are read once more.
    let again =
        if expr.is_none() { text.get(span.range()).and_then(|text| parse_expr(text).ok()) } else { None };
    let Some(expr) = expr.or(again.as_ref()) else { return found };
    found.bare = bare_path(expr);
    each_path(expr, &mut |path| found.paths.extend(path.read()));
    found
}
