//! Walking minijinja's syntax tree.

use minijinja::machinery::ast::{Expr, Stmt};

use super::expression::each_child;

/// Calls `visit` with every statement below (and with) `root`, outer ones first.
pub(super) fn each_statement<'a>(root: &'a Stmt<'a>, visit: &mut dyn FnMut(&'a Stmt<'a>)) {
    visit(root);
    for body in bodies(root) {
        body.iter().for_each(|statement| each_statement(statement, visit));
    }
}

/// Calls `visit` with every expression of every statement, outer ones first.
pub(super) fn each_expression<'a>(root: &'a Stmt<'a>, visit: &mut dyn FnMut(&'a Expr<'a>)) {
    each_statement(root, &mut |statement| {
        for expr in expressions(statement) {
            descend(expr, visit);
        }
    });
}

fn descend<'a>(expr: &'a Expr<'a>, visit: &mut dyn FnMut(&'a Expr<'a>)) {
    visit(expr);
    each_child(expr, &mut |child| descend(child, visit));
}

/// The statements inside a statement.
pub(super) fn bodies<'a>(statement: &'a Stmt<'a>) -> Vec<&'a [Stmt<'a>]> {
    match statement {
        Stmt::Template(node) => vec![&node.children],
        Stmt::ForLoop(node) => vec![&node.body, &node.else_body],
        Stmt::IfCond(node) => vec![&node.true_body, &node.false_body],
        Stmt::WithBlock(node) => vec![&node.body],
        Stmt::SetBlock(node) => vec![&node.body],
        Stmt::AutoEscape(node) => vec![&node.body],
        Stmt::FilterBlock(node) => vec![&node.body],
        Stmt::Block(node) => vec![&node.body],
        Stmt::Macro(node) => vec![&node.body],
        Stmt::CallBlock(node) => vec![&node.macro_decl.body],
        _ => Vec::new(),
    }
}

/// The expressions that a statement holds itself; a call's arguments included, its callee not.
pub(super) fn expressions<'a>(statement: &'a Stmt<'a>) -> Vec<&'a Expr<'a>> {
    match statement {
        Stmt::EmitExpr(node) => vec![&node.expr],
        Stmt::ForLoop(node) => std::iter::once(&node.iter).chain(&node.filter_expr).collect(),
        Stmt::IfCond(node) => vec![&node.expr],
        Stmt::WithBlock(node) => node.assignments.iter().map(|(_, value)| value).collect(),
        Stmt::Set(node) => vec![&node.expr],
        Stmt::SetBlock(node) => node.filter.iter().collect(),
        Stmt::Macro(node) => node.defaults.iter().collect(),
        Stmt::CallBlock(node) => call_parts(&node.call),
        Stmt::Do(node) => call_parts(&node.call),
        Stmt::Include(node) => vec![&node.name],
        Stmt::Extends(node) => vec![&node.name],
        Stmt::Import(node) => vec![&node.expr],
        Stmt::FromImport(node) => vec![&node.expr],
        _ => Vec::new(),
    }
}

fn call_parts<'a>(call: &'a minijinja::machinery::ast::Call<'a>) -> Vec<&'a Expr<'a>> {
    let mut parts = Vec::new();
    super::expression::each_call_part(call, &mut |part| parts.push(part));
    parts
}
