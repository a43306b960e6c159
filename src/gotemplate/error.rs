//! Errors of templates: where, and through which templates it was reached.

use crate::source::Span;

/// Why a template could not be parsed or run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong, as a sentence without a place.
    pub message: String,
    /// The place in the template.
    pub place: Span,
    /// The calls that led there (`include`, `template`, `tpl`), the innermost first: the name of what was called, and where.
    pub calls: Vec<(String, Span)>,
    /// What kind of error it is.
    pub kind: ErrorKind,
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
    Limit(crate::limits::Limit),
}
