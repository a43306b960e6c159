//! Holds the source tree against the tables of `docs/architecture.md`.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The lines of a fenced block of the architecture page, as a name and the words after it.
fn table(info: &str) -> BTreeMap<String, BTreeSet<String>> {
    let page = fs::read_to_string("docs/architecture.md").expect("the architecture page");
    let block =
        page.split(&format!("```{info}\n")).nth(1).expect("the table").split("```").next().expect("its end");
    let row = |line: &str| {
        let mut words = line.split_whitespace().filter(|word| *word != "<-").map(str::to_owned);
        Some((words.next()?, words.collect()))
    };
    block.lines().filter_map(row).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("rs") => found.push(path),
            _ if path.is_dir() => found.extend(rust_files(&path)),
            _ => {}
        }
    }
    found.sort();
    found
}

/// The code of a file without comments and without its tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source file");
    let shipped = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    shipped.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs")
        || path.to_string_lossy().ends_with("_tests.rs")
}

/// The module that a file below `src/` belongs to; `bin` for the binary.
fn module(path: &Path) -> String {
    let first = path.strip_prefix("src").expect("below src").components().next().expect("a name");
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

#[test]
fn modules_import_only_whom_the_page_allows() {
    let allowed = table("imports");
    let mut wrong = Vec::new();
    for path in rust_files(Path::new("src")).into_iter().filter(|path| !is_test(path)) {
        let importer = module(&path);
        if matches!(importer.as_str(), "lib" | "bin") {
            continue;
        }
        let known = allowed.get(&importer).unwrap_or_else(|| panic!("`{importer}` has no line in the table"));
        for imported in code(&path).split("crate::").skip(1) {
            let name: String = imported.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if name != importer && !known.contains(&name) {
                wrong.push(format!("{} imports `{name}`", path.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_foreign_engine_stays_at_home() {
    let homes = table("homes");
    let mut wrong = Vec::new();
    for path in rust_files(Path::new("src")).into_iter().filter(|path| !is_test(path)) {
        let (text, module) = (code(&path), module(&path));
        for (engine, allowed) in &homes {
            let used = text.contains(&format!("{engine}::"));
            if used && !allowed.contains(&module) {
                wrong.push(format!("{} uses `{engine}`", path.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_library_neither_prints_nor_exits_nor_reads_the_clock() {
    let words =
        ["println!", "eprintln!", "print!(", "process::exit", "SystemTime", "Instant::now", "thread_rng"];
    let mut wrong = Vec::new();
    for path in
        rust_files(Path::new("src")).into_iter().filter(|path| module(path) != "bin" && !is_test(path))
    {
        let text = code(&path);
        wrong.extend(
            words
                .iter()
                .filter(|word| text.contains(**word))
                .map(|word| format!("{}: {word}", path.display())),
        );
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_direct_dependency_has_its_reason_on_the_page() {
    let manifest = fs::read_to_string("Cargo.toml").expect("Cargo.toml");
    let section = manifest
        .split("[dependencies]\n")
        .nth(1)
        .expect("dependencies")
        .split("\n[")
        .next()
        .expect("its end");
    let page = fs::read_to_string("docs/architecture.md").expect("the architecture page");
    let reasons = page.split("## Direct dependencies").nth(1).expect("the section");
    for line in section.lines().filter(|line| !line.trim().is_empty()) {
        let name = line.split([' ', '=']).next().expect("a name");
        assert!(reasons.contains(name), "`{name}` has no line in docs/architecture.md");
    }
}

#[test]
fn every_file_opens_with_one_line_that_says_what_it_owns() {
    for path in rust_files(Path::new("src")) {
        let text = fs::read_to_string(&path).expect("a source file");
        assert!(text.starts_with("//! "), "{} does not open with `//! …`", path.display());
    }
}
