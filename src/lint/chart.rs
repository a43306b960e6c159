//! A chart with each of the values that it brings along, and one values file with its chart.

use std::collections::BTreeMap;
use std::path::Path;

use super::look::{is_yaml, shown};
use super::modeline::Modeline;
use super::refuse::refuse_unread;
use super::{IncompleteValues, ValuesSet, unread};
use crate::chart::{self, Chart};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline;
use crate::request::{Request, ValuesFile};
use crate::schema::Demands;
use crate::session::{MergeSources, Session};
use crate::source;

/// Lints a chart: its defaults, its presets and the files in its `tests/`.
pub(super) fn lint(session: &Session, name: &str, request: &Request) -> Vec<IncompleteValues> {
    let first = session.fresh();
    let Ok(chart) = chart::open(&first, name) else {
        session.merge(first, MergeSources::All, Some);
        return Vec::new();
    };
    let presets = chart.presets.keys().map(|preset| preset_set(&first, &chart, name, preset));
    let sets = std::iter::once(set(name, Vec::new(), None)).chain(presets).chain(tests(session, name));
    let mut incomplete = Vec::new();
    let mut runs = Vec::new();
    for set in sets {
        let own = session.fresh();
        let found = lint_values(&own, &set, request);
        runs.push(Run { rendered: found.is_none(), session: own });
        incomplete.extend(found);
    }
    merge_runs(session, runs);
    incomplete
}

/// Lints one set of values; the settings that it lacks, if it cannot be rendered without them.
pub(super) fn lint_values(session: &Session, set: &ValuesSet, request: &Request) -> Option<IncompleteValues> {
    let request = Request {
        chart: set.chart.clone(),
        presets: set.presets.clone(),
        files: set.file.iter().cloned().collect(),
        // What a chart brings along is there to be completed.
        demands: if set.file.is_some() { request.demands } else { Demands::Nothing },
        ..request.clone()
    };
    let prepared = pipeline::prepare(session, &request).ok()?;
    let merged = prepared.merge(session, &[]).ok()?;
    unread::report(session, &merged);
    let settings = prepared.lint(session, merged).ok()?;
    (!settings.is_empty()).then(|| IncompleteValues { name: title(set), settings })
}

fn title(set: &ValuesSet) -> String {
    let presets = set.presets.iter().map(|preset| format!(" -p {preset}"));
    presets.fold(set.chart.clone(), |title, preset| title + &preset)
}

fn set(chart: &str, presets: Vec<String>, file: Option<ValuesFile>) -> ValuesSet {
    ValuesSet { chart: chart.to_owned(), presets, file }
}

/// A preset, above those that its modeline names.
pub(super) fn preset_set(session: &Session, chart: &Chart, name: &str, preset: &str) -> ValuesSet {
    let text = chart.presets.get(preset).map(|source| session.source(*source).text.clone());
    let mut presets = text.map(|text| Modeline::read(&text).presets()).unwrap_or_default();
    presets.retain(|below| below != preset);
    presets.push(preset.to_owned());
    set(name, presets, None)
}

/// The values in a chart's `tests/`, with the presets that their modelines name.
fn tests(session: &Session, chart: &str) -> Vec<ValuesSet> {
    let folder = Path::new(chart).join("tests");
    let names = match source::list_files(&folder, session.limits()) {
        Ok(names) => names,
        Err(error) => {
            if folder.exists() {
                refuse_unread(session, &shown(&folder), &error);
            }
            return Vec::new();
        }
    };
    let values = names.iter().filter(|name| is_yaml(name) && !name.contains('/'));
    values.filter_map(|name| super::sort::test_values(session, chart, &folder.join(name))).collect()
}

/// What was found with one of a chart's values.
struct Run {
    session: Session,
    rendered: bool,
}

/// Takes over what all runs found. A suppression is without use (R002) only if no run needed it.
fn merge_runs(session: &Session, runs: Vec<Run>) {
    let mut useless: BTreeMap<(String, String), usize> = BTreeMap::new();
    let rendered = || runs.iter().filter(|run| run.rendered);
    for run in rendered() {
        for finding in run.session.diagnostics() {
            *useless.entry(key(&run.session, &finding)).or_default() += 1;
        }
    }
    let all = rendered().count();
    for run in runs {
        session.merge(run.session, MergeSources::All, |finding| {
            let everywhere = useless.get(&key(session, &finding)) == Some(&all);
            (finding.code != Code::R002 || everywhere).then_some(finding)
        });
    }
}

/// The same for the same suppression in two runs.
fn key(session: &Session, finding: &Diagnostic) -> (String, String) {
    let place = finding.primary().map(|label| {
        let span = session.resolve(label.span);
        format!("{}:{}", session.source(span.source).name, span.start)
    });
    (finding.message.clone(), place.unwrap_or_default())
}
