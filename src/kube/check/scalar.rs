//! Single values: their types, what is made of plain ones, formats and allowed values.
//!
//! A value passes through three steps. So `image: 1.10` is the text `1.10`, and `replicas: 0x10` is the number 16:
//!
//! 1. It is read as Kubernetes reads it, where the file itself is applied (`yaml_1_1`).
//! 2. It is coerced to its type, where nothing else can be meant ([`coerce`]).
//! 3. It is checked as what it is now: size in bits and bounds of a number; format, allowed values and constraints of a
//!    text.
//!
//! Only what is written without quotes is ever made something else. Quotes are a decision: `"8080"` is a string, and
//! where a number has to stand it is refused, as the API server refuses it.

use std::sync::Arc;

use super::patches::with_word;
use super::type_mismatch::{is_decimal_integer, report_mismatch};
use super::{constraints, yaml_1_1};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::kube::api::table::{Format, Shape, Type};
use crate::kube::context::{AppliedText, Position};
use crate::kube::quantity::{is_quantity, suggestion};
use crate::kube::string_formats;
use crate::manifest::Location;
use crate::yaml::{Kind, Node, Scalar, Style, Value};

/// Checks a scalar, and makes a string of a plain one where only a string can be meant. It is never null: the walk
/// checks that itself.
pub(super) fn check_scalar(position: Position<'_>, of: Type, node: &mut Node) {
    if !yaml_1_1::resolve_plain(position, of, node) {
        return;
    }
    let bound = node.origin.is_some();
    let Value::Scalar(scalar) = &mut node.value else { return };
    // No quotes will be written into a file that is applied as it stands.
    let verbatim = position.context.target.applied_text == AppliedText::Verbatim;
    let stays = verbatim && matches!(scalar.kind, Kind::Bool | Kind::Float);
    if (stays && of.shape == Shape::IntOrString(Format::AnyText)) || !coerce(of.shape, scalar, bound) {
        return report_mismatch(position, of.shape, node);
    }
    // By what it is and not by its type: a quantity and a port may be a number or a text.
    match scalar.kind {
        Kind::Int => check_integer(position, of, node),
        Kind::Float => check_float(position, of, node),
        Kind::Null | Kind::Bool | Kind::Str => check_text(position, of, node),
    }
}

// Coercion.

/// Coerces a scalar to its type, where nothing else can be meant; false if it is of another type. `bound` says that a
/// template printed it as a value, and not as text.
fn coerce(shape: Shape, scalar: &mut Scalar, bound: bool) -> bool {
    match shape {
        Shape::Text(format) => coerce_to_text(scalar, bound, format),
        Shape::Integer(_) => scalar.kind == Kind::Int,
        Shape::Number => matches!(scalar.kind, Kind::Int | Kind::Float),
        Shape::Boolean => coerce_to_boolean(scalar),
        Shape::Quantity => coerce_to_quantity(scalar),
        Shape::IntOrString(_) if scalar.kind == Kind::Int => true,
        // Any text will do, so `true` or `1.5` without quotes is one.
        Shape::IntOrString(Format::AnyText) => coerce_to_text(scalar, bound, Format::AnyText),
        // A port's name or a percentage is a text in any case, and `true` is neither. A number in quotes is a text
        // here, and its format decides: `maxSurge: "1"` is no percentage.
        Shape::IntOrString(_) => scalar.kind == Kind::Str,
        // Maps and lists never get here, and anything may be where the type is not known.
        Shape::Any | Shape::FreeMap | Shape::Object { .. } | Shape::Map { .. } | Shape::List { .. } => true,
    }
}

/// Makes a string of a plain scalar, whatever YAML makes of it. The text stays as it was written: `1.10` keeps its
/// zero.
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

/// Writes a boolean as JSON has it.
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

// Checks of what it is after coercion.

/// Holds an integer against its size in bits and its bounds, and writes it in decimal.
fn check_integer(position: Position<'_>, of: Type, node: &mut Node) {
    let Value::Scalar(scalar) = &mut node.value else { return };
    // Before anything is made of it: to write `0644` in decimal is to decide what it means.
    if yaml_1_1::is_ambiguous_integer(scalar) {
        return yaml_1_1::report_ambiguous_integer(position, node);
    }
    let bits = match of.shape {
        Shape::Integer(bits) => bits,
        // `intstr.IntOrString` of `apimachinery` keeps an `int32`.
        Shape::IntOrString(_) => 32,
        _ => 64,
    };
    // Of 32 bits: -2³¹ to 2³¹-1. The shift keeps the sign, and in two's complement the largest number is the smallest
    // with every bit turned. A table with other sizes than 32 and 64 must not make the shift overflow.
    let smallest = i64::MIN >> (64 - u32::from(bits.clamp(1, 64)));
    let largest = !smallest;
    match scalar.as_i64().filter(|value| (smallest..=largest).contains(value)) {
        Some(value) => {
            // JSON has no `0x10` and no `+1`.
            if !is_decimal_integer(&scalar.text) {
                scalar.text = Arc::from(value.to_string());
            }
            constraints::check_number(position, of, value as f64, node);
        }
        // These have no size in bits.
        None if matches!(of.shape, Shape::Quantity | Shape::Number) => {}
        None => {
            let message = format!("`{}` does not fit into {bits} bits", position.name());
            let help = format!("write a number from {smallest} to {largest}");
            let finding = Diagnostic::error(Code::K003, message).help(help);
            position.report(finding, Location::value(node));
        }
    }
}

/// Holds a number against its bounds. JSON, which the API server is sent, has no infinity and no NaN.
fn check_float(position: Position<'_>, of: Type, node: &Node) {
    let value = node.as_scalar().and_then(Scalar::as_f64).filter(|value| value.is_finite());
    match value {
        Some(value) => constraints::check_number(position, of, value, node),
        None => report_mismatch(position, of.shape, node),
    }
}

/// Holds a text against its format, its allowed values and its constraints. Only the first violation is reported.
/// A boolean passes: its type has none of the three.
fn check_text(position: Position<'_>, of: Type, node: &Node) {
    let Some(scalar) = node.as_scalar() else { return };
    let text = &*scalar.text;
    let mut allowed = position.context.table().words(of.allowed).peekable();
    // The API server reads an empty text as one that is not set, and writes the default in where there is one. An item of
    // a list is one all the same.
    let is_field = position.path.last_key().is_some();
    if text.is_empty() && is_field && !position.context.custom && allowed.peek().is_some() {
        if !allowed.any(|word| word.is_empty()) {
            let message = format!("`{}` is empty, and has no value", position.name());
            let finding = Diagnostic::error(Code::K004, message).help("leave it out, or write a value");
            position.report_accepted(finding, Location::value(node));
        }
        return;
    }
    // An empty name of a port is none, and the default counts.
    if text.is_empty() && of.shape == Shape::IntOrString(Format::PortName) && !position.context.custom {
        let message = format!("`{}` is empty, and names no port", position.name());
        let finding = Diagnostic::error(Code::K005, message).help("leave it out, or write a port");
        return position.report_accepted(finding, Location::value(node));
    }
    if let Some(must_be) = format_violation(of.shape, text) {
        return report_malformed(position, of, node, must_be);
    }
    // No allowed values in the table says that all are.
    if allowed.peek().is_some() && !allowed.any(|word| word == text) {
        return report_not_allowed(position, of, node);
    }
    constraints::check_text(position, of, node);
}

/// What a text of this type must be, if this one is not: the end of a sentence that begins with "must be".
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

/// Reports a text of the wrong format (K005). The text is not in the message: in a Secret it would be shown.
fn report_malformed(position: Position<'_>, of: Type, node: &Node, must_be: &str) {
    let text = node.as_scalar().map_or("", |scalar| &*scalar.text);
    let help = match of.shape {
        Shape::IntOrString(_) if is_decimal_integer(text) => "write the number without quotes",
        Shape::Quantity => suggestion(text).unwrap_or("write a number with a unit that Kubernetes knows"),
        // Of a Secret's `data`, nearly all mistakes are texts that were not encoded.
        Shape::Text(Format::Base64) if &*position.context.object.kind == "Secret" => {
            "encode it, or move it as it is to `stringData`"
        }
        Shape::Text(format) | Shape::IntOrString(format) => string_formats::advice(format),
        _ => "write it in that form",
    };
    let message = format!("`{}` must be {must_be}", position.name());
    position.report(Diagnostic::error(Code::K005, message).help(help), Location::value(node));
}

/// Reports a value that is not one of the allowed ones (K004).
fn report_not_allowed(position: Position<'_>, of: Type, node: &Node) {
    let text = node.as_scalar().map_or("", |scalar| &*scalar.text);
    // Kubernetes has the empty string among the values of some enums. It is nothing to advise.
    let words = position.context.table().words(of.allowed).filter(|word| !word.is_empty());
    let listed: Vec<String> = words.clone().map(|word| format!("`{word}`")).collect();
    let message = format!("`{}` has a value that is not allowed", position.name());
    let mut finding = Diagnostic::error(Code::K004, message)
        .did_you_mean(text, words.clone())
        .help(format!("the allowed values are {}", listed.join(", ")));
    if let Some(near) = nearest(text, words) {
        finding = with_word(position.context.session, finding, node, near);
    }
    position.report(finding, Location::value(node));
}
