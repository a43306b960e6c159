//! Paths in expressions: whether an expression is nothing but one, and which ones it reads.
//!
//! | expression | bare | paths |
//! |---|---|---|
//! | `values.image.tag` | `values.image.tag` | `values.image.tag` |
//! | `values.name ~ "-" ~ release.name` | | `values.name`, `release.name` |
//! | `values.sizes[values.size]` | `values.sizes[…]` | `values.sizes[…]`, `values.size` |
//! | `loop.index` | `loop.index` | `loop.index`, which no value is behind |
//!
//! A bare path prints a node of the values as it is, with its lexeme, so it has to be told from what computes
//! something.

use minijinja::machinery::ast::{Expr, GetItem};

use super::syntax_tree::each_child;

/// A variable and the steps down from it, as a template writes it: `values.engine.replicas`, `hosts[0].name`.
#[derive(Clone, Debug)]
pub(super) struct Path<'t> {
    /// The variable.
    pub(super) root: &'t str,
    /// The steps down from it.
    pub(super) steps: Vec<WrittenStep<'t>>,
    /// First byte in the template.
    pub(super) start: u32,
    /// Behind the last byte in the template.
    pub(super) end: u32,
}

/// A step of a path in the text of a template.
#[derive(Clone, Copy, Debug)]
pub(super) struct WrittenStep<'t> {
    pub(super) step: PathStep<'t>,
    /// First byte of a key's name in the template.
    pub(super) start: u32,
    /// Behind the last byte of the name.
    pub(super) end: u32,
}

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PathStep<'t> {
    /// `.name` or `["name"]`
    Key(&'t str),
    /// `[0]`
    Index(usize),
    /// `[expression]`: any item or key.
    Dynamic,
}

impl Path<'_> {
    /// Whether both are the same path, wherever they are written.
    pub(super) fn is_same_path(&self, other: &Path<'_>) -> bool {
        self.root == other.root
            && self.steps.len() == other.steps.len()
            && self.steps.iter().zip(&other.steps).all(|(one, other)| one.step == other.step)
    }
}

/// A path as a template writes it, with `…` for what is computed.
pub(super) fn path_text<'t>(root: &str, steps: impl Iterator<Item = PathStep<'t>>) -> String {
    let mut text = root.to_owned();
    for step in steps {
        match step {
            PathStep::Key(name) => {
                text.push('.');
                text.push_str(name);
            }
            PathStep::Index(index) => text.push_str(&format!("[{index}]")),
            PathStep::Dynamic => text.push_str("[…]"),
        }
    }
    text
}

/// The path that an expression is, if it is nothing but a path.
pub(super) fn bare_path<'t>(expr: &'t Expr<'t>) -> Option<Path<'t>> {
    if !is_bare_path(expr) {
        return None;
    }
    let mut steps = Vec::new();
    let root = add_steps(expr, &mut steps)?;
    let span = expr.span();
    Some(Path { root: root.0, steps, start: root.1, end: span.end_offset })
}

/// Whether an expression is nothing but a path.
pub(super) fn is_bare_path(expr: &Expr<'_>) -> bool {
    let mut expr = expr;
    loop {
        expr = match expr {
            Expr::Var(_) => return true,
            Expr::GetAttr(attr) => &attr.expr,
            Expr::GetItem(item) => &item.expr,
            _ => return false,
        };
    }
}

/// Adds the steps of a bare path; yields its variable, and where that begins.
fn add_steps<'t>(expr: &'t Expr<'t>, steps: &mut Vec<WrittenStep<'t>>) -> Option<(&'t str, u32)> {
    match expr {
        Expr::Var(var) => Some((var.id, var.span().start_offset)),
        Expr::GetAttr(attr) => {
            let root = add_steps(&attr.expr, steps)?;
            // The tree has no span for the name alone; it is the last thing in the expression. A name of 4 GiB is in no
            // template (`Limit::Text`).
            let end = attr.span().end_offset;
            let length = u32::try_from(attr.name.len()).unwrap_or(0);
            steps.push(WrittenStep {
                step: PathStep::Key(attr.name),
                start: end.saturating_sub(length),
                end,
            });
            Some(root)
        }
        Expr::GetItem(item) => {
            let root = add_steps(&item.expr, steps)?;
            steps.push(subscript(item));
            Some(root)
        }
        _ => None,
    }
}

/// The step that `[…]` is.
fn subscript<'t>(item: &'t GetItem<'t>) -> WrittenStep<'t> {
    let span = item.subscript_expr.span();
    let step = match &item.subscript_expr {
        Expr::Const(constant) => match constant.value.as_str() {
            // `["name"]` is `.name`, for keys that are no identifiers.
            Some(key) => PathStep::Key(key),
            None => constant.value.as_usize().map_or(PathStep::Dynamic, PathStep::Index),
        },
        _ => PathStep::Dynamic,
    };
    WrittenStep { step, start: span.start_offset, end: span.end_offset }
}

/// Calls `visit` with every path in an expression, the longest of each chain.
pub(super) fn each_path<'t>(expr: &'t Expr<'t>, visit: &mut dyn FnMut(Path<'t>)) {
    if let Some(path) = bare_path(expr) {
        visit(path);
        // Not the children: `values.image` of `values.image.tag` is a beginning of this path, and no path of its own.
        each_subscript_path(expr, visit);
        return;
    }
    each_child(expr, &mut |child| each_path(child, visit));
}

/// The paths inside `[…]` along a chain are read as well: `values.sizes[values.size]` reads two.
fn each_subscript_path<'t>(expr: &'t Expr<'t>, visit: &mut dyn FnMut(Path<'t>)) {
    match expr {
        Expr::GetAttr(attr) => each_subscript_path(&attr.expr, visit),
        Expr::GetItem(item) => {
            each_subscript_path(&item.expr, visit);
            each_path(&item.subscript_expr, visit);
        }
        _ => {}
    }
}
