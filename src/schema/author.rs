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

/// What an author says when a schema does not hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words<'a> {
    /// A warning for `x-warning`, an error for `x-message`.
    pub(super) level: Level,
    pub(super) message: &'a str,
    pub(super) help: Option<&'a str>,
    pub(super) at: Option<&'a str>,
    pub(super) code: Option<&'a str>,
}

impl<'a> Words<'a> {
    fn of(schema: &'a JsonValue) -> Option<Words<'a>> {
        let words = |keyword: &str| schema.get(keyword).and_then(JsonValue::as_str);
        let error = words("x-message").map(|message| (Level::Error, message));
        let (level, message) =
            error.or_else(|| words("x-warning").map(|message| (Level::Warning, message)))?;
        Some(Words { level, message, help: words("x-help"), at: words("x-at"), code: words("x-code") })
    }

    /// The finding about the value at `base`, and the path that it is about.
    pub(super) fn say(&self, session: &Session, base: ValuePath, values: &Node) -> (Diagnostic, ValuePath) {
        let place = Place::new(session, values, self.pointed(base, values));
        let code = |usual| self.code.and_then(find_code).unwrap_or(usual);
        let finding = match self.level {
            Level::Error => Diagnostic::error(code(Code::V107), self.message),
            Level::Warning => Diagnostic::warning(code(Code::V110), self.message),
        };
        let finding = match place.span {
            Some(span) => finding.at(span, format!("`{}`", place.path)),
            None => finding,
        };
        (self.help.into_iter().fold(finding, Diagnostic::help), place.path)
    }

    /// The path that `x-at` names below the value; the value's own path without one.
    fn pointed(&self, base: ValuePath, values: &Node) -> ValuePath {
        let Some(pointer) = self.at else { return base };
        let below = base.find(values).map(|value| ValuePath::from_pointer(pointer, value));
        let segments: Vec<Segment> = below.into_iter().flat_map(|path| path.0).collect();
        ValuePath(base.0.into_iter().chain(segments).collect())
    }
}

/// What the innermost schema with a sentence of its own says about a violation, and the path that it is about.
pub(super) fn finding(
    session: &Session,
    way: &[Stop<'_>],
    instance: &ValuePath,
    values: &Node,
) -> Option<(Diagnostic, ValuePath)> {
    let (words, depth) = way.iter().rev().find_map(|stop| Some((Words::of(stop.schema)?, stop.depth)))?;
    let base = ValuePath(instance.0.iter().take(depth).cloned().collect());
    Some(words.say(session, base, values))
}
