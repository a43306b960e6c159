//! The chart library: every macro has a row in its page and a specification, and the page's example renders.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

use std::fs;
use std::path::Path;
use std::process::Command;

/// The text of every file below a folder.
fn texts(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.map(|entry| fs::read_to_string(entry.expect("an entry").path()).expect("a text")).collect()
}

fn macros() -> Vec<String> {
    let texts = texts("charts/lib").concat();
    let heads = texts.lines().filter_map(|line| line.strip_prefix("{% macro "));
    heads.filter_map(|head| Some(head.split_once('(')?.0.to_owned())).collect()
}

#[test]
fn every_macro_is_on_the_page() {
    let page = fs::read_to_string("docs/library.md").expect("the page");
    let missing: Vec<_> = macros().into_iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert_eq!(missing, Vec::<String>::new());
}

/// By a specification, or by a macro that one calls.
#[test]
fn every_macro_is_called() {
    let calls = [texts("tests/spec/library"), texts("charts/lib")].concat().concat();
    let is_called = |name: &String| {
        [format!(".{name}("), format!("{{{{ {name}(")].iter().any(|call| calls.contains(call.as_str()))
    };
    let missing: Vec<_> = macros().into_iter().filter(|name| !is_called(name)).collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn the_example_of_the_page_renders() {
    let page = fs::read_to_string("docs/library.md").expect("the page");
    let example = page.split_once("## An example").expect("the example").1;
    let block = |info: &str| {
        let (_, rest) = example.split_once(&format!("```{info}\n")).expect("a block");
        rest.split_once("\n```").expect("its end").0.to_owned() + "\n"
    };
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    fs::create_dir(folder.path().join("templates")).expect("a folder");
    write("chart.yaml", "name: example\nversion: 0.1.0\n");
    write("values.yaml", &block("yaml"));
    write("templates/web.yaml", &block("jinja"));
    let (printed, errors) = render(folder.path());
    assert_eq!(errors, "");
    assert_eq!(printed.matches("\nkind: ").count(), 7, "{printed}");
}

fn render(chart: &Path) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_plimsoll")).arg("render").arg(chart).output();
    let output = output.expect("a run");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}
