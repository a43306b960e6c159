//! Findings that a case expects: by code or rule, and by what else it says of them.

use super::object_pattern::ObjectPattern;
use crate::diagnostic::Diagnostic;
use crate::manifest::Document;
use crate::session::Session;
use crate::source::Span;

/// A finding that a case expects.
#[derive(Clone, Debug)]
pub(super) struct ExpectedFinding {
    /// Where that is written.
    pub(super) span: Span,
    /// A code, or the name of a rule or a fact.
    pub(super) code: String,
    /// A part of its message.
    pub(super) message: Option<String>,
    /// The end of the path of a file that it points at.
    pub(super) file: Option<String>,
    /// A line of that file, or of any.
    pub(super) line: Option<usize>,
    /// The object that it is about.
    pub(super) object: Option<ObjectPattern>,
}

impl ExpectedFinding {
    /// Whether a finding is the one that is expected.
    pub(super) fn matches(&self, session: &Session, documents: &[Document], finding: &Diagnostic) -> bool {
        self.is_of_code(finding)
            && self.message.as_ref().is_none_or(|part| finding.message.contains(part.as_str()))
            && self.points_there(session, finding)
            && self.object.as_ref().is_none_or(|pattern| is_about(documents, finding, pattern))
    }

    /// Whether a finding has this code, whatever else it is.
    pub(super) fn is_of_code(&self, finding: &Diagnostic) -> bool {
        finding.code.id.eq_ignore_ascii_case(&self.code) || finding.name == Some(&self.code)
    }

    fn points_there(&self, session: &Session, finding: &Diagnostic) -> bool {
        if self.file.is_none() && self.line.is_none() {
            return true;
        }
        finding.labels.iter().any(|label| {
            let span = session.resolve(label.span);
            let source = session.source(span.source);
            self.file.as_ref().is_none_or(|file| ends_in_path(&source.name, file))
                && self.line.is_none_or(|line| source.line_column(span.start as usize).0 == line)
        })
    }

    /// What is expected, in words.
    pub(super) fn describe(&self) -> String {
        let mut text = format!("`{}`", self.code);
        if let Some(message) = &self.message {
            text.push_str(&format!(" that says `{message}`"));
        }
        if let Some(object) = &self.object {
            text.push_str(&format!(" about {}", object.text));
        }
        match (&self.file, self.line) {
            (Some(file), Some(line)) => text.push_str(&format!(" at {file}:{line}")),
            (Some(file), None) => text.push_str(&format!(" in {file}")),
            (None, Some(line)) => text.push_str(&format!(" at line {line}")),
            (None, None) => {}
        }
        text
    }
}

/// Whether a name of a file ends in a path, by whole parts.
fn ends_in_path(name: &str, path: &str) -> bool {
    name.strip_suffix(path).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

/// Whether a finding is about an object of this pattern. Of a render that failed there are no objects: then its message
/// has to name one.
fn is_about(documents: &[Document], finding: &Diagnostic, pattern: &ObjectPattern) -> bool {
    let object = finding.document.and_then(|root| documents.iter().find(|one| one.node.span == root));
    object.is_some_and(|object| pattern.matches(&object.identity))
}
