//! Where a finding is, in the terms of formats that other programs read.

use serde::Serialize;

use super::Diagnostic;
use crate::session::Session;
use crate::source::{SourceKind, Span};

/// A range of a text. Lines and columns count from 1, columns in characters, ends are exclusive.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place {
    /// The source's name: a path as it was given, or how people call what is no file.
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
    #[serde(skip)]
    pub(super) home: Home,
    #[serde(skip)]
    pub(super) span: Span,
}

/// Whether a text can be opened under its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    /// A file of the user's.
    Disk,
    /// A file that is built into the program.
    BuiltIn,
    /// A flag or standard input.
    Input,
}

/// The place of a span, in the template if the text was rendered from one.
pub(super) fn place(session: &Session, span: Span) -> Place {
    let span = session.resolve(span);
    let source = session.source(span.source);
    let (line, column) = source.line_column(span.start as usize);
    let (end_line, end_column) = source.line_column(span.end as usize);
    let home = match source.kind {
        SourceKind::File => Home::Disk,
        SourceKind::Bundled => Home::BuiltIn,
        SourceKind::Stdin | SourceKind::Flag | SourceKind::Derived(_) => Home::Input,
    };
    Place { file: source.name.clone(), line, column, end_line, end_column, home, span }
}

/// The place to edit; the first one that is known for findings that name none.
pub(super) fn main_place(session: &Session, finding: &Diagnostic) -> Option<Place> {
    let label = finding.primary().or(finding.labels.first())?;
    Some(place(session, label.span))
}

/// The place that a reviewer can be shown: the place to edit if it is in a file of the user's, else the first place
/// that is, else the place to edit.
pub(super) fn visible_place(session: &Session, finding: &Diagnostic) -> Option<Place> {
    let main = main_place(session, finding)?;
    if main.home == Home::Disk {
        return Some(main);
    }
    let mut others = finding.labels.iter().map(|label| place(session, label.span));
    Some(others.find(|place| place.home == Home::Disk).unwrap_or(main))
}

/// The name that stands for the place of a finding without one: it is about what was asked for.
pub(super) const NOWHERE: &str = "(command line)";
