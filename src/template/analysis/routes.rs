//! Routes: where below the values a path may lead, and following them down a tree.
//!
//! A path such as `host.name` inside `{% for host in values.hosts %}` has no fixed place: it may be any of
//! `values.hosts[*].name`. A route is such a path from the root of the values, with [`PathStep::Dynamic`] for the star.

use super::expression::{PathStep, Route};

/// How many places one path may mean, and how many children of lists and maps are looked at for them. Provenance is a service to
/// messages: beyond this it is not worth the time, and the rest is left out.
pub(super) const MAX_PLACES: usize = 1_000;

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

/// `budget` is how many more children of lists and maps are looked at.
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
