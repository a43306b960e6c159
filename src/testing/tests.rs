//! Cases on several threads: what a run says does not depend on how many there are.

use std::fs;

use super::{TestRequest, run};
use crate::formats::{Detail, Format, Style, Summary, Tested, write};
use crate::request::Request;
use crate::session::Session;

/// Cases of Skyflo, of which every third fails, with settings of several kinds.
fn suite(count: usize) -> String {
    let mut text = "defaults: {presets: [evaluation], allow: [all, V110]}\ncases:\n".to_owned();
    for number in 0..count {
        let expected = if number % 3 == 0 { number + 1 } else { number % 5 + 1 };
        text.push_str(&format!(
            "  - name: case {number}\n    values: {{engine: {{replicas: {}}}}}\n    releaseName: r{}\n    expect:\n      \
             - object: Deployment/*-engine\n        equal: {{spec.replicas: {expected}}}\n",
            number % 5 + 1,
            number % 4,
        ));
    }
    text
}

/// Everything that a run says.
fn said(tests: &std::path::Path, threads: usize) -> String {
    let session = Session::new();
    let request = Request { chart: "skyflo".to_owned(), threads, ..Request::default() };
    let tests = TestRequest { request, tests: Some(tests.to_owned()), ..TestRequest::default() };
    let report = run(&session, &tests).expect("a run");
    let summary = Summary::Tests(Tested { cases: report.cases, ..Tested::default() });
    let text = |format| write(&session, format, Style::Plain, Detail::default(), &summary);
    [Format::Human, Format::Short, Format::Json, Format::Junit].map(text).join("\n")
}

#[test]
fn the_same_tests_say_the_same_on_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("skyflo.yaml"), suite(40)).expect("a file");
    let alone = said(folder.path(), 1);
    assert!(alone.contains("40 cases, "), "{alone}");
    assert!(alone.contains("case 1 ... ok") && alone.contains("case 6 ... FAILED"), "{alone}");
    for threads in [2, 8] {
        assert!(said(folder.path(), threads) == alone, "with {threads} threads");
    }
}
