//! Variable aliases: which paths a variable may stand for. `set`, `with`, `for` and macro parameters, as the templates
//! write them.
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
//! by their value. [`routes`](super::routes) follows aliases back to the values.

use std::collections::BTreeMap;

use minijinja::machinery::ast::{Call, CallArg, CallType, Expr, Stmt};

use super::expression::{Path, bare_path};
use super::plan_builder::PlanBuilder;
use super::syntax_tree::{each_expression, each_statement, variable_name};

/// Something that a variable may stand for.
#[derive(Clone, Debug)]
struct Alias<'t> {
    /// The template that the path is written in.
    template: usize,
    path: Path<'t>,
    /// The variable takes each item of what the path leads to.
    element: bool,
}

impl Alias<'_> {
    /// Whether both lead to the same, wherever they are written.
    fn means_same(&self, other: &Alias<'_>) -> bool {
        self.template == other.template
            && self.element == other.element
            && self.path.is_same_path(&other.path)
    }
}

/// Collects aliases out of syntax trees.
#[derive(Debug, Default)]
struct AliasCollector<'t> {
    /// By template and name.
    aliases: BTreeMap<(usize, &'t str), Vec<Alias<'t>>>,
    /// The macros of all templates by name alone, each with its template and its parameters. A call is not resolved
    /// through imports: macros that share a name share what they are called with.
    macros: BTreeMap<&'t str, Vec<(usize, Vec<&'t str>)>>,
}

/// Adds the aliases of templates to a plan. The trees are given by position.
pub(super) fn add_aliases<'t>(
    plan: &mut PlanBuilder<'t>,
    trees: impl Iterator<Item = (usize, &'t Stmt<'t>)> + Clone,
) {
    let mut collector = AliasCollector::default();
    // All macros have to be known before the first call: a template may call those of any other.
    for (template, tree) in trees.clone() {
        collector.collect_macros(template, tree);
    }
    for (template, tree) in trees {
        collector.collect_uses(template, tree);
    }
    for ((template, name), aliases) in collector.aliases {
        plan.add_variable(template, name);
        for alias in aliases {
            plan.add_alias(alias.template, &alias.path, alias.element);
        }
    }
}

impl<'t> AliasCollector<'t> {
    /// The macros of a template, by their names.
    fn collect_macros(&mut self, template: usize, root: &'t Stmt<'t>) {
        each_statement(root, &mut |statement| {
            if let Stmt::Macro(found) = statement {
                let parameters = found.args.iter().filter_map(variable_name).collect();
                self.macros.entry(found.name).or_default().push((template, parameters));
            }
        });
    }

    /// What the variables of a template are set to, and what macros are called with.
    fn collect_uses(&mut self, template: usize, root: &'t Stmt<'t>) {
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
    fn assign(&mut self, template: usize, target: &Expr<'t>, value: &'t Expr<'t>, element: bool) {
        if let (Some(name), Some(path)) = (variable_name(target), bare_path(value)) {
            add(&mut self.aliases, (template, name), Alias { template, path, element });
        }
    }

    fn call(&mut self, template: usize, call: &'t Call<'t>) {
        // `label(x)`, or `lib.label(x)` of an imported library.
        let (CallType::Function(name) | CallType::Method(_, name)) = call.identify_call() else { return };
        // Most calls are of functions, and end here.
        let Some(macros) = self.macros.get(name) else { return };
        for (home, parameters) in macros {
            for (position, arg) in call.args.iter().enumerate() {
                let (parameter, value) = match arg {
                    CallArg::Pos(value) => (parameters.get(position).copied(), value),
                    CallArg::Kwarg(name, value) => (Some(*name), value),
                    // Which parameter gets which value of it shows only when it runs.
                    CallArg::PosSplat(_) | CallArg::KwargSplat(_) => continue,
                };
                if let (Some(parameter), Some(path)) = (parameter, bare_path(value)) {
                    let alias = Alias { template, path, element: false };
                    add(&mut self.aliases, (*home, parameter), alias);
                }
            }
        }
    }
}

/// A macro is often called with the same path, which is noted once.
fn add<'t>(
    aliases: &mut BTreeMap<(usize, &'t str), Vec<Alias<'t>>>,
    variable: (usize, &'t str),
    alias: Alias<'t>,
) {
    let known = aliases.entry(variable).or_default();
    if !known.iter().any(|other| other.means_same(&alias)) {
        known.push(alias);
    }
}
