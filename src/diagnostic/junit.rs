//! Findings as a JUnit report: a suite for each file, a case for each finding.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::place::{NOWHERE, main_place};
use super::{Diagnostic, Level, escaped, short, unique};
use crate::session::Session;
use crate::source::SourceKind;

/// A suite for each file that was read and for each other place of a finding. An error is a failed case, a warning a
/// passed one that says so in its output, and a file without findings has one passed case. There are no times in it.
pub fn write_junit(session: &Session) -> String {
    let findings = unique(session);
    let suites = suites(session, &findings);
    let failures = findings.iter().filter(|finding| finding.level == Level::Error).count();
    let tests: usize = suites.values().map(|found| found.len().max(1)).sum();
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    // Writing into a string cannot fail, here and below.
    let _ = writeln!(
        text,
        "<testsuites name=\"plimsoll\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">"
    );
    for (name, found) in &suites {
        write_suite(&mut text, session, name, found);
    }
    text.push_str("</testsuites>\n");
    text
}

/// The findings of each place, by its name.
fn suites<'f>(session: &Session, findings: &'f [Diagnostic]) -> BTreeMap<String, Vec<&'f Diagnostic>> {
    let read = session.sources().into_iter();
    let read = read.filter(|source| matches!(source.kind, SourceKind::File | SourceKind::Stdin));
    let mut suites: BTreeMap<String, Vec<&Diagnostic>> =
        read.map(|source| (source.name.clone(), Vec::new())).collect();
    for finding in findings {
        let name = main_place(session, finding).map_or_else(|| NOWHERE.to_owned(), |place| place.file);
        suites.entry(name).or_default().push(finding);
    }
    if suites.is_empty() {
        suites.insert(NOWHERE.to_owned(), Vec::new());
    }
    suites
}

fn write_suite(text: &mut String, session: &Session, name: &str, found: &[&Diagnostic]) {
    let name = xml(name);
    let failures = found.iter().filter(|finding| finding.level == Level::Error).count();
    let tests = found.len().max(1);
    let _ = writeln!(
        text,
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">"
    );
    if found.is_empty() {
        let _ = writeln!(text, "    <testcase classname=\"{name}\" name=\"no findings\"/>");
    }
    for finding in found {
        write_case(text, session, &name, finding);
    }
    text.push_str("  </testsuite>\n");
}

fn write_case(text: &mut String, session: &Session, suite: &str, finding: &Diagnostic) {
    let place = main_place(session, finding);
    let line = place.map(|place| format!(", line {}", place.line)).unwrap_or_default();
    let title = xml(&format!("{} {}{line}", finding.code, finding.code.title));
    let lines = finding.notes.iter().chain(&finding.help).map(|line| escaped(line));
    let all: Vec<String> = std::iter::once(short::line(session, finding)).chain(lines).collect();
    let (message, all) = (xml(&finding.message), xml_text(&all.join("\n")));
    let _ = writeln!(text, "    <testcase classname=\"{suite}\" name=\"{title}\">");
    let _ = match finding.level {
        Level::Error => {
            writeln!(text, "      <failure message=\"{message}\" type=\"{}\">{all}</failure>", finding.code)
        }
        Level::Warning => writeln!(text, "      <system-out>{all}</system-out>"),
    };
    text.push_str("    </testcase>\n");
}

/// A text of one line, for an attribute or between tags: what XML cannot hold is written out.
fn xml(text: &str) -> String {
    xml_text(&escaped(text))
}

/// A text whose lines are escaped already.
fn xml_text(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&apos;")
}
