//! Charts that `plimsoll new` and `plimsoll eject` write: right as they are, and written where nothing is.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod support;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use plimsoll::chart::bundled;
use support::files::{contents, write};
use support::program::{Ended, PROGRAM, run};

/// A shape by its word, the presets of its chart, and flags that switch on all that it has.
const SHAPES: &[(&str, &[&str])] = &[
    ("web", &["--set", "ingress.enabled=true,httpRoute.enabled=true,networkPolicy.allowInternet=true"]),
    ("worker", &["--set", "networkPolicy.allowInternet=true,livenessProbe.failureThreshold=5"]),
    ("cron-job", &["--set", "serviceAccount.create=false,suspend=true"]),
    ("stateful", &["--set", "replicas=3,storage.storageClass=fast,networkPolicy.allowFrom={10.0.0.0/8}"]),
];

/// Names at the ends of what is allowed, and some that YAML takes for something else.
const NAMES: &[&str] = &[
    "shop",
    "a",
    "no",
    "null",
    "y",
    "shop-2",
    "y2k",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];

fn plimsoll(folder: &Path, arguments: &[&str]) -> Ended {
    run(Command::new(PROGRAM).args(arguments).current_dir(folder).stdin(Stdio::null()))
}

/// The program does as it is told, and says nothing on standard error.
fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let ended = plimsoll(folder, arguments);
    assert!(ended.code == Some(0) && ended.err.is_empty(), "{arguments:?}: {ended:?}");
    ended.out
}

#[test]
fn every_shape_is_right_as_it_is() {
    for (shape, everything) in SHAPES {
        for name in NAMES {
            let folder = tempfile::tempdir().expect("a folder");
            let made = succeeds(folder.path(), &["new", name, "--from", shape]);
            assert!(made.contains(&format!("plimsoll lint {name} ")), "{made}");
            let linted = succeeds(folder.path(), &["lint", name, "--max-warnings", "0"]);
            assert!(linted.ends_with("no errors, no warnings\n"), "{linted}");
            let tested = succeeds(folder.path(), &["test", name]);
            assert!(tested.ends_with("none failed\n"), "{tested}");
            for versions in ["1.31", "1.31..1.37"] {
                succeeds(folder.path(), &["render", name, "--kube-version", versions]);
            }
            let plain = ["render", name];
            // A release of another name than the chart's has both names in those of its objects.
            let release: &[&str] = if name.len() < 20 { &["--release-name", "prod"] } else { &[] };
            for further in [&[], &["-p", "production"][..], *everything, release] {
                kubectl_decodes(&succeeds(folder.path(), &[&plain, further].concat()));
            }
        }
    }
}

/// A real `kubectl`, where there is one, decodes every object of a stream.
fn kubectl_decodes(manifests: &str) {
    let mut command = Command::new("kubectl");
    command.args(["label", "--local", "--dry-run=client", "-o", "name", "-f", "-", "asked=yes"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        eprintln!("skipped: kubectl is not installed");
        return;
    };
    child.stdin.take().expect("a pipe").write_all(manifests.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("its output");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{manifests}", text(&output.stderr));
    let objects = manifests.lines().filter(|line| line.starts_with("kind: ")).count();
    assert_eq!(text(&output.stdout).lines().count(), objects, "{manifests}");
}

/// Every shape, as often as one wants, is the same bytes.
#[test]
fn the_same_command_writes_the_same_files() {
    for (shape, _) in SHAPES {
        let folder = tempfile::tempdir().expect("a folder");
        for parent in ["one", "two/deeper"] {
            succeeds(folder.path(), &["new", &format!("{parent}/shop"), "--from", shape]);
        }
        let written = |parent: &str| contents(&folder.path().join(parent).join("shop"));
        assert_eq!(written("one"), written("two/deeper"));
        assert!(!written("one").iter().any(|(path, _)| path.contains("plimsoll-new")));
    }
}

#[test]
fn the_name_is_the_last_part_of_the_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let empty = folder.path().join("here");
    fs::create_dir(&empty).expect("a folder");
    for (at, argument, chart) in [
        (folder.path(), "charts/web/", "charts/web"),
        (folder.path(), "./other", "other"),
        (folder.path(), "made/../beside", "beside"),
        (empty.as_path(), ".", "."),
    ] {
        succeeds(at, &["new", argument]);
        let name = at.join(chart).canonicalize().expect("a folder");
        let name = name.file_name().expect("a name").to_string_lossy().into_owned();
        let metadata = fs::read_to_string(at.join(chart).join("chart.yaml")).expect("a file");
        assert!(metadata.contains(&format!("\nname: {name}\n")), "{metadata}");
    }
}

#[test]
fn nothing_is_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [("full/notes.txt", "mine"), ("hidden/.keep", ""), ("file", "a file")] {
        write(folder.path(), name, text);
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("file", folder.path().join("link")).expect("a link");
    let before = contents(folder.path());
    let refused: &[(&str, &str)] = &[
        ("full", "error[E008]: the folder `full` is not empty"),
        ("hidden", "error[E008]: the folder `hidden` is not empty"),
        (".", "error["),
        ("file", "`file` is not a folder"),
        ("file/shop", "`file` is not a folder"),
        ("file/", "`file/` is not a folder"),
        ("/", "`/` has no name that a chart could have"),
        ("", "value is required"),
        (" ", "call it `my-app`"),
        ("./-x", "call it `x`"),
        ("..", "error[E008]: the folder `..` is not empty"),
        ("full/../full", "error[E008]: the folder `full/../full` is not empty"),
        ("https://charts.example/shop", "is an address"),
        ("oci://shop", "is an address"),
        #[cfg(unix)]
        ("link", "`link` is a link"),
        ("My_Shop", "call it `my-shop`"),
        ("charts/2fast", "call it `app-2fast`"),
        ("a\u{1b}[31m", "call it `a-31m`"),
    ];
    for (path, reason) in refused {
        let ended = plimsoll(folder.path(), &["new", path]);
        assert!(ended.code == Some(2) && ended.out.is_empty(), "{path}: {ended:?}");
        assert!(ended.err.contains(reason) && !ended.err.contains('\u{1b}'), "{path}: {}", ended.err);
    }
    for (path, reason) in &refused[..2] {
        let ended = plimsoll(folder.path(), &["eject", "skyflo", path]);
        assert!(ended.code == Some(2) && ended.out.is_empty() && ended.err.contains(reason), "{ended:?}");
    }
    for (chart, reason) in [("skyfl", "did you mean `skyflo`?"), ("./full", "copy the folder")] {
        let ended = plimsoll(folder.path(), &["eject", chart, "copy"]);
        assert!(ended.code == Some(2) && ended.out.is_empty() && ended.err.contains(reason), "{ended:?}");
    }
    assert_eq!(contents(folder.path()), before);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_to_nothing_is_not_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink("nowhere", folder.path().join("link")).expect("a link");
    for (path, reason) in
        [("link", "`link` is a link"), ("link/shop", "`link` is a link that leads to nothing")]
    {
        let ended = plimsoll(folder.path(), &["new", path]);
        assert!(ended.code == Some(2) && ended.out.is_empty() && ended.err.contains(reason), "{ended:?}");
    }
    assert!(!folder.path().join("nowhere").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_stays_as_it_is() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let closed = folder.path().join("closed");
    fs::create_dir(&closed).expect("a folder");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).expect("its rights");
    if fs::write(closed.join("x"), "").is_ok() {
        fs::remove_file(closed.join("x")).expect("removed");
        eprintln!("skipped: root may write everywhere");
        return;
    }
    let ended = plimsoll(folder.path(), &["new", "closed/shop"]);
    assert!(ended.code == Some(2) && ended.out.is_empty(), "{ended:?}");
    assert_eq!(contents(folder.path()), []);
}

/// With the words that `lint` has for the bundled chart, and no others.
#[test]
fn an_ejected_chart_is_linted_like_the_bundled_one() {
    for chart in bundled() {
        let folder = tempfile::tempdir().expect("a folder");
        succeeds(folder.path(), &["eject", chart.name, "copy/of-it"]);
        let codes = |path: &str| {
            let ended = plimsoll(folder.path(), &["lint", path, "--format", "json"]);
            let answer: serde_json::Value = serde_json::from_str(&ended.out).expect("JSON");
            let findings = answer["diagnostics"].as_array().expect("findings").clone();
            let words = |finding: &serde_json::Value| format!("{} {}", finding["code"], finding["message"]);
            let mut words: Vec<String> = findings.iter().map(words).collect();
            words.sort();
            (ended.code, words)
        };
        assert_eq!(codes("copy/of-it"), codes(chart.name), "{}", chart.name);
        // By its name too: what is in a folder is meant before what is bundled.
        let compared = plimsoll(folder.path(), &["diff", chart.name, "copy/of-it", "-p", "evaluation"]);
        assert!(compared.code == Some(0), "{compared:?}");
    }
}
