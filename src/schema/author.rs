//! The schema author's own words: `x-message`, `x-warning`, `x-help`, `x-at`, `x-code`.

use serde_json::Value as JsonValue;

use super::walk::{Reach, step};
use crate::diagnostic::{Code, Diagnostic, Level, find_code};
use crate::session::Session;
use crate::yaml::{Node, Segment, ValuePath};

use super::check::Place;

/// A schema on the way to a violation.
#[derive(Clone, Copy)]
pub(super) struct Stop<'n> {
    /// The schema.
    pub(super) schema: &'n JsonValue,
    /// How many segments of the violation's instance path lead to the value that it applies to.
    pub(super) depth: usize,
}

/// Every schema that was applied on the way to a violation, outermost first.
pub(super) fn way<'n>(root: &'n JsonValue, evaluation_path: &str) -> Vec<Stop<'n>> {
    let mut stop = Stop { schema: root, depth: 0 };
    let mut way = vec![stop];
    let mut tokens = evaluation_path.split('/').skip(1);
    while let Some(token) = tokens.next() {
        let Some((reach, schema)) = step(root, stop.schema, token, &mut tokens) else { break };
        stop = Stop { schema, depth: stop.depth + usize::from(reach == Reach::Below) };
        way.push(stop);
    }
    way
}

/// What the innermost schema with a sentence of its own says about a violation, and the path that it is about.
pub(super) fn finding(
    session: &Session,
    way: &[Stop<'_>],
    instance: &ValuePath,
    values: &Node,
) -> Option<(Diagnostic, ValuePath)> {
    let stop = way.iter().rev().find(|stop| sentence(stop.schema).is_some())?;
    let (level, message) = sentence(stop.schema)?;
    let base = ValuePath(instance.0.iter().take(stop.depth).cloned().collect());
    let place = Place::new(session, values, pointed(stop.schema, base, values));
    let finding = match level {
        Level::Error => Diagnostic::error(code(stop.schema, Code::V107), message),
        Level::Warning => Diagnostic::warning(code(stop.schema, Code::V110), message),
    };
    let finding = match place.span {
        Some(span) => finding.at(span, format!("`{}`", place.path)),
        None => finding,
    };
    let help = stop.schema.get("x-help").and_then(JsonValue::as_str);
    Some((help.into_iter().fold(finding, Diagnostic::help), place.path))
}

fn sentence(schema: &JsonValue) -> Option<(Level, &str)> {
    let words = |keyword: &str| schema.get(keyword).and_then(JsonValue::as_str);
    let error = words("x-message").map(|message| (Level::Error, message));
    error.or_else(|| words("x-warning").map(|message| (Level::Warning, message)))
}

fn code(schema: &JsonValue, usual: Code) -> Code {
    schema.get("x-code").and_then(JsonValue::as_str).and_then(find_code).unwrap_or(usual)
}

/// The path that `x-at` names below the value; the value's own path without one.
fn pointed(schema: &JsonValue, base: ValuePath, values: &Node) -> ValuePath {
    let Some(pointer) = schema.get("x-at").and_then(JsonValue::as_str) else { return base };
    let below = base.find(values).map(|value| ValuePath::from_pointer(pointer, value));
    let segments: Vec<Segment> = below.into_iter().flat_map(|path| path.0).collect();
    ValuePath(base.0.into_iter().chain(segments).collect())
}
