//! The Datafly chart, rendered: golden output of every case, its objects, and laws that hold for all of them.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

#[path = "../support/kubectl.rs"]
mod kubectl;
mod laws;
mod objects;
mod refusals;
mod shapes;
#[path = "../support/warnings.rs"]
mod warnings;

use std::fs;
use std::path::PathBuf;

use plimsoll::diagnostic::{Style, write_human};
use plimsoll::emit::{Format, stream};
use plimsoll::manifest::Document;
use plimsoll::pipeline::render;
use plimsoll::request::{Request, SetFlag, SetFlagKind, ValuesFile};
use plimsoll::session::Session;
use plimsoll::values::SetKind;

/// What is rendered: a preset, and values files of this folder over it.
struct Case {
    name: &'static str,
    preset: Option<&'static str>,
    files: &'static [&'static str],
}

const fn case(name: &'static str, files: &'static [&'static str]) -> Case {
    Case { name, preset: None, files }
}

const fn preset(name: &'static str, files: &'static [&'static str]) -> Case {
    Case { name, preset: Some(name), files }
}

/// Every case has a golden file of its name; toggles stand on `inline`.
const CASES: &[Case] = &[
    preset("evaluation", &[]),
    preset("production", &["production"]),
    preset("keda", &["existing", "keda"]),
    preset("prometheus", &["existing", "prometheus"]),
    case("inline", &["inline"]),
    case("existing", &["existing"]),
    case("manual", &["manual"]),
    case("first-example", &["existing", "first-example"]),
    case("pods", &["existing", "pods"]),
    case("open-policies", &["existing", "open-policies"]),
];

fn find(name: &str) -> &'static Case {
    CASES.iter().find(|case| case.name == name).expect("a case of the table")
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/datafly")
}

fn request(case: &Case, sets: &[&str]) -> Request {
    let path = |file: &&str| ValuesFile::Path(folder().join(format!("values/{file}.yaml")));
    let flag = |text: &&str| SetFlag { kind: SetFlagKind::Text(SetKind::Set), text: (*text).to_owned() };
    Request {
        chart: "datafly".to_owned(),
        presets: case.preset.into_iter().map(str::to_owned).collect(),
        files: case.files.iter().map(path).collect(),
        sets: sets.iter().map(flag).collect(),
        ..Request::default()
    }
}

/// What is rendered, and everything that is said about it.
fn run(request: &Request) -> (Result<Vec<Document>, ()>, String) {
    let session = Session::new();
    let documents = render(&session, request).map_err(|_| ());
    warnings::must_be_explained("datafly", &session);
    (documents, write_human(&session, Style::Plain))
}

/// Renders a case with further `--set` flags.
fn documents(case: &Case, sets: &[&str]) -> Vec<Document> {
    let (documents, findings) = run(&request(case, sets));
    documents.unwrap_or_else(|()| panic!("{}:\n{findings}", case.name))
}

#[test]
fn what_is_rendered_is_what_was_read_and_found_right() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut changed = Vec::new();
    for case in CASES {
        let path = folder().join(format!("golden/{}.yaml", case.name));
        let text = stream(&documents(case, &[]), Format::Yaml);
        if bless {
            fs::write(&path, &text).expect("a writable golden file");
        }
        if fs::read_to_string(&path).unwrap_or_default() != text {
            changed.push(case.name);
        }
    }
    assert!(
        changed.is_empty(),
        "these differ from their golden files: {changed:?}; `BLESS=1 cargo test` rewrites them"
    );
}

#[test]
fn the_same_values_give_the_same_bytes() {
    for case in CASES {
        let once = || stream(&documents(case, &[]), Format::Yaml);
        assert_eq!(once(), once(), "{}", case.name);
    }
}

#[test]
fn the_manual_read_either_way_is_the_same() {
    let text = |files| stream(&documents(&case("manual", files), &[]), Format::Yaml);
    assert_eq!(text(&["manual"]), text(&["manual-under-global"]));
}

#[test]
fn every_supported_version_of_kubernetes_takes_every_case() {
    for case in CASES {
        for versions in ["1.31", "1.36", "1.31..1.36"] {
            let versions = versions.parse().expect("a version");
            let (documents, findings) = run(&Request { versions, ..request(case, &[]) });
            assert!(documents.is_ok(), "{} for {versions}:\n{findings}", case.name);
        }
    }
}

/// How the original is had back where it sets nothing: the documentation says so.
#[test]
fn null_takes_back_what_is_safer_than_the_original() {
    let sets = [
        "eventProcessor.podSecurityContext=null,eventProcessor.securityContext=null",
        "eventProcessor.livenessProbe=null,eventProcessor.readinessProbe=null",
    ];
    let text = stream(&documents(find("existing"), &sets), Format::Yaml);
    let deployment = text
        .split("---\n")
        .find(|document| document.contains("kind: Deployment\nmetadata:\n  name: event-processor"));
    let deployment = deployment.expect("the event processor");
    for word in ["securityContext", "livenessProbe", "readinessProbe"] {
        assert!(!deployment.contains(word), "{word} in\n{deployment}");
    }
}

#[test]
fn the_namespace_of_the_values_is_that_of_the_objects() {
    let manual = find("manual");
    for document in documents(manual, &[]) {
        assert_eq!(document.identity.namespace.as_deref(), Some("customer-acme"));
    }
    let agreed = Request { namespace: Some("customer-acme".to_owned()), ..request(manual, &[]) };
    assert!(run(&agreed).0.is_ok());
    let other = Request { namespace: Some("customer-other".to_owned()), ..request(manual, &[]) };
    let (documents, findings) = run(&other);
    assert!(documents.is_err());
    assert!(findings.contains("`global.namespace` is `customer-acme`"), "{findings}");
    let free = Request { namespace: Some("customer-other".to_owned()), ..request(find("inline"), &[]) };
    for document in run(&free).0.expect("documents") {
        assert_eq!(document.identity.namespace.as_deref(), Some("customer-other"));
    }
}
