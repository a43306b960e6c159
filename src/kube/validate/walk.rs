//! The walk down a document beside the types of the table: each object is held against the facts of its type.
//!
//! Most types have no facts, and nothing below them has any: what they are of is not gone into. A node that is not of
//! its type was reported by the strict check, and is passed over.

use super::checks;
use super::facts::{facts_of, has_facts_below};
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

/// Whether a value of this type is an object with facts, or holds one.
fn leads_to_facts(table: &Table, id: TypeId) -> bool {
    match table.get(id).shape {
        Shape::Object { .. } => has_facts_below(id),
        Shape::List { items, .. } => leads_to_facts(table, items),
        Shape::Map { values, .. } => leads_to_facts(table, values),
        _ => false,
    }
}
