//! The text that is compiled: the template with a mark before each line of its text and a binding call around each expression.

use std::borrow::Cow;

use super::packed::PackedPlan;
use super::refusals::unprinted;
use super::syntax::{each_expression, each_statement};
use crate::yaml::{MARK_CLOSE, MARK_OPEN};
use minijinja::machinery::ast::{BinOpKind, Expr, Stmt};
use minijinja::machinery::{Token, tokenize};
use minijinja::syntax::SyntaxConfig;

/// The filter that every printed expression goes through.
pub(super) const BIND_FILTER: &str = "__bind";
/// The filter that measures what `~`, `+` and `*` made.
pub(super) const GROWTH_FILTER: &str = "__measure";

/// The function that hears a `fail(…)` that nothing prints.
pub(super) const HEAR_FUNCTION: &str = "__hear";
/// The function that counts what long stretches of text print.
pub(super) const WEIGH_FUNCTION: &str = "__weigh";
/// Text of this many bytes between two expressions is counted; less is bounded by the engine's fuel.
const HEAVY_TEXT: usize = 64;

/// What is put into a template, and where its printed expressions are.
#[derive(Debug, Default)]
pub(super) struct Instruments {
    /// In the order of their offsets.
    pub(super) insertions: Vec<Insertion>,
    /// Byte ranges of the printed expressions in the template, and behind them of calls of `fail` that nothing prints, in the
    /// order of their ids.
    pub(super) expressions: Vec<(usize, usize)>,
}

/// Finds what a template needs. Marks are `(template, offset)`; expressions are numbered from `first_expression`.
/// A template that is not Jinja gets nothing: the engine will say what is wrong with it.
pub(super) fn instrument(
    source: &str,
    tree: &Stmt<'_>,
    template: usize,
    first_expression: usize,
    syntax: &SyntaxConfig,
) -> Instruments {
    let mut insertions = growth_guards(source, tree);
    let mut expressions = Vec::new();
    let mut opened = 0;
    let mut printed = false;
    for token in tokenize(source, false, syntax.clone()) {
        let Ok((token, span)) = token else { return Instruments::default() };
        match token {
            Token::TemplateData(data) => {
                let start = data.as_ptr() as usize - source.as_ptr() as usize;
                insertions.extend(marks(data, start, template));
            }
            Token::VariableStart => {
                opened = span.end_offset as usize;
                insertions.push(Insertion::new(opened, "("));
            }
            Token::VariableEnd => {
                let end = span.start_offset as usize;
                let id = first_expression + expressions.len();
                expressions.push(trimmed(source, opened, end));
                insertions.push(Insertion::new(end, format!(")|{BIND_FILTER}({id})")));
            }
            Token::Ident(name) => printed = name == "endcall",
            Token::BlockEnd if std::mem::take(&mut printed) => {
                let end = span.end_offset as usize;
                insertions.extend(line_end(source, end).map(|line_end| Insertion::new(end, line_end)));
            }
            _ => {}
        }
    }
    let mut insertions = heard(tree, first_expression, &mut expressions, insertions);
    // Insertions at one offset keep their order: guards stand inside the binding call, and around a `fail` that is heard.
    insertions.sort_by_key(|insertion| insertion.0);
    Instruments { insertions, expressions }
}

/// A mark before each line of a stretch of text; the first one of a long stretch counts it besides.
fn marks(data: &str, start: usize, template: usize) -> impl Iterator<Item = Insertion> + '_ {
    line_heads(data).enumerate().map(move |(line, offset)| {
        let at = start + offset;
        let weigh = line == 0 && data.len() >= HEAVY_TEXT;
        let weight =
            if weigh { format!("{{% do {WEIGH_FUNCTION}({}) %}}", data.len()) } else { String::new() };
        Insertion::new(at, format!("{MARK_OPEN}{template},{at}{MARK_CLOSE}{weight}"))
    })
}

/// Text that is put into the template at a byte offset of it.
#[derive(Debug)]
pub(super) struct Insertion(usize, Cow<'static, str>);

impl Insertion {
    fn new(at: usize, text: impl Into<Cow<'static, str>>) -> Self {
        Insertion(at, text.into())
    }
}

/// Around each `fail` that nothing prints, inside all other insertions, a call that hears it. It is an expression too.
fn heard(
    tree: &Stmt<'_>,
    first_expression: usize,
    expressions: &mut Vec<(usize, usize)>,
    others: Vec<Insertion>,
) -> Vec<Insertion> {
    let (mut before, mut behind) = (Vec::new(), Vec::new());
    for (start, end) in unprinted(tree) {
        let id = first_expression + expressions.len();
        expressions.push((start, end));
        behind.push(Insertion::new(start, format!("{HEAR_FUNCTION}(")));
        before.push(Insertion::new(end, format!(", {id})")));
    }
    before.into_iter().chain(others).chain(behind).collect()
}

/// The end of the line behind `{% endcall %}`, once more: the engine takes one away, and a call has printed a value.
fn line_end(source: &str, at: usize) -> Option<&'static str> {
    source.get(at..).filter(|rest| rest.starts_with(['\n', '\r'])).map(|_| "\n")
}

/// What can double a string, a list or a map with each step, or nest it deeper, is measured after each step.
fn growth_guards(source: &str, tree: &Stmt<'_>) -> Vec<Insertion> {
    let mut guards = Vec::new();
    each_expression(tree, &mut |expr| {
        if grows(expr) {
            let span = expr.span();
            guards.extend(guard(span.start_offset as usize, span.end_offset as usize));
        }
    });
    each_statement(tree, &mut |statement| {
        if let Stmt::Set(set) = statement {
            // The span of a filtered value begins behind its bar, so the value is looked for from the name on.
            let name = set.target.span().end_offset as usize;
            let sign = source.get(name..).and_then(|rest| rest.find('='));
            guards.extend(
                sign.into_iter().flat_map(|sign| guard(name + sign + 1, set.expr.span().end_offset as usize)),
            );
        }
    });
    guards
}

fn grows(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::BinOp(op) => matches!(op.op, BinOpKind::Concat | BinOpKind::Add | BinOpKind::Mul),
        Expr::List(_) | Expr::Map(_) => true,
        _ => false,
    }
}

fn guard(start: usize, end: usize) -> [Insertion; 2] {
    [Insertion::new(start, "("), Insertion::new(end, format!(")|{GROWTH_FILTER}"))]
}

/// What is put into each template, in the order of the offsets.
#[derive(Debug)]
pub(super) enum Insertions {
    Made(Vec<Vec<Insertion>>),
    Packed(&'static PackedPlan),
}

impl Insertions {
    /// What is put into one template: offsets in it, and texts.
    pub(super) fn of(&self, template: usize) -> impl Iterator<Item = (usize, &str)> {
        let (made, packed) = match self {
            Insertions::Made(made) => (made.get(template), None),
            Insertions::Packed(plan) => (None, Some(plan.insertions_of(template))),
        };
        let made = made.into_iter().flatten().map(|Insertion(at, text)| (*at, &**text));
        made.chain(packed.into_iter().flatten())
    }

    /// What the engine compiles: the text of a template with what is put into it.
    pub(super) fn instrumented(&self, template: usize, source: &str) -> String {
        let more: usize = self.of(template).map(|(_, text)| text.len()).sum();
        let mut text = String::with_capacity(source.len() + more);
        let mut done = 0;
        for (at, inserted) in self.of(template) {
            text.push_str(source.get(done..at).unwrap_or_default());
            text.push_str(inserted);
            done = at;
        }
        text.push_str(source.get(done..).unwrap_or_default());
        text
    }

    /// The offset in a template for an offset in what the engine compiled. What is put in stands for the place that it was put.
    pub(super) fn original(&self, template: usize, offset: usize) -> usize {
        let (mut original, mut compiled) = (0, 0);
        for (at, inserted) in self.of(template) {
            let behind = compiled + (at - original) + inserted.len();
            if behind > offset {
                break;
            }
            (original, compiled) = (at, behind);
        }
        original + (offset - compiled)
    }
}

/// Offsets of the first character that is not white space, of the text and of each line in it.
fn line_heads(data: &str) -> impl Iterator<Item = usize> + '_ {
    let mut start = 0;
    data.split_inclusive('\n').filter_map(move |line| {
        let at = start;
        start += line.len();
        let blank = line.len() - line.trim_start().len();
        (blank < line.len()).then_some(at + blank)
    })
}

fn trimmed(source: &str, start: usize, end: usize) -> (usize, usize) {
    let inside = source.get(start..end).unwrap_or_default();
    let lead = inside.len() - inside.trim_start().len();
    (start + lead, start + inside.trim_end().len().max(lead))
}
