//! The flow8 chart, rendered: golden output of every case, its objects, and laws that hold for all of them.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

#[path = "../support/kubectl.rs"]
mod kubectl;
mod laws;
mod objects;
mod refusals;
#[path = "../support/warnings.rs"]
mod warnings;

use std::collections::BTreeSet;
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

/// Every case has a golden file of its name; toggles stand on the values of a first install.
const CASES: &[Case] = &[
    Case { name: "evaluation", preset: Some("evaluation"), files: &[] },
    Case { name: "production", preset: Some("production"), files: &["production"] },
    Case { name: "autoscaling", preset: Some("autoscaling"), files: &["keys", "shared-disk"] },
    Case { name: "replica-set", preset: Some("replica-set"), files: &["keys", "one-pod"] },
    Case { name: "single-instance", preset: Some("single-instance"), files: &["keys"] },
    case("minimal", &["keys"]),
    case("skeleton", &["skeleton", "keys"]),
    case("atlas", &["atlas"]),
    case("shared-disk", &["keys", "shared-disk"]),
    case("inline-replica-set", &["keys", "inline-replica-set"]),
    case("monitoring", &["keys", "monitoring"]),
    case("published", &["keys", "published"]),
    case("own-certificate", &["keys", "own-certificate"]),
    case("pods", &["keys", "pods"]),
];

fn find(name: &str) -> &'static Case {
    CASES.iter().find(|case| case.name == name).expect("a case of the table")
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/flow8")
}

/// Renders a case with further `--set` flags for all known versions of Kubernetes; the findings in words when it is refused.
fn rendered(case: &Case, sets: &[&str]) -> Result<Vec<Document>, String> {
    let session = Session::new();
    let path = |file: &&str| ValuesFile::Path(folder().join(format!("values/{file}.yaml")));
    let flag = |text: &&str| SetFlag { kind: SetFlagKind::Text(SetKind::Set), text: (*text).to_owned() };
    let request = Request {
        chart: "flow8".to_owned(),
        presets: case.preset.into_iter().map(str::to_owned).collect(),
        files: case.files.iter().map(path).collect(),
        sets: sets.iter().map(flag).collect(),
        versions: "1.31..1.36".parse().expect("versions"),
        ..Request::default()
    };
    let documents = render(&session, &request);
    warnings::must_be_explained("flow8", &session);
    documents.map_err(|_| write_human(&session, Style::Plain))
}

fn documents(case: &Case, sets: &[&str]) -> Vec<Document> {
    rendered(case, sets).unwrap_or_else(|findings| panic!("{}:\n{findings}", case.name))
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
fn every_values_file_is_a_case_and_every_golden_file_has_one() {
    let files = |name: &str| {
        let entries = fs::read_dir(folder().join(name)).expect("a folder");
        let stem = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").path().with_extension("");
        entries
            .map(stem)
            .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
            .collect::<BTreeSet<_>>()
    };
    let used = CASES.iter().flat_map(|case| case.files).map(|file| (*file).to_owned()).collect();
    assert_eq!(files("values"), used);
    assert_eq!(files("golden"), CASES.iter().map(|case| case.name.to_owned()).collect());
}

#[test]
fn the_same_values_give_the_same_bytes() {
    for case in CASES {
        let once = || stream(&documents(case, &[]), Format::Yaml);
        assert_eq!(once(), once(), "{}", case.name);
    }
}
