//! Findings as SARIF 2.1.0, for code scanning and for editors.
//!
//! The specification is OASIS "Static Analysis Results Interchange Format (SARIF) Version 2.1.0"; `tests/formats/`
//! holds the output against its JSON Schema. Which of the optional properties are written follows what GitHub's code
//! scanning reads.
//!
//! ```text
//! runs[0]
//!   tool.driver.rules[]        a code that was met: id, title, its page as Markdown
//!   originalUriBaseIds         what relative paths are relative to
//!   results[]                  a finding
//!     ruleId, ruleIndex        its code, and where it stands in `rules`
//!     message.text             the message, then notes and help, a line each
//!     locations[0]             the place that a reviewer can be shown
//!     relatedLocations[]       all other labels
//!     partialFingerprints      by which a finding can be recognized in the next run
//!     fixes[]                  the replacement that would mend it
//! ```
//!
//! The JSON is made of values and not of structs, unlike in `json.rs`: most of it is literal text, and
//! `relatedLocations` and `fixes` are left out where there are none.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::encode::json_text;
use super::finding::{FileOrigin, Fingerprints, Location, NO_LOCATION, advice, unique_findings};
use crate::diagnostic::{Code, Diagnostic, Label, Patch};
use crate::session::Session;
use crate::source::escaped;

/// One run with a result for each finding and a rule for each code that was met. Paths of files are relative URIs as
/// they were given; a file that is built in stands below the base `PLIMSOLL`, and a flag or standard input below
/// `INPUT`, by name.
pub fn write_sarif(session: &Session) -> String {
    let findings = unique_findings(session);
    // Sorted, so that the place of a code in `rules` is that in this map. Only codes that were met are listed: with all
    // of them, an empty report would have the pages of all codes in it.
    let codes: BTreeMap<&str, Code> =
        findings.iter().map(|finding| (finding.code.id, finding.code)).collect();
    let mut fingerprints = Fingerprints::new(session);
    let mut results = Vec::with_capacity(findings.len());
    for finding in &findings {
        results.push(result(session, finding, &codes, &mut fingerprints));
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "plimsoll",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.values().map(rule).collect::<Vec<_>>(),
            }},
            // Said outright, as many tools count UTF-16 code units: there, a character beyond U+FFFF is two columns.
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": uri_bases(),
            "results": results,
        }],
    });
    json_text(&log)
}

/// What relative paths are relative to. None has an address: that is different on each machine.
fn uri_bases() -> Value {
    let base = |text: &str| json!({"description": {"text": text}});
    json!({
        "%SRCROOT%": base("the folder in which plimsoll was run"),
        "PLIMSOLL": base("files that are built into plimsoll"),
        "INPUT": base("flags and standard input"),
    })
}

/// A code as a rule. Its page is given twice: as Markdown, and as text for tools that show no Markdown.
fn rule(code: &Code) -> Value {
    let page = code.page();
    json!({
        "id": code.id,
        "name": code.title,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": first_paragraph(code, &page)},
        "help": {"text": page, "markdown": page},
    })
}

/// The first paragraph of a code's page, below its heading, in one line.
fn first_paragraph(code: &Code, page: &str) -> String {
    // Its heading is the paragraph before.
    let paragraph = page.split("\n\n").nth(1).unwrap_or(code.title);
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One finding. `codes` are all that were met, in the order of `rules`.
fn result(
    session: &Session,
    finding: &Diagnostic,
    codes: &BTreeMap<&str, Code>,
    fingerprints: &mut Fingerprints<'_>,
) -> Value {
    let own = Location::reviewable(session, finding);
    let location = match &own {
        Some(own) => location(own, None),
        None => no_location(),
    };
    let mut result = json!({
        "ruleId": finding.code.id,
        "ruleIndex": codes.keys().position(|id| *id == finding.code.id),
        "level": finding.level.to_string(),
        "message": {"text": message(finding)},
        "locations": [location],
        // For tools that compare reports. GitHub reads `primaryLocationLineHash` alone, which its upload action adds.
        "partialFingerprints": {"plimsoll/v1": fingerprints.of(finding, own.as_ref())},
    });
    let related = related_locations(session, finding, own.as_ref());
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    if let Some(fix) = finding.patch.as_ref().and_then(|patch| fix(session, finding, patch)) {
        result["fixes"] = json!([fix]);
    }
    result
}

/// The message with notes and help, for which SARIF has no place.
fn message(finding: &Diagnostic) -> String {
    let lines: Vec<String> = std::iter::once(escaped(&finding.message)).chain(advice(finding)).collect();
    lines.join("\n")
}

/// All labels but that of the result's own location, numbered.
fn related_locations(session: &Session, finding: &Diagnostic, own: Option<&Location>) -> Vec<Value> {
    // The own location may be that of any label, so it is known by its span and not by being the primary one.
    let is_own = |label: &&Label| own.is_some_and(|own| own.span == session.resolve(label.span));
    let mut related = Vec::new();
    for label in finding.labels.iter().filter(|label| !is_own(label)) {
        // A related location without a message is not shown.
        let text = if label.text.is_empty() { "here" } else { &label.text };
        let mut location = location(&Location::of(session, label.span), Some(text));
        location["id"] = related.len().into();
        related.push(location);
    }
    related
}

/// A SARIF `location`, with a message where there is something to say about it.
fn location(location: &Location, text: Option<&str>) -> Value {
    let mut value = json!({
        "physicalLocation": {"artifactLocation": artifact(location), "region": region(location)},
    });
    if let Some(text) = text {
        value["message"] = json!({"text": escaped(text)});
    }
    value
}

/// The location of a finding without one. Code scanning wants a place of each result.
fn no_location() -> Value {
    let artifact = json!({"uri": percent_encoded(NO_LOCATION), "uriBaseId": "INPUT"});
    json!({"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": 1}}})
}

/// A SARIF `region`. Its lines and columns count from 1 and its end is exclusive, as ours.
fn region(location: &Location) -> Value {
    json!({
        "startLine": location.line,
        "startColumn": location.column,
        "endLine": location.end_line,
        "endColumn": location.end_column,
    })
}

/// The file of a location: a path with the base that it is relative to, or an absolute URI.
fn artifact(location: &Location) -> Value {
    let name = location.repository_path();
    let uri = percent_encoded(name);
    match location.origin {
        // Relative to no base.
        FileOrigin::Disk if name.starts_with('/') => json!({"uri": format!("file://{uri}")}),
        FileOrigin::Disk => json!({"uri": uri, "uriBaseId": "%SRCROOT%"}),
        FileOrigin::BuiltIn => json!({"uri": uri, "uriBaseId": "PLIMSOLL"}),
        FileOrigin::Input => json!({"uri": uri, "uriBaseId": "INPUT"}),
    }
}

/// All that a path of a URI must not hold as it is: everything but the unreserved characters of RFC 3986 and `/`.
const NOT_IN_PATHS: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path as part of a URI: `värde 1.yaml` becomes `v%C3%A4rde%201.yaml`.
fn percent_encoded(path: &str) -> String {
    utf8_percent_encode(path, NOT_IN_PATHS).to_string()
}

/// The replacement that would mend it, if it is in a file of the user's.
fn fix(session: &Session, finding: &Diagnostic, patch: &Patch) -> Option<Value> {
    // A flag or a bundled file cannot be edited where the report is read.
    let location = Location::of(session, patch.span);
    if location.origin != FileOrigin::Disk {
        return None;
    }
    let description = match finding.help.first() {
        Some(help) => escaped(help),
        None => "write this instead".to_owned(),
    };
    let replacement = json!({
        "deletedRegion": region(&location),
        "insertedContent": {"text": patch.replacement},
    });
    let change = json!({"artifactLocation": artifact(&location), "replacements": [replacement]});
    Some(json!({"description": {"text": description}, "artifactChanges": [change]}))
}
