//! Holding values against a schema: every violation once, at the data's place.

use std::cell::RefCell;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value as JsonValue;

use super::{Schema, author, keys, sentence};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::secrets;
use crate::session::{Outcome, Session};
use crate::source::{SourceKind, Span};
use crate::yaml::{Node, Segment, ValuePath, WantRef};

/// Reports everything in which the values break the schema.
///
/// # Errors
/// When an error was reported; the schema's own warnings (V110) are none.
pub fn check(session: &Session, schema: &Schema, values: &Node) -> Outcome<()> {
    let before = session.errors();
    for finding in findings(session, schema, values) {
        session.report(finding);
    }
    session.clean_since(before)
}

/// Everything in which the values break the schema, in the order of the values; nothing is reported.
pub fn findings(session: &Session, schema: &Schema, values: &Node) -> Vec<Diagnostic> {
    judged(session, schema, values, Demands::Everything).0
}

/// What is to be said of a setting that is needed and not there, whatever the schema asks for.
pub fn missing(session: &Session, schema: &Schema, values: &Node, path: &ValuePath) -> Diagnostic {
    let (demands, waived) = (Demands::Everything, RefCell::default());
    let judge = Judge { session, schema, root: &JsonValue::Null, values, demands, waived };
    let (above, key) = match path.0.split_last() {
        Some((Segment::Key(key), above)) => (ValuePath(above.to_vec()), key.as_str()),
        _ => (path.clone(), ""),
    };
    keys::missing(&judge, &above, key)
}

/// What the schema's author warns of in values that are right otherwise: what [`findings`] finds, the quick way. None
/// when something is wrong, and for every schema that is not built in.
pub fn accepted(session: &Session, schema: &Schema, values: &Node) -> Option<Vec<Diagnostic>> {
    let warned = schema.judge.accept(values)?;
    let said = warned.into_iter().map(|(words, path)| words.say(session, path, values).0);
    Some(in_order(said.collect()))
}

/// What is asked of settings that nobody has set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Demands {
    /// Everything that the schema asks for.
    #[default]
    Everything,
    /// Everything but secrets: they are in a layer of their own.
    NoSecrets,
    /// Nothing: other layers will follow.
    Nothing,
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
    demands: Demands,
) -> Outcome<Vec<ValuePath>> {
    let before = session.errors();
    let (found, mut waived) = judged(session, schema, values, demands);
    for finding in found {
        session.report(finding);
    }
    session.clean_since(before)?;
    waived.sort();
    waived.dedup();
    Ok(waived)
}

/// The findings, and the unset settings that were not demanded.
fn judged(
    session: &Session,
    schema: &Schema,
    values: &Node,
    demands: Demands,
) -> (Vec<Diagnostic>, Vec<ValuePath>) {
    if let Some(warnings) = accepted(session, schema, values) {
        return (warnings, Vec::new());
    }
    let mut found = Vec::new();
    let Some(checked) = schema.judge.checked() else {
        let finding = Diagnostic::error(Code::C004, "the schema that is built in cannot be read");
        return (vec![finding.help("this is a bug: please report it")], Vec::new());
    };
    let waived = RefCell::default();
    let judge = Judge { session, schema, root: &checked.schema, values, demands, waived };
    for error in checked.validator.iter_errors(values) {
        judge.explain(&error, &mut found);
    }
    (in_order(found), judge.waived.into_inner())
}

/// Whether a value stands for one that was not chosen yet.
fn is_unset(node: &Node) -> bool {
    let count = node.as_list().map(<[Node]>::len).or(node.as_map().map(|map| map.len()));
    node.is_null() || node.as_str() == Some("") || count == Some(0)
}

/// In the order of the values. Several schemas may say the same of one place: that is kept once.
fn in_order(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.sort_by_key(|finding| finding.primary().map(|label| label.span));
    let mut once: Vec<Diagnostic> = Vec::with_capacity(found.len());
    for finding in found {
        if !once.iter().rev().take_while(|other| other.primary() == finding.primary()).any(|o| *o == finding)
        {
            once.push(finding);
        }
    }
    once
}

/// What a check looks at.
pub(super) struct Judge<'a> {
    pub(super) session: &'a Session,
    pub(super) schema: &'a Schema,
    /// The schema that the validator was made of.
    pub(super) root: &'a JsonValue,
    pub(super) values: &'a Node,
    demands: Demands,
    /// Unset settings that were not demanded.
    waived: RefCell<Vec<ValuePath>>,
}

/// One violation, with its place in the values and in the schema.
pub(super) struct Violation<'v, 'e> {
    pub(super) path: ValuePath,
    /// The schema that holds the violated keyword.
    pub(super) schema: &'v JsonValue,
    pub(super) error: &'v ValidationError<'e>,
}

/// A path into the values, with what is there.
pub(super) struct Place<'n> {
    pub(super) path: ValuePath,
    /// None when nothing is there.
    pub(super) node: Option<&'n Node>,
    /// What to underline: the key, or that of the nearest place above which is there.
    pub(super) span: Option<Span>,
}

impl<'n> Place<'n> {
    /// The place at `path`, or the nearest one above it that is there.
    pub(super) fn new(session: &Session, values: &'n Node, path: ValuePath) -> Self {
        let node = path.find(values);
        let mut above = path.clone();
        let mut span = None;
        while span.is_none() && !above.0.is_empty() {
            span = key_span(values, &above);
            above.0.pop();
        }
        let span = span.or_else(|| start_of(session, values));
        Place { path, node, span }
    }
}

/// The span of the key (or of the list's item) that a path ends with.
fn key_span(values: &Node, path: &ValuePath) -> Option<Span> {
    let (last, above) = path.0.split_last()?;
    let parent = ValuePath(above.to_vec()).find(values)?;
    match last {
        Segment::Key(key) => parent.as_map()?.get(key.as_str()).map(|entry| entry.key_span),
        Segment::Index(index) => parent.as_list()?.get(*index).map(first_byte),
    }
}

/// The first byte of the values, unless no user wrote it.
fn start_of(session: &Session, values: &Node) -> Option<Span> {
    let written = session.source(values.span.source).kind != SourceKind::Bundled;
    (written && values.span.end > values.span.start).then(|| values.span.first_byte())
}

fn first_byte(node: &Node) -> Span {
    if node.as_scalar().is_some() {
        return node.span;
    }
    Span { end: node.span.end.min(node.span.start.saturating_add(1)), ..node.span }
}

impl<'a> Judge<'a> {
    /// Puts one violation into words, or the nested ones that it comes from.
    fn explain(&self, error: &ValidationError<'_>, found: &mut Vec<Diagnostic>) {
        let path = ValuePath::from_pointer(error.instance_path().as_str(), self.values);
        let way = author::way(self.root, error.evaluation_path().as_str());
        if let Some((finding, path)) = author::finding(self.session, &way, &path, self.values) {
            if finding.level == Level::Warning || !self.waives(&path) {
                found.push(finding);
            }
            return;
        }
        match error.kind() {
            ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
                match best_branch(context, error.instance_path().as_str()) {
                    Some(branch) => branch.iter().for_each(|error| self.explain(error, found)),
                    None => found.push(sentence::no_branch(self, path, context)),
                }
            }
            _ => {
                let schema = way.last().map_or(self.root, |stop| stop.schema);
                sentence::write(self, &Violation { path, schema, error }, found);
            }
        }
    }

    /// Whether a setting is unset and need not be set; then that is noted down.
    pub(super) fn waives(&self, path: &ValuePath) -> bool {
        let excused = match self.demands {
            Demands::Everything => false,
            Demands::NoSecrets => self.is_secret(path),
            Demands::Nothing => true,
        };
        let waived = excused && path.find(self.values).is_none_or(is_unset);
        if waived {
            self.waived.borrow_mut().push(path.clone());
        }
        waived
    }

    /// What the schema wants at a path.
    pub(super) fn want(&self, path: &ValuePath) -> Option<WantRef<'a>> {
        self.schema.wants.root().descend(path)
    }

    /// The schema's words for a path.
    pub(super) fn description(&self, path: &ValuePath) -> Option<&'a str> {
        self.schema.described().root().descend(path)?.description()
    }

    /// Whether a path leads to, or through, a secret.
    pub(super) fn is_secret(&self, path: &ValuePath) -> bool {
        secrets::is_secret_path(self.schema.wants.root(), path)
    }

    /// The name of the chart, for commands.
    pub(super) fn chart(&self) -> &'a str {
        &self.schema.chart
    }

    /// The root of what the schema wants.
    pub(super) fn wants(&self) -> WantRef<'a> {
        self.schema.wants.root()
    }
}

/// The alternative that was most likely meant: the value has its type, and it has the fewest violations.
fn best_branch<'e, 'v>(
    context: &'e [Vec<ValidationError<'v>>],
    instance: &str,
) -> Option<&'e Vec<ValidationError<'v>>> {
    let meant = |branch: &&Vec<ValidationError<'v>>| {
        !branch.is_empty() && !branch.iter().any(|error| is_another_type(error, instance))
    };
    context.iter().filter(meant).min_by_key(|branch| branch.len())
}

fn is_another_type(error: &ValidationError<'_>, instance: &str) -> bool {
    matches!(error.kind(), ValidationErrorKind::Type { .. }) && error.instance_path().as_str() == instance
}
