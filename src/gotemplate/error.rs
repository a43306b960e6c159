//! Errors of templates: where, and through which templates it was reached.

use crate::limits::Limit;
use crate::source::Span;

/// Why a template could not be parsed or run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong, as a sentence without a place.
    pub message: String,
    /// The place in the template. In a text that `tpl` runs, the place that the text itself came from.
    pub place: Span,
    /// The calls that led there (`include`, `template`, `tpl`), the innermost first: the name of what was called, and where.
    pub calls: Vec<(String, Span)>,
    /// What kind of error it is.
    pub kind: ErrorKind,
    /// The fields that led to it, if it is one that other values would not have: those that a function refused, those that
    /// are missing, and those of the conditions around, the innermost first.
    pub fields: Vec<NamedField>,
}

/// A field that an expression names, such as `.Values.image.tag`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedField {
    /// The names, from the value that has none.
    pub names: Vec<String>,
    /// Where its value was written, or the nearest of those around it that is there; [`Span::NOWHERE`] if nobody knows.
    pub place: Span,
    /// How many of the names are there; all but the last are maps then.
    pub found: usize,
    /// Where an entry of the value that has no name was written, if it is a map; [`Span::NOWHERE`] if nobody knows. It tells
    /// which map that is, where a field is named from the middle of the values (`with`, `range`).
    pub beside: Span,
    /// Whether its value is an empty text, list or map.
    pub is_empty: bool,
}

impl NamedField {
    /// Whether the field is not there, or is `nil`.
    pub fn is_missing(&self) -> bool {
        self.found < self.names.len()
    }
}

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text of the template is wrong.
    Syntax,
    /// Go's engine refuses the operation: a wrong type, a missing field.
    Evaluation,
    /// A function refuses its arguments.
    Function,
    /// `fail` and `required`: the chart's author has something to say.
    Refused,
    /// A limit was reached.
    Limit(Limit),
}

impl Error {
    /// An error at a place, that no calls led to.
    pub fn new(kind: ErrorKind, place: Span, message: impl Into<String>) -> Error {
        Error { message: message.into(), place, calls: Vec::new(), kind, fields: Vec::new() }
    }
}

/// Why a function cannot give a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong, as a sentence without a place.
    pub message: String,
    /// What kind of error it is: mostly [`ErrorKind::Function`].
    pub kind: ErrorKind,
    /// Set if it comes from a place of its own, such as a template that was included; then the engine adds nothing.
    pub at: Option<Box<Error>>,
}

impl Failure {
    /// A function refuses its arguments. The engine adds which function it was.
    pub fn new(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), kind: ErrorKind::Function, at: None }
    }

    /// The chart's author has something to say: the message stays as it is.
    pub fn refused(message: impl Into<String>) -> Failure {
        Failure { kind: ErrorKind::Refused, ..Failure::new(message) }
    }

    /// A limit was reached: the message stays as it is.
    pub fn limit(limit: Limit, message: impl Into<String>) -> Failure {
        Failure { kind: ErrorKind::Limit(limit), ..Failure::new(message) }
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Failure {
        Failure::new(message)
    }
}

impl From<Box<Error>> for Failure {
    fn from(error: Box<Error>) -> Failure {
        Failure { message: error.message.clone(), kind: error.kind, at: Some(error) }
    }
}
