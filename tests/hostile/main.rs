//! Hostile input, as a user would meet it: the program as a process with little memory, a small stack and a time limit.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]
#![cfg(unix)]

mod charts;
mod files;
mod filters;
mod findings;
mod folder;
mod revisions;
mod rows;
#[path = "../support/mod.rs"]
mod support;
mod templates;
mod terminal;
mod texts;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::files::contents;
use support::program::{Ended, search_path};

/// What one run may take at most: address space and stack in KiB, and seconds (a debug build on a busy machine is slow).
const MEMORY: u32 = 1_500_000;
const STACK: u32 = 8_192;
const SECONDS: u64 = 60;

const OBJECT: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: t\n";

/// A chart in a folder of its own, in which commands run.
struct Chart {
    folder: tempfile::TempDir,
}

impl Chart {
    /// The smallest chart with these files besides.
    fn new(files: &[(&str, &str)]) -> Self {
        let chart = Chart { folder: tempfile::tempdir().unwrap() };
        chart.write("chart.yaml", "name: t\nversion: 0.0.1\n");
        files.iter().for_each(|(path, text)| chart.write(path, text));
        chart
    }

    /// A chart whose one template is a ConfigMap with this text behind `data:`.
    fn of_data(data: &str) -> Self {
        Chart::new(&[
            ("templates/t.yaml", &format!("{OBJECT}data:\n{data}")),
            ("values.yaml", "a: 1\ns: x\nl: [1, 2]\n"),
        ])
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        support::files::write(self.path(), path, text);
    }

    /// Runs a line of bash in which `plimsoll` is the program.
    fn run(&self, line: &str) -> Ended {
        self.run_with(line, STACK)
    }

    fn run_with(&self, line: &str, stack: u32) -> Ended {
        self.run_limited(line, stack, MEMORY)
    }

    /// As [`Chart::run`] with so many KiB of memory.
    fn run_within(&self, line: &str, memory: u32) -> Ended {
        self.run_limited(line, STACK, memory)
    }

    fn run_limited(&self, line: &str, stack: u32, memory: u32) -> Ended {
        let report = tempfile::tempdir().unwrap();
        let (out, err) = (report.path().join("out"), report.path().join("err"));
        let limits = format!("ulimit -v {memory}; ulimit -s {stack}; ulimit -c 0");
        let child = Command::new("bash")
            .args(["-c", &format!("{limits}; {line}")])
            .current_dir(self.path())
            .env("PATH", search_path())
            .env_remove("NO_COLOR")
            .stdin(Stdio::null())
            .stdout(File::create(&out).unwrap())
            .stderr(File::create(&err).unwrap())
            .spawn()
            .unwrap();
        let code = wait(child, line);
        let text = |path: PathBuf| String::from_utf8(fs::read(path).unwrap()).unwrap();
        let (out, err) = (text(out), text(err));
        // The answer of `lint` is its findings.
        if line.contains("plimsoll lint") && err.is_empty() {
            return Ended { code, out: err, err: out };
        }
        Ended { code, out, err }
    }

    /// Renders, which must fail as the law says.
    fn refuses(&self, arguments: &str) -> Ended {
        self.run(&format!("plimsoll render . {arguments}")).refused(arguments)
    }
}

/// The laws of how a run ends, for chains: `chart.refuses("").says("…")`.
impl Ended {
    /// Holds a run that should have failed against the law: exit code 1 or 2, an error, nothing on standard output.
    fn refused(self, line: &str) -> Self {
        assert!(matches!(self.code, Some(1 | 2)), "{line}: {:?}\n{:.2000}", self.code, self.err);
        assert_eq!(self.out, "", "{line}");
        assert!(
            self.err.starts_with("error") || self.err.starts_with("warning"),
            "{line}: {:.2000}",
            self.err
        );
        assert!(self.err.contains("help: ") || self.code == Some(2), "{line}: {:.2000}", self.err);
        assert!(!self.err.contains("has a bug"), "{line}: {}", self.err);
        self
    }

    /// The finding has this code and stands at this place, `file:line`.
    fn at(self, code: &str, place: &str) -> Self {
        assert!(self.err.contains(&format!("error[{code}]")), "{code}: {:.2000}", self.err);
        assert!(self.err.contains(place), "{place}: {:.2000}", self.err);
        self
    }

    fn says(self, words: &str) -> Self {
        assert!(self.err.contains(words), "{words}: {:.2000}", self.err);
        self
    }

    fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{:.2000}", self.err);
        self
    }
}

fn wait(mut child: Child, line: &str) -> Option<i32> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if start.elapsed() > Duration::from_secs(SECONDS) {
            let _ = child.kill();
            panic!("still running after {SECONDS} s: {line:.300}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
