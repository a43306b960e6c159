//! Single values: their types, what is made of plain ones, formats and limits.

use std::sync::Arc;

use super::format::{complaint, remedy};
use super::pattern::Unreadable;
use super::quantity::{is_quantity, suggestion};
use super::table::{Format, Limits, Shape, Type};
use super::trail::Trail;
use super::walk::{Walk, noun};
use super::written;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Location;
use crate::yaml::{Kind, Node, Scalar, Style, Value, same_in_yaml_1_1};

/// Checks a scalar, and makes a string of a plain one where only a string can be meant.
pub(super) fn check(walk: &Walk<'_>, of: Type, node: &mut Node, trail: &Trail<'_>) {
    if written::settle(walk, of, node, trail) == written::Settled::Reported {
        return;
    }
    let bound = node.origin.is_some();
    let Value::Scalar(scalar) = &mut node.value else { return };
    let fits = match of.shape {
        Shape::Text(format) => become_text(scalar, bound, format),
        Shape::Integer(_) => scalar.kind == Kind::Int,
        Shape::Number => matches!(scalar.kind, Kind::Int | Kind::Float),
        Shape::Boolean => become_boolean(scalar),
        Shape::Quantity => become_quantity(scalar),
        Shape::IntOrString(format) => {
            scalar.kind == Kind::Int
                || (format == Format::Plain && become_text(scalar, bound, format))
                || scalar.kind == Kind::Str
        }
        _ => true,
    };
    if !fits {
        return walk.mistyped(of.shape, node, trail);
    }
    match scalar.kind {
        Kind::Int => integer(walk, of, node, trail),
        Kind::Float => number(walk, of, node, trail),
        _ => text(walk, of, node, trail),
    }
}

/// What to do about a value of the wrong type.
pub(super) fn advice(wanted: Shape, node: &Node, name: &str) -> String {
    let name = name.split('[').next().unwrap_or(name);
    let scalar = node.as_scalar();
    let text = scalar.map(|scalar| &*scalar.text).unwrap_or_default();
    let quoted = scalar.is_some_and(|scalar| scalar.kind == Kind::Str && scalar.style != Style::Plain);
    match wanted {
        Shape::Boolean => match text.to_ascii_lowercase().as_str() {
            "yes" | "on" | "y" => "write `true`".to_owned(),
            "no" | "off" | "n" => "write `false`".to_owned(),
            "true" | "false" if quoted => "write it without quotes".to_owned(),
            _ => "write `true` or `false`".to_owned(),
        },
        Shape::Integer(_) | Shape::Number if quoted && is_digits(text) => {
            "write it without quotes".to_owned()
        }
        Shape::Integer(_) if scalar.is_some_and(|scalar| scalar.kind == Kind::Float) => {
            "write it in digits, without a fraction or an exponent".to_owned()
        }
        Shape::Integer(_) | Shape::Number => format!("write a number, for example `{name}: 2`"),
        Shape::List { .. } => "write a list: begin each item with `- `".to_owned(),
        Shape::Free | Shape::Object { .. } | Shape::Map { .. } => {
            format!("write a map: `key: value` lines below `{name}:`")
        }
        Shape::Text(_) if scalar.is_none() => "write text here; a template can turn a map or list into text \
             with `to_yaml` or `to_json`"
            .to_owned(),
        Shape::Quantity => "write an amount such as `100m` or `1.5Gi`".to_owned(),
        _ => format!("write {}", noun(wanted)),
    }
}

/// Reports a size or number outside the type's bounds.
pub(super) fn check_bounds(walk: &Walk<'_>, of: Type, size: Size, node: &Node, trail: &Trail<'_>) {
    let Size { value, unit } = size;
    let limits = walk.api.table.limits(of);
    let (low, high) = (limits.low.unwrap_or(f64::NEG_INFINITY), limits.high.unwrap_or(f64::INFINITY));
    if (low..=high).contains(&value) {
        return;
    }
    let name = trail.name();
    let bound = if value < low { format!("at least {low}") } else { format!("at most {high}") };
    let message = match unit {
        "" => format!("`{name}` must be {bound}"),
        _ => format!("`{name}` has {value} {unit}, and must have {bound}"),
    };
    let help = match (limits.low, limits.high) {
        (Some(low), Some(high)) => format!("{low} to {high} is allowed"),
        (Some(low), None) => format!("{low} and more is allowed"),
        (_, high) => format!("{} and less is allowed", high.unwrap_or_default()),
    };
    let finding = Diagnostic::error(walk.limit_code(), message).help(help);
    walk.report(finding, Location::value(node), trail);
}

/// What is held against bounds: a number without a unit, or a count of characters, items or entries.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) value: f64,
    pub(super) unit: &'static str,
}

impl Size {
    fn number(value: f64) -> Self {
        Size { value, unit: "" }
    }
}

fn become_text(scalar: &mut Scalar, bound: bool, format: Format) -> bool {
    if scalar.kind != Kind::Str {
        if scalar.style != Style::Plain {
            return false;
        }
        // A bound boolean is a value, not a text, so it prints in the one way that booleans have.
        if bound && scalar.kind == Kind::Bool {
            scalar.text = scalar.text.to_ascii_lowercase().into();
        }
        (scalar.kind, scalar.style) = (Kind::Str, Style::Quoted);
    }
    // The API server skips line breaks in base64, and other readers do not.
    if format == Format::Base64 && scalar.text.contains(['\r', '\n']) {
        scalar.text = scalar.text.replace(['\r', '\n'], "").into();
    }
    true
}

fn become_boolean(scalar: &mut Scalar) -> bool {
    if scalar.kind != Kind::Bool {
        return false;
    }
    if !matches!(&*scalar.text, "true" | "false") {
        scalar.text = scalar.text.to_ascii_lowercase().into();
    }
    true
}

/// Quantities may be numbers; one with an exponent is a number to some YAML readers only, so it becomes text.
fn become_quantity(scalar: &mut Scalar) -> bool {
    if scalar.kind == Kind::Float && scalar.text.contains(['e', 'E']) {
        (scalar.kind, scalar.style) = (Kind::Str, Style::Quoted);
    }
    matches!(scalar.kind, Kind::Int | Kind::Float | Kind::Str)
}

fn integer(walk: &Walk<'_>, of: Type, node: &mut Node, trail: &Trail<'_>) {
    let Value::Scalar(scalar) = &mut node.value else { return };
    if scalar.style == Style::Plain && !same_in_yaml_1_1(&scalar.text) && !scalar.text.starts_with("0o") {
        return ambiguous(walk, node, trail);
    }
    let bits = match of.shape {
        Shape::Integer(bits) => bits,
        Shape::IntOrString(_) => 32,
        _ => 64,
    };
    let smallest = i64::MIN >> (64 - u32::from(bits.clamp(1, 64)));
    match scalar.as_i64().filter(|value| (smallest..=!smallest).contains(value)) {
        Some(value) => {
            if !is_digits(&scalar.text) {
                scalar.text = Arc::from(value.to_string());
            }
            check_bounds(walk, of, Size::number(value as f64), node, trail);
        }
        None if matches!(of.shape, Shape::Quantity | Shape::Number) => {}
        None => {
            let message = format!("`{}` does not fit into {bits} bits", trail.name());
            let help = format!("write a number from {smallest} to {}", !smallest);
            let finding = Diagnostic::error(Code::K003, message).help(help);
            walk.report(finding, Location::value(node), trail);
        }
    }
}

/// Reports `0644`: octal to Kubernetes, decimal to YAML 1.2.
fn ambiguous(walk: &Walk<'_>, node: &Node, trail: &Trail<'_>) {
    let message = format!("`{}` reads differently in YAML 1.1 and 1.2", trail.name());
    let help = "write a leading `0o` if it is octal, and no leading zero if it is decimal";
    walk.report(Diagnostic::error(Code::Y007, message).help(help), Location::value(node), trail);
}

fn number(walk: &Walk<'_>, of: Type, node: &Node, trail: &Trail<'_>) {
    let value = node.as_scalar().and_then(Scalar::as_f64).filter(|value| value.is_finite());
    match value {
        Some(value) => check_bounds(walk, of, Size::number(value), node, trail),
        None => walk.mistyped(of.shape, node, trail),
    }
}

fn text(walk: &Walk<'_>, of: Type, node: &Node, trail: &Trail<'_>) {
    let Some(scalar) = node.as_scalar() else { return };
    let text = &*scalar.text;
    let must_be = match of.shape {
        Shape::Quantity if !is_quantity(text) => Some("a quantity such as `100m` or `1.5Gi`"),
        // The API server reads an empty name as one that is not set.
        Shape::Text(Format::Label | Format::Subdomain | Format::PortName) if text.is_empty() => None,
        Shape::Text(format) | Shape::IntOrString(format) => complaint(format, text),
        _ => None,
    };
    if let Some(must_be) = must_be {
        return malformed(walk, of, must_be, node, trail);
    }
    let table = &walk.api.table;
    let mut allowed = table.words(of.allowed).peekable();
    if allowed.peek().is_some() && !allowed.any(|word| word == text) {
        return not_allowed(walk, of, text, node, trail);
    }
    let limits = table.limits(of);
    // The bounds of what may also be a number are bounds of the number.
    if matches!(of.shape, Shape::Text(_)) && limits != Limits::NONE {
        let size = Size { value: text.chars().count() as f64, unit: "characters" };
        check_bounds(walk, of, size, node, trail);
    }
    if let Some(pattern) = limits.pattern.map(|pattern| table.name(pattern)) {
        check_pattern(walk, pattern, text, node, trail);
    }
}

/// Holds a text against the pattern of a CRD; one that cannot be read is told of where it was needed.
fn check_pattern(walk: &Walk<'_>, pattern: &str, text: &str, node: &Node, trail: &Trail<'_>) {
    let finding = match walk.api.patterns.matches(pattern, text) {
        Ok(true) => return,
        Ok(false) => {
            let message = format!("`{}` does not match its pattern", trail.name());
            Diagnostic::error(walk.limit_code(), message).help(format!("it must match `{pattern}`"))
        }
        Err(reason) => {
            let why = match reason {
                Unreadable::TooLarge => "is too large",
                Unreadable::Unknown => "is no regular expression that is known",
            };
            let message = format!("`{}` is not checked: its pattern in the CRD {why}", trail.name());
            Diagnostic::warning(Code::K011, message).help("mend the pattern, or ask for less with it")
        }
    };
    walk.report(finding, Location::value(node), trail);
}

/// Reports a text of the wrong format (K005).
fn malformed(walk: &Walk<'_>, of: Type, must_be: &str, node: &Node, trail: &Trail<'_>) {
    let name = trail.name();
    let text = node.as_scalar().map(|scalar| &*scalar.text).unwrap_or_default();
    let help = match of.shape {
        Shape::IntOrString(_) if is_digits(text) => "write the number without quotes".to_owned(),
        Shape::Quantity => {
            suggestion(text).unwrap_or("write a number with a unit that Kubernetes knows").to_owned()
        }
        Shape::Text(Format::Base64) if walk.object.kind == "Secret" => {
            "encode it, or move it as it is to `stringData`".to_owned()
        }
        Shape::Text(format) | Shape::IntOrString(format) => remedy(format).to_owned(),
        _ => "write it in that form".to_owned(),
    };
    let finding = Diagnostic::error(Code::K005, format!("`{name}` must be {must_be}")).help(help);
    walk.report(finding, Location::value(node), trail);
}

/// Reports a value that is not one of the allowed ones (K004).
fn not_allowed(walk: &Walk<'_>, of: Type, text: &str, node: &Node, trail: &Trail<'_>) {
    let words = walk.api.table.words(of.allowed).filter(|word| !word.is_empty());
    let listed: Vec<String> = words.clone().map(|word| format!("`{word}`")).collect();
    let message = format!("`{}` has a value that is not allowed", trail.name());
    let finding = Diagnostic::error(Code::K004, message).did_you_mean(text, words);
    let finding = finding.help(format!("allowed are {}", listed.join(", ")));
    walk.report(finding, Location::value(node), trail);
}

fn is_digits(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit())
}
