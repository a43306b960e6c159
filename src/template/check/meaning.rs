//! What the names and paths of a template stand for, as far as it can be told without running it.

use std::sync::Arc;

use minijinja::machinery::ast::{CallType, Expr};

use super::Checker;
use super::macros::MacroId;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::template::expression::{PathExpr, Step, bare_path};
use crate::template::reads::Way;
use crate::yaml::{Types, WantRef};

/// What a name stands for.
#[derive(Clone, Debug)]
pub(super) enum Known<'w> {
    /// A place of the values that the schema describes, and the way there.
    Place(WantRef<'w>, Way),
    /// A map with these keys.
    Keys(&'static [&'static str]),
    /// Anything: nothing is checked below it.
    Anything,
    /// The text of a set block.
    Fragment,
    /// A macro, if it is known which, or `caller`.
    Macro(Option<MacroId>),
    /// An imported template.
    Module(Arc<str>),
}

impl<'w> Checker<'_, 'w> {
    pub(super) fn find(&self, name: &str) -> Option<&Known<'w>> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
    }

    /// Whether an expression yields the text of a macro, a set block or `caller()`.
    pub(super) fn is_fragment(&self, expr: &Expr<'_>) -> bool {
        match expr {
            Expr::Var(var) => matches!(self.find(var.id), Some(Known::Fragment)),
            Expr::Call(call) => match call.identify_call() {
                CallType::Function(name) => matches!(self.find(name), Some(Known::Macro(_))),
                CallType::Method(Expr::Var(var), _) => matches!(self.find(var.id), Some(Known::Module(_))),
                CallType::Block(_) => true,
                _ => false,
            },
            _ => false,
        }
    }

    /// What an expression stands for, as far as it can be told without running it.
    pub(super) fn meaning(&self, expr: &Expr<'_>) -> Known<'w> {
        match expr {
            Expr::Filter(filter) if matches!(filter.name, "default" | "d") => {
                filter.expr.as_ref().map_or(Known::Anything, |inner| self.meaning(inner))
            }
            _ => bare_path(expr).and_then(|path| self.resolve(&path).ok()).unwrap_or(Known::Anything),
        }
    }

    /// What each turn of a loop gets.
    pub(super) fn item_of(&self, expr: &Expr<'_>) -> Known<'w> {
        if let Expr::Filter(filter) = expr {
            return match (&filter.expr, filter.name) {
                (Some(inner), "items" | "dictsort" | "sort" | "reverse" | "default" | "d" | "unique") => {
                    self.item_of(inner)
                }
                _ => Known::Anything,
            };
        }
        match self.meaning(expr) {
            Known::Place(want, way) => {
                let item = want.item().or_else(|| want.property(""));
                item.map_or(Known::Anything, |item| Known::Place(item, way.item()))
            }
            _ => Known::Anything,
        }
    }

    /// Whether the schema describes this place, so that it may be unset.
    pub(super) fn is_described(&self, path: &PathExpr) -> bool {
        let Some((Step::Key(key, ..), parent)) = path.steps.split_last() else { return false };
        let parent = PathExpr { steps: parent.to_vec(), ..path.clone() };
        let Ok(Known::Place(parent, _)) = self.resolve(&parent) else { return false };
        let named = parent.names(key.as_str());
        named || parent.property(key).is_some_and(|want| want.types() != Types::ANY)
    }

    pub(super) fn path(&mut self, path: &PathExpr) {
        if let Err(finding) = self.resolve(path) {
            self.session.report(*finding);
        }
        if let Some(way) = self.way(path) {
            self.reads.push(way);
        }
    }

    /// The way that a path leads from `values`, as far as it can be told; none if it does not begin there.
    fn way(&self, path: &PathExpr) -> Option<Way> {
        let Some(Known::Place(_, way)) = self.find(&path.root) else { return None };
        let known = path.steps.iter().take_while(|step| !matches!(step, Step::Dynamic));
        Some(known.fold(way.clone(), |way, step| match step {
            Step::Key(key, ..) => way.key(key),
            Step::Index(_) | Step::Dynamic => way.item(),
        }))
    }

    /// Looks at an expression whose value gets a name: a map that is only named is not read by that.
    pub(super) fn named(&mut self, expr: &Expr<'_>, target: &Expr<'_>) {
        let before = self.reads.len();
        self.expression(expr);
        if let (Known::Place(want, way), Expr::Var(_)) = (self.meaning(expr), target)
            && want.types().and(Types::SCALARS) == Types::NONE
            && !want.types().allows(Types::ARRAY)
        {
            self.forget(before, &way);
        }
    }

    /// Looks at what a loop runs over: a list of maps whose items get a name is not read by that.
    pub(super) fn looped(&mut self, iter: &Expr<'_>, target: &Expr<'_>) {
        let before = self.reads.len();
        self.expression(iter);
        let Known::Place(item, way) = self.item_of(iter) else { return };
        let pairs = !matches!(target, Expr::Var(_));
        let maps = item.types().and(Types::SCALARS) == Types::NONE;
        if let Some(above) = way.above()
            && maps
            && self.is_list(iter) != pairs
        {
            self.forget(before, &above);
        }
    }

    /// Whether an expression is a list, and no map, by its schema.
    fn is_list(&self, expr: &Expr<'_>) -> bool {
        let inner = match expr {
            Expr::Filter(filter) => filter.expr.as_ref().unwrap_or(expr),
            _ => expr,
        };
        matches!(self.meaning(inner), Known::Place(want, _) if !want.types().allows(Types::OBJECT))
    }

    pub(super) fn forget(&mut self, before: usize, way: &Way) {
        let mut index = before;
        while index < self.reads.len() {
            if self.reads[index].is(way) {
                self.reads.remove(index);
            } else {
                index += 1;
            }
        }
    }

    pub(super) fn resolve(&self, path: &PathExpr) -> Result<Known<'w>, Box<Diagnostic>> {
        let Some(mut known) = self.find(&path.root).cloned() else {
            return Err(Box::new(self.unknown_name(path)));
        };
        let mut so_far = path.root.clone();
        for step in &path.steps {
            known = match (known, step) {
                (Known::Place(want, way), Step::Key(key, start, end)) => match self.below(want, &way, key) {
                    Some(next) => next,
                    None => {
                        return Err(Box::new(self.unknown_key(
                            &so_far,
                            key,
                            Span { source: self.file.source, start: *start, end: *end },
                            want,
                        )));
                    }
                },
                (Known::Place(want, way), _) => {
                    want.item().map_or(Known::Anything, |item| Known::Place(item, way.item()))
                }
                (Known::Keys(keys), Step::Key(key, start, end)) if !keys.contains(&key.as_str()) => {
                    let span = Span { source: self.file.source, start: *start, end: *end };
                    let finding = Diagnostic::error(Code::T009, format!("`{so_far}` has no `{key}`"))
                        .at(span, "this name");
                    let all = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
                    let finding = finding.did_you_mean(key, keys.iter().copied());
                    return Err(Box::new(finding.help(format!("it has {all}"))));
                }
                _ => Known::Anything,
            };
            if let Step::Key(key, ..) = step {
                so_far.push('.');
                so_far.push_str(key);
            }
        }
        Ok(known)
    }

    /// What is under a key; a place whose type nobody knows may hold anything.
    pub(super) fn below(&self, want: WantRef<'w>, way: &Way, key: &str) -> Option<Known<'w>> {
        let found = want.property(key).map(|below| Known::Place(below, way.key(key)));
        let unsure = want.types() == Types::ANY || want.types() == Types::NONE;
        found.or_else(|| unsure.then_some(Known::Anything))
    }
}
