//! Findings as a Code Quality report of GitLab.
//!
//! The format is the part of Code Climate's that GitLab reads: a list of objects with five properties, all of them
//! required.
//!
//! ```json
//! {
//!   "description": "`replicas` must be an integer, and this is a string",
//!   "check_name": "K003",
//!   "fingerprint": "(32 hexadecimal digits)",
//!   "severity": "major",
//!   "location": {"path": "values/prod.yaml", "lines": {"begin": 3}}
//! }
//! ```
//!
//! It has no place for help, other labels or columns: those are in the output of the job.

use serde_json::{Value, json};

use super::encode::json_text;
use super::finding::{Fingerprints, Location, NO_LOCATION, sets_of, unique_findings};
use crate::diagnostic::{Diagnostic, Level};
use crate::session::Session;
use crate::source::escaped;

/// A JSON list with an entry for each finding. GitLab wants a path of each: what is in no file of the user's has its
/// name there, such as `--set (flag 1)`, and what has no place at all `(command line)`.
pub fn write_gitlab(session: &Session) -> String {
    // One for the whole report, as it numbers equal findings.
    let mut fingerprints = Fingerprints::new(session);
    let findings = unique_findings(session);
    let entries: Value = findings.iter().map(|finding| entry(session, finding, &mut fingerprints)).collect();
    json_text(&entries)
}

/// One finding as an object of the list.
fn entry(session: &Session, finding: &Diagnostic, fingerprints: &mut Fingerprints<'_>) -> Value {
    let location = Location::reviewable(session, finding);
    let (path, line) = match &location {
        Some(location) => (location.repository_path(), location.line),
        None => (NO_LOCATION, 1),
    };
    let sets = sets_of(finding).map_or_else(String::new, |sets| format!(" (with {sets})"));
    json!({
        "description": escaped(&(finding.message.clone() + &sets)),
        "check_name": finding.code.id,
        "fingerprint": fingerprints.of(finding, location.as_ref()),
        // GitLab has five severities, from `info` to `blocker`; merge requests sort by them.
        "severity": match finding.level {
            Level::Error => "major",
            Level::Warning => "minor",
        },
        "location": {"path": path, "lines": {"begin": line}},
    })
}
