//! Findings as a Code Quality report of GitLab.

use serde_json::{Value, json};

use super::fingerprint::Fingerprints;
use super::place::{NOWHERE, visible_place};
use super::{Diagnostic, Level, escaped, unique};
use crate::session::Session;

/// A JSON list with an entry for each finding. GitLab wants a path of each: what is in no file of the user's has its name there,
/// such as `--set (flag 1)`, and what has no place at all `(command line)`.
pub fn write_gitlab(session: &Session) -> String {
    let mut fingerprints = Fingerprints::new(session);
    let findings = unique(session);
    let entries: Vec<Value> = findings.iter().map(|f| entry(session, f, &mut fingerprints)).collect();
    // Strings and numbers always serialize.
    let mut text = serde_json::to_string_pretty(&entries).unwrap_or_default();
    text.push('\n');
    text
}

fn entry(session: &Session, finding: &Diagnostic, fingerprints: &mut Fingerprints<'_>) -> Value {
    let place = visible_place(session, finding);
    let path = place.as_ref().map_or(NOWHERE, |place| &place.file);
    json!({
        "description": escaped(&finding.message),
        "check_name": finding.code.id,
        "fingerprint": fingerprints.of(finding, place.as_ref()),
        "severity": match finding.level {
            Level::Error => "major",
            Level::Warning => "minor",
        },
        "location": {
            "path": path.strip_prefix("./").unwrap_or(path),
            "lines": {"begin": place.as_ref().map_or(1, |place| place.line)},
        },
    })
}
