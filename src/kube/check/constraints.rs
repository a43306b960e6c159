//! The constraints of a type: how large a number, how long a text, how many items, and the pattern of a CRD.

use crate::diagnostic::{Code, Diagnostic};
use crate::kube::api::UnusablePattern;
use crate::kube::api::table::{Constraints, Shape, Type};
use crate::kube::context::{Context, PathStack};
use crate::manifest::Location;
use crate::yaml::{Node, Value};

/// What is held against the bounds of a type.
#[derive(Clone, Copy)]
struct Size {
    value: f64,
    /// What is counted: `items` for example; none for a number, which is the size itself.
    unit: Option<&'static str>,
}

/// Holds the number of items or entries against the bounds of the type.
pub(super) fn check_size(context: &Context<'_>, of: Type, node: &Node, path: &PathStack<'_>) {
    let (count, unit) = match &node.value {
        Value::Map(map) => (map.len(), "entries"),
        Value::List(items) => (items.len(), "items"),
        Value::Scalar(_) => return,
    };
    check_bounds(context, of, Size { value: count as f64, unit: Some(unit) }, node, path);
}

/// Holds a number against the bounds of the type.
pub(super) fn check_number(context: &Context<'_>, of: Type, value: f64, node: &Node, path: &PathStack<'_>) {
    check_bounds(context, of, Size { value, unit: None }, node, path);
}

/// Holds a text against the bounds and the pattern of the type.
pub(super) fn check_text(context: &Context<'_>, of: Type, text: &str, node: &Node, path: &PathStack<'_>) {
    let table = context.table();
    let constraints = table.constraints(of);
    // Nearly no type has any. The bounds of what may also be a number are bounds of the number.
    if matches!(of.shape, Shape::Text(_)) && constraints != Constraints::NONE {
        let size = Size { value: text.chars().count() as f64, unit: Some("characters") };
        check_bounds(context, of, size, node, path);
    }
    if let Some(pattern) = constraints.pattern.map(|pattern| table.name(pattern)) {
        check_pattern(context, pattern, text, node, path);
    }
}

fn check_bounds(context: &Context<'_>, of: Type, size: Size, node: &Node, path: &PathStack<'_>) {
    let Constraints { minimum, maximum, .. } = context.table().constraints(of);
    let too_low = minimum.filter(|minimum| size.value < *minimum);
    let too_high = maximum.filter(|maximum| size.value > *maximum);
    let bound = match (too_low, too_high) {
        (None, None) => return,
        (Some(minimum), _) => format!("at least {minimum}"),
        (None, Some(maximum)) => format!("at most {maximum}"),
    };
    let name = path.name();
    let message = match size.unit {
        None => format!("`{name}` must be {bound}"),
        Some(unit) => format!("`{name}` has {} {unit}, and must have {bound}", size.value),
    };
    let help = match (minimum, maximum) {
        (Some(minimum), Some(maximum)) => format!("{minimum} to {maximum} is allowed"),
        (Some(minimum), None) => format!("{minimum} and more is allowed"),
        (None, Some(maximum)) => format!("{maximum} and less is allowed"),
        (None, None) => return,
    };
    let finding = Diagnostic::error(context.constraint_code(), message).help(help);
    context.report(finding, Location::value(node), path);
}

/// Holds a text against the pattern of a CRD. A pattern that cannot be used is told of where it was needed, and not where
/// the CRD is read: most objects never meet it.
fn check_pattern(context: &Context<'_>, pattern: &str, text: &str, node: &Node, path: &PathStack<'_>) {
    let finding = match context.target.api.patterns.matches(pattern, text) {
        Ok(true) => return,
        Ok(false) => Diagnostic::error(
            context.constraint_code(),
            format!("`{}` does not match its pattern", path.name()),
        )
        .help(format!("it must match `{pattern}`")),
        Err(reason) => {
            let why = match reason {
                UnusablePattern::TooLarge => "is too large",
                UnusablePattern::Unsupported => "is no regular expression that is known",
            };
            let message = format!("`{}` is not checked: its pattern in the CRD {why}", path.name());
            Diagnostic::warning(Code::K011, message).help("mend the pattern, or ask for less with it")
        }
    };
    context.report(finding, Location::value(node), path);
}
