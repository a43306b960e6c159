//! Findings for programs: one JSON object.

use serde::Serialize;

use super::place::{Place, place};
use super::{Diagnostic, Label, Level, Patch, unique};
use crate::session::Session;

/// Everything that was reported, each finding once, as one JSON object that ends in a line break:
/// `{"diagnostics": […], "summary": {"errors": 1, "warnings": 0}}`. Lines and columns count from 1, columns in
/// characters, ends are exclusive. No text of a source is in it, so no secret is.
pub fn write_json(session: &Session) -> String {
    let findings = unique(session);
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let report = Report {
        diagnostics: findings.iter().map(|finding| entry(session, finding)).collect(),
        summary: Summary { errors: count(Level::Error), warnings: count(Level::Warning) },
    };
    // Structs of strings and numbers always serialize.
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Report<'f> {
    diagnostics: Vec<Entry<'f>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
}

#[derive(Serialize)]
struct Entry<'f> {
    code: &'static str,
    level: &'static str,
    message: &'f str,
    labels: Vec<Marked<'f>>,
    notes: &'f [String],
    help: &'f [String],
    patch: Option<Edit<'f>>,
}

#[derive(Serialize)]
struct Marked<'f> {
    #[serde(flatten)]
    place: Place,
    text: &'f str,
    primary: bool,
}

#[derive(Serialize)]
struct Edit<'f> {
    #[serde(flatten)]
    place: Place,
    replacement: &'f str,
}

fn entry<'f>(session: &Session, finding: &'f Diagnostic) -> Entry<'f> {
    let marked = |label: &'f Label| Marked {
        place: place(session, label.span),
        text: &label.text,
        primary: label.primary,
    };
    let edit = |patch: &'f Patch| Edit { place: place(session, patch.span), replacement: &patch.replacement };
    Entry {
        code: finding.code.id,
        level: match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
        },
        message: &finding.message,
        labels: finding.labels.iter().map(marked).collect(),
        notes: &finding.notes,
        help: &finding.help,
        patch: finding.patch.as_ref().map(edit),
    }
}
