//! Syntax trees of templates: how a text becomes one, what is refused on the way, and the visitors that all analyses
//! use.
//!
//! The engine has no visitor of its own. All analyses go through the ones here, so a new kind of node is added in one
//! place; the match over expressions is exhaustive, so that a new version of the engine does not compile until it is.
//!
//! | visitor | visits |
//! |---|---|
//! | [`each_statement`] | every statement of a template |
//! | [`each_expression`] | every expression of a template, those inside others too |
//! | [`bodies`], [`each_own_expression`] | what is right below a statement |
//! | [`each_child`] | what is right below an expression |
//!
//! # Depth
//!
//! Parser, compiler and visitors recurse, and a template may come from anybody. So what would make a tree too deep is
//! refused before it is made (`depth.rs`), and nothing behind this file has to count.

use std::ops::Range;

use minijinja::machinery::ast::{Call, CallArg, Expr, Stmt};
use minijinja::machinery::parse as parse_jinja;

use super::depth::too_deep;
use super::syntax::syntax;
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::Limit;
use crate::secrets::SecretTexts;
use crate::session::Session;
use crate::source::{SourceId, Span};
use crate::template::errors::ErrorContext;
use crate::template::file::TemplateFile;
use crate::template::go_syntax::{self, Advice, GoTag};

/// Parses a template. What is wrong with it is reported, and gives none: its size or depth (T008), its syntax (T001).
pub(super) fn parse_template<'t>(session: &Session, file: &TemplateFile, text: &'t str) -> Option<Stmt<'t>> {
    match parse(session, file, text) {
        Ok(tree) => Some(tree),
        Err(findings) => {
            for finding in findings {
                session.report(finding);
            }
            None
        }
    }
}

/// As [`parse_template`], with the findings for the caller to report.
fn parse<'t>(session: &Session, file: &TemplateFile, text: &'t str) -> Result<Stmt<'t>, Vec<Diagnostic>> {
    let span = |range: Range<usize>| Span::new(file.source, range.start, range.end);
    let limits = session.limits();
    if text.len() > limits.of(Limit::Text) {
        let message = format!("the template is larger than {}", limits.said(Limit::Text));
        let finding = Diagnostic::error(Code::T008, message).at(span(0..1), "this file");
        let help = limits.help(Limit::Text, "put data into the chart's `files/`");
        return Err(vec![finding.help(help)]);
    }
    if let Some((range, reason)) = too_deep(text) {
        let finding = Diagnostic::error(Code::T008, format!("the template is too deep: {reason}"));
        let finding = finding.at(span(range), "here");
        return Err(vec![finding.help("split it, or put data into the values")]);
    }
    // Without a name: errors alone would repeat it, and `locate` does not need it.
    let tree = parse_jinja(text, "", syntax()).map_err(|error| {
        // This text is the author's own, not an instrumented one, so its offsets need no way back; and no value is in
        // it.
        let locate = |_: &str, range: Range<usize>| Some(span(range));
        let context = ErrorContext { limits, locate: &locate, secrets: &SecretTexts::default() };
        refused(file.source, text, context.finding(&error))
    })?;
    if let Some(range) = unnamed_import(&tree) {
        let finding = Diagnostic::error(Code::T001, "this is not a template: an import needs a name");
        let finding = finding.at(span(range), "this is not a name");
        return Err(vec![finding.help("write `{% import \"…\" as NAME %}`")]);
    }
    Ok(tree)
}

/// The most tags that are shown as they should be, of one template.
const MOST_TAGS: usize = 20;

/// What is said of a template that the engine's parser refuses. It stops where it no longer understands, which tells its
/// author little of a template that is written as Helm's are, or that lacks an end: of these, what is wrong is looked for.
fn refused(source: SourceId, text: &str, finding: Diagnostic) -> Vec<Diagnostic> {
    let tags = go_syntax::find(text);
    if !tags.is_empty() {
        let more = tags.len().saturating_sub(MOST_TAGS);
        let mut findings: Vec<Diagnostic> =
            tags.into_iter().take(MOST_TAGS).map(|tag| not_jinja(source, tag)).collect();
        if more > 0
            && let Some(last) = findings.pop()
        {
            findings.push(last.note(format!("{more} more tags of this template are written like that")));
        }
        return findings;
    }
    match go_syntax::unclosed(text) {
        Some((tag, word)) if finding.message.contains("end of input") => {
            let message = format!("this is not a template: the `{word}` has no `end{word}`");
            let place = Span::new(source, tag.start, tag.end);
            let finding = Diagnostic::error(Code::T001, message).at(place, "it begins here");
            vec![finding.help(format!("write `{{% end{word} %}}` where it ends"))]
        }
        _ => vec![in_words(source, text, finding)],
    }
}

/// The parser's other errors, as far as it is known what their author most likely did: a tag that is not closed, an end
/// of nothing, an expression in the place of a statement.
fn in_words(source: SourceId, text: &str, finding: Diagnostic) -> Diagnostic {
    let Some(place) = finding.primary().map(|label| label.span.range()) else { return finding };
    let refuse = |message: String, range: Range<usize>, label: &str, help: String| {
        let span = Span::new(source, range.start, range.end);
        Diagnostic::error(Code::T001, format!("this is not a template: {message}")).at(span, label).help(help)
    };
    let is_cut = finding.message.contains("end of variable block")
        || finding.message.contains("end of block")
        || finding.message.contains("end of input")
        || finding.message.contains("unexpected end of");
    if is_cut && let Some((open, close)) = go_syntax::unclosed_tag(text, place.end) {
        let braces = text.get(open..open + 2).unwrap_or_default();
        let message = format!("the `{braces}` is not closed");
        return refuse(message, open..open + 2, "it begins here", format!("write `{close}` where it ends"));
    }
    let Some((_, word)) = finding.message.rsplit_once("unknown statement ") else {
        // The parser's names for the ends of tags.
        let message =
            finding.message.replace("end of variable block", "`}}`").replace("end of block", "`%}`");
        return Diagnostic { message, ..finding };
    };
    let word = word.trim_matches(['`', '"', '\'']);
    if let Some(ended) = word.strip_prefix("end") {
        let rest = text.get(place.end..).unwrap_or_default();
        let next = rest.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        return match (ended, next) {
            ("", "") => refuse(
                "`end` does not say what it ends".to_owned(),
                place,
                "here",
                "write `{% endif %}`, `{% endfor %}` and so on, after the word that begins the block"
                    .to_owned(),
            ),
            ("", next) => refuse(
                format!("`end {next}` is one word"),
                place,
                "here",
                format!("write `{{% end{next} %}}`"),
            ),
            _ => refuse(
                format!("this `{word}` ends nothing"),
                place,
                "here",
                format!(
                    "remove it, or write the `{{% {ended} … %}}` that it ends; blocks are ended in the order in which they are inside each other"
                ),
            ),
        };
    }
    refuse(
        format!("`{word}` is not a statement"),
        place,
        "here",
        "`{{ … }}` prints a value; the statements are `if`, `for`, `set`, `with`, `macro`, `call`, `import`, `from` and `include`"
            .to_owned(),
    )
}

/// A tag in the syntax of Go templates, as it should be written (T001).
pub(super) fn not_jinja(source: SourceId, tag: GoTag) -> Diagnostic {
    let place = Span::new(source, tag.range.start, tag.range.end);
    // The message says what to write: findings with one message would be put together.
    match tag.advice {
        Advice::Written(text) => {
            let finding = Diagnostic::error(Code::T001, format!("this is not Jinja: write `{text}`"));
            finding.at(place, "here").guess(place, "", text)
        }
        Advice::Instead(instead) => {
            Diagnostic::error(Code::T001, format!("this is not Jinja, and {instead}")).at(place, "here")
        }
    }
}

/// The place of what stands for the name of an import and is none: `{% import "lib.yaml" as 5 %}`. The engine's parser
/// lets any expression stand there, and its compiler panics at most that are no variable.
fn unnamed_import(tree: &Stmt<'_>) -> Option<Range<usize>> {
    let mut found = None;
    each_statement(tree, &mut |statement| {
        if let Stmt::Import(import) = statement
            && !matches!(import.name, Expr::Var(_))
        {
            let span = import.name.span();
            found.get_or_insert(span.start_offset as usize..span.end_offset as usize);
        }
    });
    found
}

/// Whether a text has such an import. One that is no template has none, as it is never compiled.
pub(super) fn has_unnamed_import(text: &str) -> bool {
    parse_jinja(text, "", syntax()).is_ok_and(|tree| unnamed_import(&tree).is_some())
}

// Visitors.
//
// Closures are taken as `&mut dyn FnMut`, not as type parameters: these functions recurse, and a closure that wraps
// another one on each level would be a new type on each, without end.

/// Calls `visit` with `root` and every statement below it, parents before children.
pub(super) fn each_statement<'a>(root: &'a Stmt<'a>, visit: &mut dyn FnMut(&'a Stmt<'a>)) {
    visit(root);
    for body in bodies(root) {
        body.iter().for_each(|statement| each_statement(statement, visit));
    }
}

/// Calls `visit` with every expression of `root` and of every statement below it, parents before children.
pub(super) fn each_expression<'a>(root: &'a Stmt<'a>, visit: &mut dyn FnMut(&'a Expr<'a>)) {
    each_statement(root, &mut |statement| {
        each_own_expression(statement, &mut |expr| each_descendant(expr, visit));
    });
}

/// Calls `visit` with an expression and every one inside it.
fn each_descendant<'a>(expr: &'a Expr<'a>, visit: &mut dyn FnMut(&'a Expr<'a>)) {
    visit(expr);
    each_child(expr, &mut |child| each_descendant(child, visit));
}

/// The lists of statements inside a statement: two at most.
pub(super) fn bodies<'a>(statement: &'a Stmt<'a>) -> [&'a [Stmt<'a>]; 2] {
    match statement {
        Stmt::Template(node) => [&node.children, &[]],
        Stmt::ForLoop(node) => [&node.body, &node.else_body],
        Stmt::IfCond(node) => [&node.true_body, &node.false_body],
        Stmt::WithBlock(node) => [&node.body, &[]],
        Stmt::SetBlock(node) => [&node.body, &[]],
        Stmt::AutoEscape(node) => [&node.body, &[]],
        Stmt::FilterBlock(node) => [&node.body, &[]],
        Stmt::Block(node) => [&node.body, &[]],
        Stmt::Macro(node) => [&node.body, &[]],
        // The engine makes a macro of what stands between `{% call %}` and `{% endcall %}`.
        Stmt::CallBlock(node) => [&node.macro_decl.body, &[]],
        _ => [&[], &[]],
    }
}

/// Calls `visit` with the expressions that a statement holds itself, not with those of statements inside it. Targets
/// that are assigned to are not among them, and of a call only what [`each_call_part`] visits.
pub(super) fn each_own_expression<'a>(statement: &'a Stmt<'a>, visit: &mut dyn FnMut(&'a Expr<'a>)) {
    match statement {
        Stmt::EmitExpr(node) => visit(&node.expr),
        // The condition behind the loop's iterable: `{% for x in xs if x.enabled %}`.
        Stmt::ForLoop(node) => std::iter::once(&node.iter).chain(&node.filter_expr).for_each(visit),
        Stmt::IfCond(node) => visit(&node.expr),
        Stmt::WithBlock(node) => node.assignments.iter().for_each(|(_, value)| visit(value)),
        Stmt::Set(node) => visit(&node.expr),
        Stmt::SetBlock(node) => node.filter.iter().for_each(visit),
        Stmt::Macro(node) => node.defaults.iter().for_each(visit),
        Stmt::CallBlock(node) => each_call_part(&node.call, visit),
        Stmt::Do(node) => each_call_part(&node.call, visit),
        Stmt::Include(node) => visit(&node.name),
        Stmt::Extends(node) => visit(&node.name),
        Stmt::Import(node) => visit(&node.expr),
        Stmt::FromImport(node) => visit(&node.expr),
        _ => {}
    }
}

/// Calls `visit` with the direct children of an expression.
pub(super) fn each_child<'a>(expr: &'a Expr<'a>, visit: &mut dyn FnMut(&'a Expr<'a>)) {
    match expr {
        Expr::Var(_) | Expr::Const(_) => {}
        Expr::Slice(slice) => {
            visit(&slice.expr);
            [&slice.start, &slice.stop, &slice.step].into_iter().flatten().for_each(visit);
        }
        Expr::UnaryOp(op) => visit(&op.expr),
        Expr::BinOp(op) => {
            visit(&op.left);
            visit(&op.right);
        }
        Expr::Compare(compare) => {
            visit(&compare.expr);
            compare.ops.iter().for_each(|op| visit(&op.expr));
        }
        Expr::IfExpr(cond) => {
            visit(&cond.test_expr);
            visit(&cond.true_expr);
            cond.false_expr.iter().for_each(visit);
        }
        Expr::Filter(filter) => {
            filter.expr.iter().for_each(&mut *visit);
            each_argument(&filter.args, visit);
        }
        Expr::Test(test) => {
            visit(&test.expr);
            each_argument(&test.args, visit);
        }
        Expr::GetAttr(attr) => visit(&attr.expr),
        Expr::GetItem(item) => {
            visit(&item.expr);
            visit(&item.subscript_expr);
        }
        Expr::Call(call) => each_call_part(call, visit),
        Expr::List(list) => list.items.iter().for_each(visit),
        Expr::Tuple(tuple) => tuple.items.iter().for_each(visit),
        Expr::Map(map) => map.keys.iter().chain(&map.values).for_each(visit),
    }
}

/// Calls `visit` with the arguments of a call, and before them with its callee if that is an expression: of
/// `values.f(x)` it is `values`. A plain name is no expression that is read, because a function is not a value here.
pub(super) fn each_call_part<'a>(call: &'a Call<'a>, visit: &mut dyn FnMut(&'a Expr<'a>)) {
    match &call.expr {
        Expr::Var(_) => {}
        Expr::GetAttr(attr) => visit(&attr.expr),
        other => visit(other),
    }
    each_argument(&call.args, visit);
}

/// Calls `visit` with the expressions of arguments, whichever way they are handed over.
fn each_argument<'a>(args: &'a [CallArg<'a>], visit: &mut dyn FnMut(&'a Expr<'a>)) {
    for arg in args {
        match arg {
            CallArg::Pos(expr)
            | CallArg::Kwarg(_, expr)
            | CallArg::PosSplat(expr)
            | CallArg::KwargSplat(expr) => visit(expr),
        }
    }
}

/// The name, if an expression is nothing but a variable.
pub(super) fn variable_name<'t>(expr: &Expr<'t>) -> Option<&'t str> {
    match expr {
        Expr::Var(var) => Some(var.id),
        _ => None,
    }
}
