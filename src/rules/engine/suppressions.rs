//! Suppressions: an annotation on the object or a comment in the file says why a finding does not count there.
//!
//! ```yaml
//! metadata:
//!   annotations:
//!     allow.plimsoll.dev/latest-tag: the image is built for this very commit
//! ```
//!
//! A suppression names a rule, a fact of validation, or any code. An annotation counts for all findings of that name in
//! its object. A comment `# plimsoll: allow(latest-tag, no-requests) why` counts for its own line, or, alone on a line,
//! for the next one that is no comment: a finding is suppressed if any of its labels begins on that line.
//!
//! Both need a reason (R001): without one, nobody could tell later whether the suppression still holds. One that
//! suppresses nothing is reported (R002), so that they do not outlive what they were for.
//!
//! A template is rendered to a text of its own, and findings point into the template. So the comments of a rendered
//! text are read there, where a comment inside of a loop or a condition is where its object is, and their lines are
//! resolved to the template.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem::Finder;

use super::levels::{named, unknown_name};
use super::rule::{Rule, RuleTable};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{
    Identity, Location, PackedDocument, SUPPRESSING_ANNOTATION, suppressing_comments, suppression_marker,
};
use crate::session::Session;
use crate::source::{SourceId, SourceKind, Span};
use crate::yaml::{PackedNode, ValuePath};

/// All suppressions of a run, and which of them were of use.
#[derive(Debug, Default)]
pub(crate) struct Suppressions {
    all: Vec<Suppression>,
    /// Indices into `all`, by the root of the document and what is suppressed there.
    annotations: BTreeMap<(Span, &'static str), usize>,
    /// Indices into `all`, by source, line (from 1) and what is suppressed there. The line is that of the label that a
    /// comment is about, not its own.
    comments: BTreeMap<(SourceId, usize, &'static str), usize>,
    /// Suppressions that name nothing or give no reason.
    wrong: Vec<Diagnostic>,
}

/// One name in a suppression: where it stands, and whether it has suppressed anything.
#[derive(Debug)]
struct Suppression {
    /// As it is written.
    name: String,
    /// What it stands for: see [`named`].
    names: Vec<&'static str>,
    /// The object, of an annotation.
    object: Option<Identity>,
    /// The annotation or the comment itself: where R002 points.
    place: Span,
    /// Set by [`Suppressions::cover`], never taken back.
    is_used: bool,
    /// A template or a built-in file serves many values: what it suppresses may not show in this run, so it is never
    /// reported as unused.
    serves_many: bool,
}

impl Suppressions {
    /// Reads the suppressions of all documents, of the rendered texts, and of what people wrote.
    pub(crate) fn collect<'d>(
        session: &Session,
        table: &RuleTable,
        documents: impl IntoIterator<Item = &'d PackedDocument>,
        written: &[SourceId],
    ) -> Suppressions {
        let mut found = Suppressions::default();
        // The same object may be in several sets, moved into the namespace of each.
        let mut roots = BTreeSet::new();
        for document in documents.into_iter().filter(|document| roots.insert(document.span())) {
            found.read_annotations(session, table, document);
        }
        // Made once: a render has a text for each call of a macro, and most are shorter than what this takes.
        let marker = suppression_marker();
        for source in session.derived().into_iter().chain(written.iter().copied()) {
            found.read_comments(session, table, source, &marker);
        }
        found
    }

    /// Whether a finding is suppressed. What suppresses it counts as used: where an annotation and a comment both do,
    /// both.
    pub(crate) fn cover(&mut self, session: &Session, finding: &Diagnostic) -> bool {
        // Hardly any run has any.
        if self.all.is_empty() {
            return false;
        }
        let mut covering: Vec<usize> = Vec::new();
        // No early return: all are marked as used, or removing the one would make the other one necessary.
        for name in finding.name.into_iter().chain([finding.code.id]) {
            covering.extend(finding.document.and_then(|root| self.annotations.get(&(root, name)).copied()));
            if self.comments.is_empty() {
                continue;
            }
            // A comment may stand at the container too, where all is told that it lacks.
            let of_container = finding.lack.iter().flat_map(|lack| &lack.labels);
            for label in finding.labels.iter().chain(of_container) {
                // A place in a rendered text is one in its template.
                let span = session.resolve(label.span);
                let line = session.source(span.source).line_column(span.start as usize).0;
                covering.extend(self.comments.get(&(span.source, line, name)).copied());
            }
        }
        for index in &covering {
            self.all[*index].is_used = true;
        }
        !covering.is_empty()
    }

    /// Drops the suppressions of a rule that is allowed everywhere, so that they are not reported as unused.
    pub(crate) fn forget(&mut self, rule: &Rule) {
        for suppression in &mut self.all {
            suppression.is_used |= suppression.names.contains(&rule.name);
        }
    }

    /// Reports suppressions that are wrong (R001, R003) and those that suppressed nothing (R002).
    pub(crate) fn report_unused(self, session: &Session) {
        for finding in self.wrong {
            session.report(finding);
        }
        for suppression in self.all {
            if suppression.is_used || suppression.serves_many {
                continue;
            }
            let name = &suppression.name;
            let message = match suppression.object {
                Some(object) => format!("nothing in {object} is reported as `{name}`"),
                None => format!("nothing here is reported as `{name}`"),
            };
            let finding = Diagnostic::warning(Code::R002, message);
            session.report(finding.at(suppression.place, "this suppression has no use").help("remove it"));
        }
    }

    /// Adds the annotations of an object that suppress something.
    fn read_annotations(&mut self, session: &Session, table: &RuleTable, document: &PackedDocument) {
        let annotations = document.root().get("metadata").and_then(|metadata| metadata.get("annotations"));
        for (key, value) in annotations.and_then(PackedNode::as_map).into_iter().flatten() {
            let Some(name) = key.strip_prefix(SUPPRESSING_ANNOTATION) else { continue };
            let path = ValuePath::keys(&["metadata", "annotations"]).and_key(key);
            let place = Location::in_packed(document.root(), &path).display_span(session);
            // A value that is no text is no reason (R001).
            let reason = value.as_str().unwrap_or("");
            let serves_many = serves_many(session, document.span().source);
            if let Some(mut suppression) = self.accept(table, name, reason, place, serves_many) {
                suppression.object = Some(document.identity.clone());
                for name in &suppression.names {
                    self.annotations.insert((document.span(), name), self.all.len());
                }
                self.all.push(suppression);
            }
        }
    }

    /// Adds the comments of a source that suppress something, each at the line that it is about.
    fn read_comments(&mut self, session: &Session, table: &RuleTable, id: SourceId, marker: &Finder<'_>) {
        let source = session.source(id);
        for comment in suppressing_comments(&source.text, marker) {
            // One byte is enough: only its line counts.
            let target = resolve(session, Span::new(id, comment.target, comment.target + 1));
            let place = resolve(session, Span::new(id, comment.place.start, comment.place.end));
            let line = session.source(target.source).line_column(target.start as usize).0;
            for name in comment.rules.split(',').map(str::trim) {
                let serves_many = serves_many(session, id);
                let Some(suppression) = self.accept(table, name, comment.reason, place, serves_many) else {
                    continue;
                };
                // A loop in a template gives the same comment once for each turn; the first is as good as the others.
                let new = |name: &&&'static str| !self.comments.contains_key(&(target.source, line, **name));
                let names: Vec<&'static str> = suppression.names.iter().filter(new).copied().collect();
                if names.is_empty() {
                    continue;
                }
                for name in names {
                    self.comments.insert((target.source, line, name), self.all.len());
                }
                self.all.push(suppression);
            }
        }
    }

    /// A suppression, if there is something of this name and it says why. What is wrong is kept for the end.
    fn accept(
        &mut self,
        table: &RuleTable,
        name: &str,
        reason: &str,
        place: Span,
        serves_many: bool,
    ) -> Option<Suppression> {
        let names = named(table, name);
        if names.is_empty() {
            self.wrong.push(unknown_name(table, name).at(place, "named here"));
            return None;
        }
        if reason.trim().is_empty() {
            let message = format!("`{name}` is suppressed without a reason");
            let finding = Diagnostic::error(Code::R001, message).at(place, "this suppression");
            self.wrong.push(finding.help("say after it why it does not count here"));
            return None;
        }
        let name = name.to_owned();
        Some(Suppression { name, names, object: None, place, is_used: false, serves_many })
    }
}

/// Where a place of a rendered text was written. A place of any other source is returned as it is.
fn resolve(session: &Session, span: Span) -> Span {
    if is_derived(session, span.source) { session.resolve(span) } else { span }
}

/// Whether a source is a rendered text, and not a file.
fn is_derived(session: &Session, source: SourceId) -> bool {
    matches!(session.source(source).kind, SourceKind::Derived(_))
}

/// Whether a suppression in this source is there for other values too.
fn serves_many(session: &Session, source: SourceId) -> bool {
    matches!(session.source(source).kind, SourceKind::Derived(_) | SourceKind::Bundled)
}
