//! What the names of a template mean, as far as it can be told without running it: its own, those of other templates,
//! the engine's.
//!
//! | names | held by |
//! |---|---|
//! | functions, filters and tests of the engine | [`KnownNames`] |
//! | macros and top-level variables that templates export to each other | [`ChartNames`] |
//! | globals, variables, parameters and imports at one point of a template | [`Scopes`], as a [`Meaning`] each |

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use foldhash::quality::RandomState;
use indexmap::IndexMap;
use minijinja::machinery::ast::{CallType, Expr, Macro, Stmt};

use super::expression::{Path, PathStep, WrittenStep, bare_path, path_text};
use super::setting_reads::SettingPath;
use super::syntax_tree::{bodies, variable_name};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span};
use crate::template::file::TemplateFile;
use crate::yaml::{Types, WantRef};

/// What the engine offers to templates, by name. The engine hands this in, since the table of its functions
/// (`engine/functions.rs`) has their code as well.
#[derive(Debug)]
pub(crate) struct KnownNames {
    pub(crate) functions: Vec<&'static str>,
    pub(crate) filters: Vec<&'static str>,
    /// What can stand behind `is`.
    pub(crate) tests: Vec<&'static str>,
}

/// Where a macro is: its template and its name.
pub(super) type MacroId<'t> = (Arc<str>, &'t str);

/// The macros and top-level variables of a chart's templates, by the template's name.
#[derive(Debug, Default)]
pub(super) struct ChartNames<'t> {
    by_template: BTreeMap<Arc<str>, Exports<'t>>,
}

/// What a template exports, with its tree.
#[derive(Debug)]
struct Exports<'t> {
    file: &'t TemplateFile,
    tree: &'t Stmt<'t>,
    names: BTreeSet<&'t str>,
}

/// The definition of a macro.
pub(super) struct MacroDefinition<'t> {
    /// The template that it stands in, with its tree.
    pub(super) file: &'t TemplateFile,
    pub(super) tree: &'t Stmt<'t>,
    pub(super) node: &'t Macro<'t>,
}

impl<'t> ChartNames<'t> {
    /// Of templates and their syntax trees.
    pub(super) fn new(files: &'t [TemplateFile], trees: &'t [Stmt<'t>]) -> Self {
        let mut by_template = BTreeMap::new();
        for (file, tree) in files.iter().zip(trees) {
            let exported = bodies(tree).into_iter().flatten().filter_map(|statement| match statement {
                Stmt::Macro(node) => Some(node.name),
                Stmt::Set(node) => variable_name(&node.target),
                Stmt::SetBlock(node) => variable_name(&node.target),
                _ => None,
            });
            by_template.insert(Arc::clone(&file.name), Exports { file, tree, names: exported.collect() });
        }
        ChartNames { by_template }
    }

    /// The names of all templates.
    pub(super) fn templates(&self) -> impl Iterator<Item = &Arc<str>> {
        self.by_template.keys()
    }

    /// What a template exports; none if there is no such template.
    pub(super) fn exports(&self, template: &str) -> Option<&BTreeSet<&'t str>> {
        self.by_template.get(template).map(|exports| &exports.names)
    }

    /// A macro that stands at the top level of its template.
    pub(super) fn macro_definition(&self, (template, name): &MacroId<'t>) -> Option<MacroDefinition<'t>> {
        let Exports { file, tree, .. } = *self.by_template.get(template)?;
        let node = bodies(tree).into_iter().flatten().find_map(|statement| match statement {
            Stmt::Macro(node) if node.name == *name => Some(&**node),
            _ => None,
        })?;
        Some(MacroDefinition { file, tree, node })
    }
}

/// What a name or an expression stands for.
#[derive(Clone, Debug)]
pub(super) enum Meaning<'w, 't> {
    /// A place of the values that the schema describes, and the path to it.
    Setting(WantRef<'w>, SettingPath),
    /// A map with these keys and no others.
    Keys(&'static [&'static str]),
    /// Anything: nothing is checked below it.
    Anything,
    /// The text of a set block.
    Fragment,
    /// A macro, if it is known which, or `caller`.
    Macro(Option<MacroId<'t>>),
    /// An imported template.
    Module(Arc<str>),
}

/// The names of a scope, in the order in which they were given.
pub(super) type Scope<'w, 't> = IndexMap<&'t str, Meaning<'w, 't>, RandomState>;

/// The scopes of a template at one point of the walk, innermost last. The first one has the globals and what the
/// template names at its top level.
pub(super) struct Scopes<'w, 't> {
    /// The template's text, which findings point to.
    source: SourceId,
    stack: Vec<Scope<'w, 't>>,
}

/// A path that leads nowhere: up to which step it does, and what there is.
pub(super) enum Unresolved<'w> {
    /// Nothing has the name of its variable.
    Variable,
    /// The values schema does not have the key that is this step.
    Key(usize, WantRef<'w>),
    /// A global that has these keys alone does not have the one that is this step.
    GlobalKey(usize, &'static [&'static str]),
}

impl<'w, 't> Scopes<'w, 't> {
    /// The scope that every template begins with; `root` is what the schema wants of `values`, and `path` the path to
    /// them.
    pub(super) fn new(source: SourceId, root: WantRef<'w>, path: SettingPath) -> Self {
        // What `RenderInput` brings into a render (`release.rs` fills it). One that is missing here would be refused
        // (T009).
        let globals = Scope::from_iter([
            ("values", Meaning::Setting(root, path)),
            ("release", Meaning::Keys(&["name", "namespace"])),
            ("chart", Meaning::Keys(&["name", "version", "appVersion"])),
            ("kube", Meaning::Keys(&["version", "has"])),
            // By path, which may be anything.
            ("files", Meaning::Anything),
        ]);
        Scopes { source, stack: vec![globals] }
    }

    /// Opens a scope with these names in it.
    pub(super) fn push(&mut self, names: Scope<'w, 't>) {
        self.stack.push(names);
    }

    /// Closes the innermost scope.
    pub(super) fn pop(&mut self) {
        self.stack.pop();
    }

    /// Whether no scope has been opened.
    pub(super) fn is_top_level(&self) -> bool {
        self.stack.len() == 1
    }

    /// Gives a name to a meaning in the innermost scope; yields what the name meant there before.
    pub(super) fn declare(&mut self, name: &'t str, meaning: Meaning<'w, 't>) -> Option<Meaning<'w, 't>> {
        self.stack.last_mut()?.insert(name, meaning)
    }

    /// What a name stands for; none if nothing is called that. Inner scopes hide outer ones.
    pub(super) fn find(&self, name: &str) -> Option<&Meaning<'w, 't>> {
        self.stack.iter().rev().find_map(|scope| scope.get(name))
    }

    /// What a path stands for.
    ///
    /// # Errors
    /// The first step that leads nowhere. It is no finding yet ([`Scopes::finding`]): many paths are only asked what
    /// they mean, and what is wrong with them is reported elsewhere.
    pub(super) fn resolve(
        &self,
        root: &str,
        steps: &[WrittenStep<'t>],
    ) -> Result<Meaning<'w, 't>, Unresolved<'w>> {
        let Some(mut meaning) = self.find(root).cloned() else { return Err(Unresolved::Variable) };
        for (at, written) in steps.iter().enumerate() {
            meaning = match (meaning, written.step) {
                (Meaning::Setting(want, path), PathStep::Key(name)) => {
                    child(want, &path, name).ok_or(Unresolved::Key(at, want))?
                }
                (Meaning::Setting(want, path), PathStep::Index(_) | PathStep::Dynamic) => {
                    want.item().map_or(Meaning::Anything, |item| Meaning::Setting(item, path.item()))
                }
                (Meaning::Keys(keys), PathStep::Key(name)) if !keys.contains(&name) => {
                    return Err(Unresolved::GlobalKey(at, keys));
                }
                // What a macro or a library gives can have any attribute; and files any name. From here on nothing is
                // checked.
                _ => return Ok(Meaning::Anything),
            };
        }
        Ok(meaning)
    }

    /// The finding about a path that leads nowhere.
    pub(super) fn finding(&self, path: &Path<'t>, unresolved: &Unresolved<'w>) -> Diagnostic {
        // The path up to a step as messages name it, the key that is that step, and the place of the key.
        let step = |at: usize| {
            let keys = path.steps[..at].iter().filter(|written| matches!(written.step, PathStep::Key(_)));
            let parent = path_text(path.root, keys.map(|written| written.step));
            let WrittenStep { step, start, end } = path.steps[at];
            let key = if let PathStep::Key(name) = step { name } else { "" };
            (parent, key, Span { source: self.source, start, end })
        };
        match unresolved {
            Unresolved::Variable => self.unknown_variable(path),
            Unresolved::Key(at, want) => {
                let (parent, key, span) = step(*at);
                unknown_key(&parent, key, span, *want)
            }
            Unresolved::GlobalKey(at, keys) => {
                let (parent, key, span) = step(*at);
                unknown_global_key(&parent, key, span, keys)
            }
        }
    }

    /// The finding about a path whose variable nothing sets, with all names that there are here.
    fn unknown_variable(&self, path: &Path<'t>) -> Diagnostic {
        let start = path.start as usize;
        let span = Span::new(self.source, start, start + path.root.len());
        let known: BTreeSet<&str> = self.stack.iter().flat_map(|scope| scope.keys().copied()).collect();
        let values = self.stack.first().and_then(|globals| globals.get("values"));
        let is_setting = matches!(values, Some(Meaning::Setting(want, _)) if want.names(path.root));
        unknown_variable(path.root, span, &known, is_setting)
    }

    /// What an expression stands for.
    pub(super) fn meaning(&self, expr: &'t Expr<'t>) -> Meaning<'w, 't> {
        match expr {
            // For what is read below it, `values.x | default({})` is `values.x`.
            Expr::Filter(filter) if matches!(filter.name, "default" | "d") => match &filter.expr {
                Some(inner) => self.meaning(inner),
                None => Meaning::Anything,
            },
            _ => bare_path(expr)
                .and_then(|path| self.resolve(path.root, &path.steps).ok())
                .unwrap_or(Meaning::Anything),
        }
    }

    /// What each turn of a loop over an expression gets.
    pub(super) fn item_meaning(&self, expr: &'t Expr<'t>) -> Meaning<'w, 't> {
        if let Expr::Filter(filter) = expr {
            // Filters that give the same items, in another order or fewer of them.
            let keeps_items =
                matches!(filter.name, "items" | "dictsort" | "sort" | "reverse" | "default" | "d" | "unique");
            // Below what any other filter gives nothing is checked.
            return match &filter.expr {
                Some(inner) if keeps_items => self.item_meaning(inner),
                _ => Meaning::Anything,
            };
        }
        let Meaning::Setting(want, path) = self.meaning(expr) else { return Meaning::Anything };
        // Of a map, what any key may hold that the schema does not name.
        let item = want.item().or_else(|| want.additional());
        item.map_or(Meaning::Anything, |item| Meaning::Setting(item, path.item()))
    }

    /// Whether an expression yields the text of a macro, a set block or `caller()`.
    pub(super) fn is_fragment(&self, expr: &Expr<'_>) -> bool {
        match expr {
            Expr::Var(var) => matches!(self.find(var.id), Some(Meaning::Fragment)),
            Expr::Call(call) => match call.identify_call() {
                CallType::Function(name) => matches!(self.find(name), Some(Meaning::Macro(_))),
                CallType::Method(Expr::Var(var), _) => {
                    matches!(self.find(var.id), Some(Meaning::Module(_)))
                }
                CallType::Block(_) => true,
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether the schema describes this place, so that it may be unset.
    pub(super) fn is_described(&self, path: &Path<'t>) -> bool {
        let Some((last, parent)) = path.steps.split_last() else { return false };
        let PathStep::Key(name) = last.step else { return false };
        let Ok(Meaning::Setting(parent, _)) = self.resolve(path.root, parent) else { return false };
        // Where a schema allows any key, an unknown one may as well be a slip, and is an error when it is printed. One
        // whose values have a type (`additionalProperties`) is described by that.
        parent.names(name) || parent.property(name).is_some_and(|want| want.types() != Types::ANY)
    }

    /// Whether an expression is a list, and no map, by its schema.
    pub(super) fn is_list(&self, expr: &'t Expr<'t>) -> bool {
        let inner = match expr {
            Expr::Filter(filter) => filter.expr.as_ref().unwrap_or(expr),
            _ => expr,
        };
        matches!(self.meaning(inner), Meaning::Setting(want, _) if !want.types().allows(Types::OBJECT))
    }

    /// The setting that a path leads to, up to its first computed step; none if it does not begin at a setting.
    pub(super) fn setting_path(&self, path: &Path<'t>) -> Option<SettingPath> {
        let Some(Meaning::Setting(_, root)) = self.find(path.root) else { return None };
        let mut setting = root.clone();
        for written in &path.steps {
            setting = match written.step {
                PathStep::Key(name) => setting.key(name),
                PathStep::Index(_) => setting.item(),
                PathStep::Dynamic => break,
            };
        }
        Some(setting)
    }
}

/// What is under a key of a setting; none if the schema has no such key. A place whose type nobody knows may hold
/// anything.
fn child<'w, 't>(want: WantRef<'w>, path: &SettingPath, key: &str) -> Option<Meaning<'w, 't>> {
    if let Some(below) = want.property(key) {
        return Some(Meaning::Setting(below, path.key(key)));
    }
    let unknown_type = want.types() == Types::ANY || want.types() == Types::NONE;
    unknown_type.then_some(Meaning::Anything)
}

// Findings, with what the author most likely meant.

/// A key that the values schema does not have (T002); `parent` is the path of the map, as the template writes it.
fn unknown_key(parent: &str, key: &str, span: Span, want: WantRef<'_>) -> Diagnostic {
    let message = format!("the values schema has no `{parent}.{key}`");
    let finding = Diagnostic::error(Code::T002, message).at(span, "this key");
    let finding = finding.did_you_mean(key, want.known_keys());
    finding.help("add the key to the values schema, or correct the path")
}

/// A key of `release`, `chart` or `kube` that there is not (T009).
fn unknown_global_key(parent: &str, key: &str, span: Span, keys: &'static [&'static str]) -> Diagnostic {
    let finding = Diagnostic::error(Code::T009, format!("`{parent}` has no `{key}`")).at(span, "this name");
    let all = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    finding.did_you_mean(key, keys.iter().copied()).help(format!("it has {all}"))
}

/// A variable that nothing sets (T009). `is_setting` tells whether it is a key at the top of the values, which authors
/// who come from other engines write without `values.`.
fn unknown_variable(name: &str, span: Span, known: &BTreeSet<&str>, is_setting: bool) -> Diagnostic {
    let finding = Diagnostic::error(Code::T009, format!("nothing is called `{name}` here"));
    let finding = finding.at(span, "this name").did_you_mean(name, known.iter().copied());
    if is_setting {
        return finding.help(format!("settings are below `values`: write `values.{name}`"));
    }
    // Words of other languages and engines.
    match name {
        "network" | "workload" | "scaling" | "access" | "operations" => {
            let import = format!("{{% import \"plimsoll/{name}.yaml\" as {name} %}}");
            finding.help(format!("to use the chart library, write `{import}` at the top of the template"))
        }
        "lib" | "helpers" => finding.help(format!(
            "import a file with macros at the top of the template: `{{% import \"_{name}.yaml\" as {name} %}}`"
        )),
        "null" | "nil" | "undefined" => finding.help("write `none`"),
        "now" | "today" => finding
            .help("there is no clock here, so that the same input gives the same bytes: make it a setting"),
        "loop" => finding.help("`loop` is there inside a `{% for … %}`"),
        "self" | "env" | "environment" => finding.help(
            "templates see `values`, `release`, `chart`, `kube` and `files`: `plimsoll explain templates`",
        ),
        _ => finding,
    }
}

/// A function, filter or test (`what`) that the engine does not have (T009).
pub(super) fn unknown_builtin(known: &[&'static str], name: &str, what: &str, span: Span) -> Diagnostic {
    // What authors bring along: from Helm, from Jinja for HTML, from other engines.
    let help = match name {
        "toYaml" | "nindent" | "indent" | "quote" | "squote" | "tojson" | "toJson" | "safe" | "escape"
        | "e" => {
            "values are bound, not pasted: leave it out, the value keeps its type and needs no quotes or indentation"
        }
        "include" | "tpl" | "lookup" | "required" | "printf" => {
            "Helm's functions are not here: macros, `~`, and the values schema take their place"
        }
        "now" | "date" | "randAlphaNum" | "uuidv4" | "random" => {
            "there is neither a clock nor chance here, so that the same input gives the same bytes: make it a setting"
        }
        _ => "`plimsoll explain templates` lists what there is",
    };
    let finding = Diagnostic::error(Code::T009, format!("there is no {what} `{name}`"));
    finding.at(span, "in this expression").did_you_mean(name, known.iter().copied()).help(help)
}

/// An import of a template that the chart does not have (T009).
pub(super) fn unknown_template<'n>(
    name: &str,
    span: Span,
    known: impl Iterator<Item = &'n str>,
) -> Diagnostic {
    let finding = Diagnostic::error(Code::T009, format!("the chart has no template `{name}`"));
    finding
        .at(span, "this import")
        .did_you_mean(name, known)
        .help("imports name files below the chart's `templates/`, or the library's files below `plimsoll/`")
}

/// A macro that the imported template does not have (T009).
pub(super) fn unknown_macro(module: &str, name: &str, span: Span, known: &BTreeSet<&str>) -> Diagnostic {
    let finding = Diagnostic::error(Code::T009, format!("`{module}` has no macro `{name}`"));
    let finding = finding.at(span, "this name").did_you_mean(name, known.iter().copied());
    finding.help("define it there with `{% macro … %}`")
}
