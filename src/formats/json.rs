//! Findings for programs: one JSON object.
//!
//! ```json
//! {
//!   "diagnostics": [
//!     {
//!       "code": "K003",
//!       "name": null,
//!       "level": "error",
//!       "message": "`replicas` must be an integer, and this is a string",
//!       "labels": [
//!         {
//!           "file": "values/prod.yaml", "line": 3, "column": 11, "endLine": 3, "endColumn": 14,
//!           "text": "this value", "primary": true
//!         }
//!       ],
//!       "notes": [],
//!       "help": ["write a number, for example `replicas: 2`"],
//!       "patch": null,
//!       "sets": []
//!     }
//!   ],
//!   "summary": {"errors": 1, "warnings": 0}
//! }
//! ```
//!
//! Every property is always there. Texts are as they were reported, for a program that compares them with the input: what
//! a terminal would act on has the escapes of JSON.

use std::sync::Arc;

use serde::Serialize;

use super::encode::json_text;
use super::finding::{Location, count, unique_findings};
use super::tested::{Tested, TestedCase};
use crate::diagnostic::{Diagnostic, Label, Level, Patch};
use crate::session::Session;

/// Everything that was reported, each finding once, as one JSON object that ends in a line break:
/// `{"diagnostics": […], "summary": {"errors": 1, "warnings": 0}}`. Lines and columns count from 1, columns in
/// characters, ends are exclusive. No text of a source is in it, so no secret is.
pub fn write_json(session: &Session) -> String {
    write_json_with(session, None)
}

/// The same, with `cases` of tests: `[{"suite", "name", "file", "line", "passed"}]`.
pub(super) fn write_json_with(session: &Session, tested: Option<&Tested>) -> String {
    let findings = unique_findings(session);
    let report = Report {
        diagnostics: findings.iter().map(|finding| Entry::of(session, finding)).collect(),
        cases: tested.map(|tested| tested.cases.iter().map(CaseEntry::of).collect()),
        summary: ErrorCounts {
            errors: count(&findings, Level::Error),
            warnings: count(&findings, Level::Warning),
        },
    };
    json_text(&report)
}

// The structs below are the format. Their fields stand in the order in which they are written, and the names are a
// promise to programs that read it.

#[derive(Serialize)]
struct Report<'f> {
    diagnostics: Vec<Entry<'f>>,
    /// Of tests alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    cases: Option<Vec<CaseEntry<'f>>>,
    summary: ErrorCounts,
}

#[derive(Serialize)]
struct CaseEntry<'f> {
    suite: &'f str,
    name: &'f str,
    file: &'f str,
    line: usize,
    passed: bool,
}

impl<'f> CaseEntry<'f> {
    fn of(case: &'f TestedCase) -> Self {
        let TestedCase { suite, name, file, line, .. } = case;
        CaseEntry { suite, name, file, line: *line, passed: case.is_passed() }
    }
}

#[derive(Serialize)]
struct ErrorCounts {
    errors: usize,
    warnings: usize,
}

#[derive(Serialize)]
struct Entry<'f> {
    code: &'static str,
    /// That of the rule or the fact.
    name: Option<&'static str>,
    level: String,
    message: &'f str,
    labels: Vec<LabelEntry<'f>>,
    notes: &'f [String],
    help: &'f [String],
    patch: Option<PatchEntry<'f>>,
    /// The sets of values with which it was found, if it depends on them.
    sets: &'f [Arc<str>],
}

#[derive(Serialize)]
struct LabelEntry<'f> {
    #[serde(flatten)]
    location: Location,
    text: &'f str,
    primary: bool,
}

#[derive(Serialize)]
struct PatchEntry<'f> {
    #[serde(flatten)]
    location: Location,
    replacement: &'f str,
    /// Whether it is certain to be what was meant, so that `lint --fix` makes it.
    certain: bool,
}

impl<'f> Entry<'f> {
    fn of(session: &Session, finding: &'f Diagnostic) -> Self {
        // Lines and columns are counted here: a program that reads the report may not have the sources.
        let label = |label: &'f Label| LabelEntry {
            location: Location::of(session, label.span),
            text: &label.text,
            primary: label.primary,
        };
        let patch = |patch: &'f Patch| PatchEntry {
            location: Location::of(session, patch.span),
            replacement: &patch.replacement,
            certain: patch.is_certain,
        };
        Entry {
            code: finding.code.id,
            name: finding.name,
            level: finding.level.to_string(),
            message: &finding.message,
            labels: finding.labels.iter().map(label).collect(),
            notes: &finding.notes,
            help: &finding.help,
            patch: finding.patch.as_ref().map(patch),
            sets: &finding.sets,
        }
    }
}
