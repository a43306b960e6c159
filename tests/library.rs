//! The chart library: every macro has a row in its page and a specification, and the page's example renders.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod support;

use std::fs;
use std::process::Command;

use support::files::{files_below, folder_of};
use support::markdown;
use support::program::{PROGRAM, run};

/// The texts of all files below a folder, one behind the other.
fn texts(folder: &str) -> String {
    files_below(folder).into_iter().map(|path| fs::read_to_string(path).expect("a text")).collect()
}

fn macros() -> Vec<String> {
    let texts = texts("charts/lib");
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
    let calls = texts("tests/spec/library") + &texts("charts/lib");
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
        let blocks = markdown::blocks(example);
        blocks.into_iter().find(|(its, _)| *its == info).expect("a block").1
    };
    let folder = folder_of(&[
        ("chart.yaml", "name: example\nversion: 0.1.0\n"),
        ("values.yaml", block("yaml")),
        ("templates/web.yaml", block("jinja")),
    ]);
    let ended = run(Command::new(PROGRAM).arg("render").arg(folder.path()));
    assert_eq!(ended.err, "");
    assert_eq!(ended.out.matches("\nkind: ").count(), 7, "{}", ended.out);
}
