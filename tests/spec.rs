//! Runs the specifications under `tests/spec/`: Markdown files whose fenced blocks are files and expected output.
//!
//! A `## heading` begins a case. A block whose info string names a path (```` ```yaml values.yaml ````) is a file of
//! it; blocks before the first heading belong to every case. A `console` block holds commands, each with what it prints to
//! standard output, then to standard error, then `? N` for an exit code other than 0. A case without a `chart.yaml`
//! (or Helm's `Chart.yaml`) gets the smallest one. The README, the tutorial, the pages of charts, of Helm charts, of lint, of mistakes and of tests, and those of the examples run from top to bottom, in a copy of the example's folder. `BLESS=1` rewrites the expectations, for a person to read in the diff.

#![allow(clippy::expect_used, clippy::panic)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use libtest_mimic::{Arguments, Failed, Trial};
use support::files::{files_below, files_with_extension, folder_of, write};
use support::markdown::{Part, parts};
use support::program::search_path;

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for path in files_with_extension("tests/spec", "md") {
        let text = fs::read_to_string(&path).expect("a readable spec");
        if blesses(&path) {
            fs::write(&path, bless(&text, &beside(&path))).expect("a writable spec");
            continue;
        }
        let stem = path.strip_prefix("tests/spec").expect("a spec path").with_extension("");
        for case in cases(&text, &beside(&path)) {
            let name = format!("{} — {}", stem.display(), case.title);
            trials.push(Trial::test(name, move || case.check()));
        }
    }
    for path in pages() {
        let text = fs::read_to_string(&path).expect("a readable page");
        if blesses(&path) {
            fs::write(&path, replay_page(&path, &text)).expect("a writable page");
            continue;
        }
        trials.push(Trial::test(path.display().to_string(), move || {
            let found = replay_page(&path, &text);
            if found == text {
                Ok(())
            } else {
                Err(format!("--- expected\n{text}\n--- found\n{found}").into())
            }
        }));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// Whether expectations are rewritten: all with `BLESS=1`, those of one page with a part of its path.
fn blesses(path: &Path) -> bool {
    std::env::var("BLESS").is_ok_and(|part| part == "1" || path.to_string_lossy().contains(&part))
}

/// The pages whose console blocks run.
fn pages() -> Vec<PathBuf> {
    let mut pages = [
        "README.md",
        "docs/chart.md",
        "docs/convert.md",
        "docs/helm.md",
        "docs/lint.md",
        "docs/mistakes.md",
        "docs/testing.md",
        "docs/tutorial.md",
    ]
    .map(PathBuf::from)
    .to_vec();
    pages.extend(files_with_extension("examples", "md"));
    pages
}

/// A page as it should be: from top to bottom, files are written and commands run in one folder.
fn replay_page(path: &Path, text: &str) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let home = path.parent().expect("a folder");
    let beside = if home.starts_with("examples") { files_below(home) } else { Vec::new() };
    for file in beside {
        let name = file.strip_prefix(home).expect("below the folder").to_str().expect("UTF-8");
        write(folder.path(), name, fs::read(&file).expect("a file"));
    }
    let mut result = String::new();
    let mut done = 0;
    for part in parts(text) {
        let Part::Block { info, body, start } = part else { continue };
        match info.split_whitespace().nth(1) {
            Some(name) => write(folder.path(), name, body),
            None if info == "console" => {
                result.push_str(&text[done..start]);
                result.push_str(&replay(folder.path(), body));
                done = start + body.len();
            }
            None => {}
        }
    }
    result.push_str(&text[done..]);
    result
}

/// One case: files and console blocks.
struct Case {
    title: String,
    files: Vec<(String, String)>,
    consoles: Vec<String>,
}

impl Case {
    fn check(&self) -> Result<(), Failed> {
        let folder = self.lay_out();
        let mut differences = String::new();
        for console in &self.consoles {
            let found = replay(folder.path(), console);
            if found != *console {
                differences.push_str(&format!("--- expected\n{console}\n--- found\n{found}\n"));
            }
        }
        if self.consoles.is_empty() {
            return Err("the case expects nothing".into());
        }
        if differences.is_empty() { Ok(()) } else { Err(differences.into()) }
    }

    fn lay_out(&self) -> tempfile::TempDir {
        // A chart of Helm has metadata of its own.
        let is_helm = self.files.iter().any(|(path, _)| path == "Chart.yaml");
        let metadata = [("chart.yaml", "name: t\nversion: 0.0.1\n")];
        let folder = folder_of(if is_helm { &[] } else { &metadata });
        for (path, text) in &self.files {
            write(folder.path(), path, text);
        }
        folder
    }
}

/// The `plimsoll.yaml` beside a spec, which all of its cases get: what is about templates says nothing of rules.
fn beside(spec: &Path) -> Vec<(String, String)> {
    let name = "plimsoll.yaml";
    let text = fs::read_to_string(spec.with_file_name(name));
    text.map(|text| vec![(name.to_owned(), text)]).unwrap_or_default()
}

/// The cases of a spec, with the files that it gives to all of them.
fn cases(text: &str, beside: &[(String, String)]) -> Vec<Case> {
    let mut shared: Vec<(String, String)> = beside.to_vec();
    let mut cases: Vec<Case> = Vec::new();
    for part in parts(text) {
        match part {
            Part::Heading(title) => {
                cases.push(Case { title: title.to_owned(), files: shared.clone(), consoles: Vec::new() });
            }
            Part::Block { info, body, .. } => {
                let path = info.split_whitespace().nth(1);
                match (cases.last_mut(), path) {
                    (Some(case), None) if info.starts_with("console") => case.consoles.push(body.to_owned()),
                    (Some(case), Some(path)) => case.files.push((path.to_owned(), body.to_owned())),
                    (None, Some(path)) => shared.push((path.to_owned(), body.to_owned())),
                    _ => {}
                }
            }
        }
    }
    cases
}

/// The spec with every console block replaced by what is printed now.
fn bless(text: &str, beside: &[(String, String)]) -> String {
    let mut cases = cases(text, beside).into_iter();
    let mut folder = None;
    let mut result = String::new();
    let mut done = 0;
    for part in parts(text) {
        match part {
            Part::Heading(_) => folder = cases.next().map(|case| case.lay_out()),
            Part::Block { info, body, start } if info.starts_with("console") => {
                let Some(folder) = &folder else { continue };
                result.push_str(&text[done..start]);
                result.push_str(&replay(folder.path(), body));
                done = start + body.len();
            }
            Part::Block { .. } => {}
        }
    }
    result.push_str(&text[done..]);
    result
}

/// Runs the commands of a console block and gives the block as it should be.
fn replay(folder: &Path, console: &str) -> String {
    let commands = console.lines().filter(|line| line.starts_with("$ "));
    commands.map(|line| format!("{line}\n{}", run(folder, &line[2..]))).collect()
}

/// Exit code 1 says of these commands that something was found, and standard output says what.
fn answers_with_findings(line: &str) -> bool {
    ["plimsoll diff", "--check", "plimsoll lint", "plimsoll test", "plimsoll convert"]
        .iter()
        .any(|words| line.contains(words))
}

fn run(folder: &Path, line: &str) -> String {
    let output = Command::new("bash")
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", search_path())
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let code = output.status.code().unwrap_or(-1);
    assert!(
        code == 0 || stdout.is_empty() || line.contains('|') || answers_with_findings(line),
        "a failed run printed to standard output: {line}\n{stdout}"
    );
    let ended = if code == 0 { String::new() } else { format!("? {code}\n") };
    format!("{stdout}{stderr}{ended}")
}
