//! Lints a chart with each of the sets of values that it brings along, and one values file with its chart.

use std::collections::BTreeMap;
use std::path::Path;

use super::recognize::{display, is_yaml};
use super::reports::report_unreadable;
use super::request::ValuesSet;
use super::unread_settings;
use crate::chart;
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline;
use crate::request::Request;
use crate::schema::Demands;
use crate::session::{MergeSources, Session};
use crate::source;
use crate::yaml::ValuePath;

/// Values that cannot be rendered by themselves.
#[derive(Clone, Debug)]
pub struct IncompleteValues {
    /// For example `skyflo -p production`.
    pub name: String,
    /// The settings that a user must set.
    pub settings: Vec<ValuePath>,
}

/// Lints a chart: its defaults, its presets and the files in its `tests/`.
pub(super) fn lint_chart(session: &Session, name: &str, request: &Request) -> Vec<IncompleteValues> {
    // Opened here to learn its presets; every set opens it again, and reports what is wrong with its files.
    let opening = session.fresh();
    let Ok(chart) = chart::open(&opening, name) else {
        session.merge(opening, MergeSources::All, Some);
        return Vec::new();
    };
    let mut sets = vec![ValuesSet::of_defaults(name)];
    for preset in chart.presets.keys() {
        sets.push(ValuesSet::of_preset(&opening, &chart, name, preset));
    }
    sets.extend(test_sets(session, name));
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
    // An error on the way has been reported, and ends this set: it counts as rendered, as it lacks no setting.
    let prepared = pipeline::prepare(session, &request).ok()?;
    let merged = prepared.merge(session, &[]).ok()?;
    unread_settings::report(session, &merged);
    let settings = prepared.lint(session, merged).ok()?;
    (!settings.is_empty()).then(|| IncompleteValues { name: set.title(), settings })
}

/// The values in a chart's `tests/`, not in folders below it. A bundled chart has no such folder.
fn test_sets(session: &Session, chart: &str) -> Vec<ValuesSet> {
    let folder = Path::new(chart).join("tests");
    let names = match source::list_files(&folder, session.limits()) {
        Ok(names) => names,
        Err(error) => {
            if folder.exists() {
                report_unreadable(session, &display(&folder), &error);
            }
            return Vec::new();
        }
    };
    let values = names.iter().filter(|name| is_yaml(name) && !name.contains('/'));
    values.filter_map(|name| ValuesSet::of_test(session, chart, &folder.join(name))).collect()
}

/// What was found with one of a chart's values.
struct Run {
    session: Session,
    rendered: bool,
}

/// Takes over what all runs found. That a suppression is without use (R002) is reported only if every run that rendered says so:
/// the rule that it suppresses may be broken with some values alone.
fn merge_runs(session: &Session, runs: Vec<Run>) {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut rendered = 0;
    for run in runs.iter().filter(|run| run.rendered) {
        rendered += 1;
        for finding in run.session.diagnostics() {
            *counts.entry(identity(&run.session, &finding)).or_default() += 1;
        }
    }
    for run in runs {
        session.merge(run.session, MergeSources::All, |finding| {
            let in_all = || counts.get(&identity(session, &finding)) == Some(&rendered);
            (finding.code != Code::R002 || in_all()).then_some(finding)
        });
    }
}

/// The message and the place of a finding: equal for the same suppression in two runs, whose spans are of different sessions.
fn identity(session: &Session, finding: &Diagnostic) -> (String, String) {
    let place = finding.primary().map(|label| {
        let span = session.resolve(label.span);
        format!("{}:{}", session.source(span.source).name, span.start)
    });
    (finding.message.clone(), place.unwrap_or_default())
}
