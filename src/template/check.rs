//! Each template held against the values schema before anything is rendered, in branches not taken too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::machinery::Span as JinjaSpan;
use minijinja::machinery::ast::{Call, CallArg, CallBlock, CallType, Expr, Stmt};

use super::TemplateFile;
use super::expression::{PathExpr, Step, bare_path, each_call_part, each_child};
use super::functions::{FILTERS, FUNCTIONS, TESTS};
use super::syntax::{bodies, expressions};
use crate::diagnostic::{Code, Diagnostic};
use crate::session::Session;
use crate::source::Span;
use crate::yaml::{Types, WantRef, Wants};

/// The names that a chart's templates share.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The macros and top-level variables of each template.
    exports: BTreeMap<Arc<str>, BTreeSet<String>>,
}

impl Names {
    pub(super) fn of<'t>(files: &[TemplateFile], trees: impl Iterator<Item = (usize, &'t Stmt<'t>)>) -> Self {
        let mut names = Names::default();
        for (index, tree) in trees {
            let exported = bodies(tree).into_iter().flatten().filter_map(|statement| match statement {
                Stmt::Macro(node) => Some(node.name.to_owned()),
                Stmt::Set(node) => variable(&node.target),
                Stmt::SetBlock(node) => variable(&node.target),
                _ => None,
            });
            names.exports.insert(Arc::clone(&files[index].name), exported.collect());
        }
        names
    }
}

/// What a name stands for.
#[derive(Clone, Debug)]
enum Known<'w> {
    /// A place of the values that the schema describes.
    Place(WantRef<'w>),
    /// A map with these keys.
    Keys(&'static [&'static str]),
    /// Anything: nothing is checked below it.
    Anything,
    /// The text of a set block.
    Fragment,
    /// A macro, or `caller`.
    Macro,
    /// An imported template.
    Module(Arc<str>),
}

/// Checks one template. Gives the start offsets of the printed expressions whose bare path the schema knows.
pub(super) fn check_template(
    session: &Session,
    file: &TemplateFile,
    tree: &Stmt<'_>,
    wants: &Wants,
    names: &Names,
) -> BTreeSet<u32> {
    let globals = BTreeMap::from([
        ("values".to_owned(), Known::Place(wants.root())),
        ("release".to_owned(), Known::Keys(&["name", "namespace"])),
        ("chart".to_owned(), Known::Keys(&["name", "version", "appVersion"])),
        ("kube".to_owned(), Known::Keys(&["version", "has"])),
        ("files".to_owned(), Known::Anything),
    ]);
    let mut checker = Checker { session, file, names, scopes: vec![globals], known: BTreeSet::new() };
    checker.statement(tree);
    checker.known
}

struct Checker<'c, 'w> {
    session: &'c Session,
    file: &'c TemplateFile,
    names: &'c Names,
    scopes: Vec<BTreeMap<String, Known<'w>>>,
    known: BTreeSet<u32>,
}

impl<'w> Checker<'_, 'w> {
    fn statement(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::EmitExpr(node) => self.printed(&node.expr),
            Stmt::FilterBlock(node) => self.refuse_block(node.span(), "filter"),
            Stmt::AutoEscape(node) => self.refuse_block(node.span(), "autoescape"),
            Stmt::CallBlock(node) => self.call_block(node, node.span()),
            Stmt::Do(node) => self.call(&node.call, node.span()),
            Stmt::ForLoop(node) => self.expression(&node.iter),
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
            Stmt::Macro(node) => self.declare_name(node.name, Known::Macro),
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
                    self.declare(alias.as_ref().unwrap_or(name), Known::Macro);
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
                self.declare_name("caller", Known::Macro);
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
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.to_owned(), known);
        }
    }

    fn find(&self, name: &str) -> Option<&Known<'w>> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
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
            CallType::Function(name) if self.find(name).is_none() => {
                self.name_in(FUNCTIONS.iter().map(|(name, ..)| *name), name, "function", span);
            }
            CallType::Method(Expr::Var(var), name) => {
                if let Some(Known::Module(module)) = self.find(var.id).cloned() {
                    self.exported(&module, name, self.span(span));
                    call.args.iter().for_each(|arg| self.argument(arg));
                    return;
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

    /// Whether an expression yields the text of a macro, a set block or `caller()`.
    fn is_fragment(&self, expr: &Expr<'_>) -> bool {
        match expr {
            Expr::Var(var) => matches!(self.find(var.id), Some(Known::Fragment)),
            Expr::Call(call) => match call.identify_call() {
                CallType::Function(name) => matches!(self.find(name), Some(Known::Macro)),
                CallType::Method(Expr::Var(var), _) => matches!(self.find(var.id), Some(Known::Module(_))),
                CallType::Block(_) => true,
                _ => false,
            },
            _ => false,
        }
    }

    /// What an expression stands for, as far as it can be told without running it.
    fn meaning(&self, expr: &Expr<'_>) -> Known<'w> {
        match expr {
            Expr::Filter(filter) if matches!(filter.name, "default" | "d") => {
                filter.expr.as_ref().map_or(Known::Anything, |inner| self.meaning(inner))
            }
            _ => bare_path(expr).and_then(|path| self.resolve(&path).ok()).unwrap_or(Known::Anything),
        }
    }

    /// What each turn of a loop gets.
    fn item_of(&self, expr: &Expr<'_>) -> Known<'w> {
        if let Expr::Filter(filter) = expr {
            return match (&filter.expr, filter.name) {
                (Some(inner), "items" | "dictsort" | "sort" | "reverse" | "default" | "d" | "unique") => {
                    self.item_of(inner)
                }
                _ => Known::Anything,
            };
        }
        match self.meaning(expr) {
            Known::Place(want) => {
                want.item().or_else(|| want.property("")).map_or(Known::Anything, Known::Place)
            }
            _ => Known::Anything,
        }
    }

    /// Whether the schema describes this place, so that it may be unset.
    fn is_described(&self, path: &PathExpr) -> bool {
        let Some((Step::Key(key, ..), parent)) = path.steps.split_last() else { return false };
        let parent = PathExpr { steps: parent.to_vec(), ..path.clone() };
        let Ok(Known::Place(parent)) = self.resolve(&parent) else { return false };
        let named = parent.get().properties.contains_key(key.as_str());
        named || parent.property(key).is_some_and(|want| want.get().types != Types::ANY)
    }

    fn path(&mut self, path: &PathExpr) {
        if let Err(finding) = self.resolve(path) {
            self.session.report(*finding);
        }
    }

    fn resolve(&self, path: &PathExpr) -> Result<Known<'w>, Box<Diagnostic>> {
        let Some(mut known) = self.find(&path.root).cloned() else {
            return Err(Box::new(self.unknown_name(path)));
        };
        let mut so_far = path.root.clone();
        for step in &path.steps {
            known = match (known, step) {
                (Known::Place(want), Step::Key(key, start, end)) => match self.below(want, key) {
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
                (Known::Place(want), _) => want.item().map_or(Known::Anything, Known::Place),
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
    fn below(&self, want: WantRef<'w>, key: &str) -> Option<Known<'w>> {
        let found = want.property(key).map(Known::Place);
        let unsure = want.get().types == Types::ANY || want.get().types == Types::NONE;
        found.or_else(|| unsure.then_some(Known::Anything))
    }

    fn unknown_key(&self, parent: &str, key: &str, span: Span, want: WantRef<'_>) -> Diagnostic {
        let message = format!("the values schema has no `{parent}.{key}`");
        let finding = Diagnostic::error(Code::T002, message).at(span, "this key");
        let finding = finding.did_you_mean(key, want.known_keys());
        finding.help("add the key to the values schema, or correct the path")
    }

    fn unknown_name(&self, path: &PathExpr) -> Diagnostic {
        let start = path.start as usize;
        let span = Span::new(self.file.source, start, start + path.root.len());
        let finding = Diagnostic::error(Code::T009, format!("nothing is called `{}` here", path.root));
        let names: BTreeSet<&str> =
            self.scopes.iter().flat_map(|scope| scope.keys().map(String::as_str)).collect();
        let below_values = self.scopes[0].get("values").is_some_and(|known| {
            matches!(known, Known::Place(want) if want.get().properties.contains_key(path.root.as_str()))
        });
        let finding = finding.at(span, "this name").did_you_mean(&path.root, names);
        if below_values {
            finding.help(format!("settings are below `values`: write `values.{}`", path.root))
        } else {
            finding
        }
    }

    fn name_in(
        &self,
        known: impl Iterator<Item = &'static str> + Clone,
        name: &str,
        what: &str,
        span: JinjaSpan,
    ) {
        if known.clone().any(|known| known == name) {
            return;
        }
        let help = match name {
            "toYaml" | "nindent" | "indent" | "quote" | "squote" | "tojson" | "toJson" | "safe"
            | "escape" | "e" => {
                "values are bound, not pasted: leave it out, the value keeps its type and needs no quotes or indentation"
            }
            "include" | "tpl" | "lookup" | "required" | "printf" => {
                "Helm's functions are not here: macros, `~`, and the values schema take their place"
            }
            _ => "docs/templates.md lists what there is",
        };
        let finding = Diagnostic::error(Code::T009, format!("there is no {what} `{name}`"));
        let finding = finding.at(self.span(span), "in this expression").did_you_mean(name, known);
        self.session.report(finding.help(help));
    }

    fn imported(&self, expr: &Expr<'_>) -> Option<Arc<str>> {
        let name = expr.as_const()?.as_str()?.to_owned();
        if let Some((known, _)) = self.names.exports.get_key_value(name.as_str()) {
            return Some(Arc::clone(known));
        }
        let finding = Diagnostic::error(Code::T009, format!("the chart has no template `{name}`"));
        let finding = finding.at(self.place(expr), "this import");
        let known = self.names.exports.keys().map(|name| &**name);
        self.session.report(
            finding.did_you_mean(&name, known).help("imports name files below the chart's `templates/`"),
        );
        None
    }

    fn exported(&self, module: &str, name: &str, span: Span) {
        let Some(exports) = self.names.exports.get(module) else { return };
        if !exports.contains(name) {
            let finding = Diagnostic::error(Code::T009, format!("`{module}` has no macro `{name}`"));
            let finding =
                finding.at(span, "this name").did_you_mean(name, exports.iter().map(String::as_str));
            self.session.report(finding.help("define it there with `{% macro … %}`"));
        }
    }

    fn refuse_fragment(&self, expr: &Expr<'_>) {
        let message = "a macro's text is used as a value";
        let finding =
            Diagnostic::error(Code::T005, message).at(self.place(expr), "this is YAML text, not a value");
        let help = "let it stand alone as `{{ … }}`; a value that is needed in several places is made by an expression: `{% set name = … %}`";
        self.session.report(finding.help(help));
    }

    fn refuse_block(&self, span: JinjaSpan, what: &str) {
        let finding =
            Diagnostic::error(Code::T005, format!("`{{% {what} %}}` works on text, and values are bound"));
        let finding = finding.at(self.span(span), "this block");
        self.session.report(finding.help("apply filters to values, inside `{{ … }}`"));
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
