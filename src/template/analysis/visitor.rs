//! Visitors of minijinja's syntax tree: every statement, every expression, and the direct children of each.
//!
//! The engine has no visitor of its own. All analyses go through these functions, so a new kind of node is added in one place;
//! the match over expressions is exhaustive, so that a new version of the engine does not compile until it is.

use minijinja::machinery::ast::{Call, CallArg, Expr, Stmt};

// Closures are taken as `&mut dyn FnMut`, not as type parameters: these functions recurse, and a closure that wraps another one on each
// level would be a new type on each, without end.

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
        for expr in expressions(statement) {
            each_descendant(expr, visit);
        }
    });
}

fn each_descendant<'a>(expr: &'a Expr<'a>, visit: &mut dyn FnMut(&'a Expr<'a>)) {
    visit(expr);
    each_child(expr, &mut |child| each_descendant(child, visit));
}

/// The lists of statements inside a statement.
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
        // The engine makes a macro of what stands between `{% call %}` and `{% endcall %}`.
        Stmt::CallBlock(node) => vec![&node.macro_decl.body],
        _ => Vec::new(),
    }
}

/// The expressions that a statement holds itself, not those of statements inside it. Targets that are assigned to are not among
/// them, and of a call only what [`each_call_part`] visits.
pub(super) fn expressions<'a>(statement: &'a Stmt<'a>) -> Vec<&'a Expr<'a>> {
    match statement {
        Stmt::EmitExpr(node) => vec![&node.expr],
        // The condition behind the loop's iterable: `{% for x in xs if x.enabled %}`.
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

fn call_parts<'a>(call: &'a Call<'a>) -> Vec<&'a Expr<'a>> {
    let mut parts = Vec::new();
    each_call_part(call, &mut |part| parts.push(part));
    parts
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

/// Calls `visit` with the arguments of a call, and before them with its callee if that is an expression: of `values.f(x)` it is
/// `values`. A plain name is no expression that is read, because a function is not a value here.
pub(super) fn each_call_part<'a>(call: &'a Call<'a>, visit: &mut dyn FnMut(&'a Expr<'a>)) {
    match &call.expr {
        Expr::Var(_) => {}
        Expr::GetAttr(attr) => visit(&attr.expr),
        other => visit(other),
    }
    each_argument(&call.args, visit);
}

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
pub(super) fn variable_name(expr: &Expr<'_>) -> Option<String> {
    match expr {
        Expr::Var(var) => Some(var.id.to_owned()),
        _ => None,
    }
}
