//! Which paths a variable may stand for: `set`, `with`, `for` and macro parameters, followed back to `values`.

use std::collections::BTreeMap;

use minijinja::machinery::ast::{Call, CallArg, CallType, Expr, Stmt};
use serde::{Serialize, Serializer};

use super::expression::{PathExpr, Step, Way, bare_path};
use super::facts::Lazy;
use super::packed::{PackedAlias, PackedPlan, PackedVariable};
use super::syntax::{each_expression, each_statement};
use super::value::Place;

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
    fn means(&self, other: &Alias) -> bool {
        self.template == other.template && self.element == other.element && self.path.reads_like(&other.path)
    }
}

/// The aliases of a chart's templates, by template and variable.
#[derive(Debug, Default)]
pub(super) struct Aliases {
    by_name: ByVariable,
    /// Needed until all uses are noted.
    macros: BTreeMap<String, Vec<(usize, Vec<String>)>>,
}

/// What a variable of a template may stand for.
#[derive(Debug)]
enum ByVariable {
    Made(BTreeMap<(usize, String), Vec<Alias>>),
    Packed(&'static PackedPlan, Lazy<Vec<Alias>>),
}

impl Default for ByVariable {
    fn default() -> Self {
        ByVariable::Made(BTreeMap::new())
    }
}

impl Aliases {
    /// Of a plan that is built in.
    pub(super) fn packed(plan: &'static PackedPlan) -> Self {
        let by_name = ByVariable::Packed(plan, Lazy::new(plan.variables.len()));
        Aliases { by_name, macros: BTreeMap::new() }
    }

    /// What a variable may stand for.
    fn of(&self, key: &(usize, String)) -> &[Alias] {
        match &self.by_name {
            ByVariable::Made(by_name) => by_name.get(key).map_or(&[], Vec::as_slice),
            ByVariable::Packed(plan, read) => {
                let at = plan.variable(key.0, &key.1);
                at.and_then(|at| read.get(at, || aliases(plan, at))).map_or(&[], Vec::as_slice)
            }
        }
    }

    /// Every variable, with what it may stand for.
    fn all(&self) -> Vec<((usize, &str), &[Alias])> {
        match &self.by_name {
            ByVariable::Made(by_name) => by_name
                .iter()
                .map(|((template, name), aliases)| ((*template, name.as_str()), aliases.as_slice()))
                .collect(),
            ByVariable::Packed(plan, read) => {
                let variable = |(at, variable): (usize, &PackedVariable)| {
                    let key = (variable.template as usize, plan.text(variable.name));
                    (key, read.get(at, || aliases(plan, at)).map_or(&[][..], Vec::as_slice))
                };
                plan.variables.iter().enumerate().map(variable).collect()
            }
        }
    }

    /// Notes the macros of a template; all templates come before the first [`Aliases::note_uses`].
    pub(super) fn note_macros(&mut self, template: usize, root: &Stmt<'_>) {
        each_statement(root, &mut |statement| {
            if let Stmt::Macro(found) = statement {
                let parameters = found.args.iter().filter_map(variable).collect();
                self.macros.entry(found.name.to_owned()).or_default().push((template, parameters));
            }
        });
    }

    /// Notes what the variables of a template are set to, and what macros are called with.
    pub(super) fn note_uses(&mut self, template: usize, root: &Stmt<'_>) {
        each_statement(root, &mut |statement| match statement {
            Stmt::Set(set) => self.note(template, &set.target, template, &set.expr, false),
            Stmt::WithBlock(with) => {
                with.assignments.iter().for_each(|(to, from)| self.note(template, to, template, from, false));
            }
            Stmt::ForLoop(lop) => self.note(template, &lop.target, template, &lop.iter, true),
            Stmt::CallBlock(block) => self.note_call(template, &block.call),
            Stmt::Do(block) => self.note_call(template, &block.call),
            _ => {}
        });
        each_expression(root, &mut |expr| {
            if let Expr::Call(call) = expr {
                self.note_call(template, call);
            }
        });
    }

    /// Every way from the values down to what a path may mean.
    pub(super) fn ways(&self, template: usize, path: &PathExpr) -> Vec<Way> {
        Search { aliases: self, found: BTreeMap::new(), depth: 0 }.ways(template, path)
    }

    fn note(&mut self, template: usize, target: &Expr<'_>, from: usize, value: &Expr<'_>, element: bool) {
        let (Some(name), Some(path)) = (variable(target), bare_path(value)) else { return };
        self.add(template, name, Alias { template: from, path, element });
    }

    /// A macro is often called with the same path.
    fn add(&mut self, template: usize, name: String, alias: Alias) {
        let ByVariable::Made(by_name) = &mut self.by_name else { return };
        let known = by_name.entry((template, name)).or_default();
        if !known.iter().any(|other| other.means(&alias)) {
            known.push(alias);
        }
    }

    fn note_call(&mut self, template: usize, call: &Call<'_>) {
        let (CallType::Function(name) | CallType::Method(_, name)) = call.identify_call() else { return };
        for (home, parameters) in self.macros.get(name).cloned().unwrap_or_default() {
            for (position, arg) in call.args.iter().enumerate() {
                let (parameter, value) = match arg {
                    CallArg::Pos(value) => (parameters.get(position).cloned(), value),
                    CallArg::Kwarg(name, value) => (Some((*name).to_owned()), value),
                    _ => continue,
                };
                let (Some(parameter), Some(path)) = (parameter, bare_path(value)) else { continue };
                self.add(home, parameter, Alias { template, path, element: false });
            }
        }
    }
}

/// A list of variables with what they may stand for.
impl Serialize for Aliases {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.all())
    }
}

/// What one variable of a packed plan may stand for.
fn aliases(plan: &PackedPlan, at: usize) -> Vec<Alias> {
    let packed = plan.variables.get(at).map_or(&[][..], |variable| plan.aliases_of(variable));
    let alias = |packed: &PackedAlias| Alias {
        template: packed.template as usize,
        path: plan.path(packed.path),
        element: packed.element,
    };
    packed.iter().map(alias).collect()
}

/// Follows aliases back to `values`, each variable once: macros that call each other make many ways to the same place.
struct Search<'s> {
    aliases: &'s Aliases,
    /// What variables mean. A variable under way means nothing yet, which ends recursion.
    found: BTreeMap<(usize, String), Vec<Way>>,
    /// How many variables are under way.
    depth: usize,
}

impl Search<'_> {
    fn ways(&mut self, template: usize, path: &PathExpr) -> Vec<Way> {
        let mut ways = self.variable(template, &path.root);
        ways.iter_mut().for_each(|way| way.extend_from_slice(&path.steps));
        ways
    }

    fn variable(&mut self, template: usize, name: &str) -> Vec<Way> {
        let key = (template, name.to_owned());
        if let Some(known) = self.found.get(&key) {
            return known.clone();
        }
        self.found.insert(key.clone(), Vec::new());
        if self.depth == MAX_STEPS {
            return Vec::new();
        }
        self.depth += 1;
        let mut ways = Vec::new();
        if name == "values" {
            ways.push(Way::new());
        }
        for alias in self.aliases.of(&key) {
            let mut found = self.ways(alias.template, &alias.path);
            if alias.element {
                found.iter_mut().for_each(|way| way.push(Step::Dynamic));
            }
            ways.extend(found);
        }
        self.depth -= 1;
        ways.truncate(MAX_PLACES);
        self.found.insert(key, ways.clone());
        ways
    }
}

/// How many variables are followed behind each other.
const MAX_STEPS: usize = 32;
/// How many places one variable may mean.
const MAX_PLACES: usize = 1_000;

/// The places that ways lead to.
pub(super) fn follow(ways: &[Way], values: &Place) -> Vec<Place> {
    let mut found = Vec::new();
    let mut left = MAX_PLACES;
    ways.iter().for_each(|way| go_down(values.clone(), way, &mut left, &mut found));
    found
}

/// `left` more children of lists and maps are looked at.
fn go_down(mut place: Place, way: &[Step], left: &mut usize, found: &mut Vec<Place>) {
    for (at, step) in way.iter().enumerate() {
        let next = match step {
            Step::Key(key, ..) => place.child(key),
            Step::Index(index) => place.item(*index),
            Step::Dynamic => {
                for child in place.children() {
                    let Some(rest) = left.checked_sub(1) else { return };
                    *left = rest;
                    go_down(child, &way[at + 1..], left, found);
                }
                return;
            }
        };
        let Some(next) = next else { return };
        place = next;
    }
    found.push(place);
}

fn variable(expr: &Expr<'_>) -> Option<String> {
    if let Expr::Var(var) = expr { Some(var.id.to_owned()) } else { None }
}
