//! Values of the wrong type (K003): what each type is called, and what to do about a value that is not of it.
//!
//! A message says what must stand there and what does: "`replicas` must be an integer, and this is a string". The help
//! looks at the value as well, because the same mismatch has different causes: `"2"` has quotes too many, `two` is no
//! number at all.

use super::patches::without_quotes;
use crate::diagnostic::{Code, Diagnostic};
use crate::kube::api::table::{Format, Shape, Type};
use crate::kube::context::Position;
use crate::manifest::Location;
use crate::yaml::{Kind, Node, Style};

/// Reports a value of the wrong type.
pub(super) fn report_mismatch(position: Position<'_>, expected: Shape, node: &Node) {
    let name = position.name();
    let message = format!("`{name}` must be {}, and this is {}", noun(expected), node.noun());
    let finding = Diagnostic::error(Code::K003, message).help(advice(expected, node, &name));
    let finding = match expected {
        Shape::Integer(_) | Shape::Number | Shape::Boolean => {
            without_quotes(position.context.session, finding, node, expected)
        }
        _ => finding,
    };
    position.report(finding, Location::value(node));
}

/// Reports null where it is no value.
///
/// The API server reads null as nothing in all kinds of its own, so it does not refuse it. But `replicas:` with nothing
/// behind it is a mistake where a template printed it, and the cluster would not get what was meant. In a manifest that
/// is applied as it stands it is a warning: a third of all public charts and install files have `annotations:` with
/// nothing below.
pub(super) fn check_null(position: Position<'_>, of: Type, node: &Node) {
    // Programs that print objects write `creationTimestamp: null`, and Kubernetes reads it as nothing.
    let harmless = matches!(of.shape, Shape::Any | Shape::Text(Format::DateTime | Format::MicroTime));
    if of.nullable || harmless {
        return;
    }
    let message = format!("`{}` is null, and must be {}", position.name(), noun(of.shape));
    let help = match of.shape {
        Shape::List { .. } => "leave it out, or write `[]`",
        shape if is_collection(shape) => "leave it out, or write `{}`",
        _ => "leave it out, or write a value",
    };
    let finding = Diagnostic::error(Code::K003, message).help(help);
    // Null may be written as no text at all, so the key is shown.
    let location = Location::whole(node, position.path.last_key_span());
    // In custom resources the API server drops null entries, and refuses null items of lists.
    if position.context.custom && position.path.last_key().is_none() {
        position.report(finding, location);
    } else {
        position.context.note_null();
        position.report_accepted(finding, location);
    }
}

/// What a form is called, with its article.
pub(super) fn noun(shape: Shape) -> &'static str {
    match shape {
        Shape::Any => "a value",
        Shape::FreeMap | Shape::Object { .. } | Shape::Map { .. } => "a map",
        Shape::List { .. } => "a list",
        Shape::Text(Format::DateTime | Format::MicroTime) => "a time",
        Shape::Text(_) => "a string",
        Shape::Integer(_) => "an integer",
        Shape::Number => "a number",
        Shape::Boolean => "a boolean",
        Shape::Quantity => "a quantity",
        Shape::IntOrString(Format::PortName) => "a port's number or name",
        Shape::IntOrString(Format::Percent) => "an integer or a percentage",
        Shape::IntOrString(_) => "an integer or a string",
    }
}

/// Whether values of this form are maps or lists.
pub(super) fn is_collection(shape: Shape) -> bool {
    matches!(shape, Shape::FreeMap | Shape::Object { .. } | Shape::Map { .. } | Shape::List { .. })
}

/// Whether the text is a decimal integer, with a minus sign or without: the form that integers have in JSON.
/// Leading zeros pass: of plain scalars, `yaml_1_1` has refused those before.
pub(super) fn is_decimal_integer(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit())
}

/// What to do about a value of the wrong type, as an order: "write …". `name` is what messages call the node, `args[0]`
/// for example.
fn advice(expected: Shape, node: &Node, name: &str) -> String {
    // In an example, an item of a list would have no key.
    let key = name.split('[').next().unwrap_or(name);
    let scalar = node.as_scalar();
    let text = scalar.map_or("", |scalar| &*scalar.text);
    // A plain `two` is a string as well, and has no quotes that could be taken off.
    let quoted = scalar.is_some_and(|scalar| scalar.kind == Kind::Str && scalar.style != Style::Plain);
    match expected {
        // In YAML 1.1 these are booleans, so a boolean is meant.
        Shape::Boolean => match text.to_ascii_lowercase().as_str() {
            "yes" | "on" | "y" => "write `true`".to_owned(),
            "no" | "off" | "n" => "write `false`".to_owned(),
            "true" | "false" if quoted => "write it without quotes".to_owned(),
            _ => "write `true` or `false`".to_owned(),
        },
        Shape::Integer(_) | Shape::Number if quoted && is_decimal_integer(text) => {
            "write it without quotes".to_owned()
        }
        Shape::Integer(_) if scalar.is_some_and(|scalar| scalar.kind == Kind::Float) => {
            "write it in digits, without a fraction or an exponent".to_owned()
        }
        Shape::Integer(_) | Shape::Number => format!("write a number, for example `{key}: 2`"),
        Shape::List { .. } => "write a list: begin each item with `- `".to_owned(),
        Shape::FreeMap | Shape::Object { .. } | Shape::Map { .. } => {
            format!("write a map: `key: value` lines below `{key}:`")
        }
        Shape::Text(_) if scalar.is_none() => "write text here; a template can turn a map or list into text \
             with `to_yaml` or `to_json`"
            .to_owned(),
        Shape::Quantity => "write an amount such as `100m` or `1.5Gi`".to_owned(),
        _ => format!("write {}", noun(expected)),
    }
}
