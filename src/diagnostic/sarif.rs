//! Findings as SARIF 2.1.0, for code scanning and for editors.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::fingerprint::Fingerprints;
use super::place::{Home, NOWHERE, Place, place, visible_place};
use super::{Code, Diagnostic, Label, Patch, escaped, unique};
use crate::session::Session;

/// One run with a result for each finding and a rule for each code that was met. Paths of files are relative URIs as they were
/// given; a file that is built in stands below the base `PLIMSOLL`, and a flag or standard input below `INPUT`, by name.
pub fn write_sarif(session: &Session) -> String {
    let findings = unique(session);
    let codes: BTreeMap<&str, Code> =
        findings.iter().map(|finding| (finding.code.id, finding.code)).collect();
    let mut fingerprints = Fingerprints::new(session);
    let results: Vec<Value> =
        findings.iter().map(|finding| result(session, finding, &codes, &mut fingerprints)).collect();
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
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": bases(),
            "results": results,
        }],
    });
    // Strings and numbers always serialize.
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

/// What relative paths are relative to. None has an address: that is different on each machine.
fn bases() -> Value {
    let base = |text: &str| json!({"description": {"text": text}});
    json!({
        "%SRCROOT%": base("the folder in which plimsoll was run"),
        "PLIMSOLL": base("files that are built into plimsoll"),
        "INPUT": base("flags and standard input"),
    })
}

fn rule(code: &Code) -> Value {
    json!({
        "id": code.id,
        "name": code.title,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": meaning(code)},
        "help": {"text": code.page, "markdown": code.page},
    })
}

/// The first paragraph of a code's page.
fn meaning(code: &Code) -> String {
    let body = code.page.split("\n\n").nth(1).unwrap_or(code.title);
    body.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn result(
    session: &Session,
    finding: &Diagnostic,
    codes: &BTreeMap<&str, Code>,
    fingerprints: &mut Fingerprints<'_>,
) -> Value {
    let place = visible_place(session, finding);
    let mut result = json!({
        "ruleId": finding.code.id,
        "ruleIndex": codes.keys().position(|id| *id == finding.code.id),
        "level": finding.level.to_string(),
        "message": {"text": message(finding)},
        "locations": [place.as_ref().map_or_else(nowhere, |place| location(place, None))],
        "partialFingerprints": {"plimsoll/v1": fingerprints.of(finding, place.as_ref())},
    });
    let others = finding.labels.iter().filter(|label| shown_elsewhere(session, label, place.as_ref()));
    let others: Vec<Value> =
        others.enumerate().map(|(index, label)| related(session, index, label)).collect();
    if !others.is_empty() {
        result["relatedLocations"] = others.into();
    }
    if let Some(fix) = finding.patch.as_ref().and_then(|patch| fix(session, finding, patch)) {
        result["fixes"] = json!([fix]);
    }
    result
}

fn message(finding: &Diagnostic) -> String {
    let lines = finding.notes.iter().chain(&finding.help).map(|line| escaped(line));
    std::iter::once(escaped(&finding.message)).chain(lines).collect::<Vec<_>>().join("\n")
}

/// Whether a label is another place than the result's own.
fn shown_elsewhere(session: &Session, label: &Label, own: Option<&Place>) -> bool {
    own.is_none_or(|own| own.span != session.resolve(label.span))
}

fn related(session: &Session, index: usize, label: &Label) -> Value {
    let text = if label.text.is_empty() { "here" } else { &label.text };
    let mut location = location(&place(session, label.span), Some(text));
    location["id"] = index.into();
    location
}

fn location(place: &Place, text: Option<&str>) -> Value {
    let mut location =
        json!({"physicalLocation": {"artifactLocation": artifact(place), "region": region(place)}});
    if let Some(text) = text {
        location["message"] = json!({"text": escaped(text)});
    }
    location
}

/// Code scanning wants a place of each result.
fn nowhere() -> Value {
    let artifact = json!({"uri": encoded(NOWHERE), "uriBaseId": "INPUT"});
    json!({"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": 1}}})
}

fn region(place: &Place) -> Value {
    json!({
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    })
}

fn artifact(place: &Place) -> Value {
    let name = place.file.strip_prefix("./").unwrap_or(&place.file);
    match (place.home, name.starts_with('/')) {
        (Home::Disk, true) => json!({"uri": format!("file://{}", encoded(name))}),
        (Home::Disk, false) => json!({"uri": encoded(name), "uriBaseId": "%SRCROOT%"}),
        (Home::BuiltIn, _) => json!({"uri": encoded(name), "uriBaseId": "PLIMSOLL"}),
        (Home::Input, _) => json!({"uri": encoded(name), "uriBaseId": "INPUT"}),
    }
}

/// All that a path may hold as it is.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encoded(path: &str) -> String {
    utf8_percent_encode(path, PATH).to_string()
}

/// The replacement that would mend it, if it is in a file of the user's.
fn fix(session: &Session, finding: &Diagnostic, patch: &Patch) -> Option<Value> {
    let place = place(session, patch.span);
    let change = json!({
        "artifactLocation": artifact(&place),
        "replacements": [{"deletedRegion": region(&place), "insertedContent": {"text": patch.replacement}}],
    });
    let text = finding.help.first().map_or_else(|| "write this instead".to_owned(), |help| escaped(help));
    (place.home == Home::Disk).then(|| json!({"description": {"text": text}, "artifactChanges": [change]}))
}
