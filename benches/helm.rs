//! Charts of Helm against `helm template` rendering the same, in one run: `cargo bench --bench helm`.
//!
//! * a scaffolded chart, and an umbrella over many charts: the whole process with all checks and rules, beside Helm, which checks
//!   nothing but values; ratios of the times in the middle;
//! * one chart with 10, 100 and 1,000 templates: time per template;
//! * `render --each` with 100 values files of one chart, against as many renders;
//! * `plimsoll test` with fifty cases of one chart, beside Helm rendering the fifty;
//! * peak memory of each.
//!
//! `HELM` names the program of Helm, and `helm` is taken else. It must be the program itself: what starts it, such as a shim of a
//! version manager, would be measured too. `PLIMSOLL` names ours, as `cargo bench` builds it with what tests need.
#![allow(clippy::expect_used, clippy::print_stdout, missing_docs)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[path = "charts/mod.rs"]
mod charts;

/// Charts below the umbrella, of eleven templates and notes each.
const PARTS: usize = 40;

/// Values files of `--each`.
const ENVIRONMENTS: u32 = 100;

/// Cases of the chart that is tested.
const CASES: u32 = 50;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let programs = Programs::find(folder);
    charts::write_scaffold(&folder.join("shop"), "shop");
    charts::write_umbrella(&folder.join("umbrella"), PARTS);
    programs.compare("a scaffolded chart", &folder.join("shop"), 40);
    programs.compare(&format!("an umbrella over {PARTS} charts"), &folder.join("umbrella"), 10);
    programs.scale(folder);
    programs.each(folder);
    programs.test(folder);
}

/// What is measured.
struct Programs {
    ours: String,
    helm: Option<String>,
}

impl Programs {
    fn find(folder: &Path) -> Programs {
        let program = std::env::var("PLIMSOLL").unwrap_or_else(|_| env!("CARGO_BIN_EXE_plimsoll").to_owned());
        // As an installation does: the pages of a file that a linker wrote are mapped one by one.
        let ours = folder.join("plimsoll").display().to_string();
        fs::copy(program, &ours).expect("a copy");
        let helm = std::env::var("HELM").unwrap_or_else(|_| "helm".to_owned());
        let version = Command::new(&helm).args(["version", "--short"]).output();
        let helm = version.ok().filter(|output| output.status.success()).map(|output| {
            println!("beside Helm {}", String::from_utf8_lossy(&output.stdout).trim());
            helm
        });
        if helm.is_none() {
            println!("skipped: Helm is not installed, so nothing is beside ours");
        }
        Programs { ours, helm }
    }

    fn render(&self, chart: &Path) -> Command {
        let mut command = Command::new(&self.ours);
        command.arg("render").arg(chart);
        command
    }

    /// Times of both, in turn: a machine has quicker and slower moments.
    fn compare(&self, what: &str, chart: &Path, rounds: usize) {
        let template = |helm: &String| {
            let mut command = Command::new(helm);
            command.args(["template", "shop"]).arg(chart);
            command
        };
        let mut ours = Vec::new();
        let mut theirs = Vec::new();
        for _ in 0..rounds {
            theirs.extend(self.helm.as_ref().map(|helm| time(&mut template(helm))));
            ours.extend((0..3).map(|_| time(&mut self.render(chart))));
        }
        let ours = middle(&mut ours);
        println!("{what}: {:.2} ms{}", millis(ours), memory(&self.render(chart)));
        if let Some(helm) = &self.helm {
            let theirs = middle(&mut theirs);
            let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
            let memory = memory(&template(helm));
            println!("  helm template: {:.2} ms{memory}, {ratio:.1} times ours", millis(theirs));
        }
    }

    fn scale(&self, folder: &Path) {
        println!("Deployments in a template each, one chart:");
        let mut first = None;
        for (count, rounds) in [(10, 40), (100, 15), (1_000, 5)] {
            let chart = folder.join(format!("many-{count}"));
            charts::write_many(&chart, count);
            let mut times: Vec<Duration> = (0..rounds).map(|_| time(&mut self.render(&chart))).collect();
            let whole = middle(&mut times);
            let each = millis(whole) / count as f64;
            let growth = each / *first.get_or_insert(each);
            let memory = memory(&self.render(&chart));
            println!(
                "  {count:>5}: {:.2} ms{memory}; {each:.3} ms a template, {growth:.2} of the first line's",
                millis(whole)
            );
        }
    }

    fn each(&self, folder: &Path) {
        let (chart, files, out) = (folder.join("shop"), folder.join("environments"), folder.join("out"));
        fs::create_dir(&files).expect("a folder");
        for number in 0..ENVIRONMENTS {
            let text = format!("replicaCount: {}\nimage:\n  tag: 1.{number}.0\n", 1 + number % 5);
            fs::write(files.join(format!("customer-{number:03}.yaml")), text).expect("a file");
        }
        for jobs in ["1", "2"] {
            let each = || {
                let mut command = self.render(&chart);
                command.arg("--each").arg(&files).arg("--output-dir").arg(&out);
                command.args(["--separate-clusters", "--jobs", jobs]);
                command
            };
            let run = || {
                let taken = time(&mut each());
                fs::remove_dir_all(&out).expect("a folder that can go");
                taken
            };
            let mut times: Vec<Duration> = (0..7).map(|_| run()).collect();
            let whole = millis(middle(&mut times));
            let memory = memory(&each());
            fs::remove_dir_all(&out).expect("a folder that can go");
            println!(
                "--each of {ENVIRONMENTS} values files, {jobs} threads: {whole:.1} ms{memory}; {:.2} ms a file",
                whole / f64::from(ENVIRONMENTS)
            );
        }
    }
}

impl Programs {
    /// Fifty cases, each with values and two assertions, in one process; and what Helm takes to render their values one by one.
    fn test(&self, folder: &Path) {
        let chart = folder.join("tested");
        charts::write_scaffold(&chart, "tested");
        fs::create_dir(chart.join("tests")).expect("a folder");
        let mut cases = "defaults:\n  allow: [all]\ncases:\n".to_owned();
        for number in 0..CASES {
            let (replicas, tag) = (1 + number % 5, format!("1.{number}.0"));
            cases.push_str(&format!(
                "- name: case {number}\n  values: {{replicaCount: {replicas}, image: {{tag: \"{tag}\"}}}}\n  expect:\n  \
                 - object: Deployment/tested\n    equal: {{spec.replicas: {replicas}}}\n  \
                 - object: Deployment/tested\n    matches: {{'spec.template.spec.containers[0].image': '{tag}'}}\n"
            ));
        }
        fs::write(chart.join("tests/cases.yaml"), cases).expect("a file");
        let test = || {
            let mut command = Command::new(&self.ours);
            command.arg("test").arg(&chart);
            command
        };
        let mut ours: Vec<Duration> = (0..15).map(|_| time(&mut test())).collect();
        let ours = middle(&mut ours);
        println!("tests of {CASES} cases: {:.1} ms{}", millis(ours), memory(&test()));
        if let Some(helm) = &self.helm {
            let render = |number: u32| {
                let mut command = Command::new(helm);
                command.args(["template", "tested"]).arg(&chart);
                command.arg("--set").arg(format!("replicaCount={},image.tag=1.{number}.0", 1 + number % 5));
                time(&mut command)
            };
            let all = || (0..CASES).map(render).sum();
            let mut theirs: Vec<Duration> = (0..3).map(|_| all()).collect();
            let theirs = middle(&mut theirs);
            let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
            println!("  helm template of each: {:.1} ms, {ratio:.0} times ours", millis(theirs));
        }
    }
}

/// How long a run takes that must succeed. What it prints goes nowhere.
fn time(command: &mut Command) -> Duration {
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("a process");
    assert!(status.success(), "{command:?}");
    start.elapsed()
}

fn middle(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// The peak of resident memory of a run, as a part of a sentence; nothing where GNU time is not installed.
fn memory(command: &Command) -> String {
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%M"]).arg(command.get_program()).args(command.get_args()).stdout(Stdio::null());
    let Ok(output) = timed.output() else { return String::new() };
    let said = String::from_utf8_lossy(&output.stderr);
    let kilobytes = said.split_whitespace().next_back().and_then(|word| word.parse::<f64>().ok());
    kilobytes.map_or_else(String::new, |kilobytes| format!(", {:.1} MiB at its peak", kilobytes / 1024.0))
}
