//! Runs the specifications under `tests/spec/`: Markdown files whose fenced blocks are files and expected output.
//!
//! A `## heading` begins a case. A block whose info string names a path (```` ```yaml values.yaml ````) is a file of
//! it; blocks before the first heading belong to every case. A `console` block holds commands, each with what it prints to
//! standard output, then to standard error, then `? N` for an exit code other than 0. A case without a `chart.yaml`
//! gets the smallest one. The README, the page of mistakes and those of the examples run from top to bottom, in a copy of the example's folder. `BLESS=1` rewrites the expectations, for a person to read in the diff.

#![allow(clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for path in markdown_files(Path::new("tests/spec")) {
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

fn markdown_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder of specs") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(markdown_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The pages whose console blocks run.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![PathBuf::from("README.md"), PathBuf::from("docs/mistakes.md")];
    pages.extend(markdown_files(Path::new("examples")));
    pages
}

/// A page as it should be: from top to bottom, files are written and commands run in one folder.
fn replay_page(path: &Path, text: &str) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let home = path.parent().expect("a folder");
    let beside = if home.starts_with("examples") { files_below(home) } else { Vec::new() };
    for file in beside {
        write(
            &folder.path().join(file.strip_prefix(home).expect("below the folder")),
            &fs::read(&file).expect("a file"),
        );
    }
    let mut result = String::new();
    let mut done = 0;
    for part in parts(text) {
        let Part::Block { info, body, start } = part else { continue };
        match info.split_whitespace().nth(1) {
            Some(name) => write(&folder.path().join(name), body.as_bytes()),
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

fn write(path: &Path, text: &[u8]) {
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    fs::write(path, text).expect("a file");
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found
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
        let folder = tempfile::tempdir().expect("a temporary folder");
        let smallest = ("chart.yaml".to_owned(), "name: t\nversion: 0.0.1\n".to_owned());
        for (path, text) in std::iter::once(&smallest).chain(&self.files) {
            write(&folder.path().join(path), text.as_bytes());
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

enum Part<'t> {
    Heading(&'t str),
    Block { info: &'t str, body: &'t str, start: usize },
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut offset = 0;
    let mut open: Option<(&str, &str, usize)> = None;
    for line in text.split_inclusive('\n') {
        let next = offset + line.len();
        let trimmed = line.trim_end();
        match open {
            Some((fence, info, start)) if trimmed == fence => {
                parts.push(Part::Block { info, body: &text[start..offset], start });
                open = None;
            }
            Some(_) => {}
            None => {
                let ticks = trimmed.len() - trimmed.trim_start_matches('`').len();
                if ticks >= 3 {
                    open = Some((&trimmed[..ticks], &trimmed[ticks..], next));
                } else if let Some(title) = trimmed.strip_prefix("## ") {
                    parts.push(Part::Heading(title));
                }
            }
        }
        offset = next;
    }
    parts
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

/// Exit code 1 says of these commands that something differs, and standard output says what.
fn says_what_differs(line: &str) -> bool {
    line.contains("plimsoll diff") || line.contains("--check")
}

fn run(folder: &Path, line: &str) -> String {
    let program = env!("CARGO_BIN_EXE_plimsoll");
    let directory = Path::new(program).parent().expect("a folder of programs");
    let path = format!("{}:{}", directory.display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new("bash")
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", path)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let code = output.status.code().unwrap_or(-1);
    assert!(
        code == 0 || stdout.is_empty() || line.contains('|') || (code == 1 && says_what_differs(line)),
        "a failed run printed to standard output: {line}\n{stdout}"
    );
    let ended = if code == 0 { String::new() } else { format!("? {code}\n") };
    format!("{stdout}{stderr}{ended}")
}
