//! What one `{{ … }}` says: whether it is a bare path, and which paths it reads.
//!
//! | expression | bare | paths |
//! |---|---|---|
//! | `values.image.tag` | `values.image.tag` | `values.image.tag` |
//! | `values.name ~ "-" ~ release.name` | | `values.name`, `release.name` |
//! | `values.sizes[values.size]` | `values.sizes[…]` | `values.sizes[…]`, `values.size` |
//! | `loop.index` | `loop.index` | |
//!
//! A bare path prints a node of the values as it is, with its lexeme, so it has to be told from what computes
//! something.

use std::sync::{Arc, OnceLock};

use minijinja::machinery::ast::{Expr, GetItem};
use minijinja::machinery::parse_expr;
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::syntax_tree::each_child;
use crate::source::Span;

/// One printed expression of a template.
#[derive(Clone, Debug)]
pub(crate) struct Expression {
    /// The position of its template.
    pub(crate) template: usize,
    /// Its place in the template, without the braces and the white space inside them.
    pub(crate) span: Span,
    /// The path, when the expression is nothing else: `{{ values.image.tag }}`. Such a one prints a node of the values
    /// as it is.
    pub(crate) bare: Option<PathExpr>,
    /// Every path that it reads, the longest of each chain; the bare one comes first.
    pub(crate) paths: Vec<PathRead>,
    /// The schema knows the bare path, so that it may be unset and leave its key out.
    pub(crate) in_schema: bool,
    /// Its `{{-` took the white space before it away.
    pub(crate) trims_before: bool,
}

/// A path that an expression reads.
#[derive(Clone, Debug)]
pub(crate) struct PathRead {
    pub(crate) path: PathExpr,
    /// As the template writes it, for messages.
    pub(crate) text: Arc<str>,
    /// Where below the values it may lead, cached: following aliases is expensive, and a loop asks the same of each
    /// turn.
    pub(crate) routes: OnceLock<Vec<Route>>,
}

/// A variable and the steps down from it: `values.engine.replicas`, `hosts[0].name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PathExpr {
    /// The variable.
    pub(crate) root: String,
    /// The steps down from it.
    pub(crate) steps: Vec<PathStep>,
    /// First byte in the template.
    pub(crate) start: u32,
    /// Behind the last byte in the template.
    pub(crate) end: u32,
}

/// A path down from the root of the values, where a path of a template may lead. [`PathStep::Dynamic`] stands for every
/// item or value there.
pub(crate) type Route = Vec<PathStep>;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PathStep {
    /// `.name` or `["name"]`
    Key {
        /// The key.
        name: String,
        /// First byte of the name in the template.
        start: u32,
        /// Behind the last byte of the name.
        end: u32,
    },
    /// `[0]`
    Index(usize),
    /// `[expression]`: any item or key.
    Dynamic,
}

impl Expression {
    /// What the printed expression at a span says. `parsed` is its part of the template's tree, as far as that has it.
    pub(super) fn new(
        text: &str,
        template: usize,
        span: Span,
        parsed: Option<&Expr<'_>>,
        in_schema: bool,
    ) -> Self {
        let trims_before = trims_before(text, span);
        let mut found = Expression { template, span, bare: None, paths: Vec::new(), in_schema, trims_before };
        // The engine's span of a comparison begins with the token before it, which is the `{{`, so the tree cannot be
        // searched for one by where it begins. Those few are parsed once more.
        let again = match parsed {
            None => text.get(span.range()).and_then(|text| parse_expr(text).ok()),
            Some(_) => None,
        };
        if let Some(expr) = parsed.or(again.as_ref()) {
            found.bare = bare_path(expr);
            each_path(expr, &mut |path| found.paths.extend(path.read()));
        }
        found
    }
}

/// Whether an expression is opened by `{{-` behind white space.
fn trims_before(text: &str, span: Span) -> bool {
    let before = text.get(..span.start as usize).unwrap_or("").trim_end();
    before.strip_suffix("{{-").is_some_and(|before| before.ends_with(char::is_whitespace))
}

impl PathExpr {
    /// Whether both are the same path, wherever they are written.
    pub(super) fn is_same_path(&self, other: &PathExpr) -> bool {
        let is_same_step = |one: &PathStep, other: &PathStep| match (one, other) {
            (PathStep::Key { name: one, .. }, PathStep::Key { name: other, .. }) => one == other,
            _ => one == other,
        };
        self.root == other.root
            && self.steps.len() == other.steps.len()
            && self.steps.iter().zip(&other.steps).all(|(one, other)| is_same_step(one, other))
    }

    /// The read of a path that can be an input of an expression; what `loop` knows (`loop.index`) comes from no value.
    pub(super) fn read(self) -> Option<PathRead> {
        if self.root == "loop" {
            return None;
        }
        let text = Arc::from(self.text());
        Some(PathRead { path: self, text, routes: OnceLock::new() })
    }

    /// As a template writes it, with `…` for what is computed.
    fn text(&self) -> String {
        let mut text = self.root.clone();
        for step in &self.steps {
            match step {
                PathStep::Key { name, .. } => {
                    text.push('.');
                    text.push_str(name);
                }
                PathStep::Index(index) => text.push_str(&format!("[{index}]")),
                PathStep::Dynamic => text.push_str("[…]"),
            }
        }
        text
    }

    /// The path with a step behind it, which ends at `end`.
    fn with(mut self, step: PathStep, end: u32) -> Self {
        self.steps.push(step);
        self.end = end;
        self
    }
}

/// The variable, then each step: a string for a key, a number for an index, null for what is computed. The places
/// inside the template are left out.
impl Serialize for PathExpr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.steps.len() + 1))?;
        list.serialize_element(&self.root)?;
        for step in &self.steps {
            match step {
                PathStep::Key { name, .. } => list.serialize_element(name)?,
                PathStep::Index(index) => list.serialize_element(index)?,
                PathStep::Dynamic => list.serialize_element(&())?,
            }
        }
        list.end()
    }
}

/// The path that an expression is, if it is nothing but a path.
pub(super) fn bare_path(expr: &Expr<'_>) -> Option<PathExpr> {
    let span = expr.span();
    let end = span.end_offset;
    match expr {
        Expr::Var(var) => {
            Some(PathExpr { root: var.id.to_owned(), steps: Vec::new(), start: span.start_offset, end })
        }
        Expr::GetAttr(attr) => {
            let parent = bare_path(&attr.expr)?;
            // The tree has no span for the name alone; it is the last thing in the expression. A name of 4 GiB is in no
            // template (`Limit::Text`).
            let length = u32::try_from(attr.name.len()).unwrap_or(0);
            let step = PathStep::Key { name: attr.name.to_owned(), start: end.saturating_sub(length), end };
            Some(parent.with(step, end))
        }
        Expr::GetItem(item) => Some(bare_path(&item.expr)?.with(subscript(item), end)),
        _ => None,
    }
}

/// The step that `[…]` is.
fn subscript(item: &GetItem<'_>) -> PathStep {
    // `["name"]` is `.name`, for keys that are no identifiers.
    let Expr::Const(constant) = &item.subscript_expr else { return PathStep::Dynamic };
    if let Some(key) = constant.value.as_str() {
        let span = item.subscript_expr.span();
        return PathStep::Key { name: key.to_owned(), start: span.start_offset, end: span.end_offset };
    }
    constant.value.as_usize().map_or(PathStep::Dynamic, PathStep::Index)
}

/// Calls `visit` with every path in an expression, the longest of each chain.
pub(super) fn each_path(expr: &Expr<'_>, visit: &mut dyn FnMut(PathExpr)) {
    if let Some(path) = bare_path(expr) {
        visit(path);
        // Not the children: `values.image` of `values.image.tag` is a beginning of this path, and no path of its own.
        each_subscript_path(expr, visit);
        return;
    }
    each_child(expr, &mut |child| each_path(child, visit));
}

/// The paths inside `[…]` along a chain are read as well: `values.sizes[values.size]` reads two.
fn each_subscript_path(expr: &Expr<'_>, visit: &mut dyn FnMut(PathExpr)) {
    match expr {
        Expr::GetAttr(attr) => each_subscript_path(&attr.expr, visit),
        Expr::GetItem(item) => {
            each_subscript_path(&item.expr, visit);
            each_path(&item.subscript_expr, visit);
        }
        _ => {}
    }
}
