//! The golden files: what is rendered now is what a person has read and found right.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use plimsoll::emit::{Format, stream};
use plimsoll::request::Request;
use serde_json::Value;

use crate::PROFILES;
use crate::harness::{Rendered, VERSIONS};

#[test]
fn what_is_rendered_is_what_was_read_and_found_right() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut changed = Vec::new();
    for profile in PROFILES {
        for case in profile.cases {
            let path = profile.golden(*case);
            let text = stream(&profile.documents(*case, &[]), Format::Yaml);
            if bless {
                fs::write(&path, &text).expect("a writable golden file");
            }
            // The file of a new case is not there yet.
            if fs::read_to_string(&path).unwrap_or_default() != text {
                changed.push(path);
            }
        }
    }
    assert!(
        changed.is_empty(),
        "these golden files differ: {changed:#?}; `BLESS=1 cargo test` rewrites them"
    );
}

#[test]
fn every_values_file_is_a_case_and_every_golden_file_has_one() {
    for profile in PROFILES {
        let files = |name: &str| -> BTreeSet<String> {
            let entries = fs::read_dir(profile.folder().join(name)).expect("a folder");
            let paths = entries.map(|entry| entry.expect("an entry").path());
            paths.map(|path| path.file_stem().expect("a name").to_str().expect("UTF-8").to_owned()).collect()
        };
        let used = profile.cases.iter().flat_map(|case| case.files).chain(profile.other_files);
        assert_eq!(files("values"), used.map(|file| (*file).to_owned()).collect(), "{}", profile.name);
        let cases = profile.cases.iter().map(|case| case.name.to_owned()).collect();
        assert_eq!(files("golden"), cases, "{}", profile.name);
    }
}

#[test]
fn the_same_values_give_the_same_bytes() {
    for profile in PROFILES {
        for case in profile.cases {
            let once = || stream(&profile.documents(*case, &[]), Format::Yaml);
            assert_eq!(once(), once(), "{}/{}", profile.name, case.name);
        }
    }
}

#[test]
fn every_supported_version_of_kubernetes_takes_every_case() {
    let (oldest, newest) = VERSIONS.split_once("..").expect("a range");
    for profile in PROFILES {
        for case in profile.cases {
            for versions in [oldest, newest, VERSIONS] {
                let versions = versions.parse().expect("a version");
                let (documents, findings) = profile.run(&Request { versions, ..profile.request(*case, &[]) });
                assert!(documents.is_ok(), "{}/{} for {versions}:\n{findings}", profile.name, case.name);
            }
        }
    }
}

#[test]
fn another_reader_of_yaml_reads_what_was_meant() {
    for rendered in PROFILES.iter().flat_map(|profile| profile.rendered()) {
        assert_eq!(rendered.all, meant(rendered), "{}", rendered.name);
    }
}

/// The API server reads YAML as kubectl does.
#[test]
fn kubectl_reads_what_was_meant() {
    for rendered in PROFILES.iter().flat_map(|profile| profile.rendered()) {
        let Some(read) = read_by_kubectl(&rendered.profile.golden(rendered.case)) else {
            eprintln!("skipped: kubectl is not installed");
            return;
        };
        assert_eq!(read, meant(rendered), "{}", rendered.name);
    }
}

/// The documents of a case that is rendered now, without a detour through YAML.
fn meant(rendered: &Rendered) -> Vec<Value> {
    let text = stream(&rendered.profile.documents(rendered.case, &[]), Format::Json);
    let value: Value = serde_json::from_str(&text).expect("JSON");
    value["items"].as_array().or(value.as_array()).expect("several documents").clone()
}

/// What kubectl reads in a file; none when there is no kubectl on this machine.
fn read_by_kubectl(path: &Path) -> Option<Vec<Value>> {
    // Of kubectl's commands, this one prints what it has read without a cluster, and changes no more than a label.
    let output = Command::new("kubectl")
        .args(["label", "--local", "--dry-run=client", "-o", "json", "read-by=kubectl", "-f"])
        .arg(path)
        .output()
        .ok()?;
    assert!(output.status.success(), "{}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
    let documents = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>();
    Some(documents.map(|document| without_label(document.expect("JSON"))).collect())
}

fn without_label(mut document: Value) -> Value {
    let metadata = &mut document["metadata"];
    let labels = metadata["labels"].as_object_mut().expect("the label that was asked for");
    labels.remove("read-by");
    if labels.is_empty() {
        metadata.as_object_mut().expect("a map").remove("labels");
    }
    document
}
