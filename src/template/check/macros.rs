//! What a macro reads of the settings that it is called with: its body is walked once more for each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::machinery::ast::{CallArg, Expr, Macro, Stmt};

use super::meaning::Known;
use super::{Checker, globals, variable};
use crate::session::Session;
use crate::template::TemplateFile;
use crate::template::syntax::bodies;

/// Where a macro is: its template and its name.
pub(super) type MacroId = (Arc<str>, Arc<str>);

/// A template whose macros others may call.
#[derive(Debug)]
pub(super) struct Home<'t> {
    pub(super) file: &'t TemplateFile,
    pub(super) tree: &'t Stmt<'t>,
}

impl Home<'_> {
    /// The macro of this name that stands for itself in the template.
    fn find(&self, name: &str) -> Option<&Macro<'_>> {
        bodies(self.tree).into_iter().flatten().find_map(|statement| match statement {
            Stmt::Macro(node) if node.name == name => Some(&**node),
            _ => None,
        })
    }
}

/// Calls inside calls that are followed; a macro may call itself with ever deeper settings.
const MAX_DEPTH: usize = 16;

impl<'w> Checker<'_, 'w> {
    /// Looks at the arguments of a macro's call. A setting that is handed over is read as far as the macro reads its parameter;
    /// where the macro is not known, it is read as a whole.
    pub(super) fn handed_over(&mut self, id: &MacroId, args: &[CallArg<'_>]) {
        let names = self.names;
        let home = names.home(&id.0).filter(|_| self.depth < MAX_DEPTH);
        let splat = args.iter().any(|arg| matches!(arg, CallArg::PosSplat(_) | CallArg::KwargSplat(_)));
        let Some((home, node)) = home.and_then(|home| Some((home, home.find(&id.1)?))).filter(|_| !splat)
        else {
            return args.iter().for_each(|arg| self.argument(arg));
        };
        let parameters: Vec<String> = node.args.iter().filter_map(variable).collect();
        let mut bound: BTreeMap<String, Known<'w>> =
            parameters.iter().map(|name| (name.clone(), Known::Anything)).collect();
        for (position, arg) in args.iter().enumerate() {
            let (name, expr) = match arg {
                CallArg::Kwarg(name, expr) => (parameters.iter().find(|known| known == name), expr),
                CallArg::Pos(expr) | CallArg::PosSplat(expr) | CallArg::KwargSplat(expr) => {
                    (parameters.get(position), expr)
                }
            };
            match name {
                Some(name) => drop(bound.insert(name.clone(), self.lent(expr))),
                None => self.expression(expr),
            }
        }
        self.follow(id, home, node, bound);
    }

    /// What an argument stands for; a place of the values is not read by being handed over.
    fn lent(&mut self, expr: &Expr<'_>) -> Known<'w> {
        let before = self.reads.len();
        self.expression(expr);
        let known = self.meaning(expr);
        if let Known::Place(_, way) = &known {
            self.forget(before, way);
        }
        known
    }

    /// Notes what the body reads. What is wrong in it is reported where the macro is defined.
    fn follow(
        &mut self,
        id: &MacroId,
        home: &Home<'_>,
        node: &Macro<'_>,
        bound: BTreeMap<String, Known<'w>>,
    ) {
        let places =
            bound.values().map(|known| if let Known::Place(_, way) = known { Some(way) } else { None });
        if !self.followed.insert(format!("{id:?} {:?}", places.collect::<Vec<_>>())) {
            return;
        }
        let quiet = Session::new();
        let mut inner = Checker {
            session: &quiet,
            file: home.file,
            names: self.names,
            root: self.root,
            scopes: vec![globals(self.root)],
            known: BTreeSet::new(),
            reads: Vec::new(),
            followed: std::mem::take(&mut self.followed),
            depth: self.depth + 1,
        };
        bodies(home.tree).into_iter().flatten().for_each(|statement| inner.declare_all(statement));
        inner.reads.clear();
        inner.scopes.push(bound);
        inner.declare_name("caller", Known::Macro(None));
        node.body.iter().for_each(|statement| inner.statement(statement));
        self.followed = inner.followed;
        self.reads.extend(inner.reads);
    }

    /// The names that a template gives at its top level, in its conditions too.
    fn declare_all(&mut self, statement: &Stmt<'_>) {
        self.declare_outside(statement);
        if let Stmt::IfCond(node) = statement {
            node.true_body.iter().chain(&node.false_body).for_each(|inner| self.declare_all(inner));
        }
    }
}
