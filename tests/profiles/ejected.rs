//! A bundled chart that was written as a folder renders what the program renders of it, and says the same of it.

use std::path::Path;

use plimsoll::chart::{bundled, eject};
use plimsoll::diagnostic::Level;
use plimsoll::emit::{Format, stream};
use plimsoll::manifest::PackedDocument;
use plimsoll::pipeline::render;
use plimsoll::request::Request;
use plimsoll::session::Session;

use crate::PROFILES;

/// The folder of an ejected chart. It has another name than the chart, which must make no difference.
fn folder(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for file in eject(&Session::new(), name).expect("a bundled chart") {
        let path = folder.path().join(&file.path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, file.text).expect("a file");
    }
    folder
}

/// What is rendered as a stream, and the messages of all that is found. These are sorted: findings come in the order of the
/// files that they point into, and in the program those have other names.
fn said(request: &Request) -> (Option<String>, Vec<(Level, String)>) {
    let session = Session::new();
    let documents: Option<Vec<PackedDocument>> = render(&session, request).ok();
    let findings = session.diagnostics();
    let mut findings: Vec<_> =
        findings.iter().map(|finding| (finding.level, finding.message.clone())).collect();
    findings.sort();
    (documents.map(|documents| stream(&documents, Format::Yaml)), findings)
}

fn assert_same(request: &Request, folder: &Path, case: &str) {
    let ejected = Request { chart: folder.display().to_string(), ..request.clone() };
    assert_eq!(said(&ejected), said(request), "{}: {case}", request.chart);
}

#[test]
fn every_case_is_rendered_alike() {
    for profile in PROFILES {
        let folder = folder(profile.name);
        for case in profile.cases {
            let request = profile.request(*case, &[]);
            assert!(said(&request).0.is_some(), "{}: {}", profile.name, case.name);
            assert_same(&request, folder.path(), case.name);
        }
    }
}

/// Also where something is missing: then the same is said to be.
#[test]
fn every_preset_says_the_same() {
    for chart in bundled() {
        let folder = folder(chart.name);
        let request = Request { chart: chart.name.to_owned(), ..Request::default() };
        assert_same(&request, folder.path(), "the defaults");
        for preset in chart.presets() {
            let request = Request { presets: vec![preset.to_owned()], ..request.clone() };
            assert_same(&request, folder.path(), preset);
        }
    }
}
