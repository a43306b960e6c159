//! The scripts of `packaging/`, without the long build: pages, the archive and the image of a small package.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use support::files::{files_with_extension, write};
use support::program::PROGRAM;
use tempfile::TempDir;

fn run(program: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program).args(arguments).env("SOURCE_DATE_EPOCH", "86400").output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn lines(program: &str, arguments: &[&str]) -> Vec<String> {
    String::from_utf8(run(program, arguments).stdout).unwrap().lines().map(str::to_owned).collect()
}

fn has_python() -> bool {
    let found = Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("skipped: python3 is not installed");
    }
    found
}

#[test]
fn scripts_are_shell() {
    for script in ["packaging/package.sh", "packaging/pages.sh", "fuzz/run.sh", ".ci/run"] {
        run("bash", &["-n", script]);
    }
}

/// Where Plimsoll is published is set in `Cargo.toml`, and pages that name the place name that one.
#[test]
fn every_page_names_the_repository_of_cargo_toml() {
    let repository = env!("CARGO_PKG_REPOSITORY");
    let (_, project) = repository.split_once("https://github.com/").expect("a repository of GitHub");
    let mut pages = files_with_extension("docs", "md");
    pages.extend(files_with_extension("examples", "md"));
    pages.extend(
        ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ".pre-commit-hooks.yaml"].map(PathBuf::from),
    );
    let mut seen = 0;
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || "\"'`()<>".contains(c)).collect();
        for (index, word) in words.iter().enumerate() {
            let follows_flag = index > 0 && words[index - 1] == "--repo";
            let expected = match word {
                _ if follows_flag => project,
                _ if word.starts_with("https://github.com/") && word.ends_with("/plimsoll") => repository,
                _ => continue,
            };
            assert_eq!(*word, expected, "{}", page.display());
            seen += 1;
        }
    }
    assert!(seen >= 2, "{seen}");
}

#[test]
fn every_command_has_a_manual_page_and_every_shell_its_completions() {
    let program = PROGRAM;
    let folder = TempDir::new().unwrap();
    run("packaging/pages.sh", &[program, folder.path().to_str().unwrap()]);

    let help = lines(program, &["--help"]);
    let listed =
        help.iter().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let named = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let commands: Vec<&str> = named.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.contains(&"render") && commands.contains(&"help"), "{commands:?}");

    let pages = commands.iter().filter(|name| **name != "help").map(|name| format!("plimsoll-{name}.1"));
    let pages: BTreeSet<String> = pages.chain(["plimsoll.1".to_owned()]).collect();
    assert_eq!(names(&folder.path().join("man/man1")), pages);
    for page in &pages {
        let text = fs::read_to_string(folder.path().join("man/man1").join(page)).unwrap();
        let title = format!("\n.TH {} 1 ", page.trim_end_matches(".1").to_uppercase());
        assert!(text.contains(&title) && text.contains(".SH SYNOPSIS"), "{page}: {text}");
    }

    let shells = ["bash", "elvish", "fish", "powershell", "zsh"].map(|shell| format!("plimsoll.{shell}"));
    assert_eq!(names(&folder.path().join("completions")), BTreeSet::from(shells));
    for script in names(&folder.path().join("completions")) {
        let text = fs::read_to_string(folder.path().join("completions").join(&script)).unwrap();
        assert!(text.contains("PLIMSOLL_COMPLETE"), "{script} does not ask the program");
    }
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// A package in a folder of its own, its files written in this order.
fn package(folder: &TempDir, order: &[&str]) -> PathBuf {
    let package = folder.path().join("plimsoll-1.2.3-x86_64-unknown-linux-musl");
    for name in order {
        write(&package, name, format!("This is {name}.\n"));
    }
    package
}

const FILES: [&str; 5] = ["LICENSE", "LICENSE-APACHE", "LICENSE-MIT", "man/man1/plimsoll.1", "plimsoll"];

#[test]
fn one_package_is_one_archive() {
    if !has_python() {
        return;
    }
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let reversed: Vec<&str> = FILES.into_iter().rev().collect();
    let packages = [package(&one, &FILES), package(&other, &reversed)];
    run("chmod", &["0600", packages[1].join("LICENSE").to_str().unwrap()]);
    let archives = packages.map(|package| {
        run("python3", &["packaging/archive.py", package.to_str().unwrap()]);
        package.with_file_name("plimsoll-1.2.3-x86_64-unknown-linux-musl.tar.gz")
    });
    assert_eq!(fs::read(&archives[0]).unwrap(), fs::read(&archives[1]).unwrap());

    let listed = lines("tar", &["--utc", "--numeric-owner", "-tvzf", archives[0].to_str().unwrap()]);
    let expected = [
        "drwxr-xr-x 0/0 0 1970-01-02 00:00 plimsoll-1.2.3-x86_64-unknown-linux-musl/",
        "-rw-r--r-- 0/0 17 1970-01-02 00:00 plimsoll-1.2.3-x86_64-unknown-linux-musl/LICENSE",
        "-rw-r--r-- 0/0 24 1970-01-02 00:00 plimsoll-1.2.3-x86_64-unknown-linux-musl/LICENSE-APACHE",
        "-rw-r--r-- 0/0 21 1970-01-02 00:00 plimsoll-1.2.3-x86_64-unknown-linux-musl/LICENSE-MIT",
        "drwxr-xr-x 0/0 0 1970-01-02 00:00 plimsoll-1.2.3-x86_64-unknown-linux-musl/man/",
        "drwxr-xr-x 0/0 0 1970-01-02 00:00 plimsoll-1.2.3-x86_64-unknown-linux-musl/man/man1/",
        "-rw-r--r-- 0/0 29 1970-01-02 00:00 plimsoll-1.2.3-x86_64-unknown-linux-musl/man/man1/plimsoll.1",
        "-rwxr-xr-x 0/0 18 1970-01-02 00:00 plimsoll-1.2.3-x86_64-unknown-linux-musl/plimsoll",
    ];
    assert_eq!(without_padding(&listed), expected);

    let sums = fs::read_to_string(archives[0].with_extension("gz.sha256")).unwrap();
    let name = archives[0].file_name().unwrap().to_str().unwrap();
    assert_eq!(sums, format!("{}  {name}\n", digest(&fs::read(&archives[0]).unwrap())));
}

fn without_padding(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn digest(data: &[u8]) -> String {
    Sha256::digest(data).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn an_image_holds_the_program_and_its_licences() {
    if !has_python() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let package = package(&folder, &FILES);
    let image = folder.path().join("image.tar");
    run(
        "python3",
        &["packaging/image.py", package.to_str().unwrap(), "1.2.3", "arm64", image.to_str().unwrap()],
    );
    run("tar", &["-xf", image.to_str().unwrap(), "-C", folder.path().to_str().unwrap()]);

    let index = read_json(&folder.path().join("index.json"));
    let manifest = read_json(&blob(folder.path(), &index["manifests"][0]));
    let config = read_json(&blob(folder.path(), &manifest["config"]));
    let layer = blob(folder.path(), &manifest["layers"][0]);
    assert_eq!(config["architecture"], "arm64");
    assert_eq!(config["config"]["Entrypoint"], json!(["/plimsoll"]));
    assert_eq!(config["created"], "1970-01-02T00:00:00Z");
    let unpacked = run("gzip", &["-dc", layer.to_str().unwrap()]).stdout;
    assert_eq!(config["rootfs"]["diff_ids"], json!([format!("sha256:{}", digest(&unpacked))]));

    let listed = lines("tar", &["--utc", "--numeric-owner", "-tvzf", layer.to_str().unwrap()]);
    let expected = [
        "drwxr-xr-x 0/0 0 1970-01-02 00:00 licenses/",
        "-rwxr-xr-x 0/0 18 1970-01-02 00:00 plimsoll",
        "-rw-r--r-- 0/0 17 1970-01-02 00:00 licenses/LICENSE",
        "-rw-r--r-- 0/0 24 1970-01-02 00:00 licenses/LICENSE-APACHE",
        "-rw-r--r-- 0/0 21 1970-01-02 00:00 licenses/LICENSE-MIT",
        "drwxr-xr-x 0/0 0 1970-01-02 00:00 work/",
    ];
    assert_eq!(without_padding(&listed), expected);

    // What `docker load` reads names the same blobs.
    let loaded = read_json(&folder.path().join("manifest.json"));
    assert_eq!(loaded[0]["RepoTags"], json!(["plimsoll:1.2.3"]));
    assert!(layer.ends_with(loaded[0]["Layers"][0].as_str().unwrap()), "{loaded}");
}

fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The file of a blob, which holds what its descriptor says.
fn blob(layout: &Path, descriptor: &Value) -> PathBuf {
    let name = descriptor["digest"].as_str().and_then(|digest| digest.strip_prefix("sha256:")).unwrap();
    let path = layout.join("blobs/sha256").join(name);
    let data = fs::read(&path).unwrap();
    assert_eq!((digest(&data).as_str(), json!(data.len())), (name, descriptor["size"].clone()));
    path
}
