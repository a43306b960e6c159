//! Provenance: which node of the values is behind a value that a template has printed or read.
//!
//! The engine's values carry no notes. But some have an identity that survives their way through it:
//!
//! * **Maps and lists** are [`NodeRef`]s, which are their place in the tree.
//! * **Strings** enter the engine as the very `Arc<str>` of the tree, which it clones and never copies. So the address
//!   of a string's bytes says which node it is, through variables, loops, macros and lists that an expression made. A
//!   string that was computed has another address, even if it reads the same. (Nothing at an address can be freed and
//!   reused while the tree lives, since the tree holds it.)
//! * **Numbers that the engine would write otherwise** are [`NumberRef`]s, which are their place as well.
//! * **Other numbers, booleans and null** have no identity. They are found by walking the path of the expression from its
//!   variable as it is at this moment; and where the variable holds the bare scalar, by what it may stand for
//!   (its [routes](crate::template::analysis)), taking the place that is written like this value.
//!
//! The last of these can be wrong between two settings of the same text that one variable may stand for. It decides
//! what messages point to, and no value: the node that is taken is written as what was printed.

use std::sync::Arc;

use std::cell::OnceCell;

use minijinja::State;
use minijinja::value::{Value as Jinja, ValueKind};

use super::removed;
use super::value::{NodeRef, NumberRef};
use crate::source::Span;
use crate::template::analysis::{Descend, ExpressionTable, PathRead, PathStep, fixed_steps, follow};
use crate::yaml::Tombstone;

/// The variable that the values have.
const VALUES: &str = "values";

/// Finds the nodes behind the paths of one template's expression, while it is printed.
pub(super) struct Provenance<'p> {
    expressions: &'p ExpressionTable,
    /// The root of the values, looked up when it is first needed.
    values: OnceCell<Option<NodeRef>>,
}

impl<'p> Provenance<'p> {
    pub(super) fn new(expressions: &'p ExpressionTable) -> Self {
        Provenance { expressions, values: OnceCell::new() }
    }

    /// The root of the values; none where a template has given their name to something else. So it is looked up anew for
    /// each expression.
    fn values(&self, state: &State) -> Option<&NodeRef> {
        let look_up = || state.lookup(VALUES)?.downcast_object_ref::<NodeRef>().cloned();
        self.values.get_or_init(look_up).as_ref()
    }

    /// The node behind a bare path that printed this scalar; `read` is the same path as something that is read.
    pub(super) fn of_scalar(
        &self,
        state: &State,
        path: PathRead<'_>,
        read: Option<PathRead<'_>>,
        value: &Jinja,
    ) -> Option<NodeRef> {
        if let Some(number) = value.downcast_object_ref::<NumberRef>() {
            return Some(number.node().clone());
        }
        // A walk is believed only if it ends at what was printed: the node gives its lexeme to the document.
        let found = self.walk(state, path).filter(|node| holds(node, value));
        found.or_else(|| self.candidates(state, read?)?.into_iter().find(|node| holds(node, value)))
    }

    /// The node behind a path that an expression reads to compute something.
    pub(super) fn of_input(&self, state: &State, read: PathRead<'_>) -> Option<NodeRef> {
        if let Some(node) = self.walk(state, read) {
            return Some(node);
        }
        let routes = read.routes();
        // Of a variable that comes from no value, which most are.
        if routes.is_empty() {
            return None;
        }
        let plan = self.expressions.plan();
        let values = self.values(state)?;
        // As `follow` below, but for places that are set alone, and so without asking the schema of any.
        let set: Option<Vec<Option<NodeRef>>> =
            routes.iter().map(|route| Some(values.descend(fixed_steps(plan, route)?))).collect();
        let value = || value_at(state.lookup(read.root())?, read);
        match set {
            Some(mut only) if only.len() == 1 => return only.pop()?,
            Some(places) => {
                let places: Vec<NodeRef> = places.into_iter().flatten().collect();
                if let Some(value) = value()
                    && let Some(found) = places.iter().find(|node| holds(node, &value))
                {
                    return Some(found.clone());
                }
                // One that holds something else counts if it is the only one that the schema knows.
                if places.len() != 1 {
                    return None;
                }
            }
            None => {}
        }
        let candidates = follow(plan, routes, &[], values);
        // With one candidate there is nothing to decide, whatever the variable holds at this moment.
        if let [only] = candidates.as_slice() {
            return Some(only.clone()).filter(NodeRef::is_set);
        }
        let value = value()?;
        candidates.into_iter().find(|node| holds(node, &value))
    }

    /// The `null` because of which a path that is printed has no value. A path from a map of the values tells for sure;
    /// of a variable that holds nothing at all, its name has to do.
    pub(super) fn removed(&self, state: &State, path: PathRead<'_>) -> Option<Span> {
        match self.walk_to_unset(state, path) {
            Some(found) => found.map(|tombstone| tombstone.span),
            None => removed::so_far(|reads| reads.behind([path.last_name()])),
        }
    }

    /// What took away the end of a path; none if the path cannot be walked from the values.
    fn walk_to_unset(&self, state: &State, path: PathRead<'_>) -> Option<Option<Arc<Tombstone>>> {
        let root = state.lookup(path.root())?;
        // A map that a function made has lost what its parts lacked.
        let is_of_values =
            |node: &&NodeRef| self.values(state).is_some_and(|values| values.is_of_same_tree(node));
        let mut node = root.downcast_object_ref::<NodeRef>().filter(is_of_values)?.clone();
        for step in path.steps() {
            node = match step {
                PathStep::Key(name) => match node.child(name) {
                    Some(child) => child,
                    None => return Some(node.removed_below(name)),
                },
                PathStep::Index(index) => node.item(index)?,
                PathStep::Dynamic => return None,
            };
        }
        Some(node.removed().cloned())
    }

    /// By walking from the variable as it is at this moment.
    fn walk(&self, state: &State, path: PathRead<'_>) -> Option<NodeRef> {
        if path.root() == VALUES {
            return self.values(state)?.descend(path.steps());
        }
        let root = state.lookup(path.root())?;
        match root.downcast_object_ref::<NodeRef>() {
            Some(node) => node.descend(path.steps()),
            // A string knows its node, also in a loop and inside of what an expression made; so do some numbers.
            None => {
                let value = value_at(root, path)?;
                match value.downcast_object_ref::<NumberRef>() {
                    Some(number) => Some(number.node().clone()),
                    None => self.values(state)?.node_of_text(value.as_str()?),
                }
            }
        }
    }

    /// Every node that a path may mean, through aliases.
    fn candidates(&self, state: &State, read: PathRead<'_>) -> Option<Vec<NodeRef>> {
        Some(follow(self.expressions.plan(), read.routes(), &[], self.values(state)?))
    }
}

/// What a path stands for at this moment, from the value of its variable.
fn value_at(root: Jinja, path: PathRead<'_>) -> Option<Jinja> {
    path.steps().try_fold(root, |value, step| match step {
        PathStep::Key(name) => value.get_attr(name).ok(),
        PathStep::Index(index) => value.get_item_by_index(index).ok(),
        PathStep::Dynamic => None,
    })
}

/// Whether a node holds this very scalar: one that is equal to it, and written like it.
fn holds(node: &NodeRef, value: &Jinja) -> bool {
    let Some(held) = node.to_jinja().filter(|_| node.is_set()) else { return false };
    if held.kind() != value.kind() {
        return false;
    }
    match held.kind() {
        // Equal numbers can be two: `1` and `1.0`, `0.0` and `-0.0`.
        ValueKind::Number => held.is_integer() == value.is_integer() && held.to_string() == value.to_string(),
        ValueKind::Plain => match (held.downcast_object_ref(), value.downcast_object_ref()) {
            (Some::<&NumberRef>(held), Some::<&NumberRef>(number)) => {
                held.node().is_same_place(number.node())
            }
            _ => false,
        },
        _ => held == *value,
    }
}
