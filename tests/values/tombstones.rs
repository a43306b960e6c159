//! Settings of bundled charts that `null` removes.
//!
//! A chart renders as well without one, or its values are found wrong, or the `null` is; never a template, and never what
//! templates made.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use plimsoll::diagnostic::{Diagnostic, Level};
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
const STRIDE: usize = 23;

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
        let results = each(&prepared, &snapshot, &paths);
        tried += paths.len();
        refused += results.iter().filter(|result| result.refused).count();
        let elsewhere = results.into_iter().flat_map(|result| result.elsewhere);
        wrong.extend(elsewhere.map(|said| format!("{chart} {said}")));
    }
    println!("{tried} taken away, {refused} refused");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Of all 2,251 settings, 297 are refused: if these are far fewer, something is not tried any more.
    let refused_enough = refused * 12 > tried;
    assert!(tried > 1_800 / stride && refused_enough, "{tried} taken away, {refused} refused");
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

const NULL_FILE: &str = "null.yaml";

/// A values file that takes one setting away.
fn without(path: &ValuePath) -> ValuesFile {
    let inside = |inner: String, segment: &Segment| match segment {
        Segment::Key(key) => format!("{{{}: {inner}}}", serde_json::json!(key)),
        Segment::Index(_) => inner,
    };
    ValuesFile::Text(NULL_FILE.to_owned(), path.0.iter().rev().fold("null".to_owned(), inside))
}

/// What a render without one of the settings said.
struct Without {
    /// Something is wrong besides what rules say of practice.
    refused: bool,
    /// What is wrong, and neither in the words of the schema nor at the `null`.
    elsewhere: Vec<String>,
}

/// Renders without each of the settings.
fn each(prepared: &Prepared, snapshot: &Snapshot, paths: &[ValuePath]) -> Vec<Without> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut results = Vec::new();
        while let Some(path) = paths.get(next.fetch_add(1, Relaxed)) {
            let session = snapshot.overlay();
            let failed = prepared.render(&session, &[without(path)]).is_err();
            let mut found = session.diagnostics();
            found.retain(|finding| {
                failed && finding.level == Level::Error && !finding.code.id.starts_with('R')
            });
            let refused = !found.is_empty();
            let at_null = |finding: &Diagnostic| {
                let place = finding.primary().map(|label| session.source(label.span.source));
                place.is_some_and(|place| place.name == NULL_FILE)
            };
            found.retain(|finding| !finding.code.id.starts_with('V') && !at_null(finding));
            let said = |finding: &Diagnostic| format!("{path}: {} {}", finding.code, finding.message);
            results.push(Without { refused, elsewhere: found.iter().map(said).collect() });
        }
        results
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a thread")).collect()
    })
}
