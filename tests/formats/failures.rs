//! No exit code but 0 goes with a report without errors, in whatever format and whatever went wrong.
//!
//! Comparisons are no failures: `diff` and `--check` end with 1 where something differs, and standard output says what.

use std::fs;
use std::path::Path;
use std::process::Command;

use plimsoll::formats::{FORMATS, Format};
use serde_json::Value;

#[path = "../support/mod.rs"]
mod support;

use support::files::write;
use support::program::{PROGRAM, run};

/// Every way in which a run can fail: what is made ready by bash, and the arguments. The chart is in the folder `c`.
const FAILURES: &[(&str, &str, &str)] = &[
    ("values that are wrong", "", "render c --set replicas=x"),
    ("a values file that is not YAML", "echo 'a: [' > v.yaml", "render c -f v.yaml"),
    ("a values file that is not there", "", "render c -f nowhere.yaml"),
    ("a chart that is not there", "", "render nowhere"),
    ("a preset that is not there", "", "render c --preset nowhere"),
    ("a template that fails", "echo '{{ nope }}' > c/templates/u.yaml", "render c"),
    ("an object that is wrong", "echo 'kind: X' > c/templates/u.yaml", "lint c"),
    ("a path that cannot be linted", "", "lint nowhere"),
    ("a chart that is wrong", "echo 'x: [' > c/chart.yaml", "values c"),
    ("a setting that is not there", "", "explain c nope"),
    ("a reference that cannot be inserted", "echo x > page.md", "docs c --check page.md"),
    ("no schema", "", "schema c"),
    ("no code", "", "explain X999"),
    ("a side that is not there", "", "diff c nowhere"),
    ("a revision that is not there", "git init -q .", "diff c c@nope"),
    ("a folder that cannot be made", "", "render c --output-dir /proc/x"),
    ("a folder that is a file", "echo x > out", "render c --output-dir out"),
    (
        "a file that is somebody else's",
        "mkdir out; echo x > out/configmap-t.yaml",
        "render c --output-dir out",
    ),
    (
        "an index that is somebody else's",
        "mkdir out; echo x > out/.plimsoll",
        "render c --output-dir out --check",
    ),
    (
        "a customer's folder that is a file",
        "mkdir -p out v; echo x > out/one; cp c/values.yaml v/one.yaml; cp c/values.yaml v/two.yaml",
        "render c --separate-clusters --each v --output-dir out",
    ),
    (
        "a customer's values that are wrong",
        "mkdir v; echo 'replicas: x' > v/one.yaml; cp c/values.yaml v/two.yaml",
        "render c --separate-clusters --each v --output-dir out",
    ),
    ("no customers", "mkdir v", "render c --separate-clusters --each v --output-dir out"),
    ("standard output that is full", "", "values c > /dev/full"),
    ("another run in the folder", "mkdir out; exec 9< out; flock 9", "render c --output-dir out"),
];

/// Whether a report says that there is an error.
fn tells_error(format: Format, text: &str) -> bool {
    let json = || serde_json::from_str::<Value>(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    match format {
        Format::Human => text.contains("error"),
        Format::Short => text.lines().any(|line| line.contains(": error[")),
        Format::Json => json()["summary"]["errors"].as_u64().unwrap() > 0,
        Format::Sarif => {
            json()["runs"][0]["results"].as_array().unwrap().iter().any(|result| result["level"] == "error")
        }
        Format::Github => text.lines().any(|line| line.starts_with("::error ")),
        Format::Gitlab => json().as_array().unwrap().iter().any(|entry| entry["severity"] == "major"),
        Format::Junit => text.contains("<failure "),
    }
}

fn chart(folder: &Path) {
    write(folder, "c/chart.yaml", "name: t\nversion: 0.0.1\n");
    write(folder, "c/values.yaml", "replicas: 1\n");
    let schema = r#"{"properties": {"replicas": {"type": "integer"}}, "additionalProperties": false}"#;
    write(folder, "c/values.schema.json", schema);
    let template =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: t}\ndata: {a: \"{{ values.replicas }}\"}\n";
    write(folder, "c/templates/t.yaml", template);
}

#[test]
fn a_run_that_fails_says_so_in_every_format() {
    let mut wrong = Vec::new();
    for (what, setting, arguments) in FAILURES {
        for (name, format) in FORMATS {
            let folder = tempfile::tempdir().unwrap();
            chart(folder.path());
            if *what == "no schema" {
                fs::remove_file(folder.path().join("c/values.schema.json")).unwrap();
            }
            // In a file and on standard error; a report of an earlier run, which said that all was well, is not left.
            fs::write(folder.path().join("report"), "").unwrap();
            let line = format!("{setting}\n'{PROGRAM}' --format {name}=report --format {name} {arguments}");
            let ended = run(Command::new("bash").args(["-c", &line]).current_dir(folder.path()));
            let report = fs::read_to_string(folder.path().join("report")).unwrap();
            // The findings of `lint` are its answer.
            let is_lint = arguments.starts_with("lint");
            let said = if is_lint { &ended.out } else { &ended.err };
            if !matches!(ended.code, Some(1 | 2)) || (!ended.out.is_empty() && !is_lint) {
                wrong.push(format!("{what}, {name}: {:?} {}", ended.code, ended.out));
            } else if !tells_error(*format, said) || !tells_error(*format, &report) {
                wrong.push(format!("{what}, {name}:\n{said}\n{report}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
