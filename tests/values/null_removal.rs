//! Settings of bundled charts that `null` removes.
//!
//! A chart renders as well without one, or its values are found wrong; never a template, and never what templates made.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use plimsoll::pipeline::{self, Prepared};
use plimsoll::request::{Request, ValuesFile};
use plimsoll::session::{Session, Snapshot};
use plimsoll::yaml::{Node, Segment, ValuePath};

/// Charts with presets that need nothing else, and with what the preset for production asks for.
const SETS: &[(&str, &[&str], &[&str])] = &[
    ("datafly", &["evaluation", "keda"], &[]),
    ("datafly", &["production"], &["production"]),
    ("flow8", &["evaluation", "autoscaling"], &[]),
    ("flow8", &["production"], &["production"]),
    ("skillflaw", &["evaluation", "web"], &[]),
    ("skillflaw", &["production", "web", "autoscaling"], &["production", "web"]),
    ("skyflo", &["evaluation"], &[]),
    ("skyflo", &["production"], &["production"]),
];

/// Every so many settings one is taken away; `EVERY=1` takes all, one at a time.
const STRIDE: usize = 41;

#[test]
fn nothing_that_is_taken_away_is_found_in_a_template() {
    let stride = std::env::var("EVERY").ok().and_then(|text| text.parse().ok()).unwrap_or(STRIDE);
    let (mut tried, mut refused, mut wrong) = (0, 0, Vec::new());
    for (offset, &(chart, presets, files)) in SETS.iter().enumerate() {
        let session = Session::new();
        let prepared = pipeline::prepare(&session, &request(chart, presets, files)).expect("a chart");
        let merged = prepared.opened.merge(&session, &[]).expect("values");
        let mut paths = Vec::new();
        leaves(&merged.values, &ValuePath::root(), &mut paths);
        let paths: Vec<_> = paths.into_iter().skip(offset % stride).step_by(stride).collect();
        let snapshot = session.snapshot();
        assert!(prepared.render(&snapshot.overlay(), &[]).is_ok(), "{chart} {presets:?}");
        let said = each(&prepared, &snapshot, &paths);
        tried += paths.len();
        refused += said.iter().filter(|said| said.contains(": V")).count();
        wrong.extend(
            said.into_iter().filter(|said| !said.contains(": V")).map(|said| format!("{chart} {said}")),
        );
    }
    println!("{tried} taken away, {refused} refused");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 40 && refused > 8, "{tried} taken away, {refused} refused");
}

fn request(chart: &str, presets: &[&str], files: &[&str]) -> Request {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/profiles").join(chart).join("values");
    let file = |name: &&str| ValuesFile::Path(folder.join(format!("{name}.yaml")));
    Request {
        chart: chart.to_owned(),
        presets: presets.iter().map(|preset| (*preset).to_owned()).collect(),
        files: files.iter().map(file).collect(),
        ..Request::default()
    }
}

/// The paths of everything that is no map with entries, in order.
fn leaves(node: &Node, path: &ValuePath, found: &mut Vec<ValuePath>) {
    match node.as_map() {
        Some(map) if !map.is_empty() => {
            map.iter().for_each(|(key, entry)| leaves(&entry.node, &path.key(&**key), found));
        }
        _ => found.push(path.clone()),
    }
}

/// A values file that takes one setting away.
fn without(path: &ValuePath) -> ValuesFile {
    let inside = |inner: String, segment: &Segment| match segment {
        Segment::Key(key) => format!("{{{}: {inner}}}", serde_json::json!(key)),
        Segment::Index(_) => inner,
    };
    ValuesFile::Text("null.yaml".to_owned(), path.0.iter().rev().fold("null".to_owned(), inside))
}

/// The errors of each render without one of the settings, but for those of rules about practice.
fn each(prepared: &Prepared, snapshot: &Snapshot, paths: &[ValuePath]) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut said = Vec::new();
        while let Some(path) = paths.get(next.fetch_add(1, Relaxed)) {
            let session = snapshot.overlay();
            let failed = prepared.render(&session, &[without(path)]).is_err();
            let found = session.diagnostics();
            let errors = found.iter().filter(|finding| failed && !finding.code.id.starts_with('R'));
            said.extend(errors.map(|finding| format!("{path}: {} {}", finding.code, finding.message)));
        }
        said
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a thread")).collect()
    })
}
