//! Findings: a code, a message, places and what to do; one writer per format.

mod code;
mod escape;
mod excerpt;
mod fingerprint;
mod format;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod nearest;
mod place;
mod sarif;
mod short;
#[cfg(test)]
mod tests;

pub use code::{CODES, Code, find_code};
pub use escape::{escaped, is_unprintable};
pub use format::{Closing, FORMATS, Format, write};
pub use github::{github_command, write_github};
pub use gitlab::write_gitlab;
pub use human::{Style, write_human};
pub use json::write_json;
pub use junit::write_junit;
pub use nearest::nearest;
pub use sarif::write_sarif;
pub use short::write_short;

use std::collections::BTreeSet;
use std::fmt;

use crate::session::Session;
use crate::source::Span;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Nothing is rendered.
    Error,
    /// Rendering goes on.
    Warning,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::Error => "error",
            Level::Warning => "warning",
        })
    }
}

/// A place that belongs to a finding, with what is to be seen there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is to be seen there; may be empty.
    pub text: String,
    /// The one place that the user should edit.
    pub primary: bool,
}

/// A replacement that would mend the finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// What to replace.
    pub span: Span,
    /// What to write there.
    pub replacement: String,
}

/// One finding. Messages are one phrase in lower case, with names in backticks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable code, with a page of its own.
    pub code: Code,
    /// How bad it is.
    pub level: Level,
    /// What is wrong, in one phrase.
    pub message: String,
    /// Where; at most one of them is primary.
    pub labels: Vec<Label>,
    /// What to know besides.
    pub notes: Vec<String>,
    /// What to do next.
    pub help: Vec<String>,
    /// A replacement that would mend it.
    pub patch: Option<Patch>,
}

impl Diagnostic {
    /// An error with this code.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Level::Error, message.into())
    }

    /// A warning with this code.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Level::Warning, message.into())
    }

    fn new(code: Code, level: Level, message: String) -> Self {
        let (labels, notes, help) = (Vec::new(), Vec::new(), Vec::new());
        Diagnostic { code, level, message, labels, notes, help, patch: None }
    }

    /// Adds the place to edit.
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.insert(0, Label { span, text: text.into(), primary: true });
        self
    }

    /// Adds another place that matters.
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into(), primary: false });
        self
    }

    /// Adds another place if it is known.
    pub fn also_if(self, span: Option<Span>, text: impl Into<String>) -> Self {
        match span {
            Some(span) => self.also(span, text),
            None => self,
        }
    }

    /// Adds something worth knowing.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds what to do next.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Adds a help line that names the nearest of the known names, if one is near.
    pub fn did_you_mean<'a>(self, wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(wrong, known) {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None => self,
        }
    }

    /// Adds a replacement that would mend it.
    pub fn patch(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.patch = Some(Patch { span, replacement: replacement.into() });
        self
    }

    /// The same finding about other places.
    pub(crate) fn moved(mut self, home: impl Fn(Span) -> Span) -> Self {
        self.labels.iter_mut().for_each(|label| label.span = home(label.span));
        self.patch.iter_mut().for_each(|patch| patch.span = home(patch.span));
        self
    }

    /// The place to edit, if there is one.
    pub fn primary(&self) -> Option<&Label> {
        self.labels.iter().find(|label| label.primary)
    }
}

/// What a session has to say, in the order of reporting, each finding once.
fn unique(session: &Session) -> Vec<Diagnostic> {
    let mut said = BTreeSet::new();
    let mut findings = session.diagnostics();
    findings.retain(|finding| said.insert(identity(session, finding)));
    findings
}

/// Equal for findings that say the same of the same places: a file may have been read twice.
fn identity(session: &Session, finding: &Diagnostic) -> Vec<String> {
    let label = |label: &Label| {
        let Span { source, start, end } = label.span;
        format!("{}\0{start}\0{end}\0{}", session.source(source).name, label.text)
    };
    let said = [finding.code.id.to_owned(), finding.message.clone()];
    said.into_iter().chain(finding.labels.iter().map(label)).collect()
}
