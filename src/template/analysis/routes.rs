//! Routes: where below the values a path of a template may lead, through the variables that stand for others.
//!
//! Two steps lead from a path to nodes of the values: its routes, which depend on the templates alone and are kept for
//! each path (`expression_table.rs`), and [`follow`], which walks the routes down the values. Of
//!
//! ```text
//! {% for host in values.hosts %}
//! {% set name = host.name %}
//! ```
//!
//! the path `name` has the one route `hosts[*].name`; with three hosts it may mean three nodes.

use std::collections::BTreeMap;

use super::expression::PathStep;
use super::plan::{Plan, PlannedPath, PlannedStep};

/// A path down from the root of the values, where a path of a template may lead. [`PlannedStep::Dynamic`] stands for
/// every item or value there.
pub(crate) type Route = Vec<PlannedStep>;

/// Every route from the values down to what a path of a template may mean.
pub(super) fn routes_of_path(plan: &Plan, template: usize, path: &PlannedPath) -> Vec<Route> {
    RouteSearch { plan, found: BTreeMap::new(), depth: 0 }.routes(template, path)
}

/// The same for a path of a variable alone; none for what does not come from the values.
pub(super) fn routes_of_variable(plan: &Plan, template: usize, name: &str) -> Vec<Route> {
    RouteSearch { plan, found: BTreeMap::new(), depth: 0 }.routes_of_variable(template, name)
}

/// How many variables are followed behind each other: far more than people chain, and little enough for any stack.
const MAX_DEPTH: usize = 32;

/// Follows aliases back to `values`, each variable once. Without that memory, macros that call each other would make
/// exponentially many ways to the same place.
struct RouteSearch<'p> {
    plan: &'p Plan,
    /// What variables mean, by their position in the plan. A variable that is being followed means nothing yet, which
    /// ends recursion.
    found: BTreeMap<usize, Vec<Route>>,
    /// How many variables are being followed.
    depth: usize,
}

impl RouteSearch<'_> {
    /// The routes of a path: those of its variable, each with the steps of the path behind it.
    fn routes(&mut self, template: usize, path: &PlannedPath) -> Vec<Route> {
        let mut routes = self.routes_of_variable(template, path.root.within(&self.plan.names));
        let steps = path.steps.of(&self.plan.steps);
        routes.iter_mut().for_each(|route| route.extend_from_slice(steps));
        routes
    }

    /// The routes of a variable of a template; none for what does not come from the values.
    fn routes_of_variable(&mut self, template: usize, name: &str) -> Vec<Route> {
        let variable = self.plan.variable(template, name);
        if let Some(known) = variable.and_then(|variable| self.found.get(&variable)) {
            return known.clone();
        }
        if let Some(variable) = variable {
            self.found.insert(variable, Vec::new());
        }
        // This recursion is on the stack, and variables can be chained as long as a template is.
        if self.depth == MAX_DEPTH {
            return Vec::new();
        }
        let mut routes = Vec::new();
        // A template may give the name `values` to something else; it can mean both then.
        if name == "values" {
            routes.push(Route::new());
        }
        let Some(variable) = variable else { return routes };
        self.depth += 1;
        for alias in self.plan.aliases_of(variable) {
            let mut found = self.routes(alias.template as usize, &alias.path);
            if alias.element {
                found.iter_mut().for_each(|route| route.push(PlannedStep::Dynamic));
            }
            routes.extend(found);
        }
        self.depth -= 1;
        // Aliases of aliases multiply. More routes than places that are looked at would be of no use.
        routes.truncate(MAX_PLACES);
        self.found.insert(variable, routes.clone());
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

/// The places that routes lead to, below the root of the values; behind each route come the steps of `rest`.
pub(crate) fn follow<T: Descend>(plan: &Plan, routes: &[Route], rest: &[PathStep<'_>], root: &T) -> Vec<T> {
    let mut found = Vec::new();
    let mut budget = MAX_PLACES;
    for route in routes {
        let steps: Vec<PathStep<'_>> =
            route.iter().map(|step| plan.step(*step)).chain(rest.iter().copied()).collect();
        descend(root.clone(), &steps, &mut budget, &mut found);
    }
    found
}

/// The steps of a route from the root of the values, if it leads to one place whatever the values are.
pub(crate) fn fixed_steps<'p>(
    plan: &'p Plan,
    route: &'p [PlannedStep],
) -> Option<impl Iterator<Item = PathStep<'p>>> {
    (!route.contains(&PlannedStep::Dynamic)).then(|| route.iter().map(|step| plan.step(*step)))
}

/// Follows one route down from a place, and adds what it leads to. `budget` is how many more children of lists and maps
/// are looked at.
fn descend<T: Descend>(mut place: T, route: &[PathStep<'_>], budget: &mut usize, found: &mut Vec<T>) {
    for (at, step) in route.iter().enumerate() {
        let next = match step {
            PathStep::Key(name) => place.child(name),
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
