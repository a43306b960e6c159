//! Extension keywords (`x-…`) with which a schema's author words a violation.
//!
//! | keyword | says |
//! |---|---|
//! | `x-message` | the error, in place of the sentence that the violated keyword has |
//! | `x-warning` | the same, and it is a warning: the values are taken |
//! | `x-help` | what to do |
//! | `x-at` | a JSON pointer from the value to the setting that the message is about |
//! | `x-code` | the code, in place of V107 or V110 |
//!
//! They stand in any schema and apply to whatever is violated in it, also inside its
//! subschemas; the innermost one wins.
//!
//! ```text
//! "ingress": { "x-message": "the ingress has a host without a certificate", "x-at": "/tls",
//!              "if": …, "then": { "properties": { "tls": { "minItems": 1 } } } }
//!
//! evaluation path    /properties/ingress/then/properties/tls/minItems
//! applied            the root, depth 0 · ingress, depth 1 · then, depth 1 · tls, depth 2
//! words              those of ingress; the value at depth 1 of the instance path, then `x-at` below it: ingress.tls
//! ```
//!
//! `table_builder.rs` reads the same keywords for the fast path. JSON Schema ignores keywords that it does not
//! know, so any other validator takes such a schema as well.

use serde_json::Value as JsonValue;

use super::contradiction::{BrokenRule, pointed_at_the_highest_layer};
use super::location::Location;
use super::subschemas::{Reach, resolve_token};
use crate::diagnostic::{Code, Diagnostic, Level, Suggestions, find_code};
use crate::session::Session;
use crate::yaml::{Node, Segment, ValuePath};

/// A schema that was applied on the way to a violation.
#[derive(Clone, Copy)]
pub(super) struct AppliedSchema<'n> {
    /// The schema.
    pub(super) schema: &'n JsonValue,
    /// How many segments of the violation's instance path lead to the value that it applies to.
    pub(super) depth: usize,
}

/// Every schema that was applied on the way to a violation, outermost first.
pub(super) fn applied_schemas<'n>(root: &'n JsonValue, evaluation_path: &str) -> Vec<AppliedSchema<'n>> {
    let mut innermost = AppliedSchema { schema: root, depth: 0 };
    let mut applied = vec![innermost];
    let mut tokens = evaluation_path.split('/').skip(1);
    // The path is walked in the schema itself: an error of jsonschema has its path as a text, and no schemas.
    while let Some(token) = tokens.next() {
        // The last token is the violated keyword, which holds no schema.
        let Some((reach, schema)) = resolve_token(root, innermost.schema, token, &mut tokens) else { break };
        // Each `Child` keyword goes one step down in the values, and no other does.
        innermost = AppliedSchema { schema, depth: innermost.depth + usize::from(reach == Reach::Child) };
        applied.push(innermost);
    }
    applied
}

/// What an author says when a schema does not hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct AuthorMessage<'a> {
    /// A warning for `x-warning`, an error for `x-message`.
    pub(super) level: Level,
    /// The words of either.
    pub(super) message: &'a str,
    /// `x-help`.
    pub(super) help: Option<&'a str>,
    /// `x-at`, a JSON pointer.
    pub(super) at: Option<&'a str>,
    /// `x-code`, the id of one of [`CODES`](crate::diagnostic::CODES).
    pub(super) code: Option<&'a str>,
}

impl<'a> AuthorMessage<'a> {
    /// What the schema says, if it says anything. `x-message` has precedence over `x-warning`.
    fn of(schema: &'a JsonValue) -> Option<AuthorMessage<'a>> {
        let words = |keyword: &str| schema.get(keyword).and_then(JsonValue::as_str);
        let (level, message) = match words("x-message") {
            Some(message) => (Level::Error, message),
            None => (Level::Warning, words("x-warning")?),
        };
        Some(AuthorMessage {
            level,
            message,
            help: words("x-help"),
            at: words("x-at"),
            code: words("x-code"),
        })
    }

    /// The finding about the value at `base`, and the path that it is about.
    pub(super) fn say(&self, session: &Session, base: ValuePath, values: &Node) -> (Diagnostic, ValuePath) {
        let location = Location::new(session, values, self.pointed(base, values));
        // A code that this version does not have is no reason to lose the message.
        let code = |usual| self.code.and_then(find_code).unwrap_or(usual);
        let message = with_setting(self.message, &location.path);
        let finding = match self.level {
            Level::Error => Diagnostic::error(code(Code::V107), message),
            Level::Warning => Diagnostic::warning(code(Code::V110), message),
        };
        let finding = match location.span {
            Some(span) => finding.at(span, format!("`{}`", location.path)),
            None => finding,
        };
        let finding = match self.help {
            Some(help) => finding.help(help),
            None => finding,
        };
        (finding, location.path)
    }

    /// The path that `x-at` names below the value; the value's own path without one.
    fn pointed(&self, base: ValuePath, values: &Node) -> ValuePath {
        let Some(pointer) = self.at else { return base };
        // The value tells which tokens of the pointer are indices.
        let Some(value) = base.find(values) else { return base };
        let mut path = base;
        path.0.extend(ValuePath::from_pointer(pointer, value).0);
        path
    }
}

/// An author's sentence with the setting that it is about before it, as all other findings about values have it; one that names the
/// setting says enough.
fn with_setting(message: &str, path: &ValuePath) -> String {
    let setting = path.to_string();
    let last = match path.0.last() {
        Some(Segment::Key(key)) => key.as_str(),
        _ => "",
    };
    // By its path, by the end of it, or by what it is a part of.
    let names_it = |word: &str| {
        word == setting
            || word == last
            || setting.strip_suffix(word).is_some_and(|rest| rest.ends_with('.'))
            || setting.strip_prefix(word).is_some_and(|rest| rest.starts_with(['.', '[']))
    };
    let is_named = message.split('`').skip(1).step_by(2).any(names_it);
    match path.0.is_empty() || is_named {
        true => message.to_owned(),
        false => format!("`{setting}`: {message}"),
    }
}

/// What the innermost schema with a sentence of its own says about a violation, and the path that it is about.
pub(super) fn finding<'n>(
    session: &Session,
    applied: &[AppliedSchema<'n>],
    instance: &ValuePath,
    values: &Node,
    suggestions: &Suggestions,
) -> Option<(Diagnostic, ValuePath)> {
    let innermost = |applied: &AppliedSchema<'n>| Some((AuthorMessage::of(applied.schema)?, *applied));
    let (words, AppliedSchema { schema, depth }) = applied.iter().rev().find_map(innermost)?;
    // The sentence is about the value that its schema applies to, and not about the one deep inside that broke it.
    let base = ValuePath(instance.0.iter().take(depth).cloned().collect());
    let (finding, path) = words.say(session, base.clone(), values);
    if finding.level == Level::Warning {
        // The fast path says warnings too, and it knows no more than where they point.
        return Some((finding, path));
    }
    let rule = BrokenRule { schema, base: &base, instance, values, suggestions };
    Some((pointed_at_the_highest_layer(finding, rule), path))
}
