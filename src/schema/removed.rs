//! Findings that are due to a `null`: put at the `null`, in the words of the schema for the setting that it took away.
//!
//! ```text
//! error[T003]: `settings.port` is not set, and this expression needs it        at the template
//!                                 │
//!                                 ▼
//! error[V102]: `service.port` is required, and nothing sets it                 at the `null`, then at the template
//! ```
//!
//! A template that misses a setting fails somewhere inside of the chart, where a user has nothing to mend.

use std::collections::BTreeSet;

use super::check::{findings, missing};
use super::compiled::Schema;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::session::Session;
use crate::source::Span;
use crate::yaml::{Entry, Map, Node, Segment, Tombstone, Tombstones, Value, ValuePath};

/// The values of which settings were taken away.
#[derive(Clone, Copy, Debug)]
pub struct RemovedFrom<'v> {
    /// The schema, if there is one.
    pub schema: Option<&'v Schema>,
    /// The values without the settings.
    pub values: &'v Node,
    /// What was taken away.
    pub tombstones: &'v Tombstones,
    /// What the layers say, lowest first.
    pub layers: &'v [&'v Node],
}

/// Does something, and puts each of its findings that is due to a `null` at the `null`; one for each `null`.
pub fn at_nulls<T>(session: &Session, removed_from: RemovedFrom<'_>, find: impl FnOnce() -> T) -> T {
    let first = session.findings();
    let found = find();
    reword(session, first, removed_from);
    found
}

/// Rewords the findings since `first`.
fn reword(session: &Session, first: usize, removed_from: RemovedFrom<'_>) {
    if removed_from.tombstones.is_empty() {
        return;
    }
    let all = removed_from.tombstones.all();
    let mut seen = BTreeSet::new();
    session.reword_since(first, |finding| {
        let Some(span) = finding.removed else { return Some(finding) };
        // The schema has its words already.
        if finding.code.id.starts_with('V') {
            return Some(only_at(finding, span));
        }
        // A map that was given anew may lack several settings because of one `null`. Which of them this finding misses is not
        // known, so it keeps its words.
        let mut of_span = all.iter().filter(|tombstone| tombstone.span == span);
        match (of_span.next(), of_span.next()) {
            (Some(tombstone), None) => {
                seen.insert(span).then(|| removed_from.needed(session, tombstone, &finding))
            }
            _ => Some(finding.also(span, "taken away here")),
        }
    });
}

impl RemovedFrom<'_> {
    /// What is to be said of a setting without which something failed.
    fn needed(self, session: &Session, tombstone: &Tombstone, failed: &Diagnostic) -> Diagnostic {
        let path = &tombstone.path;
        let words = self.words_for_placeholder(session, path).unwrap_or_else(|| match self.schema {
            Some(schema) => missing(session, schema, self.values, path),
            None => {
                let message = format!("`{path}` is required, and nothing sets it");
                Diagnostic::error(Code::V102, message).help(format!("set it: `--set {path}=…`"))
            }
        });
        let mut finding = only_at(words, tombstone.span);
        for label in &failed.labels {
            finding = finding.also(label.span, needed_here(&label.text));
        }
        finding.notes.extend(failed.notes.iter().cloned());
        // What the engine says of a missing value says no more than that it is missing.
        let says_more = failed.code != Code::T003 && failed.code != Code::T006;
        if says_more { finding.note(format!("without it, {}", failed.message)) } else { finding }
    }

    /// What the schema says when the setting is what it was before: a chart may have a placeholder there, an empty text for
    /// example, with a rule that asks for a value in its author's words.
    fn words_for_placeholder(self, session: &Session, path: &ValuePath) -> Option<Diagnostic> {
        let was = |layer: &&Node| path.find(layer).filter(|node| !node.is_null()).cloned();
        let was = self.layers.iter().rev().find_map(was)?;
        let mut values = self.values.clone();
        put(&mut values, &path.0, was);
        findings(session, self.schema?, &values).into_iter().find(|finding| finding.level == Level::Error)
    }
}

/// The words of a finding at the place where the setting was taken away, and nowhere else.
fn only_at(finding: Diagnostic, span: Span) -> Diagnostic {
    Diagnostic { labels: Vec::new(), patch: None, ..finding }.at(span, "taken away here")
}

/// What a place that fails says of itself, where it is not the first place any more.
fn needed_here(text: &str) -> String {
    match text {
        "here" | "this expression" => "needed here".to_owned(),
        _ => text.to_owned(),
    }
}

/// Puts a node at a path of keys; maps are made on the way.
fn put(place: &mut Node, path: &[Segment], node: Node) {
    let Some((Segment::Key(key), rest)) = path.split_first() else {
        if path.is_empty() {
            *place = node;
        }
        return;
    };
    let span = node.span;
    let Some(map) = place.as_map_mut() else { return };
    let empty = || Entry { key_span: span, node: Node::new(Value::Map(Map::default()), span) };
    put(&mut map.or_insert_with(key.as_str().into(), empty).node, rest, node);
}
