//! Suppressions: an annotation on the object or a comment in the file says why a rule does not apply there.
//!
//! ```yaml
//! metadata:
//!   annotations:
//!     allow.plimsoll.dev/latest-tag: the image is built for this very commit
//! ```
//!
//! A comment `# plimsoll: allow(latest-tag) why` counts for its own line, or, alone on a line, for the next one that is no comment.

use std::collections::BTreeMap;

use super::levels::unknown;
use super::{ObjectSet, Rule, find_rule};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Location;
use crate::session::Session;
use crate::source::{SourceId, SourceKind, Span};
use crate::yaml::{Node, ValuePath};

const ANNOTATION: &str = "allow.plimsoll.dev/";
const COMMENT: &str = "plimsoll: allow(";

/// All suppressions of a run, and which of them were of use.
#[derive(Debug, Default)]
pub(super) struct Suppressions {
    annotations: BTreeMap<(usize, &'static str), Use>,
    comments: BTreeMap<(SourceId, usize, &'static str), Use>,
    wrong: Vec<Diagnostic>,
}

/// Where a suppression stands, and whether it has suppressed anything.
#[derive(Debug)]
struct Use {
    place: Span,
    used: bool,
    /// A template serves many values: what it suppresses may not show in this render, and that is no fault of it.
    of_template: bool,
}

/// Reads the suppressions of all objects, of the rendered texts, and of what people wrote.
pub(super) fn collect(session: &Session, set: &ObjectSet<'_>, written: &[SourceId]) -> Suppressions {
    let mut found = Suppressions::default();
    for subject in &set.subjects {
        found.read_annotations(session, subject.index, &subject.document.node);
    }
    let sources = session.derived().into_iter().chain(written.iter().copied());
    sources.for_each(|source| found.read_comments(session, source));
    found
}

impl Suppressions {
    /// Whether a finding is suppressed; what suppresses it counts as used.
    pub(super) fn cover(
        &mut self,
        session: &Session,
        rule: &Rule,
        subject: usize,
        finding: &Diagnostic,
    ) -> bool {
        let annotation = self.annotations.get_mut(&(subject, rule.name));
        let mut covered = annotation.is_some_and(Use::count);
        if self.comments.is_empty() {
            return covered;
        }
        for label in &finding.labels {
            let source = session.source(label.span.source);
            let line = source.line_column(label.span.start as usize).0;
            let comment = self.comments.get_mut(&(label.span.source, line, rule.name));
            covered |= comment.is_some_and(Use::count);
        }
        covered
    }

    /// A rule that is allowed everywhere leaves its suppressions without use, and that is no fault of theirs.
    pub(super) fn forget(&mut self, rule: &Rule) {
        self.annotations.retain(|(_, name), _| *name != rule.name);
        self.comments.retain(|(_, _, name), _| *name != rule.name);
    }

    /// Reports suppressions that are wrong (R001, R003) and those that suppressed nothing (R002).
    pub(super) fn report_unused(self, session: &Session, set: &ObjectSet<'_>) {
        for finding in self.wrong {
            session.report(finding);
        }
        for ((subject, rule), state) in self.annotations {
            let object = set.subjects.get(subject).map(|subject| subject.document.identity.to_string());
            let what = format!("nothing in {} breaks the rule `{rule}`", object.unwrap_or_default());
            state.report(session, &what);
        }
        for ((_, _, rule), state) in self.comments {
            state.report(session, &format!("nothing here breaks the rule `{rule}`"));
        }
    }

    fn read_annotations(&mut self, session: &Session, subject: usize, node: &Node) {
        let annotations = node.get("metadata").and_then(|metadata| metadata.get("annotations"));
        for (key, entry) in annotations.and_then(Node::as_map).into_iter().flatten() {
            let Some(name) = key.strip_prefix(ANNOTATION) else { continue };
            let path = ValuePath::keys(&["metadata", "annotations"]).and_key(&**key);
            let place = Location::at_path(node, &path).display_span(session);
            let of_template = is_derived(session, node.span.source);
            let reason = entry.node.as_str().unwrap_or_default();
            if let Some(rule) = self.accept(name, reason, place) {
                self.annotations.insert((subject, rule.name), Use { place, used: false, of_template });
            }
        }
    }

    fn read_comments(&mut self, session: &Session, id: SourceId) {
        let source = session.source(id);
        for at in memchr::memmem::find_iter(source.text.as_bytes(), COMMENT) {
            let Some(comment) = comment_at(&source.text, at) else { continue };
            let own = Span::new(id, comment.target, comment.target + 1);
            let target = resolved(session, own);
            let place = resolved(session, Span::new(id, at, at + comment.length));
            let of_template = is_derived(session, id);
            let line = session.source(target.source).line_column(target.start as usize).0;
            for name in comment.rules.split(',').map(str::trim) {
                if let Some(rule) = self.accept(name, comment.reason, place) {
                    let state = Use { place, used: false, of_template };
                    self.comments.entry((target.source, line, rule.name)).or_insert(state);
                }
            }
        }
    }

    /// The rule that a suppression names, if it says why.
    fn accept(&mut self, name: &str, reason: &str, place: Span) -> Option<&'static Rule> {
        let Some(rule) = find_rule(name) else {
            self.wrong.push(unknown(name).at(place, "named here"));
            return None;
        };
        if reason.trim().is_empty() {
            let message = format!("the rule `{name}` is suppressed without a reason");
            let finding = Diagnostic::error(Code::R001, message).at(place, "this suppression");
            self.wrong.push(finding.help("say behind it why the rule does not apply here"));
            return None;
        }
        Some(rule)
    }
}

impl Use {
    fn count(&mut self) -> bool {
        self.used = true;
        true
    }

    fn report(self, session: &Session, message: &str) {
        if !self.used && !self.of_template {
            let finding =
                Diagnostic::warning(Code::R002, message).at(self.place, "this suppression has no use");
            session.report(finding.help("remove it"));
        }
    }
}

/// A comment that suppresses rules.
struct Comment<'t> {
    rules: &'t str,
    reason: &'t str,
    /// From the word `plimsoll` to the closing parenthesis, in bytes.
    length: usize,
    /// The byte whose line it speaks of.
    target: usize,
}

/// Reads the comment whose marker begins at a byte; none if no `#` stands before it.
fn comment_at(text: &str, at: usize) -> Option<Comment<'_>> {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let before = text[start..at].trim_end().strip_suffix('#')?;
    let line_end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    let (rules, reason) = text[at + COMMENT.len()..line_end].split_once(')')?;
    let length = COMMENT.len() + rules.len() + 1;
    let own_line = !before.chars().all(char::is_whitespace);
    let target = if own_line { start + leading(before) } else { next_line(text, line_end)? };
    Some(Comment { rules, reason, length, target })
}

/// The first byte of the next line that is neither empty nor a comment.
fn next_line(text: &str, mut from: usize) -> Option<usize> {
    loop {
        let start = from + text[from..].find('\n')? + 1;
        let line = text[start..].lines().next()?;
        let content = line.trim_start();
        if !content.is_empty() && !content.starts_with('#') {
            return Some(start + line.len() - content.len());
        }
        from = start;
    }
}

fn leading(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Where a place of a rendered text was written.
fn resolved(session: &Session, span: Span) -> Span {
    if is_derived(session, span.source) { session.resolve(span) } else { span }
}

fn is_derived(session: &Session, source: SourceId) -> bool {
    matches!(session.source(source).kind, SourceKind::Derived(_))
}
