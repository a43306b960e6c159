//! Linting: what each path is, and each set of files through the pipeline.
//!
//! Manifests are one set, in which they may refer to each other. Every values file is a set of its own with the chart
//! that it belongs to, and so are a chart's defaults, each of its presets and each file of its `tests/`.

mod chart;
mod look;
mod modeline;
mod refuse;
mod sort;
mod unread;

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::pipeline;
use crate::request::{Request, ValuesFile};
use crate::rules;
use crate::session::{MergeSources, Session};
use crate::source::{SourceId, SourceKind};
use crate::yaml::ValuePath;

/// What is to be linted.
#[derive(Clone, Debug, Default)]
pub struct LintRequest {
    /// Files and folders, or names of bundled charts; `-` is standard input.
    pub paths: Vec<PathBuf>,
    /// The chart that all files are values of; otherwise it is found out.
    pub chart: Option<String>,
    /// Presets below those values.
    pub presets: Vec<String>,
    /// Everything else: versions, CRDs, levels of rules, demands.
    pub request: Request,
}

/// What was looked at.
#[derive(Clone, Debug, Default)]
pub struct LintSummary {
    /// Files that were read, and built-in ones where a bundled chart was linted.
    pub files: usize,
    /// Values that were checked and not rendered, because they leave settings to their users.
    pub incomplete: Vec<IncompleteValues>,
}

/// Values that cannot be rendered by themselves.
#[derive(Clone, Debug)]
pub struct IncompleteValues {
    /// For example `skyflo -p production`.
    pub name: String,
    /// The settings that a user must set.
    pub settings: Vec<ValuePath>,
}

/// One set of values with its chart.
#[derive(Clone, Debug)]
struct ValuesSet {
    chart: String,
    presets: Vec<String>,
    file: Option<ValuesFile>,
}

/// A manifest that was read to find out what it is.
#[derive(Clone, Debug)]
struct Manifest {
    kind: SourceKind,
    name: String,
    text: String,
}

/// Lints everything that was ordered and reports what is found into the session.
pub fn lint(session: &Session, order: &LintRequest) -> LintSummary {
    let work = sort::sort(session, order);
    let mut linted = LintSummary::default();
    for path in &work.configs {
        check_config(session, path);
    }
    for chart in &work.charts {
        linted.incomplete.extend(chart::lint(session, chart, &order.request));
    }
    for set in &work.values {
        let own = session.fresh();
        linted.incomplete.extend(chart::lint_values(&own, set, &order.request));
        session.merge(own, MergeSources::All, Some);
    }
    if !work.manifests.is_empty() {
        let own = session.fresh();
        let add = |manifest: Manifest| own.add_source(manifest.kind, manifest.name, manifest.text);
        let sources: Vec<SourceId> = work.manifests.into_iter().map(add).collect();
        // What is wrong has been reported.
        let _ = pipeline::manifests(&own, &order.request, &sources);
        session.merge(own, MergeSources::All, Some);
    }
    let config = order.request.config.as_ref().map(|path| path.display().to_string());
    let aside = config.filter(|path| !work.configs.contains(path));
    linted.files = count_files(session, aside.as_deref());
    linted
}

fn check_config(session: &Session, path: &str) {
    let request = Request { config: Some(PathBuf::from(path)), ..Request::default() };
    if let Ok(config) = crate::inputs::read_config(session, &request) {
        rules::levels(&config.levels, &[]).report_unknown(session);
    }
}

/// Files of the user's; built-in ones if there are no others. The library, and what is only read along, do not count.
fn count_files(session: &Session, aside: Option<&str>) -> usize {
    let sources = session.sources();
    let of = |wanted: fn(&SourceKind) -> bool| {
        let names = sources.iter().filter(|source| wanted(&source.kind)).map(|source| source.name.as_str());
        let counted =
            names.filter(|name| !OURS.iter().any(|ours| name.starts_with(ours)) && Some(*name) != aside);
        counted.collect::<BTreeSet<_>>().len()
    };
    match of(|kind| matches!(kind, SourceKind::File | SourceKind::Stdin)) {
        0 => of(|kind| *kind == SourceKind::Bundled),
        files => files,
    }
}

/// Built-in texts of the program itself: the chart library, and the schemas of `chart.yaml` and `plimsoll.yaml`.
const OURS: &[&str] = &["plimsoll/", "chart.schema.json", "plimsoll.schema.json"];
