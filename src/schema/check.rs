//! Holding values against a schema: every violation once, at the data's place.
//!
//! There are two paths. The *fast path* (`fast_path.rs`) evaluates the schema's table and can only say that values
//! are right. The *slow path* is jsonschema: it compiles the whole schema and names every violation, which are then
//! put into words (`sentences.rs`). Values are right nearly always, and compiling a chart's schema takes longer than
//! the rest of a render; so the fast path is asked first. It decides nothing that a user is told to change.
//!
//! On the slow path each error of jsonschema becomes findings in three steps:
//!
//! ```text
//! ValidationError {
//!     instance_path: /ports/0,
//!     evaluation_path: /properties/ports/items/$ref/anyOf,
//!     kind: AnyOf { context },
//! }
//! ```
//!
//! 1. If a schema on the evaluation path has words of its author's, they are the finding; the innermost one counts.
//! 2. Of `anyOf` and `oneOf`, the errors of the alternative that was meant take the place of this one, from step 1 on.
//! 3. Otherwise there is a sentence for each kind of error.
//!
//! Findings come in the order of the values, as a user goes through a file from top to bottom.

use std::cell::RefCell;
use std::collections::HashSet;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value as JsonValue;

use super::compiled::Schema;
use super::context::{CheckContext, Demands};
use super::extension_keywords as extensions;
use super::json_adapter;
use super::sentences::{self, Violation};
use crate::diagnostic::{Code, Diagnostic, Level, Suggestions};
use crate::session::{Outcome, Session};
use crate::source::Span;
use crate::yaml::{Node, Segment, Tombstones, ValuePath};

/// Reports everything in which the values break the schema. What is missing because of a `null` (`tombstones`) is due to
/// that.
///
/// # Errors
/// When an error was reported; the schema's own warnings (V110) are none.
pub fn check(session: &Session, schema: &Schema, values: &Node, tombstones: &Tombstones) -> Outcome<()> {
    // Everything is demanded, so nothing is waived.
    check_demanding(session, schema, values, tombstones, Demands::Everything).map(|_| ())
}

/// Everything in which the values break the schema, in the order of the values; nothing is reported.
pub fn findings(session: &Session, schema: &Schema, values: &Node) -> Vec<Diagnostic> {
    evaluate(session, schema, values, &Tombstones::default(), Demands::Everything).0
}

/// The same by jsonschema alone. It is what [`findings`] finds, and slower: tests hold both against each other.
pub fn findings_without_table(session: &Session, schema: &Schema, values: &Node) -> Vec<Diagnostic> {
    violations(session, schema, values, &Tombstones::default(), Demands::Everything).0
}

/// What is to be said of a setting that is needed and not there, whatever the schema asks for: V102, as the check would
/// word it. The pipeline says so of a setting that a `null` has removed, where templates failed without it.
pub fn missing(session: &Session, schema: &Schema, values: &Node, path: &ValuePath) -> Diagnostic {
    let context = CheckContext {
        session,
        schema,
        // Only violations lead into the schema as JSON, and there is none.
        root: &JsonValue::Null,
        values,
        tombstones: &Tombstones::default(),
        demands: Demands::Everything,
        waived: RefCell::default(),
        suggestions: Suggestions::default(),
    };
    let (parent, key) = match path.0.split_last() {
        Some((Segment::Key(key), parent)) => (ValuePath(parent.to_vec()), key.as_str()),
        // An item of a list, or the root: neither has a key that could be missing.
        _ => (path.clone(), ""),
    };
    sentences::missing_key(&context, &parent, key)
}

/// What the schema's author warns of in values that are right otherwise: what [`findings`] finds, by the fast path.
/// None when something is wrong, and when only jsonschema knows.
pub fn accepted(session: &Session, schema: &Schema, values: &Node) -> Option<Vec<Diagnostic>> {
    let warned = schema.accept(values)?;
    let said = warned.into_iter().map(|(words, path)| words.say(session, path, values).0);
    Some(in_order(said.collect()))
}

/// Reports everything in which the values break the schema, but for settings that are not set and not demanded. Gives
/// the paths of those that would have been.
///
/// # Errors
/// When an error was reported.
pub fn check_demanding(
    session: &Session,
    schema: &Schema,
    values: &Node,
    tombstones: &Tombstones,
    demands: Demands,
) -> Outcome<Vec<ValuePath>> {
    let before = session.errors();
    // Several violations may be due to one unset setting.
    let (found, mut waived) = evaluate(session, schema, values, tombstones, demands);
    // The reader of YAML has warned of some words already, before the schema was asked what they can be.
    let place = |finding: &Diagnostic| finding.primary().map(|label| label.span);
    let words: HashSet<Span> = found.iter().filter(|it| it.code == Code::V108).filter_map(place).collect();
    if !words.is_empty() {
        session.reword_since(0, |finding| {
            let is_said =
                finding.code == Code::Y007 && place(&finding).is_some_and(|span| words.contains(&span));
            (!is_said).then_some(finding)
        });
    }
    for finding in found {
        session.report(finding);
    }
    session.clean_since(before)?;
    waived.sort();
    waived.dedup();
    Ok(waived)
}

/// The paths of settings that are not set and not demanded, whatever else is wrong; nothing is reported.
pub fn unset(
    session: &Session,
    schema: &Schema,
    values: &Node,
    tombstones: &Tombstones,
    demands: Demands,
) -> Vec<ValuePath> {
    let (_, mut waived) = evaluate(session, schema, values, tombstones, demands);
    waived.sort();
    waived.dedup();
    waived
}

/// The findings, and the unset settings that were not demanded.
fn evaluate(
    session: &Session,
    schema: &Schema,
    values: &Node,
    tombstones: &Tombstones,
    demands: Demands,
) -> (Vec<Diagnostic>, Vec<ValuePath>) {
    match accepted(session, schema, values) {
        Some(warnings) => (warnings, Vec::new()),
        None => violations(session, schema, values, tombstones, demands),
    }
}

/// What jsonschema finds, whatever the fast path would say.
fn violations(
    session: &Session,
    schema: &Schema,
    values: &Node,
    tombstones: &Tombstones,
    demands: Demands,
) -> (Vec<Diagnostic>, Vec<ValuePath>) {
    let mut found = Vec::new();
    let validator = match schema.validator(session) {
        Ok(validator) => validator,
        // Nothing may pass for checked.
        Err(finding) => return (vec![finding.clone()], Vec::new()),
    };
    let context = CheckContext {
        session,
        schema,
        root: &validator.schema,
        values,
        tombstones,
        demands,
        waived: RefCell::default(),
        suggestions: Suggestions::default(),
    };
    let copy = json_adapter::to_json(values);
    for error in validator.validator.iter_errors(&copy) {
        explain(&context, &error, &mut found);
    }
    (in_order(found), context.waived.into_inner())
}

/// In the order of the values. Several schemas may say the same of one place: that is kept once.
fn in_order(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.sort_by_key(|finding| finding.primary().map(|label| label.span));
    let mut once: Vec<Diagnostic> = Vec::with_capacity(found.len());
    for finding in found {
        // Sorted by place, so the same finding can only be among the last ones.
        let mut of_same_place = once.iter().rev().take_while(|other| other.primary() == finding.primary());
        if !of_same_place.any(|other| *other == finding) {
            once.push(finding);
        }
    }
    once
}

/// Puts one violation into words, or the nested ones that it comes from.
///
/// The author's own words (`x-message`) come first. Of a violated `anyOf` or `oneOf`, the errors of the alternative
/// that was most likely meant are explained instead: "is not valid under any of the given schemas" helps nobody.
fn explain(context: &CheckContext<'_>, error: &ValidationError<'_>, found: &mut Vec<Diagnostic>) {
    let path = ValuePath::from_pointer(error.instance_path().as_str(), context.values);
    let applied = extensions::applied_schemas(context.root, error.evaluation_path().as_str());
    let said = extensions::finding(context.session, &applied, &path, context.values, &context.suggestions);
    if let Some((finding, path)) = said {
        // An author's error about an unset setting is excused like `required` is; a warning excuses nothing, and is
        // kept.
        if finding.level == Level::Warning || !context.waives(&path) {
            found.push(finding.due_to(context.removed(&path)));
        }
        return;
    }
    match error.kind() {
        // Their contexts have the errors of each alternative, with paths from the roots, so these
        // can be explained like any other.
        ValidationErrorKind::AnyOf { context: branches }
        | ValidationErrorKind::OneOfNotValid { context: branches } => {
            match best_branch(branches, error.instance_path().as_str()) {
                Some(branch) => branch.iter().for_each(|error| explain(context, error, found)),
                None => found.push(sentences::no_branch(context, path, branches)),
            }
        }
        _ => {
            // The schema that holds the violated keyword, with what else it says: `x-pattern-help`, for example.
            let schema = applied.last().map_or(context.root, |innermost| innermost.schema);
            sentences::write(context, &Violation { path, schema, error }, found);
        }
    }
}

/// The alternative that was most likely meant: the value has its type, and it has the fewest violations; of equals, the
/// first. None if the value has the type of no alternative.
///
/// The type goes first: for a map with five mistakes the alternative `null` has one violation, and was not meant.
fn best_branch<'e, 'v>(
    branches: &'e [Vec<ValidationError<'v>>],
    instance: &str,
) -> Option<&'e Vec<ValidationError<'v>>> {
    // A branch without errors would have been right; there is none when `anyOf` fails, and for
    // `oneOf` another error is given.
    let meant = |branch: &&Vec<ValidationError<'v>>| {
        !branch.is_empty() && !branch.iter().any(|error| is_another_type(error, instance))
    };
    branches.iter().filter(meant).min_by_key(|branch| branch.len())
}

/// Whether an error says that the value itself (and not one inside it) has a type that was not wanted.
fn is_another_type(error: &ValidationError<'_>, instance: &str) -> bool {
    matches!(error.kind(), ValidationErrorKind::Type { .. }) && error.instance_path().as_str() == instance
}
