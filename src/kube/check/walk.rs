//! The walk down a document, beside the types of the table: maps, lists and what is in them.

use super::type_mismatch::{self, is_collection, noun};
use super::{constraints, duplicates, scalar, selector, yaml_1_1};
use crate::diagnostic::{Code, Diagnostic};
use crate::kube::api::list_minors;
use crate::kube::api::table::{Field, Format, IndexRange, ListType, Shape, TypeId};
use crate::kube::context::{Context, PathStack};
use crate::kube::string_formats;
use crate::manifest::Location;
use crate::yaml::{Entry, Node, Value};

/// Checks a node against a type, and everything below it.
pub(super) fn check_node(context: &Context<'_>, id: TypeId, node: &mut Node, path: &PathStack<'_>) {
    let of = context.table().get(id);
    // Null is of no type, and Kubernetes takes it for nothing almost everywhere.
    if node.is_null() {
        return type_mismatch::check_null(context, of, node, path);
    }
    match (of.shape, &mut node.value) {
        (Shape::Any, _) | (Shape::FreeMap, Value::Map(_)) => yaml_1_1::check_untyped(context, node, path),
        (Shape::Object { fields, open }, Value::Map(_)) => check_object(context, fields, open, node, path),
        (Shape::Map { values, keys }, Value::Map(_)) => check_map(context, values, keys, node, path),
        (Shape::List { items, list_type }, Value::List(_)) => {
            check_list(context, items, list_type, node, path);
        }
        (_, Value::Scalar(_)) if !is_collection(of.shape) => {
            return scalar::check_scalar(context, of, node, path);
        }
        _ => return type_mismatch::report_mismatch(context, of.shape, node, path),
    }
    constraints::check_size(context, of, node, path);
}

/// Checks a map with known fields.
fn check_object(
    context: &Context<'_>,
    fields: IndexRange,
    open: bool,
    node: &mut Node,
    path: &PathStack<'_>,
) {
    check_required(context, fields, node, path);
    let Value::Map(map) = &mut node.value else { return };
    for (key, entry) in map {
        let below = path.key(key, entry.key_span);
        match context.table().field(fields, key) {
            Some(field) => {
                check_field_availability(context, field, entry, &below);
                // Below a field that one version lacks, only the others count.
                let within = context.within(field.availability);
                check_node(&within, field.type_id, &mut entry.node, &below);
            }
            None if open => yaml_1_1::check_untyped(context, &entry.node, &below),
            None => report_unknown_field(context, fields, key, entry, path),
        }
    }
}

/// Reports required fields that are not there (K002). One that some version does not have cannot be required.
fn check_required(context: &Context<'_>, fields: IndexRange, node: &Node, path: &PathStack<'_>) {
    let table = context.table();
    let Some(map) = node.as_map() else { return };
    for field in table.fields(fields).iter().filter(|field| field.required) {
        let name = table.name(field.name);
        if map.contains_key(name) || !context.versions.lacking(field.availability).is_empty() {
            continue;
        }
        let wanted = noun(table.get(field.type_id).shape);
        let finding = Diagnostic::error(Code::K002, format!("`{name}` is missing"))
            .help(format!("add `{name}`: {wanted}"));
        context.report(finding, Location::whole(node, path.last_key_span()), path);
    }
}

/// Reports a field that some of the versions do not have (K008).
fn check_field_availability(context: &Context<'_>, field: &Field, entry: &Entry, path: &PathStack<'_>) {
    let lacking = context.versions.lacking(field.availability);
    if lacking.is_empty() {
        return;
    }
    let message = format!("`{}` is not there in Kubernetes {}", path.name(), list_minors(&lacking));
    let finding = Diagnostic::error(Code::K008, message)
        .help("leave it out, or render for other versions with `--kube-version`");
    context.report(finding, Location::key(context.session, entry), path);
}

/// Fields of a type are listed in a help line if they are so few. A PodSpec has some forty, which nobody would read.
const MAX_LISTED_FIELDS: usize = 8;

/// Reports a field that the type of the map does not have (K001). `path` leads to the map.
fn report_unknown_field(
    context: &Context<'_>,
    fields: IndexRange,
    key: &str,
    entry: &Entry,
    path: &PathStack<'_>,
) {
    let table = context.table();
    let names = table.fields(fields).iter().map(|field| table.name(field.name));
    let owner = if path.to_path().0.is_empty() { context.object.kind.clone() } else { path.name() };
    let message = format!("`{owner}` has no field `{key}`");
    let mut finding = Diagnostic::error(Code::K001, message).did_you_mean(key, names.clone());
    if finding.help.is_empty() {
        let listed: Vec<String> = names.map(|name| format!("`{name}`")).collect();
        finding = finding.help(match listed.len() {
            0 => "remove it: nothing may stand here".to_owned(),
            1..=MAX_LISTED_FIELDS => format!("remove it; the fields are {}", listed.join(", ")),
            _ => "remove it, or move it to where it belongs".to_owned(),
        });
    }
    let below = path.key(key, entry.key_span);
    context.report(finding, Location::key(context.session, entry), &below);
}

/// Checks a map with any keys of one format.
fn check_map(context: &Context<'_>, values: TypeId, keys: Format, node: &mut Node, path: &PathStack<'_>) {
    let Value::Map(map) = &mut node.value else { return };
    for (key, entry) in map {
        let below = path.key(key, entry.key_span);
        yaml_1_1::check_key(context, key, entry, &below);
        if let Some(must_be) = string_formats::violation(keys, key) {
            let finding = Diagnostic::error(Code::K005, format!("the key `{key}` is not allowed"))
                .help(format!("a key of `{}` must be {must_be}", path.name()));
            context.report(finding, Location::key(context.session, entry), &below);
        }
        check_node(context, values, &mut entry.node, &below);
    }
}

fn check_list(
    context: &Context<'_>,
    items: TypeId,
    list_type: ListType,
    node: &mut Node,
    path: &PathStack<'_>,
) {
    let Value::List(nodes) = &mut node.value else { return };
    for (index, item) in nodes.iter_mut().enumerate() {
        check_node(context, items, item, &path.index(index));
    }
    // After the items: integers are decimal by now, so that the ports `80` and `0x50` are the same.
    duplicates::check_duplicates(context, list_type, nodes, path);
    selector::check_requirements(context, items, nodes, path);
}
