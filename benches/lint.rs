//! Linting 1,000 manifests against the YAML parser's own event scan of them and against PyYAML: `cargo bench --bench lint`.
//!
//! They are checked field by field, decoded and judged by every rule, once as one file and once as a file each.
#![allow(clippy::expect_used, clippy::print_stdout, missing_docs)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use plimsoll::lint::{LintRequest, lint};
use plimsoll::parallel;
use plimsoll::pipeline;
use plimsoll::request::Request;
use plimsoll::session::Session;
use plimsoll::source::SourceKind;

/// A Deployment and its Service: 500 of both make the set.
const PAIR: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: NAME
  labels: {app: NAME, tier: web}
spec:
  replicas: 2
  selector:
    matchLabels: {app: NAME}
  template:
    metadata:
      labels: {app: NAME, tier: web}
    spec:
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: main
          image: registry.example/NAME:1.10.0
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: LOG_LEVEL
              value: info
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {memory: 128Mi}
          readinessProbe:
            httpGet: {path: /health, port: http}
---
apiVersion: v1
kind: Service
metadata:
  name: NAME
  labels: {app: NAME, tier: web}
spec:
  selector: {app: NAME}
  ports:
    - {name: http, port: 80, targetPort: http}
";

fn main() {
    let documents: Vec<String> = (0..500)
        .map(|index| PAIR.replace("NAME", &format!("app-{index}")))
        .flat_map(|pair| pair.split("---\n").map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let text = documents.join("---\n");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let one = folder.path().join("one.yaml");
    std::fs::write(&one, &text).expect("a file");
    let many = folder.path().join("many");
    std::fs::create_dir(&many).expect("a folder");
    for (index, document) in documents.iter().enumerate() {
        std::fs::write(many.join(format!("{index:04}.yaml")), document).expect("a file");
    }
    println!("{} manifests, {} KiB:", documents.len(), text.len() / 1024);
    let scan = best(|| {
        let events = granit_parser::Parser::new_from_str(&text).map(|event| event.is_ok());
        black_box(events.filter(|ok| *ok).count());
    });
    report("event scan", scan, scan);
    report("pipeline, one thread", best(|| in_memory(&text)), scan);
    for threads in [1, parallel::processors()] {
        report(&format!("lint, one file, {threads} threads"), best(|| linted(&one, threads)), scan);
        report(&format!("lint, a file each, {threads} threads"), best(|| linted(&many, threads)), scan);
    }
    for (name, code) in [("PyYAML, CSafeLoader", "CSafeLoader"), ("PyYAML, SafeLoader", "SafeLoader")] {
        match python(&one, code) {
            Some(duration) => report(name, duration, scan),
            None => println!("  skipped: {name} is not installed"),
        }
    }
}

fn in_memory(text: &str) {
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "one.yaml", text);
    let documents = pipeline::manifests(&session, &Request::default(), &[source]).expect("clean manifests");
    assert!(
        session.diagnostics().is_empty() && documents.len() == 1_000,
        "{:?}",
        session.diagnostics().first()
    );
}

fn linted(path: &Path, threads: usize) {
    let session = Session::new();
    let request = Request { threads, ..Request::default() };
    let order = LintRequest { paths: vec![PathBuf::from(path)], request, ..LintRequest::default() };
    lint(&session, &order);
    assert!(session.diagnostics().is_empty(), "{:?}", session.diagnostics().first());
}

/// The best of thirty runs, after one that warms up.
fn best(mut run: impl FnMut()) -> Duration {
    run();
    let once = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..30).map(once).min().unwrap_or_default()
}

/// How long PyYAML needs to read the file, without the start of Python.
fn python(path: &Path, loader: &str) -> Option<Duration> {
    let code = format!(
        "import sys, time, yaml\ntext = open(sys.argv[1]).read()\ntimes = []\nfor _ in range(10 if 'CSafe' in '{loader}' else 2):\n    start = time.perf_counter()\n    \
         list(yaml.load_all(text, Loader=yaml.{loader}))\n    times.append(time.perf_counter() - start)\nprint(min(times))"
    );
    let output = Command::new("python3").args(["-c", &code]).arg(path).output().ok()?;
    let seconds: f64 = String::from_utf8(output.stdout).ok()?.trim().parse().ok()?;
    Some(Duration::from_secs_f64(seconds))
}

fn report(name: &str, duration: Duration, scan: Duration) {
    let ratio = duration.as_secs_f64() / scan.as_secs_f64();
    println!("  {name:<22} {:>9.2} ms, {ratio:.2} times the event scan", duration.as_secs_f64() * 1e3);
}
