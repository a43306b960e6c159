//! Findings as a JUnit report: a suite for each file, a case for each finding.
//!
//! JUnit's XML has no written standard. This is the part of it that CI systems read alike: `testsuites`, `testsuite`,
//! `testcase`, `failure` and `system-out`. It has no word for a warning.
//!
//! ```xml
//! <testsuites name="plimsoll" tests="2" failures="1" errors="0">
//!   <testsuite name="values/prod.yaml" tests="1" failures="1" errors="0">
//!     <testcase classname="values/prod.yaml" name="K003 a field of the wrong type, line 3">
//!       <failure message="…" type="K003">values/prod.yaml:3:11: error[K003]: …</failure>
//!     </testcase>
//!   </testsuite>
//!   <testsuite name="values/test.yaml" tests="1" failures="0" errors="0">
//!     <testcase classname="values/test.yaml" name="no findings"/>
//!   </testsuite>
//! </testsuites>
//! ```
//!
//! An `error` of JUnit is a test that could not be run, so findings are never one. The XML is put together by hand: it
//! is five tags, and all that can go wrong is a character that has to be escaped ([`xml_line`]).

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Location, NO_LOCATION, advice, redacted, unique_findings};
use super::human::short_line;
use super::tested::{Tested, TestedCase};
use crate::diagnostic::{Diagnostic, Level};
use crate::session::Session;
use crate::source::{SourceKind, escaped};

/// A suite for each file that was read and for each other place of a finding. An error is a failed case, a warning a
/// passed one that says so in its output, and a file without findings has one passed case. There are no times in it.
pub fn write_junit(session: &Session) -> String {
    let findings = unique_findings(session);
    let suites = suites(session, &findings);
    let tests: usize = suites.values().map(|found| test_count(found)).sum();
    let failures: usize = suites.values().map(|found| failure_count(found)).sum();
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    text +=
        &format!("<testsuites name=\"plimsoll\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n");
    for (name, found) in &suites {
        text += &suite(session, name, found);
    }
    text += "</testsuites>\n";
    text
}

/// The findings of each place, by its name. There is at least one suite: readers take an empty report for a failed run.
fn suites<'f>(session: &Session, findings: &'f [Diagnostic]) -> BTreeMap<String, Vec<&'f Diagnostic>> {
    let mut suites: BTreeMap<String, Vec<&Diagnostic>> = BTreeMap::new();
    // Files without findings are listed too, so that a report shows what was checked.
    for source in session.sources() {
        if matches!(source.kind, SourceKind::File | SourceKind::Stdin) {
            suites.insert(source.name.clone(), Vec::new());
        }
    }
    for finding in findings {
        // The place to edit also if it is a flag: a report of tests points into no files, so any name will do.
        let name = match Location::primary(session, finding) {
            Some(location) => location.file,
            None => NO_LOCATION.to_owned(),
        };
        suites.entry(name).or_default().push(finding);
    }
    // Only a run that read no file and found nothing gets here.
    if suites.is_empty() {
        suites.insert(NO_LOCATION.to_owned(), Vec::new());
    }
    suites
}

/// A suite without findings has one case, which passes.
fn test_count(found: &[&Diagnostic]) -> usize {
    found.len().max(1)
}

/// How many cases of a suite fail: errors do, warnings do not.
fn failure_count(found: &[&Diagnostic]) -> usize {
    found.iter().filter(|finding| finding.level == Level::Error).count()
}

/// A suite: a file, or what stands for the place of findings without one.
fn suite(session: &Session, name: &str, found: &[&Diagnostic]) -> String {
    let name = xml_line(name);
    let tests = test_count(found);
    let failures = failure_count(found);
    let mut text =
        format!("  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n");
    if found.is_empty() {
        text += &format!("    <testcase classname=\"{name}\" name=\"no findings\"/>\n");
    }
    for finding in found {
        text += &case(session, &name, finding);
    }
    text + "  </testsuite>\n"
}

/// A case; the name of its suite is XML already.
fn case(session: &Session, suite: &str, finding: &Diagnostic) -> String {
    let line = match Location::primary(session, finding) {
        Some(location) => format!(", line {}", location.line),
        None => String::new(),
    };
    let code = finding.code;
    let title = xml_line(&format!("{code} {}{line}", code.title));
    let message = xml_line(&finding.message);
    // The body is all that many viewers show, so it says where and what once more.
    let lines: Vec<String> = std::iter::once(short_line(session, finding)).chain(advice(finding)).collect();
    let body = xml(&lines.join("\n"));
    let outcome = match finding.level {
        Level::Error => format!("<failure message=\"{message}\" type=\"{code}\">{body}</failure>"),
        Level::Warning => format!("<system-out>{body}</system-out>"),
    };
    format!("    <testcase classname=\"{suite}\" name=\"{title}\">\n      {outcome}\n    </testcase>\n")
}

/// The cases as a JUnit report: a suite for each file of tests, and one for what no case has found.
pub(super) fn write_junit_of_tests(session: &Session, tested: &Tested) -> String {
    let others = findings_of_no_case(session, tested);
    let failed = tested.failed() + others.iter().filter(|finding| finding.level == Level::Error).count();
    let count = tested.cases.len() + others.len();
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    text += &format!("<testsuites name=\"plimsoll\" tests=\"{count}\" failures=\"{failed}\" errors=\"0\">\n");
    let mut suites: Vec<(&str, &str, Vec<&TestedCase>)> = Vec::new();
    for case in &tested.cases {
        match suites.last_mut() {
            Some((file, _, cases)) if *file == case.file => cases.push(case),
            _ => suites.push((&case.file, &case.suite, vec![case])),
        }
    }
    for (file, suite, cases) in suites {
        let failed = cases.iter().filter(|case| !case.is_passed()).count();
        text += &opening(suite, cases.len(), failed);
        for case in cases {
            let name = xml_line(&case.name);
            let head = format!("    <testcase classname=\"{}\" name=\"{name}\"", xml_line(file));
            match case.failures.first() {
                None => text += &format!("{head}/>\n"),
                Some(_) => {
                    let failures = redacted(session, case.failures.clone());
                    text += &format!("{head}>\n      {}\n    </testcase>\n", failure(session, &failures));
                }
            }
        }
        text += "  </testsuite>\n";
    }
    if !others.is_empty() {
        let failed = others.iter().filter(|finding| finding.level == Level::Error).count();
        text += &opening(NO_CASE, others.len(), failed);
        for finding in &others {
            let name = xml_line(&format!("{} {}", finding.code, finding.code.title));
            let body = match finding.level {
                Level::Error => failure(session, std::slice::from_ref(finding)),
                Level::Warning => format!(
                    "<system-out>{}</system-out>",
                    failure_body(session, std::slice::from_ref(finding))
                ),
            };
            text += &format!(
                "    <testcase classname=\"{NO_CASE}\" name=\"{name}\">\n      {body}\n    </testcase>\n"
            );
        }
        text += "  </testsuite>\n";
    }
    text + "</testsuites>\n"
}

fn opening(name: &str, tests: usize, failures: usize) -> String {
    let name = xml_line(name);
    format!("  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n")
}

/// The findings because of which a case failed; there is one at least.
fn failure(session: &Session, findings: &[Diagnostic]) -> String {
    let Some(first) = findings.first() else { return String::new() };
    let (message, code) = (xml_line(&first.message), first.code);
    format!("<failure message=\"{message}\" type=\"{code}\">{}</failure>", failure_body(session, findings))
}

/// A line for each finding, with what to know and to do below it.
fn failure_body(session: &Session, findings: &[Diagnostic]) -> String {
    let mut lines = Vec::new();
    for finding in findings {
        lines.push(short_line(session, finding));
        lines.extend(advice(finding));
    }
    xml(&lines.join("\n"))
}

/// What was reported and is no failure of a case: a file of tests that is wrong, a snapshot that no case has.
fn findings_of_no_case(session: &Session, tested: &Tested) -> Vec<Diagnostic> {
    let key = |finding: &Diagnostic| {
        let place = finding.labels.first().map(|label| {
            let span = session.resolve(label.span);
            (session.source(span.source).name.clone(), span.start)
        });
        (finding.code.id, finding.message.clone(), place)
    };
    let failures: BTreeSet<_> = tested
        .cases
        .iter()
        .flat_map(|case| redacted(session, case.failures.clone()))
        .map(|one| key(&one))
        .collect();
    unique_findings(session).into_iter().filter(|finding| !failures.contains(&key(finding))).collect()
}

/// The suite of what no case has found.
const NO_CASE: &str = "(no case)";

/// A text of one line, for an attribute or between tags: what XML cannot hold, such as control characters, is written
/// out first.
fn xml_line(text: &str) -> String {
    xml(&escaped(text))
}

/// A text whose lines are escaped already.
fn xml(text: &str) -> String {
    // The ampersand first: the others bring new ones.
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&apos;")
}
