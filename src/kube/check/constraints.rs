//! The constraints of a type: how large a number, how long a text, how many items, and the pattern of a CRD.
//!
//! The table has two bounds a type, and what they count depends on the type: `minimum: 1` is `minLength` of a string,
//! `minItems` of a list, `minProperties` of a map and `minimum` of a number. A bound is of the unit that JSON Schema
//! gives it: characters of a text, and not its bytes.
//!
//! What a schema says beyond that (`anyOf`, `multipleOf`) is held against the value by `json_schema`.
//!
//! Most constraints come from CRDs and are findings K010. The few of built-in kinds (ports, names that must not be
//! empty) are put into the table by the build, and are findings K005.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::diagnostic::{Code, Diagnostic};
use crate::kube::api::table::{Constraints, Shape, Type, TypeId};
use crate::kube::api::{Api, UnusablePattern};
use crate::kube::cel;
use crate::kube::context::Position;
use crate::kube::json_schema::{self, Step, Unknown, Violation};
use crate::manifest::Location;
use crate::source::Span;
use crate::yaml::{Entry, Kind, Node, Value};

/// What is held against the bounds of a type.
#[derive(Clone, Copy)]
struct Size {
    /// A number, or a count. The bounds of a schema are JSON numbers, so counts are made floats and not the bounds
    /// integers.
    value: f64,
    /// What is counted: `items` for example; none for a number, which is the size itself.
    unit: Option<&'static str>,
}

/// Holds the number of items or entries against the bounds of the type.
pub(super) fn check_size(position: Position<'_>, of: Type, node: &Node) {
    let (count, unit) = match &node.value {
        Value::Map(map) => (map.len(), "entries"),
        Value::List(items) => (items.len(), "items"),
        Value::Scalar(_) => return,
    };
    check_bounds(position, of, Size { value: count as f64, unit: Some(unit) }, node);
}

/// Holds a number against the bounds of the type.
pub(super) fn check_number(position: Position<'_>, of: Type, value: f64, node: &Node) {
    check_bounds(position, of, Size { value, unit: None }, node);
}

/// Holds a text against the bounds and the pattern of the type.
pub(super) fn check_text(position: Position<'_>, of: Type, node: &Node) {
    let Some(scalar) = node.as_scalar() else { return };
    let table = position.context.table();
    let constraints = table.constraints(of);
    // Nearly no type has any. The bounds of what may also be a number are bounds of the number.
    if matches!(of.shape, Shape::Text(_)) && constraints != Constraints::NONE {
        let size = Size { value: scalar.text.chars().count() as f64, unit: Some("characters") };
        check_bounds(position, of, size, node);
    }
    if let Some(pattern) = constraints.pattern {
        check_pattern(position, table.name(pattern), &scalar.text, node);
    }
}

/// Holds a value against what else the schema of a CRD says of it: `anyOf` and its kin, exclusive bounds, formats.
pub(super) fn check_rest(position: Position<'_>, id: TypeId, node: &Node) {
    let context = position.context;
    let table = context.table();
    let of = table.get(id);
    let Some(rest) = table.constraints(of).rest else { return };
    // A value of a wrong type was reported.
    let kind = node.as_scalar().map(|scalar| scalar.kind);
    let fits = match of.shape {
        Shape::Text(_) => kind == Some(Kind::Str),
        Shape::Integer(_) => kind == Some(Kind::Int),
        Shape::Number => matches!(kind, Some(Kind::Int | Kind::Float)),
        Shape::Boolean => kind == Some(Kind::Bool),
        _ => true,
    };
    if !fits {
        return;
    }
    let api = &context.target.api;
    let rest = api.rest.get(table, rest);
    // `oneOf` and its kin ask for values that the API server has filled in by then.
    let combines = ["allOf", "anyOf", "oneOf", "not"].iter().any(|key| rest.get(key).is_some());
    let filled = if combines { filled_in(api, id, node) } else { None };
    let seen = filled.as_ref().unwrap_or(node);
    for violation in json_schema::violations(&rest, seen, &api.patterns, Unknown::Keep) {
        report_violation(position, node, &violation, &violation.steps, Location::value(node));
    }
    for rule in rest.get("x-kubernetes-validations").and_then(Json::as_array).into_iter().flatten() {
        check_rule(position, id, node, rule);
    }
}

/// An object with the defaults of its schema, in it and in the objects below it; none if there is nothing to fill in.
fn filled_in(api: &Api, id: TypeId, node: &Node) -> Option<Node> {
    let Shape::Object { fields, .. } = api.table.get(id).shape else { return None };
    let map = node.as_map()?;
    let mut filled: Option<Node> = None;
    for field in api.table.fields(fields) {
        let name = api.table.name(field.name);
        let value = match map.get(name).map(|entry| &entry.node).filter(|node| !node.is_null()) {
            Some(below) => filled_in(api, field.type_id, below),
            None => default_of(api, field.type_id).map(|default| json_node(&default, node.span)),
        };
        let Some(value) = value else { continue };
        if let Some(map) = filled.get_or_insert_with(|| node.clone()).as_map_mut() {
            map.insert(Arc::from(name), Entry { key_span: node.span, node: value });
        }
    }
    filled
}

/// The default of a type.
fn default_of(api: &Api, id: TypeId) -> Option<Json> {
    let rest = api.table.constraints(api.table.get(id)).rest?;
    api.rest.get(&api.table, rest).get("default").filter(|default| !default.is_null()).cloned()
}

/// A value of JSON as a node that stands at a place.
fn json_node(json: &Json, span: Span) -> Node {
    match json {
        Json::String(text) => Node::string(text.as_str(), span),
        Json::Array(items) => {
            Node::new(Value::List(items.iter().map(|item| json_node(item, span)).collect()), span)
        }
        Json::Object(fields) => {
            let mut node = Node::empty_map(span);
            if let Some(map) = node.as_map_mut() {
                for (key, value) in fields {
                    map.insert(
                        Arc::from(key.as_str()),
                        Entry { key_span: span, node: json_node(value, span) },
                    );
                }
            }
            node
        }
        scalar => Node::plain(scalar.to_string(), span),
    }
}

/// Holds a value against a rule of `x-kubernetes-validations`. One whose result is not known says nothing: a rule about
/// the value before a change has none.
fn check_rule(position: Position<'_>, id: TypeId, node: &Node, rule: &Json) {
    let api = &position.context.target.api;
    let text =
        |key: &str| rule.get(key).and_then(Json::as_str).map(str::trim).filter(|text| !text.is_empty());
    let Some(expression) = text("rule") else { return };
    let holds = api.rules.get(expression).and_then(|expression| cel::holds(&expression, node, id, api));
    if holds != Some(false) {
        return;
    }
    let message = match text("message") {
        Some(message) => format!("breaks a rule of its CRD: {message}"),
        None => format!("breaks the rule `{expression}` of its CRD"),
    };
    // `.spec.color`: keys in brackets are rare, and the finding is at the value as a whole then.
    let path = text("fieldPath").filter(|path| !path.contains('[')).and_then(|path| path.strip_prefix('.'));
    let steps =
        path.into_iter().flat_map(|path| path.split('.')).map(|key| Step::Key(key.to_owned())).collect();
    let violation = Violation { steps, message };
    report_violation(position, node, &violation, &violation.steps, Location::value(node));
}

/// Goes down to where a violation is, as far as there is something, and reports it under its whole path.
fn report_violation(
    position: Position<'_>,
    node: &Node,
    violation: &Violation,
    steps: &[Step],
    location: Location,
) {
    let Some((step, rest)) = steps.split_first() else {
        let message = format!("`{}` {}", position.name(), violation.message);
        let finding = Diagnostic::error(position.context.constraint_code(), message);
        position.report(finding.help("the schema of the custom resource asks it"), location);
        return;
    };
    match step {
        Step::Key(key) => {
            let entry = node.as_map().and_then(|map| map.get(key));
            let span = entry
                .map_or_else(|| position.path.last_key_span().unwrap_or(node.span), |entry| entry.key_span);
            let path = position.path.key(key, span);
            let (below, location) =
                entry.map_or((node, location), |entry| (&entry.node, Location::value(&entry.node)));
            report_violation(position.at_path(&path), below, violation, rest, location);
        }
        Step::Index(index) => {
            let path = position.path.index(*index);
            let item = node.as_list().and_then(|items| items.get(*index));
            let (below, location) = item.map_or((node, location), |item| (item, Location::value(item)));
            report_violation(position.at_path(&path), below, violation, rest, location);
        }
    }
}

/// Holds a size against both bounds, which are inclusive, and reports it if it is beyond one.
fn check_bounds(position: Position<'_>, of: Type, size: Size, node: &Node) {
    let Constraints { minimum, maximum, .. } = position.context.table().constraints(of);
    // NaN, which is neither below nor above anything, was refused before.
    let too_low = minimum.filter(|minimum| size.value < *minimum);
    let too_high = maximum.filter(|maximum| size.value > *maximum);
    let bound = match (too_low, too_high) {
        (None, None) => return,
        (Some(minimum), _) => format!("at least {minimum}"),
        (None, Some(maximum)) => format!("at most {maximum}"),
    };
    let name = position.name();
    let message = match size.unit {
        None => format!("`{name}` must be {bound}"),
        Some(unit) => format!("`{name}` has {} {unit}, and must have {bound}", size.value),
    };
    // Both bounds, whichever was violated, so that the next value is not refused for the other.
    let help = match (minimum, maximum) {
        (Some(minimum), Some(maximum)) => format!("{minimum} to {maximum} is allowed"),
        (Some(minimum), None) => format!("{minimum} or more is allowed"),
        (None, Some(maximum)) => format!("{maximum} or less is allowed"),
        (None, None) => return,
    };
    let finding = Diagnostic::error(position.context.constraint_code(), message).help(help);
    position.report(finding, Location::value(node));
}

/// Holds a text against the pattern of a CRD. A pattern that cannot be used is reported where it is needed, and not
/// where the CRD is read: most objects never meet it.
fn check_pattern(position: Position<'_>, pattern: &str, text: &str, node: &Node) {
    let context = position.context;
    let finding = match context.target.api.patterns.matches(pattern, text) {
        Ok(true) => return,
        Ok(false) => {
            let message = format!("`{}` does not match its pattern", position.name());
            Diagnostic::error(context.constraint_code(), message).help(format!("it must match `{pattern}`"))
        }
        // A warning, because nothing is known to be wrong with the value.
        Err(reason) => {
            let why = match reason {
                UnusablePattern::TooLarge => "is too large",
                UnusablePattern::Unsupported => "is not a regular expression that is known",
            };
            let message = format!("`{}` is not checked: its pattern in the CRD {why}", position.name());
            Diagnostic::warning(Code::K011, message).help("correct the pattern, or make it simpler")
        }
    };
    position.report(finding, Location::value(node));
}
