//! 1,000 Deployments of 37 lines, as a whole process and stage by stage, beside a renderer of Python (Jinja2 and PyYAML with its C
//! library), one of Node (Nunjucks and js-yaml) and `kubectl kustomize`: `cargo bench --bench peers`.
//!
//! The peers fill the same template with the same values, read what it printed and print it again. They check nothing; Plimsoll does
//! all that it always does. `pip install -r benches/peers/requirements.txt` and `npm ci --prefix benches/peers` install them.
#![allow(clippy::expect_used, clippy::print_stdout, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use plimsoll::config::Config;
use plimsoll::emit::{Format, stream};
use plimsoll::kube::{self, Target};
use plimsoll::manifest::{self, Document, PackedDocument};
use plimsoll::request::Request;
use plimsoll::rules::{self, ObjectSet};
use plimsoll::session::Session;
use plimsoll::template::{self, Capabilities, RenderInput};
use plimsoll::yaml::Wants;
use plimsoll::{chart, pipeline};

const DEPLOYMENTS: usize = 1_000;
const RUNS: usize = 10;

/// The stages that all of them have, in the order of the work.
const STAGES: &[&str] = &["values", "templates", "read back", "print"];

/// Milliseconds by stage.
type Stages = BTreeMap<String, f64>;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let chart = folder.path().join("chart");
    write_chart(&chart);
    let peers = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers"));
    let path = chart.to_str().expect("a path of Unicode");
    let script = |name: &str| peers.join(name).display().to_string();
    let (python, node) = (script("render.py"), script("render.mjs"));
    let ours = [env!("CARGO_BIN_EXE_plimsoll"), "render", path];

    println!("{DEPLOYMENTS} Deployments, the whole process:");
    let printed = Command::new(ours[0]).args(&ours[1..]).output().expect("a run");
    fs::write(folder.path().join("all.yaml"), &printed.stdout).expect("a file");
    fs::write(folder.path().join("kustomization.yaml"), "resources: [all.yaml]\n").expect("a file");
    let kustomize = ["kubectl", "kustomize", folder.path().to_str().expect("a path of Unicode")];
    let process = best(&ours).expect("a clean render").0;
    println!("  {:<24} {:>9.2} ms", "Plimsoll", millis(process));
    let mut staged = vec![("Plimsoll", own_stages(path))];
    let others: [(&str, &[&str]); 3] = [
        ("Jinja2 and PyYAML", &["python3", &python, path]),
        ("Nunjucks and js-yaml", &["node", &node, path]),
        ("kubectl kustomize", &kustomize),
    ];
    for (name, command) in others {
        let Some((duration, output)) = best(command) else {
            println!("  skipped: {name} cannot run here");
            continue;
        };
        let ratio = duration.as_secs_f64() / process.as_secs_f64();
        println!("  {name:<24} {:>9.2} ms, {ratio:.1} times Plimsoll's", millis(duration));
        if let Ok(stages) = serde_json::from_slice(&output.stderr) {
            staged.push((name, stages));
        }
    }
    println!("stages, in the process:");
    for (name, stages) in &staged {
        let of = |stage: &&str| stages.get(*stage).copied().unwrap_or_default();
        let times: Vec<String> = STAGES.iter().map(|stage| format!("{stage} {:.2} ms", of(stage))).collect();
        println!("  {name:<24} {}", times.join(", "));
        let more: Vec<String> = stages
            .iter()
            .filter(|(stage, _)| !STAGES.contains(&stage.as_str()))
            .map(|(stage, time)| format!("{stage} {time:.2} ms"))
            .collect();
        if !more.is_empty() {
            println!("  {:<24} and besides: {}", "", more.join(", "));
        }
    }
}

fn write_chart(chart: &Path) {
    fs::create_dir_all(chart.join("templates")).expect("a folder");
    fs::write(chart.join("chart.yaml"), "name: many\nversion: 0.0.1\n").expect("a file");
    fs::write(chart.join("templates/many.yaml"), include_str!("peers/many.yaml")).expect("a file");
    let apps = (0..DEPLOYMENTS).map(|app| format!("  - {{name: app-{app}, replicas: 2}}\n"));
    let head = "registry: registry.example\ntag: \"1.10\"\nport: 8080\nlogLevel: info\napps:\n";
    fs::write(chart.join("values.yaml"), head.to_owned() + &apps.collect::<String>()).expect("a file");
}

/// The quickest of some runs, and what it printed. None if it does not run at all.
fn best(command: &[&str]) -> Option<(Duration, Output)> {
    let once = || {
        let start = Instant::now();
        let mut process = Command::new(command[0]);
        let output =
            process.args(&command[1..]).stdout(Stdio::null()).stderr(Stdio::piped()).output().ok()?;
        output.status.success().then_some((start.elapsed(), output))
    };
    once()?;
    (0..RUNS).filter_map(|_| once()).min_by_key(|(duration, _)| *duration)
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// The best time of each stage of the library's.
fn own_stages(chart: &str) -> Stages {
    let mut best = Stages::new();
    for _ in 0..=RUNS {
        for (stage, time) in run_stages(chart) {
            let known = best.entry(stage).or_insert(time);
            *known = known.min(time);
        }
    }
    best
}

fn run_stages(path: &str) -> Stages {
    let mut stages = Stages::new();
    let request = Request { chart: path.to_owned(), ..Request::default() };
    let session = Session::new();
    let merged = stage(&mut stages, "values", || pipeline::merge(&session, &request).expect("values"));
    let rendered = stage(&mut stages, "templates", || {
        let chart = chart::open(&session, path).expect("a chart");
        let files = pipeline::templates(&session, &chart);
        let wants = Arc::new(Wants::anything());
        let program = template::compile(&session, &files, &wants).expect("a template");
        let capabilities = Capabilities { version: "1.37".to_owned(), has: Arc::new(|_| false) };
        let values = Arc::clone(&merged.values);
        let context = RenderInput {
            values,
            tombstones: Arc::default(),
            globals: Vec::new(),
            files: template::ChartFiles::default(),
            capabilities,
            secrets: plimsoll::secrets::SecretTexts::default(),
        };
        template::render(&session, &program, context).expect("a render")
    });
    let mut documents: Vec<Document> = stage(&mut stages, "read back", || {
        let split = |one: &template::RenderedTemplate| {
            manifest::split(&session, &one.name, one.source, &one.bindings)
        };
        rendered.iter().flat_map(|one| split(one).all().expect("documents")).collect()
    });
    stage(&mut stages, "check against the API", || {
        let target = Target::default();
        documents.iter_mut().for_each(|document| kube::check(&session, &target, document));
    });
    stage(&mut stages, "decode, and all rules", || {
        let documents = PackedDocument::pack_all(documents.iter().cloned());
        let set = ObjectSet::new(&session, &documents, &[], Vec::new());
        rules::check(&session, &set, rules::levels(&Config::default(), &[]), &[]).expect("right objects");
    });
    stage(&mut stages, "print", || stream(&documents, Format::Yaml));
    assert_eq!(session.errors(), 0, "{:?}", session.diagnostics().first());
    stages
}

/// Does a part of the work and notes how many milliseconds it took.
fn stage<T>(stages: &mut Stages, name: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    stages.insert(name.to_owned(), millis(start.elapsed()));
    result
}
