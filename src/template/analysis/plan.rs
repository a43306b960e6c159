//! The plan of a chart's templates: all that the engine needs to know of them besides their texts.

use std::collections::BTreeMap;

use minijinja::machinery::ast::{Expr, Stmt};

use super::aliases::collect_aliases;
use super::check::{ChartNames, KnownNames, check_template};
use super::expression::Expression;
use super::expression_table::ExpressionTable;
use super::insertions::InsertionTable;
use super::instrument::instrument;
use super::parse::parse_template;
use super::setting_reads::SettingReads;
use super::visitor::each_statement;
use crate::session::{Outcome, Session};
use crate::source::{Span, Text};
use crate::template::file::TemplateFile;
use crate::yaml::{Wants, refuse_reserved};

/// What templates come to before the engine sees them. It depends on them and on what the schema wants, and on no values.
#[derive(Debug)]
pub(crate) struct Plan {
    /// What is put into them.
    pub(crate) insertions: InsertionTable,
    /// Their printed expressions and their variables.
    pub(crate) expressions: ExpressionTable,
    /// Which settings they read; empty when the plan was built in, as no render needs it.
    pub(crate) setting_reads: SettingReads,
}

/// Parses the templates, checks them against the values schema and plans their instrumentation. All findings of all templates are
/// reported; `texts` are theirs, in the same order.
///
/// # Errors
/// When there are findings.
pub(crate) fn make_plan(
    session: &Session,
    templates: &[TemplateFile],
    texts: &[Text],
    wants: &Wants,
    known: &KnownNames,
) -> Outcome<Plan> {
    let before = session.errors();
    for file in templates {
        // What is wrong is reported, and counted below.
        let _ = refuse_reserved(session, file.source);
    }
    let trees: Vec<Option<Stmt<'_>>> =
        templates.iter().zip(texts).map(|(file, text)| parse_template(session, file, text)).collect();
    session.clean_since(before)?;

    // Each template is checked with what all others export, so every tree stays until the last one is done.
    let parsed = || trees.iter().enumerate().filter_map(|(template, tree)| Some((template, tree.as_ref()?)));
    let aliases = collect_aliases(parsed());
    let chart = ChartNames::new(templates, parsed());
    let mut setting_reads = SettingReads::default();
    let mut expressions = Vec::new();
    let mut insertions = Vec::with_capacity(templates.len());
    for (template, tree) in parsed() {
        let file = &templates[template];
        let text = &texts[template];
        let in_schema = check_template(session, file, tree, wants, known, &chart, &mut setting_reads);
        // Expressions are numbered through all templates, so that a number alone names one: a macro prints in the run of another
        // template.
        let instrumentation = instrument(text, tree, template, expressions.len());
        let printed = printed_expressions(tree);
        for range in instrumentation.expressions {
            let span = Span::new(file.source, range.start, range.end);
            // The engine's span of some expressions begins behind their first byte: a filter's begins behind its bar.
            let expr = printed.range(span.start..span.end.max(span.start + 1)).next().map(|(_, expr)| *expr);
            let in_schema = in_schema.contains(&span.start);
            expressions.push(Expression::new(text, template, span, expr, in_schema));
        }
        insertions.push(instrumentation.insertions);
    }
    session.clean_since(before)?;

    Ok(Plan {
        insertions: InsertionTable::Analysed(insertions),
        expressions: ExpressionTable::new(expressions, aliases),
        setting_reads,
    })
}

/// The printed expressions of a template, by where the engine says that they start.
fn printed_expressions<'t>(tree: &'t Stmt<'t>) -> BTreeMap<u32, &'t Expr<'t>> {
    let mut printed = BTreeMap::new();
    each_statement(tree, &mut |statement| {
        if let Stmt::EmitExpr(node) = statement {
            printed.insert(node.expr.span().start_offset, &node.expr);
        }
    });
    printed
}
