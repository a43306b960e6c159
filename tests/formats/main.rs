//! The formats that other programs read, held against those programs' own rules.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

#[cfg(target_os = "linux")]
mod failures;

use std::process::Command;

use plimsoll::diagnostic::{Code, Diagnostic};
use plimsoll::formats::{write_github, write_gitlab, write_junit, write_sarif, write_short};
use plimsoll::session::Session;
use plimsoll::source::{SourceId, SourceKind, Span};
use serde_json::Value;

fn place(session: &Session, source: SourceId, token: &str) -> Span {
    let start = session.source(source).text.find(token).unwrap();
    Span::new(source, start, start + token.len())
}

/// Findings of all kinds, in names and words that every format has to escape.
fn sample() -> Session {
    let session = Session::new();
    let name = "./env \u{e9},%:\u{7}<&>\"'/a#b.yaml";
    let values =
        session.add_source(SourceKind::File, name, "# \u{1F600}\nreplicas: two\npassword: hunter2\n");
    let absolute = session.add_source(SourceKind::File, "/etc/a b.yaml", "x: 1\n");
    let bundled = session.add_source(SourceKind::Bundled, "charts/t/templates/a.yaml", "a: {{ b }}\n");
    let flag = session.add_source(SourceKind::Flag, "--set (flag 1)", "a=b");
    let _clean = session.add_source(SourceKind::File, "clean.yaml", "");
    let two = place(&session, values, "two");
    let hostile = "`\u{1b}[31m` is 100%, a: ::error::\r\n]]><x> &amp; \u{fffe}";
    session.report(
        Diagnostic::error(Code::K003, hostile)
            .at(two, "this value")
            .also(place(&session, bundled, "{{ b }}"), "")
            .note("a\nnote")
            .help("write `2`")
            .patch(two, "2"),
    );
    session.report(Diagnostic::warning(Code::V101, "odd").at(place(&session, values, "hunter2"), ""));
    session.report(Diagnostic::error(Code::V103, "odd").at(place(&session, flag, "b"), "the flag"));
    session.report(Diagnostic::error(Code::V103, "odd").at(place(&session, flag, "a"), "").also(two, "here"));
    session.report(Diagnostic::error(Code::Y001, "odd").at(Span::new(absolute, 4, 4), "here"));
    session.report(Diagnostic::error(Code::C001, "there is no chart"));
    session
}

fn sarif(session: &Session) -> Value {
    serde_json::from_str(&write_sarif(session)).unwrap()
}

#[test]
fn sarif_is_valid_by_its_own_schema() {
    // Its pattern of languages has a bracket that only JavaScript reads without a backslash.
    let schema = include_str!("sarif-schema-2.1.0.json").replace("{2}]?$", r"{2}\\]?$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    for session in [sample(), Session::new()] {
        let log = sarif(&session);
        let errors: Vec<String> = validator.iter_errors(&log).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{log:#}");
    }
    let mut broken = sarif(&sample());
    broken["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0.into();
    assert!(!validator.is_valid(&broken), "the schema finds nothing");
}

#[test]
fn sarif_names_places_rules_and_fixes() {
    let log = sarif(&sample());
    let run = &log["runs"][0];
    let uri = |index: usize| {
        let place = &run["results"][index]["locations"][0]["physicalLocation"]["artifactLocation"];
        (place["uri"].as_str().unwrap().to_owned(), place["uriBaseId"].as_str().map(str::to_owned))
    };
    let file = "env%20%C3%A9%2C%25%3A%07%3C%26%3E%22%27/a%23b.yaml".to_owned();
    assert_eq!(uri(0), (file.clone(), Some("%SRCROOT%".to_owned())));
    assert_eq!(uri(2), ("--set%20%28flag%201%29".to_owned(), Some("INPUT".to_owned())));
    assert_eq!(uri(3), (file, Some("%SRCROOT%".to_owned())), "the place in a file is shown");
    assert_eq!(uri(4), ("file:///etc/a%20b.yaml".to_owned(), None));
    assert_eq!(uri(5), ("%28command%20line%29".to_owned(), Some("INPUT".to_owned())));
    let first = &run["results"][0];
    let region = &first["locations"][0]["physicalLocation"]["region"];
    assert_eq!(
        (&region["startLine"], &region["startColumn"], &region["endColumn"]),
        (&2.into(), &11.into(), &14.into())
    );
    let related = &first["relatedLocations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(related["uriBaseId"], "PLIMSOLL");
    let replaced = &first["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(replaced["insertedContent"]["text"], "2");
    for result in run["results"].as_array().unwrap() {
        let rule =
            &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
    }
}

/// One finding about the line `a: x` of a file, with lines above it.
fn fingerprint(above: &str, message: &str) -> String {
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "a.yaml", format!("{above}a: x\n"));
    session.report(Diagnostic::error(Code::V103, message.to_owned()).at(place(&session, source, "x"), ""));
    sarif(&session)["runs"][0]["results"][0]["partialFingerprints"]["plimsoll/v1"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn fingerprints_stay_when_lines_move_and_differ_otherwise() {
    assert_eq!(fingerprint("", "odd"), fingerprint("b: 1\n\n", "odd"));
    assert_ne!(fingerprint("", "odd"), fingerprint("", "even"));
    let gitlab: Vec<Value> = serde_json::from_str(&write_gitlab(&sample())).unwrap();
    let all: std::collections::BTreeSet<&str> =
        gitlab.iter().map(|entry| entry["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(all.len(), gitlab.len());
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "a.yaml", "a: x\nb: 1\na: x\n");
    for start in [3, 13] {
        session.report(Diagnostic::error(Code::V103, "odd").at(Span::new(source, start, start + 1), ""));
    }
    let twice: Vec<Value> = serde_json::from_str(&write_gitlab(&session)).unwrap();
    assert_ne!(twice[0]["fingerprint"], twice[1]["fingerprint"]);
}

#[test]
fn gitlab_has_what_it_asks_for() {
    let entries: Vec<Value> = serde_json::from_str(&write_gitlab(&sample())).unwrap();
    assert_eq!(entries.len(), 6);
    for entry in &entries {
        for key in ["description", "check_name", "fingerprint", "severity"] {
            assert!(entry[key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {entry}");
        }
        assert!(entry["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0), "{entry}");
    }
    assert_eq!(entries[1]["severity"], "minor");
    assert_eq!(entries[2]["location"]["path"], "--set (flag 1)");
    assert_eq!(entries[5]["location"]["path"], "(command line)");
}

#[test]
fn github_commands_are_one_line_each_and_escape_what_they_must() {
    let text = write_github(&sample());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 6, "{text}");
    assert!(
        lines[0].starts_with("::error file=env é%2C%25%3A\\u{7}<&>\"'/a#b.yaml,line=2,endLine=2,col=11,endColumn=14,title=K003%3A "),
        "{}",
        lines[0]
    );
    assert!(
        lines[0].contains("is 100%25, a: ::error::\\u{d}\\u{a}") && lines[0].ends_with("%0Awrite `2`"),
        "{}",
        lines[0]
    );
    assert!(lines[1].starts_with("::warning file="), "{}", lines[1]);
    assert!(
        lines[2].starts_with("::error title=") && lines[2].contains("::--set (flag 1):1:3: odd"),
        "{}",
        lines[2]
    );
    assert!(lines[5].ends_with("::there is no chart"), "{}", lines[5]);
}

#[test]
fn short_is_a_line_each() {
    let text = write_short(&sample());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 6, "{text}");
    assert_eq!(lines[2], "--set (flag 1):1:3: error[V103]: odd");
    assert_eq!(lines[5], "plimsoll: error[C001]: there is no chart");
    assert!(!text.contains(['\u{1b}', '\r', '\u{7}']), "{text:?}");
}

#[test]
fn nothing_found_is_an_empty_report() {
    let session = Session::new();
    assert_eq!((write_short(&session), write_github(&session)), (String::new(), String::new()));
    assert_eq!(write_gitlab(&session), "[]\n");
    assert!(write_junit(&session).contains("tests=\"1\" failures=\"0\""), "{}", write_junit(&session));
}

const READER: &str = "
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
suites = root.findall('testsuite')
assert int(root.get('tests')) == sum(int(s.get('tests')) for s in suites) == len(root.findall('.//testcase'))
assert int(root.get('failures')) == sum(int(s.get('failures')) for s in suites) == len(root.findall('.//failure'))
print(len(suites), root.get('tests'), root.get('failures'))
print([case.get('name') for case in suites[-1] if suites[-1].get('name') == 'clean.yaml'])
";

/// What Python's strict parser sees in a report; none when there is no Python.
fn read_by_python(junit: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("junit.xml");
    std::fs::write(&file, junit).unwrap();
    let output = Command::new("python3").args(["-c", READER]).arg(&file).output().ok()?;
    assert!(output.status.success(), "{}\n{junit}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn junit_is_read_by_a_strict_parser() {
    let Some(read) = read_by_python(&write_junit(&sample())) else {
        eprintln!("skipped: python3 is not installed");
        return;
    };
    assert_eq!(read, "5 7 5\n['no findings']\n");
}

#[test]
fn no_format_shows_a_secret() {
    let session = sample();
    for write in [write_short, write_sarif, write_github, write_gitlab, write_junit] {
        let text = write(&session);
        assert!(!text.contains("hunter2"), "{text}");
    }
}
