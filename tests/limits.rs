//! The limits: the page has the table of the code, and each limit that can be raised is reached, named, and raised by its flag.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use plimsoll::limits::{Row, TABLE};
use support::files::folder_of;
use support::program::{Ended, PROGRAM, run};

const PAGE: &str = "docs/limits.md";
const HEAD: &str = "| limit | usually | at most | bounds |\n|---|---|---|---|\n";
const END: &str = "<!-- The end of the table. -->";

fn line(row: &Row) -> String {
    let most = if row.can_be_raised() { row.said(row.most) } else { "fixed".to_owned() };
    format!("| `{}` | {} | {most} | {} |\n", row.name, row.said(row.standard), row.what)
}

#[test]
fn the_page_has_every_limit() {
    let page = fs::read_to_string(PAGE).expect("the page");
    let (before, rest) = page.split_once(HEAD).expect("the head of the table");
    let (table, after) = rest.split_once(END).expect("the end of the table");
    let meant: String = TABLE.iter().map(line).collect();
    if std::env::var_os("BLESS").is_some() {
        fs::write(PAGE, format!("{before}{HEAD}{meant}{END}{after}")).expect("the page is written");
    } else {
        assert_eq!(table, meant, "write it anew: `BLESS=1 cargo test --test limits`");
    }
}

/// One limit that is low enough to be reached: what is behind the chart's ConfigMap, the command, and what it says then.
struct Case {
    limit: &'static str,
    low: &'static str,
    template: &'static str,
    command: &'static str,
    says: &'static str,
}

const fn case(
    limit: &'static str,
    low: &'static str,
    template: &'static str,
    command: &'static str,
    says: &'static str,
) -> Case {
    Case { limit, low, template, command, says }
}

const OBJECT: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: t}\n";
const FRAGMENT: &str = "{% set f %}{a: x, b: y}{% endset %}\ndata: {{ f }}\n";
const TWO: &str = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: u}\n";

/// Every limit that can be raised. With the usual limits each command succeeds.
const CASES: &[Case] = &[
    case("file-size", "90", "", "render . -f v.yaml", "larger than 90 bytes"),
    case("files", "2", "", "lint .", "more than 2 files"),
    case("revision-size", "8", "", "diff .@HEAD .", "too large"),
    case("chart-size", "60", "", "render t.tgz", "60 bytes"),
    case("chart-file", "60", "", "values .", "60 bytes"),
    case("charts", "1", "", "lint .", "more than 1"),
    case("aliases", "3", "", "explain . a -f v.yaml", "more than 3 nodes"),
    case("documents", "1", TWO, "render .", "too many documents"),
    case("fuel", "2", "# {{ values.a }}\n", "render .", "its instructions are used up"),
    case("output", "20", "", "render .", "printed more than 20 bytes"),
    case("prints", "1", "# {{ values.a }} {{ values.a }}\n", "render .", "more than 1 values printed"),
    case("text", "150", "# {{ values.a * 99 }}\n", "render .", "a text of more than 150 bytes"),
    case("items", "5", "# {{ [1] * 9 }}\n", "lint .", "more than 5 items"),
    case("made", "5", "# {{ [1, 2] + [3, 4] }} {{ [1, 2] + [3, 4] }}\n", "diff . .", "over and over"),
    case("bound", "2", "# {{ values.l }}\n", "render .", "binds more than 2 values"),
    case("fragments", "2", FRAGMENT, "render .", "make more than 2 values"),
    case("derived", "1", "", "values .", "more than 1 derived values"),
];

#[test]
fn every_limit_that_can_be_raised_has_its_case() {
    let known: Vec<&str> = TABLE.iter().filter(|row| row.can_be_raised()).map(|row| row.name).collect();
    assert_eq!(CASES.iter().map(|case| case.limit).collect::<Vec<_>>(), known);
}

/// Runs a command of the program with more arguments.
fn run_in(folder: &Path, command: &str, more: &[String]) -> Ended {
    run(Command::new(PROGRAM).args(command.split(' ')).args(more).current_dir(folder))
}

/// A chart of Helm with two others in it, and the archive of one.
fn helm_chart() -> tempfile::TempDir {
    let folder = folder_of(&[
        (
            "Chart.yaml",
            "apiVersion: v2\nname: t\nversion: 0.1.0\ndependencies:\n- {name: a, version: 0.1.0, alias: x}\n- {name: a, version: 0.1.0, alias: y}\n- {name: b, version: 0.1.0}\n",
        ),
        ("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 0.1.0\n"),
        ("charts/b/Chart.yaml", "apiVersion: v2\nname: b\nversion: 0.1.0\n"),
        ("templates/t.yaml", &format!("{OBJECT}data:\n  text: a file that is longer than sixty bytes\n")),
    ]);
    let line = "mkdir t && cp -r Chart.yaml charts templates t && tar czf t.tgz t && rm -r t";
    let made = Command::new("sh").args(["-c", line]).current_dir(folder.path()).status();
    assert!(made.expect("a shell").success(), "an archive");
    folder
}

fn chart(template: &str) -> tempfile::TempDir {
    let template = format!("{OBJECT}{template}");
    folder_of(&[
        ("chart.yaml", "name: t\nversion: 0.0.1\n"),
        ("values.yaml", "a: xy\nl: [1, 2, 3]\n"),
        (
            "v.yaml",
            "a: &a [1, 2, 3]\nb: *a\n# a comment that makes this file longer than ninety bytes, as is easily seen\n",
        ),
        ("templates/t.yaml", &template),
    ])
}

/// The flag that a message names.
fn named(message: &str) -> Option<Vec<String>> {
    let (_, rest) = message.split_once("--limit ")?;
    let value: String = rest.chars().take_while(|c| !"`\n )".contains(*c)).collect();
    Some(vec!["--limit".to_owned(), value])
}

#[test]
fn each_limit_is_reached_named_and_raised() {
    for case in CASES {
        let folder = if case.limit.starts_with("chart") { helm_chart() } else { chart(case.template) };
        if case.limit == "derived" {
            let expressions = "x: {{ values.a }}\ny: {{ values.a }}\n";
            std::fs::write(folder.path().join("derived.yaml"), expressions).expect("a file");
        }
        if case.limit == "revision-size" {
            let line = "git init -q . && git add . && git -c user.name=a -c user.email=a@b commit -q -m c";
            let made = Command::new("sh").args(["-c", line]).current_dir(folder.path()).status();
            assert!(made.expect("a shell").success(), "a repository");
        }
        let usual = run_in(folder.path(), case.command, &[]);
        assert_eq!(usual.code, Some(0), "{}: {}{}", case.limit, usual.out, usual.err);
        let mut more = vec!["--limit".to_owned(), format!("{}={}", case.limit, case.low)];
        // The answer of `lint` is its findings.
        let answers_with_findings = case.command.starts_with("lint");
        let Ended { code, out, err } = run_in(folder.path(), case.command, &more);
        assert!(matches!(code, Some(1 | 2)), "{}: {code:?} {out} {err}", case.limit);
        assert!(answers_with_findings || out.is_empty(), "{}: {out}", case.limit);
        let err = if answers_with_findings { out } else { err };
        assert!(err.contains(case.says), "{}: {err}", case.limit);
        for _ in 0..12 {
            let Ended { code, out, err } = run_in(folder.path(), case.command, &more);
            if code == Some(0) {
                assert_eq!(out, usual.out, "{}", case.limit);
                break;
            }
            let err = if answers_with_findings { out } else { err };
            more = named(&err).unwrap_or_else(|| panic!("{}: no flag is named: {err}", case.limit));
        }
        assert_eq!(run_in(folder.path(), case.command, &more).code, Some(0), "{}: {more:?}", case.limit);
    }
}
