//! What one `{{ … }}` says: whether it is a bare path, and which paths it reads.

use std::sync::{Arc, OnceLock};

use minijinja::machinery::ast::{self, CallArg, Expr};

use crate::source::Span;

/// One expression of a template.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    /// The position of its template.
    pub(super) template: usize,
    /// Its place, without the braces.
    pub(super) span: Span,
    /// The path, when the expression is nothing else.
    pub(super) bare: Option<PathExpr>,
    /// Every path that it reads, the longest of each chain; the bare one comes first.
    pub(super) paths: Vec<Reading>,
    /// The schema knows the bare path, so that it may be unset.
    pub(super) known: bool,
    /// Its `{{-` took the white space before it away.
    pub(super) trims: bool,
}

/// A path that an expression reads.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) path: PathExpr,
    /// As the template writes it.
    pub(super) text: Arc<str>,
    /// Where below the values it may lead, once somebody has asked.
    pub(super) ways: OnceLock<Vec<Way>>,
}

/// A way down from the root of the values. [`Step::Dynamic`] stands for every item or value.
pub(super) type Way = Vec<Step>;

/// A variable and the attributes that are taken of it: `values.engine.replicas`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct PathExpr {
    /// The variable.
    pub(super) root: String,
    /// The steps down from it.
    pub(super) steps: Vec<Step>,
    /// Byte range in the template.
    pub(super) start: u32,
    /// End of the byte range.
    pub(super) end: u32,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Step {
    /// `.name` or `["name"]`; with its byte range.
    Key(String, u32, u32),
    /// `[0]`
    Index(usize),
    /// `[expression]`
    Dynamic,
}

impl PathExpr {
    /// Whether both are written alike, wherever they stand.
    pub(super) fn reads_like(&self, other: &PathExpr) -> bool {
        let alike = |(a, b): (&Step, &Step)| match (a, b) {
            (Step::Key(a, ..), Step::Key(b, ..)) => a == b,
            _ => a == b,
        };
        self.root == other.root
            && self.steps.len() == other.steps.len()
            && self.steps.iter().zip(&other.steps).all(alike)
    }

    /// The reading of a path that can be an input; what a loop counts is none.
    pub(super) fn read(self) -> Option<Reading> {
        let text = Arc::from(self.text());
        (self.root != "loop").then_some(Reading { path: self, text, ways: OnceLock::new() })
    }

    /// As the template writes it.
    pub(super) fn text(&self) -> String {
        let mut text = self.root.clone();
        for step in &self.steps {
            match step {
                Step::Key(key, ..) => {
                    text.push('.');
                    text.push_str(key);
                }
                Step::Index(index) => text.push_str(&format!("[{index}]")),
                Step::Dynamic => text.push_str("[…]"),
            }
        }
        text
    }
}

/// The path that an expression is, if it is nothing but a path.
pub(super) fn bare_path(expr: &Expr<'_>) -> Option<PathExpr> {
    let (end, place) = (expr.span().end_offset, expr.span());
    match expr {
        Expr::Var(var) => {
            Some(PathExpr { root: var.id.to_owned(), steps: Vec::new(), start: place.start_offset, end })
        }
        Expr::GetAttr(attr) => {
            let parent = bare_path(&attr.expr)?;
            let start = end.saturating_sub(u32::try_from(attr.name.len()).unwrap_or(0));
            Some(parent.with(Step::Key(attr.name.to_owned(), start, end), end))
        }
        Expr::GetItem(item) => {
            let parent = bare_path(&item.expr)?;
            let step = match &item.subscript_expr {
                Expr::Const(constant) => match (constant.value.as_str(), constant.value.as_usize()) {
                    (Some(key), _) => {
                        let span = item.subscript_expr.span();
                        Step::Key(key.to_owned(), span.start_offset, span.end_offset)
                    }
                    (None, Some(index)) => Step::Index(index),
                    _ => Step::Dynamic,
                },
                _ => Step::Dynamic,
            };
            Some(parent.with(step, end))
        }
        _ => None,
    }
}

impl PathExpr {
    fn with(mut self, step: Step, end: u32) -> Self {
        self.steps.push(step);
        self.end = end;
        self
    }
}

/// Calls `visit` with every path in an expression, the longest of each chain.
pub(super) fn each_path(expr: &Expr<'_>, visit: &mut dyn FnMut(PathExpr)) {
    if let Some(path) = bare_path(expr) {
        visit(path);
        subscripts(expr, visit);
        return;
    }
    each_child(expr, &mut |child| each_path(child, visit));
}

/// The paths inside `[…]` along a chain are read as well.
fn subscripts(expr: &Expr<'_>, visit: &mut dyn FnMut(PathExpr)) {
    match expr {
        Expr::GetAttr(attr) => subscripts(&attr.expr, visit),
        Expr::GetItem(item) => {
            subscripts(&item.expr, visit);
            each_path(&item.subscript_expr, visit);
        }
        _ => {}
    }
}

/// Calls `visit` with the expressions that an expression is made of.
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

/// Calls `visit` with the callee (unless it is a plain name) and the arguments of a call.
pub(super) fn each_call_part<'a>(call: &'a ast::Call<'a>, visit: &mut dyn FnMut(&'a Expr<'a>)) {
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
            | CallArg::KwargSplat(expr) => {
                visit(expr);
            }
        }
    }
}
