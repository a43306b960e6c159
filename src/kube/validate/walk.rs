//! The walk down a document beside the types of the table: each object is held against the facts of its type.
//!
//! Most types have no facts, and nothing below them has any: what they are of is not gone into. A node that is not of
//! its type was reported by the strict check, and is passed over.

use super::checks;
use super::facts::{Check, Fact, facts_of_object, facts_of_written, has_facts_below};
use super::place::Place;
use crate::kube::api::table::{IndexRange, Shape, Table, TypeId};
use crate::kube::context::{Context, PathStack, Position};
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
        (Shape::Object { fields, .. }, Value::Map(_)) => {
            walk_object(Place { context, node, path, type_id: id, parent }, fields);
        }
        (Shape::Map { values, .. }, Value::Map(map)) => {
            for (key, entry) in map {
                walk(context, &path.key(key, entry.key_span), values, &entry.node, parent);
            }
        }
        (Shape::List { items, .. }, Value::List(nodes)) => {
            for (index, item) in nodes.iter().enumerate() {
                let path = path.index(index);
                match table.get(items).shape {
                    // Null among objects is an empty one to the API server.
                    Shape::Object { fields, .. } if item.is_null() => {
                        let empty = Node::empty_map(item.span);
                        let (node, path) = (&empty, &path);
                        if (Position { context, path }).is_refused() {
                            continue;
                        }
                        walk_object(Place { context, node, path, type_id: items, parent }, fields);
                    }
                    _ => walk(context, &path, items, item, parent),
                }
            }
        }
        _ => {}
    }
}

/// Holds an object against the facts of its type, and then what is in its fields.
fn walk_object(place: Place<'_>, fields: IndexRange) {
    for fact in facts_of_object(place.type_id) {
        match fact.check {
            Check::Implied => walk_implied(place, fields, fact),
            _ => checks::hold(place, fact),
        }
    }
    let table = place.context.table();
    let Some(map) = place.node.as_map() else { return };
    for (key, entry) in map {
        let Some(field) = table.field(fields, key) else { continue };
        for fact in facts_of_written(place.type_id, key) {
            checks::hold(place, fact);
        }
        if leads_to_facts(table, field.type_id) {
            let below = place.path.key(key, entry.key_span);
            let within = place.context.within(field.availability);
            walk(&within, &below, field.type_id, &entry.node, Some(&place));
        }
    }
}

/// Holds the empty object that the API server sees where a field is missing against the facts of its type: it asks for
/// `spec.template.spec.containers`, whatever is missing of the way to it.
fn walk_implied(place: Place<'_>, fields: IndexRange, fact: &Fact) {
    let Place { context, node, .. } = place;
    if place.entry(fact.field()).is_some() || !checks::counts(place, fact) {
        return;
    }
    let table = context.table();
    let Some(field) = table.field(fields, fact.field()) else { return };
    let Shape::Object { fields, .. } = table.get(field.type_id).shape else { return };
    let written = node.as_map().and_then(|map| map.get(fact.field())).map(|entry| entry.key_span);
    let key = written.or(place.path.last_key_span()).unwrap_or(node.span);
    let path = place.path.key(fact.field(), key);
    if (Position { context, path: &path }).is_refused() || place.is_misspelt(fact.field()) {
        return;
    }
    let empty = Node::empty_map(node.span);
    let below = Place { context, node: &empty, path: &path, type_id: field.type_id, parent: Some(&place) };
    walk_object(below, fields);
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
