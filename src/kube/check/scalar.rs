//! Single values: their types, what is made of plain ones, formats and allowed values.
//!
//! A value is first read as Kubernetes reads it, then made what its type wants, and then checked as what it is now. So
//! `image: 1.10` is the text `1.10`, and `replicas: 0x10` is the number 16.

use std::sync::Arc;

use super::type_mismatch::{is_decimal_integer, report_mismatch};
use super::{constraints, yaml_1_1};
use crate::diagnostic::{Code, Diagnostic};
use crate::kube::api::table::{Format, Shape, Type};
use crate::kube::context::{Context, PathStack};
use crate::kube::quantity::{is_quantity, suggestion};
use crate::kube::string_formats;
use crate::manifest::Location;
use crate::yaml::{Kind, Node, Scalar, Style, Value};

/// Checks a scalar, and makes a string of a plain one where only a string can be meant.
pub(super) fn check_scalar(context: &Context<'_>, of: Type, node: &mut Node, path: &PathStack<'_>) {
    if yaml_1_1::resolve_plain(context, of, node, path).is_err() {
        return;
    }
    let bound = node.origin.is_some();
    let Value::Scalar(scalar) = &mut node.value else { return };
    if !coerce(of.shape, scalar, bound) {
        return report_mismatch(context, of.shape, node, path);
    }
    match scalar.kind {
        Kind::Int => check_integer(context, of, node, path),
        Kind::Float => check_float(context, of, node, path),
        Kind::Null | Kind::Bool | Kind::Str => check_text(context, of, node, path),
    }
}

/// Makes of a scalar what its type wants, where nothing else can be meant; false if it is of another type. `bound` says
/// that a template printed it as a value, and not as text.
fn coerce(shape: Shape, scalar: &mut Scalar, bound: bool) -> bool {
    match shape {
        Shape::Text(format) => coerce_to_text(scalar, bound, format),
        Shape::Integer(_) => scalar.kind == Kind::Int,
        Shape::Number => matches!(scalar.kind, Kind::Int | Kind::Float),
        Shape::Boolean => coerce_to_boolean(scalar),
        Shape::Quantity => coerce_to_quantity(scalar),
        // A number in quotes is text here, and its format decides: `maxSurge: "1"` is no percentage.
        Shape::IntOrString(format) => {
            scalar.kind == Kind::Int
                || (format == Format::AnyText && coerce_to_text(scalar, bound, format))
                || scalar.kind == Kind::Str
        }
        _ => true,
    }
}

fn coerce_to_text(scalar: &mut Scalar, bound: bool, format: Format) -> bool {
    if scalar.kind != Kind::Str {
        if scalar.style != Style::Plain {
            return false;
        }
        // A bound boolean is a value, not a text, so it prints in the one way that booleans have.
        if bound && scalar.kind == Kind::Bool {
            scalar.text = scalar.text.to_ascii_lowercase().into();
        }
        scalar.kind = Kind::Str;
        scalar.style = Style::Quoted;
    }
    // The API server skips line breaks in base64, and other readers do not.
    if format == Format::Base64 && scalar.text.contains(['\r', '\n']) {
        scalar.text = scalar.text.replace(['\r', '\n'], "").into();
    }
    true
}

fn coerce_to_boolean(scalar: &mut Scalar) -> bool {
    if scalar.kind != Kind::Bool {
        return false;
    }
    // YAML 1.2 has `True` and `TRUE` as well; JSON, which the API server is sent, has not.
    if !matches!(&*scalar.text, "true" | "false") {
        scalar.text = scalar.text.to_ascii_lowercase().into();
    }
    true
}

/// Quantities may be numbers; one with an exponent is a number to some YAML readers only, so it becomes text.
fn coerce_to_quantity(scalar: &mut Scalar) -> bool {
    if scalar.kind == Kind::Float && scalar.text.contains(['e', 'E']) {
        scalar.kind = Kind::Str;
        scalar.style = Style::Quoted;
    }
    matches!(scalar.kind, Kind::Int | Kind::Float | Kind::Str)
}

/// Holds an integer against its size in bits and its bounds, and writes it in decimal.
fn check_integer(context: &Context<'_>, of: Type, node: &mut Node, path: &PathStack<'_>) {
    let Value::Scalar(scalar) = &mut node.value else { return };
    if yaml_1_1::is_ambiguous_integer(scalar) {
        return yaml_1_1::report_ambiguous_integer(context, node, path);
    }
    let bits = match of.shape {
        Shape::Integer(bits) => bits,
        Shape::IntOrString(_) => 32,
        _ => 64,
    };
    // Of 32 bits: -2³¹ to 2³¹-1.
    let smallest = i64::MIN >> (64 - u32::from(bits.clamp(1, 64)));
    let largest = !smallest;
    match scalar.as_i64().filter(|value| (smallest..=largest).contains(value)) {
        Some(value) => {
            if !is_decimal_integer(&scalar.text) {
                scalar.text = Arc::from(value.to_string());
            }
            constraints::check_number(context, of, value as f64, node, path);
        }
        // These have no size in bits.
        None if matches!(of.shape, Shape::Quantity | Shape::Number) => {}
        None => {
            let message = format!("`{}` does not fit into {bits} bits", path.name());
            let help = format!("write a number from {smallest} to {largest}");
            let finding = Diagnostic::error(Code::K003, message).help(help);
            context.report(finding, Location::value(node), path);
        }
    }
}

/// Holds a number against its bounds. JSON, which the API server is sent, has no infinity and no NaN.
fn check_float(context: &Context<'_>, of: Type, node: &Node, path: &PathStack<'_>) {
    let value = node.as_scalar().and_then(Scalar::as_f64).filter(|value| value.is_finite());
    match value {
        Some(value) => constraints::check_number(context, of, value, node, path),
        None => report_mismatch(context, of.shape, node, path),
    }
}

/// Holds a text against its format, its allowed values and its constraints. Only the first that it violates is told of.
fn check_text(context: &Context<'_>, of: Type, node: &Node, path: &PathStack<'_>) {
    let Some(scalar) = node.as_scalar() else { return };
    let text = &*scalar.text;
    if let Some(must_be) = format_violation(of.shape, text) {
        return report_malformed(context, of, text, must_be, node, path);
    }
    let mut allowed = context.table().words(of.allowed).peekable();
    if allowed.peek().is_some() && !allowed.any(|word| word == text) {
        return report_not_allowed(context, of, text, node, path);
    }
    constraints::check_text(context, of, text, node, path);
}

fn format_violation(shape: Shape, text: &str) -> Option<&'static str> {
    match shape {
        Shape::Quantity if !is_quantity(text) => Some("a quantity such as `100m` or `1.5Gi`"),
        // The API server reads an empty name as one that is not set.
        Shape::Text(Format::Dns1123Label | Format::Dns1123Subdomain | Format::PortName)
            if text.is_empty() =>
        {
            None
        }
        Shape::Text(format) | Shape::IntOrString(format) => string_formats::violation(format, text),
        _ => None,
    }
}

/// Reports a text of the wrong format (K005).
fn report_malformed(
    context: &Context<'_>,
    of: Type,
    text: &str,
    must_be: &str,
    node: &Node,
    path: &PathStack<'_>,
) {
    let help = match of.shape {
        Shape::IntOrString(_) if is_decimal_integer(text) => "write the number without quotes",
        Shape::Quantity => suggestion(text).unwrap_or("write a number with a unit that Kubernetes knows"),
        Shape::Text(Format::Base64) if context.object.kind == "Secret" => {
            "encode it, or move it as it is to `stringData`"
        }
        Shape::Text(format) | Shape::IntOrString(format) => string_formats::advice(format),
        _ => "write it in that form",
    };
    let finding = Diagnostic::error(Code::K005, format!("`{}` must be {must_be}", path.name())).help(help);
    context.report(finding, Location::value(node), path);
}

/// Reports a value that is not one of the allowed ones (K004).
fn report_not_allowed(context: &Context<'_>, of: Type, text: &str, node: &Node, path: &PathStack<'_>) {
    // Kubernetes has the empty string among the values of some enums. It is nothing to advise.
    let words = context.table().words(of.allowed).filter(|word| !word.is_empty());
    let listed: Vec<String> = words.clone().map(|word| format!("`{word}`")).collect();
    let message = format!("`{}` has a value that is not allowed", path.name());
    let finding = Diagnostic::error(Code::K004, message)
        .did_you_mean(text, words)
        .help(format!("allowed are {}", listed.join(", ")));
    context.report(finding, Location::value(node), path);
}
