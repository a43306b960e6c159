//! Each template held against the values schema before anything is rendered, in branches not taken too.

use minijinja::machinery::Span as JinjaSpan;
use minijinja::machinery::ast::{Call, CallArg, CallBlock, CallType, Expr, Stmt};

mod findings;
mod macros;
mod meaning;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(super) use self::findings::Names;
use self::meaning::Known;
use super::expression::{bare_path, each_call_part, each_child};
use super::functions::{FILTERS, FUNCTIONS, TESTS};
use super::reads::{SettingReads, Way};
use super::syntax::{bodies, expressions};
use super::{Role, TemplateFile};
use crate::session::Session;
use crate::source::Span;
use crate::yaml::{WantRef, Wants};

/// Checks one template. Gives the start offsets of the printed expressions whose bare path the schema knows, and notes down
/// which settings are read.
pub(super) fn check_template(
    session: &Session,
    file: &TemplateFile,
    tree: &Stmt<'_>,
    wants: &Wants,
    names: &Names<'_>,
    reads: &mut SettingReads,
) -> BTreeSet<u32> {
    let mut checker = Checker {
        session,
        file,
        names,
        root: wants.root(),
        scopes: vec![globals(wants.root())],
        known: BTreeSet::new(),
        reads: Vec::new(),
        followed: BTreeSet::new(),
        depth: 0,
    };
    checker.statement(tree);
    checker.reads.iter().for_each(|way| reads.note(way));
    checker.known
}

/// The names that every template knows.
fn globals(root: WantRef<'_>) -> BTreeMap<String, Known<'_>> {
    BTreeMap::from([
        ("values".to_owned(), Known::Place(root, Way::default())),
        ("release".to_owned(), Known::Keys(&["name", "namespace"])),
        ("chart".to_owned(), Known::Keys(&["name", "version", "appVersion"])),
        ("kube".to_owned(), Known::Keys(&["version", "has"])),
        ("files".to_owned(), Known::Anything),
    ])
}

struct Checker<'c, 'w> {
    session: &'c Session,
    file: &'c TemplateFile,
    names: &'c Names<'c>,
    /// What the schema wants of `values`.
    root: WantRef<'w>,
    scopes: Vec<BTreeMap<String, Known<'w>>>,
    known: BTreeSet<u32>,
    reads: Vec<Way>,
    /// The macros that were followed, with the settings that they were called with.
    followed: BTreeSet<String>,
    /// Calls inside calls that are being followed.
    depth: usize,
}

impl<'w> Checker<'_, 'w> {
    fn statement(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::EmitExpr(node) => self.printed(&node.expr),
            Stmt::FilterBlock(node) => self.refuse_block(node.span(), "filter"),
            Stmt::AutoEscape(node) => self.refuse_block(node.span(), "autoescape"),
            Stmt::CallBlock(node) => self.call_block(node, node.span()),
            Stmt::Do(node) => self.call(&node.call, node.span()),
            Stmt::ForLoop(node) => self.looped(&node.iter, &node.target),
            Stmt::Set(node) if !self.is_exported() => self.named(&node.expr, &node.target),
            Stmt::WithBlock(node) => {
                node.assignments.iter().for_each(|(target, value)| self.named(value, target));
            }
            _ => expressions(statement).into_iter().for_each(|expr| self.expression(expr)),
        }
        if let Stmt::CallBlock(_) = statement {
            return;
        }
        let scoped =
            matches!(statement, Stmt::ForLoop(_) | Stmt::WithBlock(_) | Stmt::Macro(_) | Stmt::Block(_));
        self.declare_outside(statement);
        if scoped {
            self.scopes.push(BTreeMap::new());
        }
        self.declare_inside(statement);
        if let Stmt::ForLoop(node) = statement {
            node.filter_expr.iter().for_each(|filter| self.expression(filter));
        }
        for body in bodies(statement) {
            body.iter().for_each(|inner| self.statement(inner));
        }
        if scoped {
            self.scopes.pop();
        }
    }

    /// Names that a statement gives to what follows it.
    fn declare_outside(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::Set(node) => {
                let known = self.meaning(&node.expr);
                self.declare(&node.target, known);
            }
            Stmt::SetBlock(node) => self.declare(&node.target, Known::Fragment),
            Stmt::Macro(node) => {
                let id = (Arc::clone(&self.file.name), Arc::from(node.name));
                self.declare_name(node.name, Known::Macro(Some(id)));
            }
            Stmt::Import(node) => {
                let module = self.imported(&node.expr);
                self.declare(&node.name, module.map_or(Known::Anything, Known::Module));
            }
            Stmt::FromImport(node) => {
                let module = self.imported(&node.expr);
                for (name, alias) in &node.names {
                    if let (Some(module), Some(exported)) = (&module, variable(name)) {
                        self.exported(module, &exported, self.place(name));
                    }
                    let id = module.clone().zip(variable(name).map(Arc::from));
                    self.declare(alias.as_ref().unwrap_or(name), Known::Macro(id));
                }
            }
            _ => {}
        }
    }

    /// Names that a statement gives to its own body.
    fn declare_inside(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::ForLoop(node) => {
                let item = self.item_of(&node.iter);
                self.declare_name("loop", Known::Anything);
                match &node.target {
                    Expr::Tuple(tuple) => self.declare_pair(&tuple.items, item),
                    Expr::List(list) => self.declare_pair(&list.items, item),
                    target => self.declare(target, item),
                }
            }
            Stmt::WithBlock(node) => {
                for (target, value) in &node.assignments {
                    let known = self.meaning(value);
                    self.declare(target, known);
                }
            }
            Stmt::Macro(node) => {
                node.args.iter().for_each(|arg| self.declare(arg, Known::Anything));
                self.declare_name("caller", Known::Macro(None));
            }
            _ => {}
        }
    }

    fn call_block(&mut self, node: &CallBlock<'_>, span: JinjaSpan) {
        self.call(&node.call, span);
        self.scopes.push(BTreeMap::new());
        node.macro_decl.args.iter().for_each(|arg| self.declare(arg, Known::Anything));
        node.macro_decl.body.iter().for_each(|inner| self.statement(inner));
        self.scopes.pop();
    }

    /// The key is anything; the value is what the map holds.
    fn declare_pair(&mut self, targets: &[Expr<'_>], value: Known<'w>) {
        if let [key, item] = targets {
            self.declare(key, Known::Anything);
            self.declare(item, value);
        } else {
            targets.iter().for_each(|target| self.declare(target, Known::Anything));
        }
    }

    fn declare(&mut self, target: &Expr<'_>, known: Known<'w>) {
        match target {
            Expr::Var(var) => self.declare_name(var.id, known),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.declare(item, Known::Anything)),
            Expr::List(list) => list.items.iter().for_each(|item| self.declare(item, Known::Anything)),
            _ => {}
        }
    }

    fn declare_name(&mut self, name: &str, known: Known<'w>) {
        let Some(scope) = self.scopes.last_mut() else { return };
        // Which of two values a name has cannot be told here, so both count as read.
        if let Some(Known::Place(_, way)) = scope.insert(name.to_owned(), known) {
            self.reads.push(way);
        }
    }

    /// A whole `{{ … }}`: the only place where a fragment may stand.
    fn printed(&mut self, expr: &Expr<'_>) {
        if let Some(path) = bare_path(expr)
            && self.is_described(&path)
        {
            self.known.insert(path.start);
        }
        match expr {
            Expr::Call(call) if self.is_fragment(expr) => self.call(call, expr.span()),
            Expr::Var(_) if self.is_fragment(expr) => {}
            _ => self.expression(expr),
        }
    }

    fn expression(&mut self, expr: &Expr<'_>) {
        if self.is_fragment(expr) {
            self.refuse_fragment(expr);
            return;
        }
        if let Some(path) = bare_path(expr) {
            self.path(&path);
            if let Expr::GetItem(item) = expr {
                self.expression(&item.subscript_expr);
            }
            return;
        }
        match expr {
            Expr::Call(call) => self.call(call, expr.span()),
            Expr::Filter(filter) => {
                self.name_in(FILTERS.iter().copied(), filter.name, "filter", expr.span());
                each_child(expr, &mut |child| self.expression(child));
            }
            Expr::Test(test) => {
                let spelled = test.name.chars().all(char::is_alphabetic);
                if spelled {
                    self.name_in(TESTS.iter().copied(), test.name, "test", expr.span());
                }
                each_child(expr, &mut |child| self.expression(child));
            }
            _ => each_child(expr, &mut |child| self.expression(child)),
        }
    }

    fn call(&mut self, call: &Call<'_>, span: JinjaSpan) {
        match call.identify_call() {
            CallType::Function(name) => match self.find(name).cloned() {
                None => self.name_in(FUNCTIONS.iter().map(|(name, ..)| *name), name, "function", span),
                Some(Known::Macro(Some(id))) => return self.handed_over(&id, &call.args),
                Some(_) => {}
            },
            CallType::Method(Expr::Var(var), name) => {
                if let Some(Known::Module(module)) = self.find(var.id).cloned() {
                    self.exported(&module, name, self.span(span));
                    return self.handed_over(&(module, Arc::from(name)), &call.args);
                }
            }
            _ => {}
        }
        each_call_part(call, &mut |part| self.expression(part));
    }

    fn argument(&mut self, arg: &CallArg<'_>) {
        match arg {
            CallArg::Pos(expr)
            | CallArg::Kwarg(_, expr)
            | CallArg::PosSplat(expr)
            | CallArg::KwargSplat(expr) => {
                self.expression(expr);
            }
        }
    }

    /// Whether what is named here is there for other templates.
    fn is_exported(&self) -> bool {
        self.file.role == Role::Library && self.scopes.len() == 1
    }

    fn place(&self, expr: &Expr<'_>) -> Span {
        self.span(expr.span())
    }

    fn span(&self, span: JinjaSpan) -> Span {
        Span {
            source: self.file.source,
            start: span.start_offset,
            end: span.end_offset.max(span.start_offset),
        }
    }
}

fn variable(expr: &Expr<'_>) -> Option<String> {
    if let Expr::Var(var) = expr { Some(var.id.to_owned()) } else { None }
}
