//! What a rule found, and how that becomes a diagnostic.

use super::Rule;
use super::set::{ObjectSet, Subject};
use crate::config::Level;
use crate::diagnostic::Diagnostic;
use crate::manifest::{Location, label_finding};
use crate::secrets;
use crate::session::Session;
use crate::yaml::ValuePath;

/// The findings of one rule.
#[derive(Debug, Default)]
pub struct Report {
    pub(super) found: Vec<Finding>,
}

/// Something wrong at a path of an object.
#[derive(Debug)]
pub struct Finding {
    pub(super) subject: usize,
    path: ValuePath,
    message: String,
    also: Vec<(usize, ValuePath, String)>,
    notes: Vec<String>,
    help: Vec<String>,
    /// Whether what stands at the path must not be shown.
    secret: bool,
}

impl Report {
    /// Adds a finding.
    pub fn add(&mut self, finding: Finding) {
        self.found.push(finding);
    }
}

impl Finding {
    /// A finding at a path of an object; where the path ends before its end, the nearest node above is shown. The
    /// message is one lower-case phrase with names in backticks.
    pub fn new(subject: &Subject<'_>, path: ValuePath, message: impl Into<String>) -> Self {
        let (also, notes, help) = (Vec::new(), Vec::new(), Vec::new());
        Finding { subject: subject.index, path, message: message.into(), also, notes, help, secret: false }
    }

    /// Adds another place that matters.
    pub fn also(mut self, subject: &Subject<'_>, path: ValuePath, text: impl Into<String>) -> Self {
        self.also.push((subject.index, path, text.into()));
        self
    }

    /// Adds something worth knowing.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds what to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Keeps writers from showing what stands at the path.
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    pub(super) fn diagnostic(
        self,
        session: &Session,
        set: &ObjectSet<'_>,
        rule: &Rule,
        level: Level,
    ) -> Diagnostic {
        let diagnostic = match level {
            Level::Deny => Diagnostic::error(rule.code, self.message),
            Level::Warn | Level::Allow => Diagnostic::warning(rule.code, self.message),
        };
        let place = |index: usize, path: &ValuePath| {
            set.subjects
                .get(index)
                .map(|subject| (Location::at_path(&subject.document.node, path), subject.document))
        };
        let secret = set.subjects.get(self.subject).filter(|_| self.secret);
        if let Some(node) = secret.and_then(|subject| self.path.find(&subject.document.node)) {
            secrets::hide_tree(session, node);
        }
        let mut diagnostic = match place(self.subject, &self.path) {
            Some((place, document)) => {
                label_finding(session, diagnostic, place, &self.path, &document.identity)
            }
            None => diagnostic,
        };
        for (index, path, text) in self.also {
            let span = place(index, &path).map(|(place, _)| place.display_span(session));
            diagnostic = diagnostic.also_if(span, text);
        }
        let diagnostic = self.notes.into_iter().fold(diagnostic, Diagnostic::note);
        self.help.into_iter().fold(diagnostic, Diagnostic::help)
    }
}
