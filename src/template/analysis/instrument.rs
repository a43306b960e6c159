//! Instrumentation: what is put into a template so that its output says where everything in it comes from.
//!
//! | around or before | is put | for |
//! |---|---|---|
//! | each line of text | a source mark: template and offset between two noncharacters | the source map of the output |
//! | a long text | `{% do __count_text(bytes) %}` | a limit on output that is captured, too |
//! | each `{{ expression }}` | `(…)\|__bind(number)` | binding the value, with its expression's number |
//! | `~`, `+`, `*`, lists, maps, values of `set` | `(…)\|__measure` | a limit on values that grow |
//! | a `fail(…)` that nothing prints | `__report_fail(…, number)` | reporting it all the same |
//! | an import that can be shared | `{% if %}` (`shared_imports.rs`) | taking what an earlier import gave |
//! | the line break behind `{% endcall %}` | one more line break | the line that the call printed |
//!
//! # Why it is done like this
//!
//! *Why text is put in, and the tree is not changed:* the engine compiles texts alone; its syntax tree cannot be handed
//! to its compiler.
//!
//! *Why a filter binds:* the engine's formatter sees each printed value too, but not which expression printed it. A
//! filter with a number sees both at once. It is applied inside the braces, so white space control (`{{-`, `-}}`) is
//! not disturbed.
//!
//! *Why noncharacters delimit marks and slots:* U+FDD0 to U+FDEF are no characters and never will be; no template and
//! no values file may contain one (`yaml::refuse_reserved`), so nothing that a user writes can be taken for a mark or a
//! slot, and nothing needs to be escaped. They are ordinary text to the engine.
//!
//! *Why growth is measured after each operator:* of all that expressions do, `~`, `+` and `*` can double a value, so
//! that thirty of them make a gigabyte in a few instructions, which the engine's fuel does not see. Lists, maps and
//! `set` can nest a value once more with each turn of a loop. Whatever else makes texts larger is a filter or function,
//! which measures what it makes itself (`engine/growth.rs`, `engine/functions.rs`).

use std::borrow::Cow;
use std::ops::Range;

use minijinja::machinery::ast::{BinOpKind, Call, CallType, Expr, Stmt};
use minijinja::machinery::{Span as JinjaSpan, Token, tokenize};

use super::packed_plan::PackedPlan;
use super::syntax_tree::{each_call_part, each_child, each_expression, each_statement, expressions, syntax};
use crate::yaml::{MARK_CLOSE, MARK_OPEN};

// The names of what instrumented templates call. A template of a chart cannot call them: the check refuses unknown
// names.

/// The filter that every printed expression goes through; its argument is the expression's number.
pub(crate) const BIND_FILTER: &str = "__bind";
/// The filter that measures what `~`, `+`, `*`, lists, maps and `set` made.
pub(crate) const MEASURE_FILTER: &str = "__measure";
/// The function around a `fail(…)` that nothing prints.
pub(crate) const REPORT_FAIL_FUNCTION: &str = "__report_fail";
/// The function that counts what long stretches of text print.
pub(crate) const COUNT_TEXT_FUNCTION: &str = "__count_text";

/// Text of this many bytes between two expressions is counted. Less is bounded by the engine's fuel, of which each
/// stretch of text takes some.
const LONG_TEXT: usize = 64;

/// What is put into a template, and where its printed expressions are.
#[derive(Debug, Default)]
pub(super) struct Instrumentation {
    /// In the order of their offsets.
    pub(super) insertions: Vec<Insertion>,
    /// The bytes of the printed expressions in the template, in the order of their numbers; behind them those of the
    /// `fail(…)` that nothing prints.
    pub(super) expressions: Vec<Range<usize>>,
}

/// Text that is put into a template.
#[derive(Debug)]
pub(crate) struct Insertion {
    /// The byte offset in the template before which it is put.
    pub(super) at: usize,
    pub(super) text: Cow<'static, str>,
}

impl Insertion {
    pub(super) fn new(at: usize, text: impl Into<Cow<'static, str>>) -> Self {
        Insertion { at, text: text.into() }
    }
}

/// Finds what a template needs. `template` is its position, which stands in source marks; its expressions are numbered
/// from `first_expression`. `imports` is what is put around its shared imports.
pub(super) fn instrument(
    source: &str,
    tree: &Stmt<'_>,
    template: usize,
    first_expression: usize,
    imports: Vec<Insertion>,
) -> Instrumentation {
    let mut insertions = imports;
    insertions.extend(growth_guards(source, tree));
    let mut expressions = Vec::new();
    let mut opened = 0;
    let mut after_endcall = false;
    // Tokens, not the tree: it has no place of the braces.
    for token in tokenize(source, false, syntax()) {
        // A template with such a token has not been parsed, and never gets here.
        let Ok((token, span)) = token else { return Instrumentation::default() };
        match token {
            Token::TemplateData(data) => {
                // By address, because the span of a `{% raw %}` block also covers white space that the engine trims.
                let start = data.as_ptr() as usize - source.as_ptr() as usize;
                insertions.extend(source_marks(data, start, template));
            }
            Token::VariableStart => {
                opened = span.end_offset as usize;
                insertions.push(Insertion::new(opened, "("));
            }
            Token::VariableEnd => {
                let end = span.start_offset as usize;
                let number = first_expression + expressions.len();
                expressions.push(without_white_space(source, opened..end));
                insertions.push(Insertion::new(end, format!(")|{BIND_FILTER}({number})")));
            }
            // The last name before a block's end is its keyword, if it is `endcall`: nothing may follow that.
            Token::Ident(name) => after_endcall = name == "endcall",
            Token::BlockEnd if std::mem::take(&mut after_endcall) => {
                let end = span.end_offset as usize;
                insertions.extend(repeated_line_break(source, end));
            }
            _ => {}
        }
    }
    // The sort is stable, so the order of this list nests what is put at one offset: the call around a `fail` is
    // innermost, then comes the guard, then the bind filter: `((__report_fail(fail("…"), 8))|__measure)|__bind(7)`.
    let mut before = Vec::new();
    let mut behind = Vec::new();
    for range in unprinted_fails(tree) {
        let number = first_expression + expressions.len();
        behind.push(Insertion::new(range.start, format!("{REPORT_FAIL_FUNCTION}(")));
        before.push(Insertion::new(range.end, format!(", {number})")));
        expressions.push(range);
    }
    let mut insertions: Vec<Insertion> = before.into_iter().chain(insertions).chain(behind).collect();
    insertions.sort_by_key(|insertion| insertion.at);
    Instrumentation { insertions, expressions }
}

/// A mark before each line of a stretch of text; the first one of a long stretch counts it besides.
fn source_marks(data: &str, start: usize, template: usize) -> impl Iterator<Item = Insertion> + '_ {
    line_starts(data).enumerate().map(move |(line, offset)| {
        let at = start + offset;
        let count = if line == 0 && data.len() >= LONG_TEXT {
            format!("{{% do {COUNT_TEXT_FUNCTION}({}) %}}", data.len())
        } else {
            String::new()
        };
        // Before the first character that is no white space: a mark in the indentation would stand in the way of the
        // engine's `lstrip_blocks` and `-%}`, which look for white space alone.
        Insertion::new(at, format!("{MARK_OPEN}{template},{at}{MARK_CLOSE}{count}"))
    })
}

/// Offsets of the first character that is not white space, of the text and of each line in it.
fn line_starts(data: &str) -> impl Iterator<Item = usize> + '_ {
    let mut start = 0;
    data.split_inclusive('\n').filter_map(move |line| {
        let at = start;
        start += line.len();
        let blank = line.len() - line.trim_start().len();
        (blank < line.len()).then_some(at + blank)
    })
}

/// A range without the white space at both of its ends.
fn without_white_space(source: &str, range: Range<usize>) -> Range<usize> {
    // From the engine's braces, which are tokens of this text.
    let inside = &source[range.clone()];
    let lead = inside.len() - inside.trim_start().len();
    range.start + lead..range.start + inside.trim_end().len().max(lead)
}

/// The line break behind `{% endcall %}`, once more. The engine takes one line break away behind each block, as if a
/// block printed nothing; but a call prints a value, and the next line must not be joined to it.
fn repeated_line_break(source: &str, block_end: usize) -> Option<Insertion> {
    let rest = source.get(block_end..)?;
    rest.starts_with(['\n', '\r']).then(|| Insertion::new(block_end, "\n"))
}

/// The measuring filter around everything that can double a string, a list or a map, or nest it deeper.
fn growth_guards(source: &str, tree: &Stmt<'_>) -> Vec<Insertion> {
    let mut guards = Vec::new();
    each_expression(tree, &mut |expr| {
        if grows(expr) {
            let span = byte_range(expr.span());
            guards.extend(growth_guard(span));
        }
    });
    each_statement(tree, &mut |statement| {
        if let Stmt::Set(set) = statement {
            // The engine's span of a filtered value begins behind the bar, so the value is looked for from the name on.
            let name_end = set.target.span().end_offset as usize;
            let value_end = set.expr.span().end_offset as usize;
            if let Some(sign) = source.get(name_end..).and_then(|rest| rest.find('=')) {
                guards.extend(growth_guard(name_end + sign + 1..value_end));
            }
        }
    });
    guards
}

fn grows(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::BinOp(op) => matches!(op.op, BinOpKind::Concat | BinOpKind::Add | BinOpKind::Mul),
        // `[x, x]` holds `x` twice, and prints it twice.
        Expr::List(_) | Expr::Map(_) => true,
        _ => false,
    }
}

fn growth_guard(range: Range<usize>) -> [Insertion; 2] {
    [Insertion::new(range.start, "("), Insertion::new(range.end, format!(")|{MEASURE_FILTER}"))]
}

/// The places of the calls of `fail(…)` whose value is not what an expression prints.
///
/// A `fail` that is printed gives the bind filter a value that stands for the refusal. One whose value goes into
/// something else, as in `"a" ~ fail("…")` or `{% do fail("…") %}`, would be lost, so it is reported where it is
/// called. What `default(…)` and `coalesce(…)` are given counts only if they choose it: they evaluate all their
/// arguments, also those that they do not take.
fn unprinted_fails(tree: &Stmt<'_>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    each_statement(tree, &mut |statement| match statement {
        Stmt::EmitExpr(node) => fails_in_printed(&node.expr, &mut found),
        Stmt::Do(node) => {
            if is_fail(&node.call) {
                found.push(byte_range(node.call.span()));
            }
            each_call_part(&node.call, &mut |part| fails_in_used(part, &mut found));
        }
        _ => expressions(statement).into_iter().for_each(|expr| fails_in_used(expr, &mut found)),
    });
    found
}

/// In an expression whose value is printed, or would be if it were chosen.
fn fails_in_printed(expr: &Expr<'_>, found: &mut Vec<Range<usize>>) {
    match expr {
        Expr::IfExpr(choice) => {
            fails_in_used(&choice.test_expr, found);
            fails_in_printed(&choice.true_expr, found);
            choice.false_expr.iter().for_each(|expr| fails_in_printed(expr, found));
        }
        Expr::BinOp(op) if matches!(op.op, BinOpKind::ScAnd | BinOpKind::ScOr) => {
            fails_in_printed(&op.left, found);
            fails_in_printed(&op.right, found);
        }
        _ if chooses(expr) => each_child(expr, &mut |child| fails_in_printed(child, found)),
        _ => each_child(expr, &mut |child| fails_in_used(child, found)),
    }
}

/// In an expression whose value goes into something else.
fn fails_in_used(expr: &Expr<'_>, found: &mut Vec<Range<usize>>) {
    match expr {
        _ if chooses(expr) => each_child(expr, &mut |child| fails_in_printed(child, found)),
        Expr::Call(call) if is_fail(call) => {
            found.push(byte_range(expr.span()));
            each_child(expr, &mut |child| fails_in_used(child, found));
        }
        _ => each_child(expr, &mut |child| fails_in_used(child, found)),
    }
}

/// Whether an expression gives one of the values that it is given.
fn chooses(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::Filter(filter) => matches!(filter.name, "default" | "d"),
        Expr::Call(call) => matches!(call.identify_call(), CallType::Function("coalesce")),
        _ => false,
    }
}

fn is_fail(call: &Call<'_>) -> bool {
    matches!(call.identify_call(), CallType::Function("fail"))
}

fn byte_range(span: JinjaSpan) -> Range<usize> {
    span.start_offset as usize..span.end_offset as usize
}

/// What is put into each template of a chart, in the order of the offsets.
#[derive(Debug)]
pub(crate) enum InsertionTable {
    /// Of templates that were analysed in this run.
    Analysed(Vec<Vec<Insertion>>),
    /// Of a plan that is built in.
    Packed(&'static PackedPlan),
}

impl InsertionTable {
    /// What is put into one template: offsets in it, ascending, and texts.
    pub(super) fn of(&self, template: usize) -> impl Iterator<Item = (usize, &str)> {
        // One of the two is empty: an iterator of either kind needs neither a box nor an enum of its own.
        let (analysed, packed) = match self {
            InsertionTable::Analysed(analysed) => (analysed.get(template), None),
            InsertionTable::Packed(plan) => (None, Some(plan.insertions_of(template))),
        };
        let analysed = analysed.into_iter().flatten().map(|insertion| (insertion.at, &*insertion.text));
        analysed.chain(packed.into_iter().flatten())
    }

    /// The instrumented text of a template, which is what the engine compiles.
    pub(crate) fn instrumented(&self, template: usize, source: &str) -> String {
        let inserted: usize = self.of(template).map(|(_, text)| text.len()).sum();
        let mut text = String::with_capacity(source.len() + inserted);
        let mut done = 0;
        // Offsets are those of the engine's tokens and spans: ascending by now, and between characters. Were one of
        // them wrong, a part of the template would be lost without a word, so it is sliced without a fallback.
        for (at, insertion) in self.of(template) {
            text.push_str(&source[done..at]);
            text.push_str(insertion);
            done = at;
        }
        text.push_str(&source[done..]);
        text
    }

    /// The offset in a template for an offset in its instrumented text. All that was put in stands for the place where
    /// it was put.
    ///
    /// ```text
    /// template        a: {{ x }}
    /// instrumented    a: {{( x )|__bind(0)}}
    ///                       ^^^^^^^^^^^^^^^^^ inserted twice, and ` x ` between
    /// ```
    pub(crate) fn original_offset(&self, template: usize, offset: usize) -> usize {
        // How much of both texts has been passed. From one insertion to the next both have the same text. It is walked
        // from the start, since it is asked for errors alone.
        let mut original = 0;
        let mut instrumented = 0;
        for (at, insertion) in self.of(template) {
            let behind = instrumented + (at - original) + insertion.len();
            if behind > offset {
                break;
            }
            original = at;
            instrumented = behind;
        }
        original + (offset - instrumented)
    }
}
