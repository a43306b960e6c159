//! The walk down a document, beside the types of the table: maps, lists and what is in them.
//!
//! The tree of the document and the types of the table are walked together. For each node, [`check_node`] looks up
//! the type and chooses by its shape and by what the node is:
//!
//! | type ╲ node | map | list | scalar |
//! |---|---|---|---|
//! | known fields | each entry, below the field of its key | mismatch | mismatch |
//! | map of a type | each entry, below the type of all values | mismatch | mismatch |
//! | map of anything | `yaml_1_1` alone | mismatch | mismatch |
//! | list | mismatch | each item, then the list as a whole | mismatch |
//! | string, number, … | mismatch | mismatch | `scalar` |
//! | anything | `yaml_1_1` alone | `yaml_1_1` alone | `yaml_1_1` alone |
//!
//! A node of the wrong type is reported once, and nothing below it is looked at: whatever is there was meant for
//! another place. The recursion needs no limit of its own, as the reader of YAML has one (`nesting` in `limits.rs`).

use super::patches::is_written;
use super::type_mismatch::{self, is_collection, noun};
use super::{constraints, duplicates, scalar, selector, yaml_1_1};
use crate::diagnostic::{Code, Diagnostic};
use crate::kube::api::list_minors;
use crate::kube::api::table::{Field, Format, IndexRange, ListType, Shape, TypeId};
use crate::kube::context::Position;
use crate::kube::string_formats;
use crate::kube::validate::is_optional;
use crate::manifest::Location;
use crate::yaml::{Entry, Node, Value};

/// Checks a node against a type, and everything below it. Scalars are changed on the way (the module's page says how).
pub(super) fn check_node(position: Position<'_>, id: TypeId, node: &mut Node) {
    let of = position.context.table().get(id);
    // Null is of no type, and Kubernetes takes it for nothing almost everywhere.
    if node.is_null() {
        return type_mismatch::check_null(position, of, node);
    }
    match (of.shape, &mut node.value) {
        (Shape::Any, _) | (Shape::FreeMap, Value::Map(_)) => yaml_1_1::check_untyped(position, node),
        (Shape::Object { fields, open }, Value::Map(_)) => {
            check_required(position, id, fields, node);
            check_object(position, fields, open, node);
        }
        (Shape::Map { values, keys }, Value::Map(_)) => check_map(position, values, keys, node),
        (Shape::List { items, list_type }, Value::List(_)) => check_list(position, items, list_type, node),
        (_, Value::Scalar(_)) if !is_collection(of.shape) => {
            scalar::check_scalar(position, of, node);
            return constraints::check_rest(position, id, node);
        }
        _ => return type_mismatch::report_mismatch(position, of.shape, node),
    }
    // Scalars have left by now: their own checks hold them against their bounds, as what they have become.
    constraints::check_size(position, of, node);
    constraints::check_rest(position, id, node);
}

/// Checks a map with known fields.
fn check_object(position: Position<'_>, fields: IndexRange, open: bool, node: &mut Node) {
    let context = position.context;
    let Value::Map(map) = &mut node.value else { return };
    for (key, entry) in map {
        let path = position.path.key(key, entry.key_span);
        let below = position.at_path(&path);
        match context.table().field(fields, key) {
            Some(field) => {
                check_field_availability(below, field, entry);
                // Below a field that one version lacks, only the others count.
                let within = context.within(field.availability);
                let below = Position { context: &within, path: &path };
                check_node(below, field.type_id, &mut entry.node);
            }
            None if open => yaml_1_1::check_untyped(below, &entry.node),
            None => report_unknown_field(position, fields, key, entry),
        }
    }
}

/// Reports required fields that are not there (K002). One that some version does not have cannot be required.
///
/// A field that is null is there: what is wrong with it, [`type_mismatch::check_null`] says. Where it is no error, it is
/// not there.
fn check_required(position: Position<'_>, id: TypeId, fields: IndexRange, node: &Node) {
    let context = position.context;
    let table = context.table();
    let Some(map) = node.as_map() else { return };
    for field in table.fields(fields).iter().filter(|field| field.required) {
        let name = table.name(field.name);
        let null = map.get(name).filter(|entry| entry.node.is_null() && context.follows_server());
        let is_there = map.contains_key(name) && null.is_none();
        if is_there || !context.versions.lacking(field.availability).is_empty() {
            continue;
        }
        if position.is_misspelt(fields, map, name) {
            continue;
        }
        let wanted = noun(table.get(field.type_id).shape);
        let finding = Diagnostic::error(Code::K002, format!("`{name}` is missing"))
            .help(format!("add `{name}`: {wanted}"))
            .due_to(context.session.left_out(node.span, name));
        // There is no node to point at, so it is the key of the map that the field is missing from.
        let of_map = position.path.last_key_span();
        let location = match null {
            Some(entry) => Location::key(context.session, entry),
            None => Location::whole(node, of_map).of_missing(),
        };
        let path = position.path.key(name, of_map.unwrap_or(node.span));
        let below = position.at_path(&path);
        if is_optional(id, name) {
            below.report_accepted(finding, location);
        } else {
            below.report(finding, location);
        }
    }
}

/// Reports a field that some of the versions do not have (K008). The position is that of the field.
fn check_field_availability(position: Position<'_>, field: &Field, entry: &Entry) {
    let context = position.context;
    let lacking = context.versions.lacking(field.availability);
    if lacking.is_empty() {
        return;
    }
    let message = format!("`{}` does not exist in Kubernetes {}", position.name(), list_minors(&lacking));
    let finding = Diagnostic::error(Code::K008, message)
        .help("leave it out, or render for other versions with `--kube-version`");
    position.report(finding, Location::key(context.session, entry));
}

/// Fields of a type are listed in a help line if they are no more than this. A PodSpec has some forty.
const MAX_LISTED_FIELDS: usize = 8;

/// Reports a field that the type of the map does not have (K001). The position is that of the map.
///
/// An API server that is not asked for strict validation drops such a field, with a warning at most, and the object
/// lacks what it was to have. Nearly always the key is misspelt or indented wrongly, so the names of the other fields
/// are the help.
fn report_unknown_field(position: Position<'_>, fields: IndexRange, key: &str, entry: &Entry) {
    let context = position.context;
    let table = context.table();
    let names = table.fields(fields).iter().map(|field| table.name(field.name));
    let owner = if position.path.is_root() { context.object.kind.to_string() } else { position.name() };
    let message = format!("`{owner}` has no field `{key}`");
    let near = context.findings.borrow().suggestions.nearest(key, names.clone());
    let mut finding = Diagnostic::error(Code::K001, message);
    if let Some(near) = near {
        finding = finding.help(format!("did you mean `{near}`?"));
    }
    // A key of a template's loop, or one in quotes, is not written as it is called.
    if let Some(near) = near.filter(|_| is_written(context.session, entry.key_span, key)) {
        finding = finding.guess(entry.key_span, key, near);
    }
    // A near name is all the help that is needed; the list is for keys that are like none of them.
    if finding.help.is_empty() {
        let listed: Vec<String> = names.map(|name| format!("`{name}`")).collect();
        finding = finding.help(match listed.len() {
            0 => "remove it: nothing may stand here".to_owned(),
            1..=MAX_LISTED_FIELDS => format!("remove it; the fields are {}", listed.join(", ")),
            _ => "remove it, or move it to where it belongs".to_owned(),
        });
    }
    let path = position.path.key(key, entry.key_span);
    position.at_path(&path).report(finding, Location::key(context.session, entry));
}

/// Checks a map with any keys of one format.
fn check_map(position: Position<'_>, values: TypeId, keys: Format, node: &mut Node) {
    let Value::Map(map) = &mut node.value else { return };
    for (key, entry) in map {
        let path = position.path.key(key, entry.key_span);
        let below = position.at_path(&path);
        // Here the author of the object chooses the keys, so `on: …` or `1: …` may well be meant as a text.
        yaml_1_1::check_key(below, key, entry);
        if let Some(must_be) = string_formats::violation(keys, key) {
            let finding = Diagnostic::error(Code::K005, format!("the key `{key}` is not allowed"))
                .help(format!("a key of `{}` must be {must_be}", position.name()));
            below.report(finding, Location::key(position.context.session, entry));
        }
        check_node(below, values, &mut entry.node);
    }
}

/// Checks a list: its items one by one, and then what they must be to each other.
fn check_list(position: Position<'_>, items: TypeId, list_type: ListType, node: &mut Node) {
    let Value::List(nodes) = &mut node.value else { return };
    for (index, item) in nodes.iter_mut().enumerate() {
        check_node(position.at_path(&position.path.index(index)), items, item);
        // To the API server, null is an item without anything in it.
        if item.is_null() && position.context.follows_server() && !position.context.custom {
            *item = match position.context.table().get(items).shape {
                Shape::Object { .. } | Shape::Map { .. } | Shape::FreeMap => Node::empty_map(item.span),
                Shape::Text(_) => Node::string("", item.span),
                _ => continue,
            };
        }
    }
    // After the items: integers are decimal by now, so that the ports `80` and `0x50` are the same.
    duplicates::check_duplicates(position, list_type, items, nodes);
    selector::check_requirements(position, items, nodes);
}
