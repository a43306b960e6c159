//! The fuzz targets without a fuzzer: each gets its seeds as they are, and some thousands of them changed by fixed dice.
//!
//! It needs no second build of the dependencies, and every run does the same. `fuzz/run.sh` goes on where this ends.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

#[path = "../fuzz/src/lib.rs"]
mod targets;

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use support::files::files_with_extension;
use support::markdown;

/// Longer seeds are cut: what they find, shorter ones find sooner.
const LONGEST: usize = 2_000;

/// Fixed dice.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }

    /// A place in a text, between two characters.
    fn place(&mut self, text: &str) -> usize {
        let mut place = self.below(text.len() + 1);
        while !text.is_char_boundary(place) {
            place -= 1;
        }
        place
    }

    /// A piece of a text, mostly a short one.
    fn piece<'t>(&mut self, text: &'t str) -> (usize, &'t str) {
        let start = self.place(text);
        let longest = if self.below(4) == 0 { text.len() } else { 16 };
        let mut end = (start + self.below(longest)).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        (start, &text[start..end.max(start)])
    }
}

/// Tokens besides those of the dictionary: what other fuzzers found faults with.
const TOKENS: &[&str] = &[
    "\u{0}",
    "\u{1b}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{feff}",
    "\u{fdd0}0\u{fdd1}",
    "\u{10ffff}",
    "\r\n",
    "\t",
    "\"",
    "'",
    "\\",
    "9223372036854775808",
    "-0",
    "1e400",
    ".nan",
    "0o8",
    "0x",
    "18446744073709551616",
    "[[[[",
    "{}",
    "{",
    "}",
    "$ref",
    "#/",
    "null",
    "2001-01-01",
    "? ",
    "&a [*a]",
    "%YAML 1.1\n",
    "{{",
    "}}",
    "{% raw %}",
    "{#",
    "- - - ",
];

/// The tokens of `fuzz/yaml.dict`.
fn dictionary() -> Vec<String> {
    let text = fs::read_to_string("fuzz/yaml.dict").unwrap();
    let quoted = text.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix('"'));
    let words = quoted
        .map(|word| word.replace("\\x0a", "\n").replace("\\\\", "\\"))
        .filter(|word| !word.contains("\\x"));
    words.chain(TOKENS.iter().map(|token| (*token).to_owned())).collect()
}

/// One change of a text.
fn changed(text: &str, seeds: &[String], words: &[String], dice: &mut Dice) -> String {
    let (start, piece) = dice.piece(text);
    let (before, after) = (&text[..start], &text[start + piece.len()..]);
    match dice.below(7) {
        0 => format!("{before}{after}"),
        1 => format!("{before}{piece}{piece}{after}"),
        2 | 3 => format!("{before}{}{piece}{after}", words[dice.below(words.len())]),
        4 => format!("{before}{}{after}", words[dice.below(words.len())]),
        5 => {
            let other = &seeds[dice.below(seeds.len())];
            format!("{before}{}{after}", dice.piece(other).1)
        }
        _ => format!("{before}{}{after}", piece.chars().rev().collect::<String>()),
    }
}

/// Every seed as it is, and so many changed ones, each changed up to four times.
fn run(name: &str, target: fn(&str), times: usize) {
    let (seeds, words) = (seeds(name), dictionary());
    assert!(seeds.len() > 20 && words.len() > 60, "{name}: {} seeds", seeds.len());
    for seed in &seeds {
        hold(name, target, seed);
    }
    let mut dice = Dice(name.bytes().map(u64::from).sum());
    for _ in 0..times {
        let mut text = seeds[dice.below(seeds.len())].clone();
        for _ in 0..=dice.below(4) {
            text = changed(&text, &seeds, &words, &mut dice);
        }
        hold(name, target, &text);
    }
}

/// Runs a target; a text that it fails with is shown, to be kept as a specification.
fn hold(name: &str, target: fn(&str), text: &str) {
    if catch_unwind(AssertUnwindSafe(|| target(text))).is_err() {
        panic!("the fuzz target `{name}` fails with {text:?}");
    }
}

#[test]
fn yaml() {
    run("yaml", targets::yaml, 6_000);
}

#[test]
fn print() {
    run("print", targets::print, 4_000);
}

#[test]
fn set() {
    run("set", targets::set, 3_000);
}

#[test]
fn merge() {
    run("merge", targets::merge, 3_000);
}

#[test]
fn render() {
    run("render", targets::render, 1_200);
}

#[test]
fn split() {
    run("split", targets::split, 4_000);
}

#[test]
fn schema() {
    run("schema", targets::schema, 1_500);
}

#[test]
fn kube() {
    run("kube", targets::kube, 2_000);
}

/// What the fuzzer has found, and what was no fault of ours.
#[test]
fn what_was_found_holds() {
    let number = format!("-1844674{}\n", "0".repeat(230));
    targets::print(&number);
    targets::print(&number[1..]);
}

/// Each target of the fuzzer is run here, too.
#[test]
fn every_target_is_here() {
    let here = fs::read_to_string("tests/fuzzing.rs").unwrap();
    for target in fs::read_dir("fuzz/fuzz_targets").unwrap() {
        let name = target.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        assert!(here.contains(&format!("run(\"{name}\", targets::{name}, ")), "{name}");
    }
}

/// The seeds of a target, as `fuzz/seeds.py` makes them.
fn seeds(target: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    for page in files_with_extension("tests", "md") {
        for case in fs::read_to_string(page).unwrap().split("\n## ") {
            of_case(target, &named_blocks(case), &mut found);
        }
    }
    for entry in fs::read_dir(format!("fuzz/seeds/{target}")).into_iter().flatten() {
        found.insert(fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    let of_files: Vec<PathBuf> = match target {
        "merge" => files_with_extension("values", "yaml"),
        "render" => files_with_extension("charts", "yaml"),
        "yaml" | "print" | "split" | "kube" => files_with_extension("tests", "yaml")
            .into_iter()
            .filter(|path| path.iter().any(|part| part == "golden"))
            .collect(),
        _ => Vec::new(),
    };
    for path in of_files {
        let text = fs::read_to_string(&path).unwrap();
        match target {
            "merge" => found.extend([format!("{text}\n=====\n{text}")]),
            "render" if !path.iter().any(|part| part == "templates") => {}
            "render" => found.extend([text]),
            _ => found.extend(text.split("\n---\n").step_by(5).map(str::to_owned)),
        }
    }
    found.into_iter().filter(|text| text.len() <= LONGEST).collect()
}

/// What one case of a specification gives to a target.
fn of_case(target: &str, blocks: &[(&str, &str)], found: &mut BTreeSet<String>) {
    let values = blocks.iter().find(|(name, _)| *name == "values.yaml").map_or("", |(_, text)| text);
    for (name, text) in blocks {
        let yaml = name.ends_with("yaml");
        match target {
            "render" if name.starts_with("templates/") => found.extend([format!("{text}\n=====\n{values}")]),
            "schema" if name.ends_with("schema.json") => found.extend([format!("{text}\n=====\n{values}")]),
            "merge" if yaml => found.extend([format!("{values}\n=====\n{text}")]),
            "yaml" | "print" | "split" | "kube" if yaml => found.extend([(*text).to_owned()]),
            "set" if *name == "console" => found.extend(flags(text)),
            _ => {}
        }
    }
}

/// The fenced blocks of a page, each with the last word behind its opening fence: the name of its file, or its language.
fn named_blocks(page: &str) -> Vec<(&str, &str)> {
    let blocks = markdown::blocks(page).into_iter();
    blocks.filter_map(|(info, body)| Some((info.split_whitespace().last()?, body))).collect()
}

/// What the `--set` flags of a console are given.
fn flags(console: &str) -> Vec<String> {
    let flags = console.split("--set").skip(1).filter_map(|rest| rest.split_once(' '));
    let argument = |(_, rest): (&str, &str)| match rest.strip_prefix('\'') {
        Some(quoted) => quoted.split('\'').next().map(str::to_owned),
        None => rest.split_whitespace().next().map(str::to_owned),
    };
    flags.filter_map(argument).collect()
}
