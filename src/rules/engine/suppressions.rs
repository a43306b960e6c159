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
use std::ops::Range;

use memchr::memmem::Finder;

use super::levels::unknown_rule;
use super::rule::{Rule, RuleTable};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Location;
use crate::rules::facts::{ObjectSet, ObjectTree};
use crate::session::Session;
use crate::source::{SourceId, SourceKind, Span};
use crate::yaml::ValuePath;

/// How the keys of annotations begin; the name of a rule follows.
const ANNOTATION: &str = "allow.plimsoll.dev/";
/// How comments begin, behind `#`; the names of rules follow, with commas between them.
const COMMENT: &str = "plimsoll: allow(";

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
        let marker = Finder::new(COMMENT);
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
            let Some(name) = key.strip_prefix(ANNOTATION) else { continue };
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
        for comment in comments(&source.text, marker) {
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
        // It has nothing to suppress any more, and does no harm.
        if table.find_moved(name).is_some() {
            return None;
        }
        let Some(rule) = table.find(name) else {
            self.wrong.push(unknown_rule(table, name).at(place, "named here"));
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

/// A comment that suppresses rules.
struct Comment<'t> {
    /// From the word `plimsoll` to the closing parenthesis, in bytes.
    place: Range<usize>,
    /// What stands between the parentheses.
    rules: &'t str,
    /// What stands behind them, to the end of the line.
    reason: &'t str,
    /// A byte of the line that the comment is about.
    target: usize,
}

/// The comments of a text that suppress rules, and that have a line to be about. No part of the text is searched twice,
/// however many they are. `marker` finds [`COMMENT`].
///
/// It is a search for the marker, not a parse: comments are in no tree. The same words in a string count as a comment
/// if a `#` stands before them: a comment of a script in a ConfigMap may suppress a rule too.
fn comments<'t>(text: &'t str, marker: &Finder<'_>) -> impl Iterator<Item = Comment<'t>> {
    // The line that is read, without its indentation; how far it has been read; the next line with content below it.
    let mut line = 0..0;
    let mut read = 0;
    let mut below = 0;
    marker.find_iter(text.as_bytes()).filter_map(move |marker| {
        // Inside of the parentheses of another comment.
        if marker < read {
            return None;
        }
        if marker >= line.end {
            let start = text[line.end..marker].rfind('\n').map_or(line.end, |newline| line.end + newline + 1);
            let end = text[marker..].find('\n').map_or(text.len(), |newline| marker + newline);
            line = start + indentation(&text[start..end])..end;
        }
        let before = text[line.start..marker].trim_end().strip_suffix('#')?;
        let list = marker + COMMENT.len();
        let Some((rules, reason)) = text[list..line.end].split_once(')') else {
            // No other comment of the line is closed either.
            read = line.end;
            return None;
        };
        read = list + rules.len() + 1;
        let mut target = line.start;
        // Alone in its line. Comments above one line share their target.
        if before.is_empty() {
            if below <= line.end {
                below = next_line(text, line.end);
            }
            target = below;
        }
        (target < text.len()).then_some(Comment { place: marker..read, rules, reason, target })
    })
}

/// The first byte, behind its indentation, of the next line that is neither empty nor a comment; the length of the
/// text if there is no such line. So several comments may stand above one line, and all count for it.
fn next_line(text: &str, line_end: usize) -> usize {
    let mut start = line_end;
    for line in text[line_end..].split_inclusive('\n') {
        let content = line.trim_start();
        if !content.is_empty() && !content.starts_with('#') {
            return start + indentation(line);
        }
        start += line.len();
    }
    text.len()
}

/// How many bytes of white space a line begins with.
fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Where a place of a rendered text was written. A place of any other source is returned as it is.
fn resolve(session: &Session, span: Span) -> Span {
    if is_derived(session, span.source) { session.resolve(span) } else { span }
}

/// Whether a source is a rendered text, and not a file.
fn is_derived(session: &Session, source: SourceId) -> bool {
    matches!(session.source(source).kind, SourceKind::Derived(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules of each comment, and the text from its target to the end of that line.
    fn read(text: &str) -> Vec<(&str, &str)> {
        comments(text, &Finder::new(COMMENT))
            .map(|found| (found.rules, text[found.target..].lines().next().unwrap_or("")))
            .collect()
    }

    #[test]
    fn a_comment_is_about_its_own_line_or_the_next_with_content() {
        let text = "a: 1 # plimsoll: allow(x) why\n  #plimsoll: allow(y, z) why\n\n# plimsoll: allow(v) why\n  b: 2\n";
        assert_eq!(read(text), [("x", "a: 1 # plimsoll: allow(x) why"), ("y, z", "b: 2"), ("v", "b: 2")]);
        let two_of_a_line = "# plimsoll: allow(x) # plimsoll: allow(y)\na: 1\n";
        assert_eq!(read(two_of_a_line), [("x", "a: 1"), ("y", "# plimsoll: allow(x) # plimsoll: allow(y)")]);
    }

    #[test]
    fn what_is_no_comment_or_is_about_nothing_is_left_out() {
        assert_eq!(read("plimsoll: allow(x) why\na: 1\n"), []);
        assert_eq!(read("# plimsoll: allow(x\n# plimsoll: allow(y why\na: 1\n"), []);
        assert_eq!(read("a: 1\n# plimsoll: allow(x) why\n# plimsoll: allow(y) why"), []);
        assert_eq!(read("#plimsoll: allow(#plimsoll: allow(x) why\na: 1"), [("#plimsoll: allow(x", "a: 1")]);
    }
}
