//! The walk down a document beside the types of the table: each object is held against the facts of its type.
//!
//! Most types have no facts, and nothing below them has any: what they are of is not gone into. A node that is not of
//! its type was reported by the strict check, and is passed over.

use super::checks;
use super::facts::{Check, Fact, facts_of, has_facts_below};
use super::place::Place;
use crate::kube::api::table::{Shape, Table, TypeId};
use crate::kube::context::{Context, PathStack};
use crate::yaml::{Node, Value};

/// Holds a node, and everything below it, against the facts of its type. `parent` is the next object further up.
pub(super) fn walk(
    context: &Context<'_>,
    path: &PathStack<'_>,
    id: TypeId,
    node: &Node,
    parent: Option<&Place<'_>>,
) {
    let table = context.table();
    match (table.get(id).shape, &node.value) {
        (Shape::Object { fields, .. }, Value::Map(map)) => {
            let place = Place { context, node, path, type_id: id, parent };
            for fact in facts_of(id) {
                checks::hold(place, fact);
                if matches!(fact.check, Check::Implied) {
                    walk_implied(place, fact);
                }
            }
            for (key, entry) in map {
                let Some(field) = table.field(fields, key) else { continue };
                if leads_to_facts(table, field.type_id) {
                    let below = path.key(key, entry.key_span);
                    let within = context.within(field.availability);
                    walk(&within, &below, field.type_id, &entry.node, Some(&place));
                }
            }
        }
        (Shape::Map { values, .. }, Value::Map(map)) => {
            for (key, entry) in map {
                walk(context, &path.key(key, entry.key_span), values, &entry.node, parent);
            }
        }
        (Shape::List { items, .. }, Value::List(nodes)) => {
            for (index, item) in nodes.iter().enumerate() {
                walk(context, &path.index(index), items, item, parent);
            }
        }
        _ => {}
    }
}

/// Holds an object that is not there against the facts of its type, as if it were written as `{}`.
fn walk_implied(place: Place<'_>, fact: &Fact) {
    let table = place.context.table();
    let Shape::Object { fields, .. } = table.get(place.type_id).shape else { return };
    let Some(field) = table.field(fields, fact.field) else { return };
    let entry = place.node.as_map().and_then(|map| map.get(fact.field));
    // What the table knows as required has been reported as such.
    if field.required || entry.is_some_and(|entry| !entry.node.is_null()) || !place.meets(fact.conditions) {
        return;
    }
    let key = entry.map(|entry| entry.key_span).or(place.path.last_key_span()).unwrap_or(place.node.span);
    let span = entry.map_or(place.node.span, |entry| entry.node.span);
    let nothing = Node::empty_map(span);
    walk(place.context, &place.path.key(fact.field, key), field.type_id, &nothing, Some(&place));
}

/// Whether a value of this type is an object with facts, or holds one.
fn leads_to_facts(table: &Table, id: TypeId) -> bool {
    match table.get(id).shape {
        Shape::Object { .. } => has_facts_below(id),
        Shape::List { items, .. } => leads_to_facts(table, items),
        Shape::Map { values, .. } => leads_to_facts(table, values),
        _ => false,
    }
}
