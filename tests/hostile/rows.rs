//! The classes of hostile input, a page for each in `rows/`: lines of bash, and how each of them must end.
//!
//! Below a line that begins with `$ ` stands how it ends. `= 1 Y004 v.yaml:6:1` is the exit code, the first error and its place;
//! `= 2 error: words` an error without a code; `= 0 | words` an exit code with these words on standard output. Each line runs in a
//! fresh copy of a small chart, in which `out` was rendered before: whoever fails leaves standard output empty and `out` as it was.
//! Lines that render run once more with `--output-dir out`. `BLESS=1` writes how they end now; a person reads the difference.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Chart, Ended};

/// Makes a test of each page, and a list of all.
macro_rules! rows {
    ($($page:ident: $name:literal;)*) => {
        /// The pages and the classes that they are about.
        const ROWS: &[(&str, &str)] = &[$((stringify!($page), $name)),*];
        $(#[test] fn $page() { check(stringify!($page)); })*
    };
}

rows! {
    alias_bombs: "Alias bombs (\"billion laughs\"), also through `<<`";
    deep_nesting: "Deep nesting";
    huge_indices: "Huge indices";
    huge_inputs: "Huge inputs, and files that are none";
    schema_references: "References of a schema that lead out of it";
    schema_growth: "Schemas in circles, fan-out, catastrophic expressions";
    path_traversal: "Path traversal by names";
    symlinks: "Symlinks in a chart or at an output path";
    wrong_pieces: "Null, wrong or missing pieces";
    bytes: "Bytes that are not text, and texts that are empty";
    duplicate_keys: "Duplicate keys";
    look_alikes: "YAML 1.1 look-alikes";
    numbers: "Numbers";
    foreign_nodes: "Keys that are not strings, tags, cyclic anchors";
    template_loops: "Template loops";
    helm_charts: "Helm charts that do too much";
    growth: "Values that grow, and work that is not seen";
    data_like_code: "Values that look like code";
    control_characters: "Control characters and commands of build servers";
    secrets: "Secrets";
    output_folder: "Output folders";
    closed_pipes: "Closed pipes and poor terminals";
    chart_tests: "Files of tests";
    identities: "Identities, lists and very many documents";
}

#[test]
fn every_row_has_its_page_with_several_cases() {
    let pages: BTreeSet<String> = fs::read_dir("tests/hostile/rows")
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(pages, ROWS.iter().map(|(page, _)| (*page).to_owned()).collect());
    for (page, name) in ROWS {
        let text = read(page);
        assert!(text.starts_with(&format!("# {name}\n")), "{page}");
        let cases = text.lines().filter(|line| line.starts_with("$ ")).count();
        let ends = text.lines().filter(|line| line.starts_with("= ")).count();
        assert!(cases >= 5 && ends == cases, "{page}: {cases} cases, {ends} ends");
    }
}

/// Every command meets hostile input.
#[test]
fn every_command_is_in_the_pages() {
    let text: String = ROWS.iter().map(|(page, _)| read(page)).collect();
    for command in ["render", "lint", "diff", "explain", "values", "docs", "secrets", "schema"] {
        let lines = text
            .lines()
            .filter(|line| line.starts_with("$ ") && line.contains(&format!("plimsoll {command} ")));
        assert!(lines.count() >= 3, "{command}");
    }
    for flag in [
        "--each ",
        "--check",
        "--crds ",
        "--set ",
        "--set-string ",
        "--set-json ",
        "--set-file ",
        "--config ",
        "--preset ",
        "--old-values ",
    ] {
        assert!(text.contains(flag), "{flag}");
    }
}

/// What bash knows besides the program.
const PRELUDE: &str = r#"
times() { awk -v n="$1" -v s="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s", s }'; }
bomb() { echo 'a0: &a0 [x, x]'; for n in {1..11}; do m=$((n - 1)); echo "a$n: &a$n [*a$m, *a$m, *a$m, *a$m, *a$m, *a$m, *a$m, *a$m, *a$m, *a$m]"; done; }
object() { printf 'apiVersion: v1\nkind: %s\nmetadata: {name: %s}\n' "$1" "$2"; }
"#;

fn path(page: &str) -> String {
    format!("tests/hostile/rows/{page}.md")
}

fn read(page: &str) -> String {
    fs::read_to_string(path(page)).unwrap()
}

/// The small chart, and a folder that it was rendered into.
fn chart() -> Chart {
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: t}\ndata: {a: \"{{ values.a }}\"}\n";
    let chart = Chart::new(&[("templates/t.yaml", template), ("values.yaml", "a: x\nl: [1, 2]\n")]);
    chart.write("presets/p.yaml", "a: preset\n");
    chart.write("customers/one.yaml", "a: one\n");
    chart.run("plimsoll render . --output-dir out").succeeded();
    chart
}

fn check(page: &str) {
    let text = read(page);
    let (mut told, mut wrong) = (String::new(), Vec::new());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        told.push_str(&format!("{line}\n"));
        let Some(command) = line.strip_prefix("$ ") else { continue };
        let meant = lines.next_if(|line| line.starts_with("= ")).unwrap_or_default();
        let found = run(command, meant);
        if found != meant {
            wrong.push(format!("$ {command}\n  meant: {meant}\n  found: {found}"));
        }
        told.push_str(&format!("{found}\n"));
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(path(page), told).unwrap();
    } else {
        assert!(wrong.is_empty(), "{page}:\n{}", wrong.join("\n"));
    }
}

/// Runs a line, holds it against what is true of all of them, and says how it ended; in the words of `meant` if those fit.
fn run(line: &str, meant: &str) -> String {
    let ended = run_in(&chart(), line);
    if line.contains("plimsoll render") && !line.contains("--output-dir") && !line.contains("--check") {
        let twice = line.replace("plimsoll render", "plimsoll render --output-dir out");
        let again = run_in(&chart(), &twice);
        assert_eq!(again.code, ended.code, "{twice}: {}", again.err);
    }
    let words = meant.split_once(" | ").map(|(_, words)| words);
    if ended.code == Some(0) || !ended.out.is_empty() {
        return match words.filter(|words| ended.out.contains(*words)) {
            Some(words) => format!("= {} | {words}", ended.code.unwrap()),
            None if ended.code == Some(0) => "= 0".to_owned(),
            None => format!("= {} | {}", ended.code.unwrap(), ended.out.lines().next().unwrap_or_default()),
        };
    }
    let code = ended.code.unwrap();
    let first = ended
        .err
        .lines()
        .find(|line| line.starts_with("error") || line.starts_with("::error "))
        .unwrap_or_default();
    match first.strip_prefix("error[").and_then(|rest| rest.split_once(']')) {
        Some((id, _)) => {
            let rest = ended.err.split_once(first).map_or("", |(_, rest)| rest);
            let block = rest.split("\n\n").next().unwrap_or_default();
            let place = block.lines().find_map(|line| line.trim_start().strip_prefix("--> ")).unwrap_or("-");
            format!("= {code} {id} {place}")
        }
        None => format!("= {code} {first:.160}"),
    }
}

/// What holds of every line: it ends by itself, shows no secret and no control character, and a failure leaves nothing behind.
fn run_in(chart: &Chart, line: &str) -> Ended {
    let (setting, command) = parts(line);
    chart.run(&format!("{PRELUDE}\n{setting}"));
    let out = chart.path().join("out");
    let before = state(&out);
    let ended = chart.run(&format!("{PRELUDE}\n{command}"));
    assert!(matches!(ended.code, Some(0..=2)), "{line}: {:?}\n{:.2000}", ended.code, ended.err);
    assert!(
        !ended.err.contains("has a bug") && !ended.err.contains("hunter2"),
        "{line}: {:.2000}",
        ended.err
    );
    let strange = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
    // What GitHub's runner takes for a command: behind nothing but blanks, or anywhere.
    let is_command = |line: &str| {
        line.trim_start().starts_with("::error::") || line.contains("##[") || line.contains("##vso[")
    };
    for said in [&ended.err, &ended.out] {
        assert!(!said.contains(strange), "{line}: {said:.2000?}");
        assert!(!said.lines().any(is_command), "{line}: {said:.2000}");
    }
    // A render hands secrets on to the cluster, and whoever asks for them gets them.
    let may_show = line.contains("plimsoll render") || line.contains("--show-secrets");
    assert!(may_show || !ended.out.contains("hunter2"), "{line}: {:.2000}", ended.out);
    assert!(ended.err.len() < 200_000, "{line}: {} bytes are said", ended.err.len());
    assert!(ended.code == Some(0) || state(&out) == before, "{line}: the folder is not as it was");
    ended
}

/// What is made ready, and the last statement, in which the program runs.
fn parts(line: &str) -> (&str, &str) {
    let start = line.rfind("plimsoll ").unwrap();
    let statement = line[..start].rfind("; ").map_or(0, |end| end + 2);
    line.split_at(statement)
}

/// Every entry of a folder: what it is, its size, and its text if that is no more than a manifest's. Pipes are not opened.
fn state(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        let (path, meta) = (entry.path(), fs::symlink_metadata(entry.path()).unwrap());
        let small = meta.is_file() && meta.len() < 1 << 20;
        let text = if small {
            fs::read_to_string(&path).unwrap()
        } else {
            format!("{:?} {}", meta.file_type(), meta.len())
        };
        if meta.is_dir() {
            found.extend(state(&path));
        }
        found.push((path, text));
    }
    found.sort();
    found
}
