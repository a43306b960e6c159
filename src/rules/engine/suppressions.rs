//! Suppressions: an annotation on the object or a comment in the file says why a rule does not apply there.
//!
//! ```yaml
//! metadata:
//!   annotations:
//!     allow.plimsoll.dev/latest-tag: the image is built for this very commit
//! ```
//!
//! An annotation counts for all findings of the rule in its object. A comment `# plimsoll: allow(latest-tag,
//! no-requests) why` counts for its own line, or, alone on a line, for the next one that is no comment: a finding is
//! suppressed if any of its labels begins on that line.
//!
//! Both need a reason (R001): without one, nobody could tell later whether the suppression still holds. One that
//! suppresses nothing is reported (R002), so that they do not outlive what they were for.
//!
//! A template is rendered to a text of its own, and findings point into the template. So the comments of a rendered
//! text are read there, where a comment inside of a loop or a condition is where its object is, and their lines are
//! resolved to the template.

use std::collections::BTreeMap;

use memchr::memmem::Finder;

use super::levels::unknown_rule;
use super::rule::{Rule, RuleTable};
use crate::diagnostic::{Code, Diagnostic};
use crate::kube;
use crate::manifest::{Location, SUPPRESSING_ANNOTATION, suppressing_comments, suppression_marker};
use crate::rules::facts::{ObjectSet, ObjectTree};
use crate::session::Session;
use crate::source::{SourceId, SourceKind, Span};
use crate::yaml::ValuePath;

/// All suppressions of a run, and which of them were of use.
#[derive(Debug, Default)]
pub(crate) struct Suppressions {
    /// By the object's place in the set and the rule's name.
    annotations: BTreeMap<(usize, &'static str), Suppression>,
    /// By source, line (from 1) and the rule's name. The line is that of the label that a comment is about, not its
    /// own.
    comments: BTreeMap<(SourceId, usize, &'static str), Suppression>,
    /// Suppressions that name no rule or give no reason.
    wrong: Vec<Diagnostic>,
}

/// Where a suppression stands, and whether it has suppressed anything.
#[derive(Debug)]
struct Suppression {
    /// The annotation or the comment itself: where R002 points.
    place: Span,
    /// Set by [`Suppressions::cover`], never taken back.
    is_used: bool,
    /// A template serves many values: what it suppresses may not show in this render, so it is never reported as
    /// unused.
    is_in_template: bool,
}

impl Suppressions {
    /// Reads the suppressions of all objects, of the rendered texts, and of what people wrote.
    pub(crate) fn collect(
        session: &Session,
        table: &RuleTable,
        set: &ObjectSet<'_>,
        written: &[SourceId],
    ) -> Suppressions {
        let mut found = Suppressions::default();
        for object in set.objects() {
            found.read_annotations(session, table, object);
        }
        // Made once: a render has a text for each call of a macro, and most are shorter than what this takes.
        let marker = suppression_marker();
        for source in session.derived().into_iter().chain(written.iter().copied()) {
            found.read_comments(session, table, source, &marker);
        }
        found
    }

    /// Whether a finding of a rule in an object is suppressed. What suppresses it counts as used: where an annotation
    /// and a comment both do, both.
    pub(crate) fn cover(
        &mut self,
        session: &Session,
        rule: &Rule,
        object: usize,
        finding: &Diagnostic,
    ) -> bool {
        let mut is_covered = false;
        // No early return: both are marked as used, or removing the one would make the other one necessary.
        if let Some(annotation) = self.annotations.get_mut(&(object, rule.name)) {
            annotation.is_used = true;
            is_covered = true;
        }
        // Fast path: finding the line of a label costs a search, and hardly any set has comments.
        if self.comments.is_empty() {
            return is_covered;
        }
        for label in &finding.labels {
            let source = session.source(label.span.source);
            let line = source.line_column(label.span.start as usize).0;
            if let Some(comment) = self.comments.get_mut(&(label.span.source, line, rule.name)) {
                comment.is_used = true;
                is_covered = true;
            }
        }
        is_covered
    }

    /// Drops the suppressions of a rule that is allowed everywhere, so that they are not reported as unused.
    pub(crate) fn forget(&mut self, rule: &Rule) {
        self.annotations.retain(|(_, name), _| *name != rule.name);
        self.comments.retain(|(_, _, name), _| *name != rule.name);
    }

    /// Reports suppressions that are wrong (R001, R003) and those that suppressed nothing (R002).
    pub(crate) fn report_unused(self, session: &Session, set: &ObjectSet<'_>) {
        for finding in self.wrong {
            session.report(finding);
        }
        for ((object, rule), suppression) in self.annotations {
            // Its place came from this set, so the object is there.
            let Some(object) = set.object(object) else { continue };
            let object = object.identity();
            suppression.report_unused(session, &format!("nothing in {object} breaks the rule `{rule}`"));
        }
        for ((_, _, rule), suppression) in self.comments {
            suppression.report_unused(session, &format!("nothing here breaks the rule `{rule}`"));
        }
    }

    /// Adds the annotations of an object that suppress rules.
    fn read_annotations(&mut self, session: &Session, table: &RuleTable, object: &ObjectTree<'_>) {
        for (key, entry) in object.annotations().into_iter().flatten() {
            let Some(name) = key.strip_prefix(SUPPRESSING_ANNOTATION) else { continue };
            let path = ValuePath::keys(&["metadata", "annotations"]).and_key(&**key);
            let place = Location::at_path(object.node(), &path).display_span(session);
            // A value that is no text is no reason (R001).
            let reason = entry.node.as_str().unwrap_or("");
            if let Some(rule) = self.accept(table, name, reason, place) {
                let is_in_template = is_derived(session, object.node().span.source);
                let suppression = Suppression { place, is_used: false, is_in_template };
                self.annotations.insert((object.index, rule.name), suppression);
            }
        }
    }

    /// Adds the comments of a source that suppress rules, each at the line that it is about.
    fn read_comments(&mut self, session: &Session, table: &RuleTable, id: SourceId, marker: &Finder<'_>) {
        let source = session.source(id);
        for comment in suppressing_comments(&source.text, marker) {
            // One byte is enough: only its line counts.
            let target = resolve(session, Span::new(id, comment.target, comment.target + 1));
            let place = resolve(session, Span::new(id, comment.place.start, comment.place.end));
            let is_in_template = is_derived(session, id);
            let line = session.source(target.source).line_column(target.start as usize).0;
            for name in comment.rules.split(',').map(str::trim) {
                if let Some(rule) = self.accept(table, name, comment.reason, place) {
                    let suppression = Suppression { place, is_used: false, is_in_template };
                    // A loop in a template gives the same comment once for each turn; the first is as good as the
                    // others.
                    self.comments.entry((target.source, line, rule.name)).or_insert(suppression);
                }
            }
        }
    }

    /// The rule that a suppression names, if there is one and the suppression says why. What is wrong is kept for the
    /// end.
    fn accept(&mut self, table: &RuleTable, name: &str, reason: &str, place: Span) -> Option<&'static Rule> {
        // What facts of validation find was reported before, and so was what suppresses it.
        if table.find_moved(name).is_some() || kube::fact_addresses().any(|address| address == name) {
            if reason.trim().is_empty() {
                self.wrong.push(without_reason(name, place));
            }
            return None;
        }
        let Some(rule) = table.find(name) else {
            self.wrong.push(unknown_rule(table, name).at(place, "named here"));
            return None;
        };
        if reason.trim().is_empty() {
            self.wrong.push(without_reason(name, place));
            return None;
        }
        Some(rule)
    }
}

/// The finding about a suppression that does not say why (R001).
fn without_reason(name: &str, place: Span) -> Diagnostic {
    let message = format!("the rule `{name}` is suppressed without a reason");
    let finding = Diagnostic::error(Code::R001, message).at(place, "this suppression");
    finding.help("say behind it why the rule does not apply here")
}

impl Suppression {
    /// Reports that it suppresses nothing (R002), unless it does or may.
    fn report_unused(self, session: &Session, message: &str) {
        if self.is_used || self.is_in_template {
            return;
        }
        let finding = Diagnostic::warning(Code::R002, message).at(self.place, "this suppression has no use");
        session.report(finding.help("remove it"));
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
