//! Instrumentation: what is put into a template so that its output says where everything in it comes from.
//!
//! | around or before | is put | for |
//! |---|---|---|
//! | each stretch of text | a source mark: template and offset between two noncharacters | the source map of the output |
//! | a long text | `{% do __count_text(bytes) %}` | a limit on output that is captured, too |
//! | each `{{ expression }}` | `(…)\|_b(number)` | binding the value, with its expression's number |
//! | `~`, `+`, `*`, lists, maps, slices, values of `set` | `(…)\|_m` | a limit on values that grow |
//! | what is put into a namespace | `(…)\|_s` | the same, and no namespace in a namespace |
//! | operands of operators that count | `(…)\|_n` | the engine's own numbers (`binding/native.rs`) |
//! | operands of `*` | `(…)\|_p`, `(…)\|_q` | the same, and a limit on the product |
//! | a step of a slice, what is sliced backwards | `(…)\|_t`, `((…)\|_e)` | what the engine panics at |
//! | operands of comparisons and of `in` | `(…)\|_c`, `(…)\|_d` | the same, and a limit on what is looked at |
//! | operands of comparisons with `kube.version` or `semver(…)` | `(…)\|_v`, `(…)\|_w(">=")` | comparing versions, and not their texts |
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
//! *Why not every expression gets parentheses:* the engine's parser goes down through all its levels of precedence for
//! each pair. A path, a call and what is filtered already bind tighter than any operator.
//!
//! *Why noncharacters delimit marks and slots:* U+FDD0 to U+FDEF are no characters and never will be; no template and
//! no values file may contain one (`yaml::refuse_reserved`), so nothing that a user writes can be taken for a mark or a
//! slot, and nothing needs to be escaped. They are ordinary text to the engine.
//!
//! *Why growth is measured after each operator:* of all that expressions do, `~`, `+` and `*` can double a value, so
//! that thirty of them make a gigabyte in a few instructions, which the engine's fuel does not see. Lists, maps and
//! `set` can nest a value once more with each turn of a loop. Whatever else makes texts larger is a filter or function,
//! which measures what it makes itself (`engine/growth.rs` has all of it).
//!
//! *Why operands pass a filter:* the engine's operators cannot be replaced, and what is done with their operands has
//! to be known before it is done. A constant passes none, nor what an operator has made: most operands.

use std::ops::Range;

use minijinja::machinery::Span as JinjaSpan;
use minijinja::machinery::ast::{
    BinOpKind, Call, CallType, EmitExpr, Expr, Slice, Spanned, Stmt, UnaryOpKind,
};

use super::insertion::{Comparison, Insertion, InsertionKind};
use super::syntax_tree::{each_child, each_own_expression, each_statement};

/// Text of this many bytes between two expressions is counted. Less is bounded by the engine's fuel, of which each
/// stretch of text takes some.
const LONG_TEXT: usize = 64;

/// What is put into a template, and its printed expressions.
#[derive(Default)]
pub(super) struct Instrumentation<'t> {
    /// In the order of their offsets.
    pub(super) insertions: Vec<Insertion>,
    /// The printed expressions in the order of their numbers; behind them the `fail(…)` that nothing prints.
    pub(super) printed: Vec<Printed<'t>>,
}

/// Something with a number.
pub(super) struct Printed<'t> {
    /// Its bytes in the template.
    pub(super) place: Range<usize>,
    pub(super) what: PrintedAs<'t>,
}

/// What has the number.
#[derive(Clone, Copy)]
pub(super) enum PrintedAs<'t> {
    Expression(&'t Expr<'t>),
    /// A `fail(…)` that nothing prints.
    Fail(&'t Call<'t>),
}

/// Finds what a template needs. Its expressions are numbered from `first_expression`; `imports` is what is put around
/// its shared imports.
pub(super) fn instrument<'t>(
    source: &str,
    tree: &'t Stmt<'t>,
    first_expression: usize,
    mut imports: Vec<Insertion>,
) -> Instrumentation<'t> {
    let mut found = Collector { source, first_expression, ..Collector::default() };
    each_statement(tree, &mut |statement| found.statement(statement));
    // Numbered behind all expressions of the template.
    let mut open_fails = Vec::new();
    let mut close_fails = Vec::new();
    for (place, call) in std::mem::take(&mut found.fails) {
        let number = found.number(place.clone(), PrintedAs::Fail(call));
        open_fails.push(Insertion::new(place.start, InsertionKind::OpenFail));
        close_fails.push(Insertion::new(place.end, InsertionKind::CloseFail(number)));
    }
    // The sort is stable, so the order of these lists nests what is put at one offset: the call around a `fail` is
    // innermost, then come the guards, then the bind filter: `((__report_fail(fail("…"), 8))|_m)|_b(7)`.
    let mut insertions = close_fails;
    insertions.append(&mut imports);
    insertions.append(&mut found.guards);
    insertions.append(&mut found.guards_of_set);
    insertions.append(&mut found.marks_and_binds);
    insertions.append(&mut open_fails);
    insertions.sort_by_key(|insertion| insertion.at);
    Instrumentation { insertions, printed: found.printed }
}

/// What has been found so far.
#[derive(Default)]
struct Collector<'s, 't> {
    source: &'s str,
    first_expression: usize,
    printed: Vec<Printed<'t>>,
    /// The calls of `fail(…)` whose value is not what an expression prints, with their places.
    fails: Vec<(Range<usize>, &'t Call<'t>)>,
    /// The filters around what grows and around operands, inside of expressions.
    guards: Vec<Insertion>,
    /// The measuring filter around what `set` gives a name.
    guards_of_set: Vec<Insertion>,
    marks_and_binds: Vec<Insertion>,
}

impl<'t> Collector<'_, 't> {
    /// What a statement needs, without those inside it.
    fn statement(&mut self, statement: &'t Stmt<'t>) {
        match statement {
            Stmt::EmitRaw(node) => self.mark(node.raw),
            Stmt::EmitExpr(node) => {
                self.bind(node);
                fails_in_printed(&node.expr, &mut self.fails);
            }
            Stmt::CallBlock(node) => self.repeated_line_break(node.span()),
            Stmt::Set(set) => {
                // The engine's span of a filtered value begins behind the bar, so the value is looked for from the name
                // on.
                let name_end = set.target.span().end_offset as usize;
                let value_end = set.expr.span().end_offset as usize;
                if let Some(sign) = self.source.get(name_end..).and_then(|rest| rest.find('=')) {
                    let kind = match set.target {
                        Expr::GetAttr(_) => InsertionKind::Store,
                        _ => InsertionKind::Measure,
                    };
                    self.guards_of_set.push(Insertion::new(name_end + sign + 1, InsertionKind::Open));
                    self.guards_of_set.push(Insertion::new(value_end, kind));
                }
            }
            Stmt::Do(node) if is_fail(&node.call) => {
                self.fails.push((byte_range(node.call.span()), &node.call))
            }
            _ => {}
        }
        if !matches!(statement, Stmt::EmitExpr(_)) {
            each_own_expression(statement, &mut |expr| fails_in_used(expr, &mut self.fails));
        }
        each_own_expression(statement, &mut |expr| self.guard(expr));
    }

    /// The number of an expression, by which it is known from here on.
    fn number(&mut self, place: Range<usize>, what: PrintedAs<'t>) -> u32 {
        let number = self.first_expression + self.printed.len();
        self.printed.push(Printed { place, what });
        // As many as there are bytes at most.
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// The bind filter around what `{{ … }}` prints.
    fn bind(&mut self, node: &'t Spanned<EmitExpr<'t>>) {
        // The engine's span of this statement begins at the braces and ends behind the expression; that of the
        // expression itself is of no use, as a filter's begins behind its bar.
        let span = byte_range(node.span());
        let opened = self.behind_sign(span.start + "{{".len());
        let closed = span.end + leading_white_space(&self.source[span.end..]);
        let place = without_white_space(self.source, opened..closed);
        let number = self.number(place, PrintedAs::Expression(&node.expr));
        // Behind the guard, something that grows is filtered already.
        let kind = if binds_tight(&node.expr) || grows(&node.expr) {
            InsertionKind::Bind(number)
        } else {
            self.marks_and_binds.push(Insertion::new(opened, InsertionKind::Open));
            InsertionKind::BindParenthesis(number)
        };
        self.marks_and_binds.push(Insertion::new(closed, kind));
    }

    /// Behind the sign that takes white space away, if there is one.
    fn behind_sign(&self, at: usize) -> usize {
        at + usize::from(self.source[at..].starts_with(['-', '+']))
    }

    /// A mark before a stretch of text, which counts it if it is long. One is enough for all of its lines: what stands
    /// behind a mark is the template's text up to the next mark or slot.
    fn mark(&mut self, data: &str) {
        // By address, because the span of a `{% raw %}` block also covers white space that the engine trims.
        let start = data.as_ptr() as usize - self.source.as_ptr() as usize;
        // Before the first character that is no white space: a mark in the indentation would stand in the way of the
        // engine's `lstrip_blocks` and `-%}`, which look for white space alone.
        let blank = leading_white_space(data);
        if blank == data.len() {
            return;
        }
        let kind = match u32::try_from(data.len()) {
            Ok(bytes) if data.len() >= LONG_TEXT => InsertionKind::CountedMark(bytes),
            _ => InsertionKind::Mark,
        };
        self.marks_and_binds.push(Insertion::new(start + blank, kind));
    }

    /// The line break behind `{% endcall %}`, once more. The engine takes one line break away behind each block, as if
    /// a block printed nothing; but a call prints a value, and the next line must not be joined to it.
    fn repeated_line_break(&mut self, block: JinjaSpan) {
        // The engine's span ends behind the keyword.
        let keyword_end = block.end_offset as usize;
        let rest = &self.source[keyword_end..];
        let end = self.behind_sign(keyword_end + leading_white_space(rest));
        if self.source[end..].starts_with("%}") {
            let end = end + "%}".len();
            if self.source[end..].starts_with(['\n', '\r']) {
                self.marks_and_binds.push(Insertion::new(end, InsertionKind::LineBreak));
            }
        }
    }

    /// The filters around everything in an expression that can grow, and around operands.
    fn guard(&mut self, expr: &'t Expr<'t>) {
        // What is put at one offset must nest, so the ends of what is inside are found first. Beginnings are alike.
        each_child(expr, &mut |child| self.guard(child));
        match expr {
            Expr::BinOp(op) if let Some((left, right)) = versions_compared(&op.left, &op.right, op.op) => {
                let end = byte_range(expr.span()).end;
                let start = self.behind_operator(&op.left);
                self.filter(self.opened(&op.left), left);
                self.filter(start..end, right);
            }
            Expr::BinOp(op) => {
                let end = byte_range(expr.span()).end;
                self.guard_operands(&op.left, &op.right, end, BinaryOperator::of(op.op));
            }
            // `a < b < c`: the second is an operand of both.
            Expr::Compare(chain) => {
                if !matches!(chain.expr, Expr::Const(_)) {
                    self.filter(self.opened(&chain.expr), InsertionKind::ComparedLeft);
                }
                for (at, op) in chain.ops.iter().enumerate() {
                    // Behind the last one, a parenthesis may close more than the operand.
                    let range = if at + 1 == chain.ops.len() {
                        self.behind_operator(if at == 0 { &chain.expr } else { &chain.ops[at - 1].expr })
                            ..byte_range(expr.span()).end
                    } else {
                        self.opened(&op.expr)
                    };
                    self.filter(range, InsertionKind::ComparedRight);
                }
            }
            Expr::UnaryOp(op) if matches!(op.op, UnaryOpKind::Neg) && may_be_of_values(&op.expr) => {
                // A filter without parentheses would be one of the negative number.
                self.closed_filter(self.opened(&op.expr), InsertionKind::Operand);
            }
            Expr::Slice(slice) => self.guard_step(slice),
            Expr::GetItem(item) if may_be_of_values(&item.subscript_expr) => {
                self.filter(self.opened(&item.subscript_expr), InsertionKind::Operand);
            }
            _ => {}
        }
        if grows(expr) {
            let start = self.opened(expr).start;
            let inside = self.start(expr)..byte_range(expr.span()).end;
            // A key, a position or a call cannot stand behind a filter.
            let rest = self.source[inside.end..].trim_start();
            if start == inside.start && rest.starts_with(['.', '[', '(']) {
                self.closed_filter(inside, InsertionKind::Measure);
            } else {
                self.filter(inside, InsertionKind::Measure);
            }
        }
    }

    /// The filters around the operands of an operator, whose right one ends at `end`.
    fn guard_operands(
        &mut self,
        left: &'t Expr<'t>,
        right: &'t Expr<'t>,
        end: usize,
        operator: BinaryOperator,
    ) {
        let (of_left, of_right) = match operator {
            BinaryOperator::Chooses | BinaryOperator::Concatenates => return,
            BinaryOperator::Repeats => (Some(InsertionKind::Repeated), Some(InsertionKind::Repeats)),
            BinaryOperator::Counts => (
                may_be_of_values(left).then_some(InsertionKind::Operand),
                may_be_of_values(right).then_some(InsertionKind::Operand),
            ),
            // No more is looked at than a constant has. One that is no number is equal to none.
            BinaryOperator::Compares if is_word(left) || is_word(right) => return,
            BinaryOperator::Compares | BinaryOperator::Searches => (
                (!matches!(left, Expr::Const(_))).then_some(InsertionKind::ComparedLeft),
                (!matches!(right, Expr::Const(_))).then_some(InsertionKind::ComparedRight),
            ),
        };
        let start = self.behind_operator(left);
        if let Some(kind) = of_left {
            self.filter(self.opened(left), kind);
        }
        if let Some(kind) = of_right {
            self.filter(start..end, kind);
        }
    }

    /// The filters of a slice with a step. Backwards, the engine panics at what is empty, and at bounds that do not
    /// fit.
    fn guard_step(&mut self, slice: &'t Slice<'t>) {
        let Some(step) = &slice.step else { return };
        let is_const =
            |expr: &Expr<'_>| matches!(expr, Expr::Const(constant) if constant.value.as_usize() > Some(0));
        let is_backwards = |expr: &Expr<'_>| match expr {
            Expr::UnaryOp(op) => matches!(op.op, UnaryOpKind::Neg) && is_const(&op.expr),
            _ => false,
        };
        if is_backwards(step) && slice.start.is_none() && slice.stop.is_none() {
            self.closed_filter(self.opened(&slice.expr), InsertionKind::Backwards);
        } else if !is_const(step) {
            self.filter(self.opened(step), InsertionKind::Step);
        }
    }

    /// A filter around a range, behind which something may stand that binds tighter.
    fn closed_filter(&mut self, range: Range<usize>, kind: InsertionKind) {
        self.guards.push(Insertion::new(range.start, InsertionKind::Open));
        self.filter(range.clone(), kind);
        self.guards.push(Insertion::new(range.end, InsertionKind::Close));
    }

    /// A filter around a range.
    fn filter(&mut self, range: Range<usize>, kind: InsertionKind) {
        self.guards.push(Insertion::new(range.start, InsertionKind::Open));
        self.guards.push(Insertion::new(range.end, kind));
    }

    // Where expressions begin. The engine's spans end where an expression does, up to parentheses around it; but that
    // of a filter begins behind its bar, that of a path at its last point, that of a comparison at the word before.

    /// Where an expression begins, without parentheses around all of it.
    fn start(&self, expr: &Expr<'_>) -> usize {
        let first = match expr {
            Expr::GetAttr(attr) => &attr.expr,
            Expr::GetItem(item) => &item.expr,
            Expr::Slice(slice) => &slice.expr,
            Expr::Call(call) => &call.expr,
            Expr::Test(test) => &test.expr,
            Expr::BinOp(op) => &op.left,
            Expr::Compare(compare) => &compare.expr,
            Expr::IfExpr(choice) => &choice.true_expr,
            Expr::Filter(filter) => match &filter.expr {
                Some(filtered) => filtered,
                None => return byte_range(expr.span()).start,
            },
            Expr::UnaryOp(op) => {
                let start = byte_range(expr.span()).start;
                let begins = self.source.get(start..).is_some_and(|rest| rest.starts_with("not"));
                // `a is not b` and `a not in b` are denials as well.
                match op.op {
                    UnaryOpKind::Not if !begins => &op.expr,
                    _ => return start,
                }
            }
            Expr::Var(_) | Expr::Const(_) | Expr::List(_) | Expr::Tuple(_) | Expr::Map(_) => {
                return byte_range(expr.span()).start;
            }
        };
        self.opened(first).start
    }

    /// The range of an operand of something that stands behind it, with the parentheses around it.
    fn opened(&self, expr: &Expr<'_>) -> Range<usize> {
        self.outside(expr, self.start(expr))
    }

    /// The range of an expression that begins at `start`, with as many parentheses around it as are closed behind it.
    fn outside(&self, expr: &Expr<'_>, start: usize) -> Range<usize> {
        let mut range = start..byte_range(expr.span()).end;
        // Each turn takes two more of them off what is left.
        loop {
            let (before, behind) = (&self.source[..range.start], &self.source[range.end..]);
            let (outer, rest) = (before.trim_end(), behind.trim_start());
            let is_around = rest.starts_with(')') && outer.ends_with('(');
            if !is_around {
                return range;
            }
            range = outer.len() - 1..self.source.len() - rest.len() + 1;
        }
    }

    /// Where the operand behind the operator begins that stands behind this one.
    fn behind_operator(&self, left: &Expr<'_>) -> usize {
        let end = self.opened(left).end;
        let mut rest = self.source[end..].trim_start();
        // `not in` is two words.
        rest = rest.strip_prefix("not").map_or(rest, str::trim_start);
        let is_sign = |c: char| "=!<>+-*/%~".contains(c);
        rest = match rest.strip_prefix("in") {
            Some(behind) => behind,
            // A sign may stand at the operand itself: `a - -b`.
            None => {
                let sign =
                    ["==", "!=", "<=", ">=", "**", "//"].into_iter().find(|sign| rest.starts_with(sign));
                match sign {
                    Some(sign) => &rest[sign.len()..],
                    None => rest.strip_prefix(is_sign).unwrap_or(rest),
                }
            }
        };
        self.source.len() - rest.trim_start().len()
    }
}

/// What an operator does with its operands, as far as it matters to them.
#[derive(Clone, Copy)]
enum BinaryOperator {
    /// `and`, `or`: gives one of them.
    Chooses,
    /// `~`: makes texts of them.
    Concatenates,
    /// `*`
    Repeats,
    /// `+`, `-`, `/`, …
    Counts,
    /// `==`, `<`, …
    Compares,
    /// `in`
    Searches,
}

impl BinaryOperator {
    fn of(kind: BinOpKind) -> Self {
        match kind {
            BinOpKind::ScAnd | BinOpKind::ScOr => BinaryOperator::Chooses,
            BinOpKind::Concat => BinaryOperator::Concatenates,
            BinOpKind::Mul => BinaryOperator::Repeats,
            BinOpKind::Add
            | BinOpKind::Sub
            | BinOpKind::Div
            | BinOpKind::FloorDiv
            | BinOpKind::Rem
            | BinOpKind::Pow => BinaryOperator::Counts,
            BinOpKind::Eq
            | BinOpKind::Ne
            | BinOpKind::Lt
            | BinOpKind::Lte
            | BinOpKind::Gt
            | BinOpKind::Gte => BinaryOperator::Compares,
            BinOpKind::In => BinaryOperator::Searches,
        }
    }
}

/// The filters of the operands, if a version is compared: with one of a cluster (`kube.version`), or with another.
fn versions_compared(
    left: &Expr<'_>,
    right: &Expr<'_>,
    op: BinOpKind,
) -> Option<(InsertionKind, InsertionKind)> {
    let comparison = match op {
        BinOpKind::Eq => Comparison::Equal,
        BinOpKind::Ne => Comparison::NotEqual,
        BinOpKind::Lt => Comparison::Less,
        BinOpKind::Lte => Comparison::LessOrEqual,
        BinOpKind::Gt => Comparison::Greater,
        BinOpKind::Gte => Comparison::GreaterOrEqual,
        _ => return None,
    };
    let turned = comparison.turned();
    Some(if is_kube_version(left) {
        (InsertionKind::Version, InsertionKind::AgainstKubeVersion(comparison))
    } else if is_kube_version(right) {
        (InsertionKind::AgainstKubeVersion(turned), InsertionKind::Version)
    } else if is_semver(left) {
        (InsertionKind::Version, InsertionKind::AgainstVersion(comparison))
    } else if is_semver(right) {
        (InsertionKind::AgainstVersion(turned), InsertionKind::Version)
    } else {
        return None;
    })
}

fn is_kube_version(expr: &Expr<'_>) -> bool {
    let Expr::GetAttr(attr) = expr else { return false };
    attr.name == "version" && matches!(&attr.expr, Expr::Var(var) if var.id == "kube")
}

fn is_semver(expr: &Expr<'_>) -> bool {
    matches!(expr, Expr::Call(call) if matches!(call.identify_call(), CallType::Function("semver")))
}

/// Whether it may be a number of the values: what is made by an operator is none, nor is a constant.
fn may_be_of_values(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::Var(_)
        | Expr::GetAttr(_)
        | Expr::GetItem(_)
        | Expr::Call(_)
        | Expr::Filter(_)
        | Expr::IfExpr(_) => true,
        Expr::BinOp(op) => matches!(BinaryOperator::of(op.op), BinaryOperator::Chooses),
        Expr::Const(_)
        | Expr::Slice(_)
        | Expr::UnaryOp(_)
        | Expr::Compare(_)
        | Expr::Test(_)
        | Expr::List(_)
        | Expr::Tuple(_)
        | Expr::Map(_) => false,
    }
}

/// Whether it is a constant that is no number: a text, a boolean or null.
fn is_word(expr: &Expr<'_>) -> bool {
    matches!(expr, Expr::Const(constant) if !constant.value.is_number())
}

/// How many bytes of white space a text begins with.
fn leading_white_space(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// A range without the white space at both of its ends.
fn without_white_space(source: &str, range: Range<usize>) -> Range<usize> {
    let inside = &source[range.clone()];
    let lead = leading_white_space(inside);
    range.start + lead..range.start + inside.trim_end().len().max(lead)
}

/// Whether a filter that is written behind an expression applies to all of it.
fn binds_tight(expr: &Expr<'_>) -> bool {
    matches!(expr, Expr::Var(_) | Expr::GetAttr(_) | Expr::GetItem(_) | Expr::Call(_) | Expr::Filter(_))
}

fn grows(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::BinOp(op) => matches!(op.op, BinOpKind::Concat | BinOpKind::Add | BinOpKind::Mul),
        // `[x, x]` holds `x` twice, and prints it twice.
        Expr::List(_) | Expr::Tuple(_) | Expr::Map(_) | Expr::Slice(_) => true,
        _ => false,
    }
}

// The places of the calls of `fail(…)` whose value is not what an expression prints.
//
// A `fail` that is printed gives the bind filter a value that stands for the refusal. One whose value goes into
// something else, as in `"a" ~ fail("…")` or `{% do fail("…") %}`, would be lost, so it is reported where it is called.
// What `default(…)` and `coalesce(…)` are given counts only if they choose it: they evaluate all their arguments, also
// those that they do not take.

/// In an expression whose value is printed, or would be if it were chosen.
fn fails_in_printed<'t>(expr: &'t Expr<'t>, found: &mut Vec<(Range<usize>, &'t Call<'t>)>) {
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
fn fails_in_used<'t>(expr: &'t Expr<'t>, found: &mut Vec<(Range<usize>, &'t Call<'t>)>) {
    match expr {
        _ if chooses(expr) => each_child(expr, &mut |child| fails_in_printed(child, found)),
        Expr::Call(call) if is_fail(call) => {
            found.push((byte_range(expr.span()), call));
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
