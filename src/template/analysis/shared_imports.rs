//! Shared imports: which libraries are the same wherever they are imported, so that one import serves all templates.
//!
//! Each template of a chart imports the chart's libraries, and the engine runs a library's top level anew for each
//! import. Templates that are run in one state of the engine (`engine/runner.rs`) can share what the first import gave,
//! if it would be the same for all of them. An import sees its importer's variables, so that is not so for every
//! library. One is *constant* if its top level
//!
//! * gives names and does nothing else: it prints no value, includes nothing, and imports constant libraries alone, not
//!   more than [`MAX_NESTING`] inside each other;
//! * reads no name, there or in a macro, that any template of the chart gives at its top level, besides its own;
//! * makes no `namespace` that somebody else could change.
//!
//! An import is shared if it stands at the top level of a template that nothing includes and that no library imports in
//! a macro, a loop or a condition: there the variables of those would be seen. Everything else stays an import as any
//! other.
//!
//! ```text
//! {% set lib = __library(3) %}{% if not lib %}{% import "_lib.yaml" as lib %}{% do __keep_library(3, lib) %}{% endif %}
//! {% set a, b = __library(3, "a", "b") %}{% if not a %}{% from "_lib.yaml" import a, b %}{% do … %}{% endif %}
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use minijinja::machinery::ast::{Expr, FromImport, Import, Macro, Spanned, Stmt};

use super::insertion::{KEEP_LIBRARY_FUNCTION, LIBRARY_FUNCTION, Trim};
use super::syntax_tree::{bodies, each_child, each_own_expression, each_statement};
use crate::template::file::{Role, TemplateFile, position};

/// How many libraries may import each other in a row. So far below the engine's limit, whether an import was made before
/// cannot decide whether a template reaches that.
const MAX_NESTING: usize = 4;

/// An import that can be shared.
pub(super) struct SharedImport<'t> {
    /// The position of the library.
    pub(super) library: usize,
    /// The bytes of its tag in the template.
    pub(super) place: Range<usize>,
    /// It imports the library as a whole, under one name.
    pub(super) whole: bool,
    /// Names of the library, and the names that they get.
    pub(super) names: Vec<(&'t str, &'t str)>,
    /// What its tag does with the white space before it, and behind it.
    pub(super) before: Trim,
    pub(super) behind: Trim,
}

/// The shared imports of each template, in the order of the text. The trees and texts are of the templates, by position.
pub(super) fn shared_imports<'t>(
    files: &'t [TemplateFile],
    texts: &[impl AsRef<str>],
    trees: &'t [Stmt<'t>],
) -> Vec<Vec<SharedImport<'t>>> {
    let mut shared: Vec<Vec<SharedImport<'t>>> = files.iter().map(|_| Vec::new()).collect();
    let Some(chart) = Chart::new(files, trees.iter().collect()) else { return shared };
    for (template, found) in shared.iter_mut().enumerate() {
        if chart.can_share(template) {
            let text = texts[template].as_ref();
            let imports = top_level_imports(chart.trees[template]);
            found.extend(imports.filter_map(|import| chart.shared(text, &import)));
        }
    }
    shared
}

/// An import that stands at the top level of a template.
enum TopLevelImport<'t> {
    Whole(&'t Spanned<Import<'t>>),
    Names(&'t Spanned<FromImport<'t>>),
}

impl<'t> TopLevelImport<'t> {
    /// The name of the template that is imported.
    fn library(&self) -> &'t Expr<'t> {
        match self {
            TopLevelImport::Whole(node) => &node.expr,
            TopLevelImport::Names(node) => &node.expr,
        }
    }
}

fn top_level_imports<'t>(tree: &'t Stmt<'t>) -> impl Iterator<Item = TopLevelImport<'t>> {
    top_level(tree).filter_map(|statement| match statement {
        Stmt::Import(node) => Some(TopLevelImport::Whole(node)),
        Stmt::FromImport(node) => Some(TopLevelImport::Names(node)),
        _ => None,
    })
}

fn top_level<'t>(tree: &'t Stmt<'t>) -> impl Iterator<Item = &'t Stmt<'t>> {
    bodies(tree).into_iter().flatten()
}

/// The positions of the templates that a template imports at its top level. Those that it includes, or imports anywhere
/// else, are marked in `nested`. None if one has a computed name.
fn imports_of(tree: &Stmt<'_>, files: &[TemplateFile], nested: &mut [bool]) -> Option<Vec<usize>> {
    let named = |name: &Expr<'_>| position(files, name.as_const()?.as_str()?);
    let mut at_top = Vec::new();
    let mut others = Vec::new();
    for statement in top_level(tree) {
        match statement {
            Stmt::Import(node) => at_top.push(&node.expr),
            Stmt::FromImport(node) => at_top.push(&node.expr),
            _ => each_statement(statement, &mut |statement| match statement {
                Stmt::Import(node) => others.push(&node.expr),
                Stmt::FromImport(node) => others.push(&node.expr),
                Stmt::Include(node) => others.push(&node.name),
                Stmt::Extends(node) => others.push(&node.name),
                _ => {}
            }),
        }
    }
    for name in others {
        nested[named(name)?] = true;
    }
    at_top.into_iter().map(named).collect()
}

/// The templates of a chart, and what an import would see of each.
struct Chart<'t> {
    files: &'t [TemplateFile],
    trees: Vec<&'t Stmt<'t>>,
    top_levels: Vec<TopLevel<'t>>,
    /// Whether its top level may run inside of something that has variables of its own.
    nested: Vec<bool>,
    /// How many libraries a constant one imports in a row, itself among them; none if it is not constant.
    constant: Vec<Option<usize>>,
}

/// The top level of a template.
#[derive(Default)]
struct TopLevel<'t> {
    /// The names that it gives, in conditions and captured blocks too.
    names: BTreeSet<&'t str>,
    /// Those of them that it always gives.
    always: BTreeSet<&'t str>,
    /// The names that it, or a macro of it, reads, and that are not its own.
    free: BTreeSet<&'t str>,
    /// The positions of the templates that it imports.
    imports: Vec<usize>,
    /// It gives names, and does nothing else.
    names_alone: bool,
    makes_namespaces: bool,
    /// It sets attributes in macros, of what may be a namespace of its own top level.
    changes_own: bool,
}

impl<'t> Chart<'t> {
    /// None if nothing of it can be shared: an import or an include has a computed name, so that it may lead anywhere.
    fn new(files: &'t [TemplateFile], trees: Vec<&'t Stmt<'t>>) -> Option<Self> {
        let mut nested = vec![false; trees.len()];
        let mut imports = Vec::with_capacity(trees.len());
        for tree in &trees {
            imports.push(imports_of(tree, files, &mut nested)?);
        }
        let imported: BTreeSet<usize> = imports.iter().flatten().copied().collect();
        let mut top_levels = Vec::with_capacity(trees.len());
        for (template, imports) in imports.into_iter().enumerate() {
            let mut top_level = TopLevel { imports, names_alone: true, ..TopLevel::default() };
            top_level.walk(trees[template], imported.contains(&template));
            top_levels.push(top_level);
        }
        let mut chart = Chart { files, constant: vec![None; trees.len()], trees, top_levels, nested };
        chart.spread_nested();
        chart.find_constant();
        Some(chart)
    }

    /// What a nested template imports is nested as well.
    fn spread_nested(&mut self) {
        let mut open: Vec<usize> = (0..self.nested.len()).filter(|template| self.nested[*template]).collect();
        while let Some(template) = open.pop() {
            for import in &self.top_levels[template].imports {
                if !std::mem::replace(&mut self.nested[*import], true) {
                    open.push(*import);
                }
            }
        }
    }

    fn find_constant(&mut self) {
        let given: BTreeSet<&str> =
            self.top_levels.iter().flat_map(|top_level| top_level.names.iter().copied()).collect();
        let namespaces_change = self.top_levels.iter().any(|top_level| top_level.makes_namespaces)
            && self.trees.iter().any(|tree| changes_others(tree));
        // A library is known to be constant when those that it imports are. One that imports itself never is.
        for nesting in 1..=MAX_NESTING {
            for template in 0..self.trees.len() {
                let top_level = &self.top_levels[template];
                let imports = || top_level.imports.iter().map(|import| self.constant[*import]);
                let is_constant = self.constant[template].is_none()
                    && top_level.names_alone
                    && top_level.free.is_disjoint(&given)
                    && !(top_level.makes_namespaces && (namespaces_change || top_level.changes_own))
                    && imports().all(|import| import.is_some_and(|below| below < nesting));
                if is_constant {
                    self.constant[template] = Some(nesting);
                }
            }
        }
    }

    /// Whether the imports of a template can be shared, as far as it depends on where they stand.
    fn can_share(&self, template: usize) -> bool {
        let imported = self.top_levels.iter().any(|top_level| top_level.imports.contains(&template));
        let is_document = self.files[template].role == Role::Document && !imported;
        !self.nested[template] && (is_document || self.constant[template].is_some())
    }

    /// An import as it is shared; none if it stays as it is.
    fn shared(&self, text: &str, import: &TopLevelImport<'t>) -> Option<SharedImport<'t>> {
        let library = position(self.files, import.library().as_const()?.as_str()?)?;
        self.constant[library]?;
        let (span, whole, names) = match import {
            TopLevelImport::Whole(node) => {
                let name = variable(&node.name)?;
                (node.span(), true, vec![(name, name)])
            }
            TopLevelImport::Names(node) => {
                let mut names = Vec::new();
                for (exported, alias) in &node.names {
                    let name = variable(alias.as_ref().unwrap_or(exported))?;
                    let exported = variable(exported)?;
                    // What a library gives in a condition alone may be a variable of the importer.
                    self.top_levels[library].always.get(exported)?;
                    names.push((exported, name));
                }
                if names.is_empty() {
                    return None;
                }
                (node.span(), false, names)
            }
        };
        // The span is that of the words between the braces.
        let start = text[..span.start_offset as usize].rfind("{%")?;
        let inside = span.end_offset as usize;
        let end = inside + text[inside..].find("%}")? + "%}".len();
        // White space is treated as the tag's own signs say, at the outer ends of what stands there then.
        let trim = |at: usize| match text.as_bytes().get(at) {
            Some(b'-') => Trim::Remove,
            Some(b'+') => Trim::Preserve,
            _ => Trim::Default,
        };
        let (before, behind) = (trim(start + "{%".len()), trim(end - "-%}".len()));
        Some(SharedImport { library, place: start..end, whole, names, before, behind })
    }
}

/// Whether a template sets attributes of anything but its own namespaces, as far as its names tell:
/// `{% set theirs.count = 1 %}`. A name that is given by `{% set own = namespace(…) %}` alone is one of its own.
fn changes_others(tree: &Stmt<'_>) -> bool {
    let mut own = BTreeSet::new();
    let mut given = Vec::new();
    let mut changed = Vec::new();
    each_statement(tree, &mut |statement| match statement {
        Stmt::Set(node) if matches!(node.target, Expr::Var(_)) && is_namespace_call(&node.expr) => {
            own.extend(variable(&node.target));
        }
        Stmt::Set(node) => each_target(&node.target, &mut |target| match target {
            Expr::Var(var) => given.push(var.id),
            Expr::GetAttr(attr) => changed.push(variable(&attr.expr)),
            _ => changed.push(None),
        }),
        Stmt::ForLoop(node) => each_target(&node.target, &mut |target| given.extend(variable(target))),
        Stmt::WithBlock(node) => {
            node.assignments
                .iter()
                .for_each(|(target, _)| each_target(target, &mut |target| given.extend(variable(target))));
        }
        Stmt::SetBlock(node) => given.extend(variable(&node.target)),
        Stmt::Macro(node) => given.extend(node.args.iter().filter_map(variable).chain([node.name])),
        Stmt::CallBlock(node) => given.extend(node.macro_decl.args.iter().filter_map(variable)),
        Stmt::Import(node) => given.extend(variable(&node.name)),
        Stmt::FromImport(node) => {
            given.extend(
                node.names.iter().filter_map(|(name, alias)| variable(alias.as_ref().unwrap_or(name))),
            );
        }
        _ => {}
    });
    changed.into_iter().any(|name| name.is_none_or(|name| !own.contains(name) || given.contains(&name)))
}

/// The name, if an expression is nothing but a variable.
fn variable<'t>(expr: &'t Expr<'t>) -> Option<&'t str> {
    match expr {
        Expr::Var(var) => Some(var.id),
        _ => None,
    }
}

/// Whether an expression is `namespace(…)`.
fn is_namespace_call(expr: &Expr<'_>) -> bool {
    matches!(expr, Expr::Call(call) if variable(&call.expr) == Some("namespace"))
}

/// Whether a statement is `{% set a.b = … %}`, or sets several such at once.
fn sets_attribute(statement: &Stmt<'_>) -> bool {
    let Stmt::Set(node) = statement else { return false };
    let mut found = false;
    each_target(&node.target, &mut |target| found |= !matches!(target, Expr::Var(_)));
    found
}

/// Each of the targets of an assignment.
fn each_target<'t>(target: &'t Expr<'t>, visit: &mut dyn FnMut(&'t Expr<'t>)) {
    match target {
        Expr::List(list) => list.items.iter().for_each(|item| each_target(item, visit)),
        Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| each_target(item, visit)),
        _ => visit(target),
    }
}

impl<'t> TopLevel<'t> {
    /// Notes what there is in a template. Of one that nobody imports the names that it gives are enough.
    fn walk(&mut self, tree: &'t Stmt<'t>, is_imported: bool) {
        top_level(tree).for_each(|statement| self.note_names(statement));
        if is_imported {
            top_level(tree).for_each(|statement| self.note_deeds(statement));
            let mut reads = Reads::default();
            reads.template(tree);
            self.free = reads.free;
            self.always = reads.scopes.into_iter().next().unwrap_or_default();
        }
    }

    /// The names that a statement of the top level gives there. What is given in the body of a loop, of `with`, of a macro
    /// or of a block ends with it; the engine has no variables of its own for any other body.
    fn note_names(&mut self, statement: &'t Stmt<'t>) {
        let mut give = |target: &'t Expr<'t>| {
            each_target(target, &mut |target| self.names.extend(variable(target)));
        };
        match statement {
            Stmt::Macro(node) => {
                self.names.insert(node.name);
            }
            Stmt::Set(node) => give(&node.target),
            Stmt::SetBlock(node) => give(&node.target),
            Stmt::Import(node) => give(&node.name),
            Stmt::FromImport(node) => {
                node.names.iter().for_each(|(name, alias)| give(alias.as_ref().unwrap_or(name)));
            }
            _ => {}
        }
        let bodies = match statement {
            Stmt::ForLoop(node) => [&node.else_body, &[][..]],
            Stmt::WithBlock(_) | Stmt::Macro(_) | Stmt::CallBlock(_) | Stmt::Block(_) => [&[][..], &[]],
            _ => bodies(statement),
        };
        bodies.into_iter().flatten().for_each(|inner| self.note_names(inner));
    }

    /// What a statement of the top level does besides giving names.
    fn note_deeds(&mut self, statement: &'t Stmt<'t>) {
        match statement {
            Stmt::Macro(node) => {
                for inner in &node.body {
                    each_statement(inner, &mut |inner| self.changes_own |= sets_attribute(inner));
                }
                return;
            }
            Stmt::EmitRaw(_)
            | Stmt::Set(_)
            | Stmt::Import(_)
            | Stmt::FromImport(_)
            | Stmt::IfCond(_)
            | Stmt::ForLoop(_)
            | Stmt::WithBlock(_) => {}
            _ => self.names_alone = false,
        }
        each_own_expression(statement, &mut |expr| self.makes_namespaces |= calls_namespace(expr));
        for inner in bodies(statement).into_iter().flatten() {
            // An import below the top level is not one that is shared.
            self.names_alone &= !matches!(inner, Stmt::Import(_) | Stmt::FromImport(_));
            self.note_deeds(inner);
        }
    }
}

/// Whether an expression calls `namespace`, or gives it another name.
fn calls_namespace(expr: &Expr<'_>) -> bool {
    let mut found = is_namespace_call(expr) || variable(expr) == Some("namespace");
    each_child(expr, &mut |child| found |= calls_namespace(child));
    found
}

/// The names that a template reads without having given them, walked in the order of the text. In doubt a name is read.
struct Reads<'t> {
    /// The names that are given here, innermost last. The first ones are those of the top level.
    scopes: Vec<BTreeSet<&'t str>>,
    free: BTreeSet<&'t str>,
    /// The macros of the top level whose bodies have not been looked at, by name.
    macros: BTreeMap<&'t str, Vec<&'t Macro<'t>>>,
    /// Whether one of them was read, so that it may have been called.
    reads_macros: bool,
}

impl Default for Reads<'_> {
    /// Of an import, what is put around it reads the two functions.
    fn default() -> Self {
        Reads {
            scopes: vec![BTreeSet::new()],
            free: BTreeSet::from([LIBRARY_FUNCTION, KEEP_LIBRARY_FUNCTION]),
            macros: BTreeMap::new(),
            reads_macros: false,
        }
    }
}

impl<'t> Reads<'t> {
    fn template(&mut self, tree: &'t Stmt<'t>) {
        for statement in top_level(tree) {
            match statement {
                // A macro sees what its template names behind it as well, unless it is called before that.
                Stmt::Macro(node) => {
                    self.give(node.name);
                    self.macros.entry(node.name).or_default().push(node);
                }
                _ => {
                    self.statement(statement);
                    if std::mem::take(&mut self.reads_macros) {
                        self.macro_bodies();
                    }
                }
            }
        }
        self.macro_bodies();
    }

    /// Those that have not been looked at.
    fn macro_bodies(&mut self) {
        std::mem::take(&mut self.macros).into_values().flatten().for_each(|node| self.macro_body(node));
    }

    fn give(&mut self, name: &'t str) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name);
        }
    }

    fn read(&mut self, name: &'t str) {
        self.reads_macros |= self.macros.contains_key(name);
        if !self.scopes.iter().any(|scope| scope.contains(name)) {
            self.free.insert(name);
        }
    }

    /// A target of an assignment: a name is given, and of `a.b` the `a` is read.
    fn target(&mut self, target: &'t Expr<'t>) {
        each_target(target, &mut |target| match target {
            Expr::Var(var) => self.give(var.id),
            _ => self.expression(target),
        });
    }

    fn expression(&mut self, expr: &'t Expr<'t>) {
        match expr {
            Expr::Var(var) => self.read(var.id),
            Expr::Call(call) => self.callee(&call.expr),
            _ => {}
        }
        each_child(expr, &mut |child| self.expression(child));
    }

    /// The visitors leave out a name that is called.
    fn callee(&mut self, callee: &'t Expr<'t>) {
        variable(callee).into_iter().for_each(|name| self.read(name));
    }

    /// Statements whose names are not seen, or not for sure, behind them.
    fn body(&mut self, statements: &'t [Stmt<'t>], targets: impl IntoIterator<Item = &'t Expr<'t>>) {
        self.scopes.push(BTreeSet::new());
        targets.into_iter().for_each(|target| self.target(target));
        statements.iter().for_each(|statement| self.statement(statement));
        self.scopes.pop();
    }

    /// A macro sees its parameters and `caller` besides what is given around it.
    fn macro_body(&mut self, node: &'t Macro<'t>) {
        node.defaults.iter().for_each(|expr| self.expression(expr));
        self.scopes.push(BTreeSet::from(["caller"]));
        self.body(&node.body, &node.args);
        self.scopes.pop();
    }

    fn statement(&mut self, statement: &'t Stmt<'t>) {
        if let Stmt::CallBlock(node) = statement {
            self.callee(&node.call.expr);
        }
        if let Stmt::Do(node) = statement {
            self.callee(&node.call.expr);
        }
        match statement {
            Stmt::ForLoop(node) => {
                self.expression(&node.iter);
                self.scopes.push(BTreeSet::from(["loop"]));
                self.body(&node.body, [&node.target]);
                // Behind the body's names, so that those that it gives count as read here.
                self.scopes.push(BTreeSet::new());
                self.target(&node.target);
                node.filter_expr.iter().for_each(|expr| self.expression(expr));
                self.scopes.pop();
                self.scopes.pop();
                return self.body(&node.else_body, None);
            }
            Stmt::WithBlock(node) => {
                node.assignments.iter().for_each(|(_, value)| self.expression(value));
                return self.body(&node.body, node.assignments.iter().map(|(target, _)| target));
            }
            Stmt::Macro(node) => {
                self.give(node.name);
                return self.macro_body(node);
            }
            Stmt::CallBlock(node) => {
                each_own_expression(statement, &mut |expr| self.expression(expr));
                return self.macro_body(&node.macro_decl);
            }
            _ => {}
        }
        each_own_expression(statement, &mut |expr| self.expression(expr));
        bodies(statement).into_iter().for_each(|body| self.body(body, None));
        match statement {
            Stmt::Set(node) => self.target(&node.target),
            Stmt::SetBlock(node) => self.target(&node.target),
            Stmt::Import(node) => self.target(&node.name),
            Stmt::FromImport(node) => {
                node.names.iter().for_each(|(name, alias)| self.target(alias.as_ref().unwrap_or(name)));
            }
            _ => {}
        }
    }
}
