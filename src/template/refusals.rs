//! Calls of `fail(…)` whose value is not what an expression prints: they are heard where they are called.

use minijinja::machinery::Span;
use minijinja::machinery::ast::{BinOpKind, Call, CallType, Expr, Stmt};

use super::expression::{each_call_part, each_child};
use super::syntax::{each_statement, expressions};

/// The places of such calls. What `default(…)` and `coalesce(…)` are given counts only if they choose it, so it is not
/// among them.
pub(super) fn unprinted(tree: &Stmt<'_>) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    each_statement(tree, &mut |statement| match statement {
        Stmt::EmitExpr(node) => printed(&node.expr, &mut found),
        Stmt::Do(node) => {
            if is_fail(&node.call) {
                found.push(range(node.call.span()));
            }
            each_call_part(&node.call, &mut |part| used(part, &mut found));
        }
        _ => expressions(statement).into_iter().for_each(|expr| used(expr, &mut found)),
    });
    found
}

/// An expression whose value is printed.
fn printed(expr: &Expr<'_>, found: &mut Vec<(usize, usize)>) {
    match expr {
        Expr::IfExpr(choice) => {
            used(&choice.test_expr, found);
            printed(&choice.true_expr, found);
            choice.false_expr.iter().for_each(|expr| printed(expr, found));
        }
        Expr::BinOp(op) if matches!(op.op, BinOpKind::ScAnd | BinOpKind::ScOr) => {
            printed(&op.left, found);
            printed(&op.right, found);
        }
        _ if chooses(expr) => each_child(expr, &mut |child| printed(child, found)),
        _ => each_child(expr, &mut |child| used(child, found)),
    }
}

/// An expression whose value goes into something else.
fn used(expr: &Expr<'_>, found: &mut Vec<(usize, usize)>) {
    match expr {
        _ if chooses(expr) => each_child(expr, &mut |child| printed(child, found)),
        Expr::Call(call) if is_fail(call) => {
            found.push(range(expr.span()));
            each_child(expr, &mut |child| used(child, found));
        }
        _ => each_child(expr, &mut |child| used(child, found)),
    }
}

/// Whether it gives one of the values that it is given, and needs all of them to choose.
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

fn range(span: Span) -> (usize, usize) {
    (span.start_offset as usize, span.end_offset as usize)
}
