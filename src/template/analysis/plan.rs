//! The plan of a chart's templates: all that the engine needs to know of them besides their texts.
//!
//! A plan is made of templates ([`make_plan`]), or it was built in with a bundled chart ([`plan_from_bundled`]). The
//! second kind was once of the first, and written as JSON ([`plan_to_json`]).
//!
//! Of the template
//!
//! ```text
//! replicas: {{ values.replicas }}
//! image: {{ image(values.image) }}
//! ```
//!
//! a plan has
//!
//! * insertions: source marks before `replicas` and `image`, and `(…)|__bind(0)` and `(…)|__bind(1)` around the two
//!   expressions;
//! * expressions: 0 is the bare path `values.replicas`, 1 is computed and reads `values.image`;
//! * aliases: none, as nothing gets a name.

use std::collections::BTreeMap;

use minijinja::machinery::ast::{Expr, Stmt};
use serde::Serialize;

use super::aliases::{Aliases, collect_aliases};
use super::bundled_plan::LazyTable;
use super::check::{CheckContext, check_template};
use super::expression::{Expression, PathExpr};
use super::instrument::{InsertionTable, instrument};
use super::names::{ChartNames, KnownNames};
use super::packed_plan::{PackedPlan, fingerprint};
use super::setting_reads::SettingReads;
use super::shared_imports::shared_imports;
use super::syntax_tree::{each_statement, parse_template};
use crate::session::{Outcome, Session};
use crate::source::{SourceId, Span, Text};
use crate::template::file::TemplateFile;
use crate::yaml::{Wants, refuse_reserved};

/// What templates come to before the engine sees them. It depends on them and on what the schema wants, and on no
/// values.
#[derive(Debug)]
pub(crate) struct Plan {
    /// What is put into them.
    pub(crate) insertions: InsertionTable,
    /// Their printed expressions and their variables.
    pub(crate) expressions: ExpressionTable,
    /// Which settings they read; empty when the plan was built in, as no render needs it.
    pub(crate) setting_reads: SettingReads,
}

/// Parses the templates, checks them against the values schema and plans their instrumentation. All findings of all
/// templates are reported; `texts` are theirs, in the same order.
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
        // What is wrong is reported, and counted below: the next template is to be looked at as well.
        let _ = refuse_reserved(session, file.source);
    }
    let trees: Vec<Option<Stmt<'_>>> =
        templates.iter().zip(texts).map(|(file, text)| parse_template(session, file, text)).collect();
    session.clean_since(before)?;

    // Each template is checked with what all others export, so every tree stays until the last one is done.
    let parsed = || trees.iter().enumerate().filter_map(|(template, tree)| Some((template, tree.as_ref()?)));
    let aliases = collect_aliases(parsed());
    let chart = ChartNames::new(templates, parsed());
    let context = CheckContext { wants, known, chart: &chart };
    let mut setting_reads = SettingReads::default();
    let mut expressions = Vec::new();
    let mut shared = shared_imports(templates, texts, &trees);
    let mut insertions = Vec::with_capacity(templates.len());
    for (template, tree) in parsed() {
        let file = &templates[template];
        let text = &texts[template];
        let in_schema = check_template(session, file, tree, context, &mut setting_reads);
        // Expressions are numbered through all templates, so that a number alone names one: a macro prints in the run
        // of another template.
        let instrumentation =
            instrument(text, tree, template, expressions.len(), std::mem::take(&mut shared[template]));
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

/// The printed expressions of a chart's templates, numbered through all templates. The number of an expression stands
/// in the call of the bind filter that is put around it, which is how a value that is printed finds its expression.
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

    /// Of a plan that is built in, for templates with these texts. An expression is unpacked when it is first printed:
    /// half of them stand in branches that are not taken.
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

/// A packed plan, for templates that it was made of.
pub(crate) fn plan_from_bundled(plan: &'static PackedPlan, templates: &[TemplateFile]) -> Plan {
    let sources = templates.iter().map(|file| file.source).collect();
    let expressions = ExpressionTable::packed(plan, sources);
    Plan { insertions: InsertionTable::Packed(plan), expressions, setting_reads: SettingReads::default() }
}

/// The fingerprint of what a plan depends on: the names and texts of templates, and what their schema wants, given by
/// its own fingerprint.
pub(crate) fn plan_fingerprint(
    templates: &[TemplateFile],
    texts: &[Text],
    wants_fingerprint: &str,
) -> String {
    let names = templates.iter().map(|file| &*file.name);
    fingerprint(names.chain(texts.iter().map(|text| &**text)).chain([wants_fingerprint]))
}

/// The plan of so many templates as JSON; `fingerprint` is that of what it was made of.
#[expect(
    clippy::expect_used,
    reason = "a plan that is not written would be a plan that is not used, unnoticed"
)]
pub(crate) fn plan_to_json(plan: &Plan, templates: usize, fingerprint: &str) -> String {
    let written = WrittenPlan {
        of: fingerprint,
        insertions: (0..templates).map(|template| plan.insertions.of(template).collect()).collect(),
        expressions: plan.expressions.all().map(WrittenExpression::new).collect(),
        aliases: &plan.expressions.aliases,
    };
    serde_json::to_string(&written).expect("strings, numbers and lists alone") + "\n"
}

/// A plan as it is written.
#[derive(Serialize)]
struct WrittenPlan<'p> {
    /// The fingerprint of what it was made of.
    of: &'p str,
    insertions: Vec<Vec<(usize, &'p str)>>,
    expressions: Vec<WrittenExpression<'p>>,
    aliases: &'p Aliases,
}

/// A printed expression. There are thousands, so its fields have one letter each, and what is usual is left out.
#[derive(Serialize)]
struct WrittenExpression<'p> {
    /// Its template.
    #[serde(rename = "t")]
    template: usize,
    /// Its bytes in the template.
    #[serde(rename = "s")]
    start: u32,
    #[serde(rename = "e")]
    end: u32,
    #[serde(rename = "b", skip_serializing_if = "Option::is_none")]
    bare: Option<&'p PathExpr>,
    /// The paths that it reads besides the bare one.
    #[serde(rename = "p", skip_serializing_if = "Vec::is_empty")]
    paths: Vec<&'p PathExpr>,
    #[serde(rename = "k", skip_serializing_if = "is_false")]
    in_schema: bool,
    #[serde(rename = "w", skip_serializing_if = "is_false")]
    trims_before: bool,
}

/// For serde, which hands over a reference.
fn is_false(flag: &bool) -> bool {
    !flag
}

impl<'p> WrittenExpression<'p> {
    fn new(expression: &'p Expression) -> Self {
        let bare = expression.bare.as_ref();
        let mut paths: Vec<&PathExpr> = expression.paths.iter().map(|read| &read.path).collect();
        // It comes first in the list again when it is unpacked.
        if bare.is_some() && paths.first().copied() == bare {
            paths.remove(0);
        }
        WrittenExpression {
            template: expression.template,
            start: expression.span.start,
            end: expression.span.end,
            bare,
            paths,
            in_schema: expression.in_schema,
            trims_before: expression.trims_before,
        }
    }
}
