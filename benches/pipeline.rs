//! Speed and memory, as ratios against peers of the same run: `cargo bench`.
//!
//! * the whole process: Skyflo in production against `kubectl kustomize` printing the same documents, and against
//!   `helm template` of the original chart, if `HELM_CHART` names its folder;
//! * the pipeline: n Deployments of 37 lines, rendered, checked, decoded and printed, against the YAML parser's own event scan
//!   of the printed text;
//! * the stages of one Skyflo render.
#![allow(clippy::expect_used, clippy::print_stdout, missing_docs)]

use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use plimsoll::emit::{Format, stream};
use plimsoll::request::{Request, ValuesFile};
use plimsoll::session::Session;
use plimsoll::{chart, pipeline, schema};

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PRODUCTION: &str = "tests/profiles/skyflo/values/production-by-url.yaml";

fn main() {
    whole_process();
    deployments();
    stages();
}

/// The best of `times` runs, after one that warms up.
fn best(times: usize, mut run: impl FnMut()) -> Duration {
    run();
    let once = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..times).map(once).min().unwrap_or_default()
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn production() -> Request {
    Request {
        chart: "skyflo".to_owned(),
        files: vec![ValuesFile::Path(PRODUCTION.into())],
        ..Request::default()
    }
}

fn whole_process() {
    // `cargo bench` builds the program with what tests need; what users have can be named.
    let program = &*std::env::var("PLIMSOLL").unwrap_or_else(|_| env!("CARGO_BIN_EXE_plimsoll").to_owned());
    let arguments = ["render", "skyflo", "-f", PRODUCTION];
    // As an installation does, and as the peer is: the pages of a file that a linker wrote are mapped one by one.
    let installed = tempfile::tempdir().expect("a temporary folder");
    let installed = &*installed.path().join("plimsoll").display().to_string();
    std::fs::copy(program, installed).expect("a copy");
    let program = installed;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let printed = Command::new(program).args(arguments).output().expect("a render").stdout;
    std::fs::write(folder.path().join("all.yaml"), printed).expect("a file");
    std::fs::write(folder.path().join("kustomization.yaml"), "resources: [all.yaml]\n").expect("a file");
    let has_peer = Command::new("kubectl").arg("version").arg("--client").output().is_ok();
    let helm = Helm::find();
    // In turn: a machine has quicker and slower moments.
    let mut ours = Vec::new();
    let mut peers = Vec::new();
    let mut helms = Vec::new();
    for _ in 0..ROUNDS {
        if has_peer {
            peers.push(time(|| quiet(Command::new("kubectl").arg("kustomize").arg(folder.path()))));
        }
        if let Ok(helm) = &helm {
            helms.push(time(|| quiet(&mut helm.template())));
        }
        ours.extend((0..8).map(|_| time(|| quiet(Command::new(program).args(arguments)))));
    }
    let ours = spread(&mut ours);
    println!(
        "whole process, Skyflo in production: {:.2} ms at best, {:.2} ms in the middle",
        millis(ours.0),
        millis(ours.1)
    );
    if let Some(kilobytes) = peak_memory(program, &arguments) {
        println!("  peak resident memory: {:.1} MiB", kilobytes as f64 / 1024.0);
    }
    if has_peer {
        compare("kubectl kustomize, the same documents", &mut peers, ours);
    } else {
        println!("  skipped: kubectl is not installed");
    }
    match helm {
        Ok(_) => compare("helm template, the original chart", &mut helms, ours),
        Err(missing) => println!("  skipped: {missing}"),
    }
}

/// Prints a peer's best and middle times, beside ours.
fn compare(peer: &str, times: &mut [Duration], ours: (Duration, Duration)) {
    let theirs = spread(times);
    println!(
        "  {peer}: {:.2} ms and {:.2} ms, {:.1} and {:.1} times ours",
        millis(theirs.0),
        millis(theirs.1),
        ratio(theirs.0, ours.0),
        ratio(theirs.1, ours.1)
    );
}

/// Helm, and the Helm chart that Skyflo's own project publishes: what users would run instead.
struct Helm {
    chart: String,
}

impl Helm {
    /// What is missing, if not both are there.
    fn find() -> Result<Helm, &'static str> {
        let chart =
            std::env::var("HELM_CHART").map_err(|_| "HELM_CHART names no folder of the original chart")?;
        let version = Command::new("helm").arg("version").stdout(Stdio::null()).status();
        version.map_err(|_| "helm is not installed")?;
        Ok(Helm { chart })
    }

    /// The only setting that the chart asks for is set. It has no values for production as we have them.
    fn template(&self) -> Command {
        let mut command = Command::new("helm");
        command.args(["template", "skyflo", &self.chart, "--namespace", "skyflo", "--include-crds"]);
        command.args(["--set", "engine.secrets.llmModel=gpt"]);
        command
    }
}

const ROUNDS: usize = 25;

fn time(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

/// The best and the one in the middle.
fn spread(times: &mut [Duration]) -> (Duration, Duration) {
    times.sort_unstable();
    (times[0], times[times.len() / 2])
}

fn quiet(command: &mut Command) {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("a process");
    assert!(status.success(), "{command:?}");
}

fn peak_memory(program: &str, arguments: &[&str]) -> Option<u64> {
    let output = Command::new("/usr/bin/time").args(["-f", "%M", program]).args(arguments).output().ok()?;
    String::from_utf8_lossy(&output.stderr).lines().last()?.trim().parse().ok()
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}

/// One Deployment of 37 lines an item of `values.apps`.
const TEMPLATE: &str = include_str!("peers/many.yaml");

fn deployments() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    write("chart.yaml", "name: many\nversion: 0.0.1\n");
    write("templates/deployments.yaml", TEMPLATE);
    let mut first = None;
    for count in [100, 1_000, 10_000] {
        let mut values =
            "registry: registry.example\ntag: 1.10\nport: 8080\nlogLevel: info\napps:\n".to_owned();
        (0..count).for_each(|app| values.push_str(&format!("  - {{name: app-{app}, replicas: 2}}\n")));
        write("values.yaml", &values);
        let request = Request { chart: folder.path().display().to_string(), ..Request::default() };
        let times = (3_000 / count).clamp(3, 20);
        let mut printed = String::new();
        let ours = best(times, || {
            let session = Session::new();
            let documents = pipeline::render(&session, &request).expect("a clean render");
            printed = stream(&documents, Format::Yaml);
        });
        let scan = best(times, || {
            black_box(
                granit_parser::Parser::new_from_str(&printed)
                    .map(|event| event.is_ok())
                    .filter(|ok| *ok)
                    .count(),
            );
        });
        let each = ours.as_secs_f64() * 1e6 / f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let growth = each / *first.get_or_insert(each);
        println!(
            "{count} Deployments: {:.2} ms, {:.2} times the event scan ({:.2} ms); {each:.1} µs a document, {growth:.2} of that at 100",
            millis(ours),
            ratio(ours, scan),
            millis(scan),
        );
    }
}

fn stages() {
    let request = production();
    let report = |name: &str, duration: Duration| println!("  {name:<28} {:>8.3} ms", millis(duration));
    println!("stages of one Skyflo render:");
    report(
        "open the chart",
        best(50, || {
            black_box(chart::open(&Session::new(), "skyflo").ok());
        }),
    );
    report(
        "compile the schema",
        best(50, || {
            let session = Session::new();
            let chart = chart::open(&session, "skyflo").expect("the chart");
            black_box(schema::Schema::compile(&session, chart.schema.expect("a schema")).ok());
        }),
    );
    report(
        "merge the values",
        best(50, || {
            black_box(pipeline::merge(&Session::new(), &request).ok());
        }),
    );
    report(
        "check the values",
        best(50, || {
            black_box(pipeline::values(&Session::new(), &request).ok());
        }),
    );
    report(
        "render, check and decode",
        best(50, || {
            black_box(pipeline::render(&Session::new(), &request).ok());
        }),
    );
    println!("  (each line includes the ones above it)");
}
