//! Variable aliases: which paths a variable may stand for. `set`, `with`, `for` and macro parameters, followed back to
//! `values`.
//!
//! ```text
//! {% for host in values.hosts %}       host   ⊇ values.hosts[*]       (an element)
//! {% set name = host.name %}           name   ⊇ host.name
//! {{ lib.label(name) }}                label's first parameter ⊇ name, in the template of the macro
//! ```
//!
//! The analysis is flow-insensitive: a variable stands for everything that it is set to anywhere in its template, and
//! scopes are not told apart. That is coarse and cheap, and enough for what it is needed for: numbers and booleans,
//! which do not remember where they came from as strings do, are looked for at every place that the variable may mean,
//! by their value.
//!
//! Two steps lead from a path of a template to nodes of the values: [`Aliases::routes`], which depends on the templates
//! alone and is cached for each expression, and [`follow`], which walks the routes down the values. Above, `name` has
//! the one route `hosts[*].name`; with three hosts it may mean three nodes.

use std::collections::BTreeMap;

use minijinja::machinery::ast::{Call, CallArg, CallType, Expr, Stmt};
use serde::{Serialize, Serializer};

use super::bundled_plan::LazyTable;
use super::expression::{PathExpr, PathStep, Route, bare_path};
use super::packed_plan::{PackedAlias, PackedPlan};
use super::syntax_tree::{each_expression, each_statement, variable_name};

/// Something that a variable may stand for.
#[derive(Clone, Debug, Serialize)]
struct Alias {
    /// The template that the path is written in.
    template: usize,
    path: PathExpr,
    /// The variable takes each item of what the path leads to.
    element: bool,
}

impl Alias {
    /// Whether both lead to the same, wherever they are written.
    fn means_same(&self, other: &Alias) -> bool {
        self.template == other.template
            && self.element == other.element
            && self.path.is_same_path(&other.path)
    }
}

/// The aliases of a chart's templates. All templates are collected by [`AliasCollector`] before any is asked for.
#[derive(Debug)]
pub(crate) struct Aliases(AliasTable);

/// What the variables of templates may stand for, by template and name.
#[derive(Debug)]
enum AliasTable {
    Collected(BTreeMap<(usize, String), Vec<Alias>>),
    /// Of a plan that is built in; each variable is unpacked when it is first asked for.
    Packed(&'static PackedPlan, LazyTable<Vec<Alias>>),
}

impl Aliases {
    /// Of a plan that is built in.
    pub(super) fn packed(plan: &'static PackedPlan) -> Self {
        Aliases(AliasTable::Packed(plan, LazyTable::new(plan.variables.len())))
    }

    /// Every route from the values down to what a path of a template may mean.
    pub(crate) fn routes(&self, template: usize, path: &PathExpr) -> Vec<Route> {
        RouteSearch { aliases: self, found: BTreeMap::new(), depth: 0 }.routes(template, path)
    }

    /// What a variable may stand for.
    fn of(&self, key: &(usize, String)) -> &[Alias] {
        match &self.0 {
            AliasTable::Collected(aliases) => aliases.get(key).map_or(&[], Vec::as_slice),
            AliasTable::Packed(plan, unpacked) => match plan.variable(key.0, &key.1) {
                Some(at) => unpacked.get(at, || unpack(plan, at)).map_or(&[], Vec::as_slice),
                None => &[],
            },
        }
    }

    /// Every variable, ascending, with what it may stand for.
    fn all(&self) -> Vec<((usize, &str), &[Alias])> {
        let mut all = Vec::new();
        match &self.0 {
            AliasTable::Collected(aliases) => {
                for ((template, name), aliases) in aliases {
                    all.push(((*template, name.as_str()), aliases.as_slice()));
                }
            }
            AliasTable::Packed(plan, unpacked) => {
                for (at, variable) in plan.variables.iter().enumerate() {
                    let key = (variable.template as usize, plan.text(variable.name));
                    let aliases = unpacked.get(at, || unpack(plan, at)).map_or(&[][..], Vec::as_slice);
                    all.push((key, aliases));
                }
            }
        }
        all
    }
}

/// A list of variables, each as `[[template, name], aliases]`.
impl Serialize for Aliases {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.all())
    }
}

/// What one variable of a packed plan may stand for, by its position there.
fn unpack(plan: &PackedPlan, at: usize) -> Vec<Alias> {
    let packed = plan.aliases_of(&plan.variables[at]);
    let alias = |packed: &PackedAlias| Alias {
        template: packed.template as usize,
        path: plan.path(packed.path),
        element: packed.element,
    };
    packed.iter().map(alias).collect()
}

/// Collects aliases out of syntax trees.
#[derive(Debug, Default)]
struct AliasCollector {
    aliases: BTreeMap<(usize, String), Vec<Alias>>,
    /// The macros of all templates by name alone, each with its template and its parameters. A call is not resolved
    /// through imports: macros that share a name share what they are called with.
    macros: BTreeMap<String, Vec<(usize, Vec<String>)>>,
}

/// The aliases of templates, given by position and syntax tree.
pub(super) fn collect_aliases<'t>(trees: impl Iterator<Item = (usize, &'t Stmt<'t>)> + Clone) -> Aliases {
    let mut collector = AliasCollector::default();
    // All macros have to be known before the first call: a template may call those of any other.
    for (template, tree) in trees.clone() {
        collector.collect_macros(template, tree);
    }
    for (template, tree) in trees {
        collector.collect_uses(template, tree);
    }
    Aliases(AliasTable::Collected(collector.aliases))
}

impl AliasCollector {
    /// The macros of a template, by their names.
    fn collect_macros(&mut self, template: usize, root: &Stmt<'_>) {
        each_statement(root, &mut |statement| {
            if let Stmt::Macro(found) = statement {
                let parameters = found.args.iter().filter_map(variable_name).collect();
                self.macros.entry(found.name.to_owned()).or_default().push((template, parameters));
            }
        });
    }

    /// What the variables of a template are set to, and what macros are called with.
    fn collect_uses(&mut self, template: usize, root: &Stmt<'_>) {
        each_statement(root, &mut |statement| match statement {
            Stmt::Set(set) => self.assign(template, &set.target, &set.expr, false),
            Stmt::WithBlock(with) => {
                for (target, value) in &with.assignments {
                    self.assign(template, target, value, false);
                }
            }
            Stmt::ForLoop(node) => self.assign(template, &node.target, &node.iter, true),
            Stmt::CallBlock(block) => self.call(template, &block.call),
            Stmt::Do(block) => self.call(template, &block.call),
            _ => {}
        });
        each_expression(root, &mut |expr| {
            if let Expr::Call(call) = expr {
                self.call(template, call);
            }
        });
    }

    /// `target` stands for `value`, or for each item of it. Only names and paths are followed: what an expression
    /// computes is no node.
    fn assign(&mut self, template: usize, target: &Expr<'_>, value: &Expr<'_>, element: bool) {
        if let (Some(name), Some(path)) = (variable_name(target), bare_path(value)) {
            self.add(template, name, Alias { template, path, element });
        }
    }

    fn call(&mut self, template: usize, call: &Call<'_>) {
        // `label(x)`, or `lib.label(x)` of an imported library.
        let (CallType::Function(name) | CallType::Method(_, name)) = call.identify_call() else { return };
        // Most calls are of functions, and end here.
        let Some(macros) = self.macros.get(name) else { return };
        // A copy, as what is found goes into the collector that holds the macros.
        for (home, parameters) in macros.clone() {
            for (position, arg) in call.args.iter().enumerate() {
                let (parameter, value) = match arg {
                    CallArg::Pos(value) => (parameters.get(position).cloned(), value),
                    CallArg::Kwarg(name, value) => (Some((*name).to_owned()), value),
                    // Which parameter gets which value of it shows only when it runs.
                    CallArg::PosSplat(_) | CallArg::KwargSplat(_) => continue,
                };
                if let (Some(parameter), Some(path)) = (parameter, bare_path(value)) {
                    self.add(home, parameter, Alias { template, path, element: false });
                }
            }
        }
    }

    /// A macro is often called with the same path, which is noted once.
    fn add(&mut self, template: usize, name: String, alias: Alias) {
        let known = self.aliases.entry((template, name)).or_default();
        if !known.iter().any(|other| other.means_same(&alias)) {
            known.push(alias);
        }
    }
}

/// How many variables are followed behind each other: far more than people chain, and little enough for any stack.
const MAX_DEPTH: usize = 32;

/// Follows aliases back to `values`, each variable once. Without that memory, macros that call each other would make
/// exponentially many ways to the same place.
struct RouteSearch<'s> {
    aliases: &'s Aliases,
    /// What variables mean. A variable that is being followed means nothing yet, which ends recursion.
    found: BTreeMap<(usize, String), Vec<Route>>,
    /// How many variables are being followed.
    depth: usize,
}

impl RouteSearch<'_> {
    /// The routes of a path: those of its variable, each with the steps of the path behind it.
    fn routes(&mut self, template: usize, path: &PathExpr) -> Vec<Route> {
        let mut routes = self.routes_of_variable(template, &path.root);
        routes.iter_mut().for_each(|route| route.extend_from_slice(&path.steps));
        routes
    }

    /// The routes of a variable of a template; none for what does not come from the values.
    fn routes_of_variable(&mut self, template: usize, name: &str) -> Vec<Route> {
        let key = (template, name.to_owned());
        if let Some(known) = self.found.get(&key) {
            return known.clone();
        }
        self.found.insert(key.clone(), Vec::new());
        // This recursion is on the stack, and variables can be chained as long as a template is.
        if self.depth == MAX_DEPTH {
            return Vec::new();
        }
        self.depth += 1;
        let mut routes = Vec::new();
        // A template may give the name `values` to something else; it can mean both then.
        if name == "values" {
            routes.push(Route::new());
        }
        for alias in self.aliases.of(&key) {
            let mut found = self.routes(alias.template, &alias.path);
            if alias.element {
                found.iter_mut().for_each(|route| route.push(PathStep::Dynamic));
            }
            routes.extend(found);
        }
        self.depth -= 1;
        // Aliases of aliases multiply. More routes than places that are looked at would be of no use.
        routes.truncate(MAX_PLACES);
        self.found.insert(key, routes.clone());
        routes
    }
}

/// How many places one path may mean, and how many children of lists and maps are looked at for them. Provenance is a
/// service to messages: beyond this it is not worth the time, and the rest is left out.
const MAX_PLACES: usize = 1_000;

/// A tree that routes can be followed down: that of the values as nodes, or as the engine holds them.
pub(crate) trait Descend: Clone {
    /// What is under a key.
    fn child(&self, key: &str) -> Option<Self>;
    /// A list's item.
    fn item(&self, index: usize) -> Option<Self>;
    /// All items of a list, or all values of a map.
    fn children(&self) -> Vec<Self>;
}

/// The places that routes lead to, below the root of the values.
pub(crate) fn follow<T: Descend>(routes: &[Route], root: &T) -> Vec<T> {
    let mut found = Vec::new();
    let mut budget = MAX_PLACES;
    for route in routes {
        descend(root.clone(), route, &mut budget, &mut found);
    }
    found
}

/// Follows one route down from a place, and adds what it leads to. `budget` is how many more children of lists and maps
/// are looked at.
fn descend<T: Descend>(mut place: T, route: &[PathStep], budget: &mut usize, found: &mut Vec<T>) {
    for (at, step) in route.iter().enumerate() {
        let next = match step {
            PathStep::Key { name, .. } => place.child(name),
            PathStep::Index(index) => place.item(*index),
            PathStep::Dynamic => {
                // The budget is for all routes together, so that routes with several stars do not multiply.
                for child in place.children() {
                    let Some(rest) = budget.checked_sub(1) else { return };
                    *budget = rest;
                    descend(child, &route[at + 1..], budget, found);
                }
                return;
            }
        };
        let Some(next) = next else { return };
        place = next;
    }
    found.push(place);
}
