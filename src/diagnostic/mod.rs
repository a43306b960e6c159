//! Findings as data: a code, a level, a message, places and what to do. `formats` writes them.
//!
//! The parts have fixed roles, so that every writer can show them in its own way:
//!
//! ```text
//! error[V103]: `replicas` must be an integer, and this is a string      level, code, message
//!  --> values.yaml:1:11
//!   |
//! 1 | replicas: two
//!   |           ^^^ this value                                          the primary label
//!   |
//!   = note: How many pods there are.                                    what to know
//!   = help: write a whole number, without quotes                        what to do
//! ```
//!
//! Places are spans and no texts: what a writer may show of them is decided when it writes, after all secrets are
//! known.

mod code;
mod suggestions;
mod words;

pub use code::{CODES, Code, find_code};
pub use suggestions::{Suggestions, nearest};
pub use words::with_article;

use std::fmt;
use std::sync::Arc;

use crate::source::Span;

/// One finding. Messages are one phrase in lower case, with names in backticks.
///
/// ```
/// use plimsoll::diagnostic::{Code, Diagnostic};
/// # use plimsoll::{session::Session, source::{SourceKind, Span}};
/// # let session = Session::new();
/// # let source = session.add_source(SourceKind::File, "values.yaml", "replicas: two\n");
/// # let span = Span::new(source, 10, 13);
/// let finding = Diagnostic::error(Code::V103, "`replicas` must be an integer, and this is a string")
///     .at(span, "this value")
///     .help("write a number, for example `replicas: 2`");
/// session.report(finding);
/// ```
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
    /// What found it, where that is narrower than the code: the name of a rule, or the address of a fact of validation.
    /// Levels and suppressions may call it by either.
    pub name: Option<&'static str>,
    /// The root of the document that it is about, if it is about one.
    pub document: Option<Span>,
    /// What a container lacks, if that is what it is about: what one container lacks is told in one finding.
    pub lack: Option<Box<Lack>>,
    /// The sets of values with which it was found, where others did not have it: `envs/staging.yaml`.
    pub sets: Vec<Arc<str>>,
    /// Where a `null` took the setting away that it is due to. Writers do not look at it: the pipeline puts the finding
    /// at the `null`.
    pub removed: Option<Span>,
}

/// Something that a container lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// The name of the container.
    pub container: String,
    /// The container itself, labelled.
    pub labels: Vec<Label>,
    /// What it lacks, as it stands behind "lacks": `a readiness probe`.
    pub what: &'static str,
    /// What to set, in backticks.
    pub set: &'static str,
    /// The rules that tell it, where several lacks of one container are told in one finding.
    pub rules: Vec<&'static str>,
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
    /// Whether that is certain to be what was meant; otherwise it is a guess.
    pub is_certain: bool,
}

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
        Diagnostic {
            code,
            level,
            message,
            labels: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            patch: None,
            name: None,
            lack: None,
            document: None,
            sets: Vec::new(),
            removed: None,
        }
    }

    /// Says what found it.
    #[must_use]
    pub fn named(self, name: &'static str) -> Self {
        Diagnostic { name: Some(name), ..self }
    }

    /// Says which document it is about, by the span of its root.
    #[must_use]
    pub fn of_document(self, root: Span) -> Self {
        Diagnostic { document: Some(root), ..self }
    }

    /// Says that it is due to the `null` at this place, if there is one.
    pub fn due_to(self, removed: Option<Span>) -> Self {
        Diagnostic { removed, ..self }
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

    /// Says what was most likely meant, before the help that there is.
    pub fn may_mean(mut self, name: &str) -> Self {
        self.help.insert(0, format!("did you mean `{name}`?"));
        self
    }

    /// Adds a replacement that is certain to mend it. A second one takes the place of the first: writers offer one.
    pub fn patch(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.patch = Some(Patch { span, replacement: replacement.into(), is_certain: true });
        self
    }

    /// Adds a replacement that may be what was meant: it is certain if the two differ in upper and lower case alone.
    pub fn guess(self, span: Span, written: &str, near: impl Into<String>) -> Self {
        let replacement = near.into();
        let is_certain = replacement.eq_ignore_ascii_case(written);
        Diagnostic { patch: Some(Patch { span, replacement, is_certain }), ..self }
    }

    /// The same finding with each of its spans replaced, for another session in which the sources have other ids.
    pub(crate) fn with_spans(mut self, replace: impl Fn(Span) -> Span) -> Self {
        // Whatever else gets a span must be replaced here too: ids of another session name other
        // texts, and nothing would notice.
        for label in &mut self.labels {
            label.span = replace(label.span);
        }
        if let Some(patch) = &mut self.patch {
            patch.span = replace(patch.span);
        }
        self.document = self.document.map(&replace);
        self.removed = self.removed.map(&replace);
        self
    }

    /// The place to edit, if there is one.
    pub fn primary(&self) -> Option<&Label> {
        self.labels.iter().find(|label| label.primary)
    }
}
