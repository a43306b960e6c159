//! Instructions of whole processes, counted by valgrind: `cargo bench --bench instructions`.
//!
//! Counts vary by less than a percent from run to run, where times vary by a third, so this is where ratios are held:
//!
//! * Skyflo in production as a bundled chart, as the same files in a folder, and as that folder with its precompiled form;
//! * the same with one setting that a `null` removes, and with a hundred;
//! * `render --each`: the first values file, and each further one.
//!
//! All threads count. A machine without valgrind skips all of it, and the bench says so.
#![allow(clippy::expect_used, clippy::print_stdout, missing_docs)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

#[path = "customers/mod.rs"]
mod customers;

const PRODUCTION: &str = "tests/profiles/skyflo/values/production-by-url.yaml";

/// How many values files `render --each` is counted with.
const ENVIRONMENTS: u32 = 100;

fn main() {
    if Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("skipped: valgrind is not installed");
        return;
    }
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let temporary = temporary.path();
    let chart = temporary.join("skyflo");
    lay_out_skyflo(&chart);
    let folder = chart.display().to_string();
    one_render(temporary, &folder);
    nulls(temporary);
    environments(temporary);
}

/// The three ways to the same chart.
fn one_render(temporary: &Path, folder: &str) {
    println!("Skyflo in production, millions of instructions:");
    let bundled = count(&["render", "skyflo", "-f", PRODUCTION]);
    report("bundled", bundled, bundled);
    report("as a folder", count(&["render", folder, "-f", PRODUCTION]), bundled);
    let precompiled = temporary.join("precompiled").display().to_string();
    lay_out_skyflo(Path::new(&precompiled));
    let status = Command::new(program()).args(["precompile", &precompiled]).stderr(Stdio::null()).status();
    assert!(status.expect("a process").success(), "the chart has no precompiled form");
    report("as a folder, precompiled", count(&["render", &precompiled, "-f", PRODUCTION]), bundled);
}

/// What settings cost that a `null` removes. A file that sets as many is the base, so that reading them is in both.
fn nulls(temporary: &Path) {
    println!("settings that a null removes:");
    for number in [1, 100] {
        let set = annotations(temporary, "set", number, "kept");
        let removed = annotations(temporary, "removed", number, "null");
        let base = count(&["render", "skyflo", "-f", PRODUCTION, "-f", &set, "-f", &set]);
        let with_nulls = count(&["render", "skyflo", "-f", PRODUCTION, "-f", &set, "-f", &removed]);
        report(&format!("{number} of them, against the same set"), with_nulls, base);
    }
}

/// A values file with so many annotations of pods, each with this value.
fn annotations(temporary: &Path, name: &str, number: usize, value: &str) -> String {
    let mut text = "engine:\n  podAnnotations:\n".to_owned();
    for key in 0..number {
        let _ = writeln!(text, "    example.com/key-{key}: {value}");
    }
    let path = temporary.join(format!("{name}-{number}.yaml"));
    fs::write(&path, text).expect("a file");
    path.display().to_string()
}

/// What a further values file costs `render --each`.
fn environments(temporary: &Path) {
    println!("render --each of Datafly, on one thread:");
    let one = each(temporary, 1);
    let many = each(temporary, ENVIRONMENTS);
    println!("  {:<40} {:>8.1}", "the first environment", millions(one));
    println!("  {:<40} {:>8.2}", "each further one", millions(many - one) / f64::from(ENVIRONMENTS - 1));
}

fn each(temporary: &Path, environments: u32) -> u64 {
    let folder = temporary.join(format!("each-{environments}"));
    customers::write(&folder, environments);
    let out = temporary.join(format!("out-{environments}")).display().to_string();
    let folder = folder.display().to_string();
    count(&["render", "datafly", "--jobs", "1", "--each", &folder, "--output-dir", &out])
}

/// Skyflo as a chart's folder of a user's own.
fn lay_out_skyflo(folder: &Path) {
    let copy = |from: &str, to: &str| {
        let to = folder.join(to);
        fs::create_dir_all(to.parent().expect("a parent")).expect("a folder");
        fs::copy(from, to).expect("a copy");
    };
    copy("charts/skyflo/chart.yaml", "chart.yaml");
    copy("schemas/skyflo.schema.json", "values.schema.json");
    for name in names("charts/skyflo/templates") {
        copy(&format!("charts/skyflo/templates/{name}"), &format!("templates/{name}"));
    }
    for name in names("charts/skyflo/crds") {
        copy(&format!("charts/skyflo/crds/{name}"), &format!("crds/{name}"));
    }
    for name in names("values/skyflo") {
        let role = if name == "defaults.yaml" { "values.yaml".to_owned() } else { format!("presets/{name}") };
        copy(&format!("values/skyflo/{name}"), &role);
    }
}

fn names(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

/// `cargo bench` builds the program with what tests need; what users have can be named.
fn program() -> String {
    std::env::var("PLIMSOLL").unwrap_or_else(|_| env!("CARGO_BIN_EXE_plimsoll").to_owned())
}

/// The instructions of one run, in all threads.
fn count(arguments: &[&str]) -> u64 {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program()).args(arguments);
    let output = command.stdout(Stdio::null()).output().expect("valgrind");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    let collected = said.lines().find_map(|line| line.split_once("Collected :")).map(|(_, count)| count);
    collected.and_then(|count| count.trim().parse().ok()).expect("callgrind says how many it collected")
}

fn millions(count: u64) -> f64 {
    count as f64 / 1e6
}

fn report(what: &str, count: u64, base: u64) {
    println!("  {what:<40} {:>8.1}  {:.2} times", millions(count), count as f64 / base as f64);
}
