//! Sets of values: those that a chart brings along, a values file with its chart, and the lint of each.
//!
//! | set | layers, low to high | secrets and required settings |
//! |---|---|---|
//! | a chart's defaults | defaults | may be missing: the set is incomplete then, and not rendered |
//! | a chart's preset | defaults, presets of its modeline, the preset | the same |
//! | a file of a chart's `tests/`, `envs/` or `values-NAME.yaml` | defaults, presets of its modeline, the file | as the request demands |
//! | a user's file | defaults, presets of its modeline or of `plimsoll.yaml`, the file | as the request demands |
//!
//! A chart's own sets are checked in sessions that are merged at the end, because one finding needs all of them: a
//! suppression is without use only if it is so in every set that was rendered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::modeline::Modeline;
use super::recognize::{display, is_chart, is_helm_chart, is_yaml};
use super::reports::report_unreadable;
use super::unread_settings;
use crate::chart::{self, Chart};
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline;
use crate::request::{Request, ValuesFile};
use crate::schema::Demands;
use crate::session::{MergeSources, Outcome, Session};
use crate::source;
use crate::yaml::ValuePath;

/// One set of values with its chart.
#[derive(Clone, Debug)]
pub(super) struct ValuesSet {
    /// A bundled chart's name, or a folder.
    pub(super) chart: String,
    /// Low to high.
    pub(super) presets: Vec<String>,
    /// The user's files over them, low to high; none for what the chart itself brings along.
    pub(super) files: Vec<ValuesFile>,
    /// Whether the flags that set values count as well.
    pub(super) with_flags: bool,
}

impl ValuesSet {
    /// The chart's defaults alone.
    pub(super) fn of_defaults(chart: &str) -> Self {
        ValuesSet { chart: chart.to_owned(), presets: Vec::new(), files: Vec::new(), with_flags: false }
    }

    /// The presets, files and flags of a command.
    fn of_request(chart: &str, request: &Request) -> Self {
        ValuesSet {
            chart: chart.to_owned(),
            presets: request.presets.clone(),
            files: request.files.clone(),
            with_flags: true,
        }
    }

    /// A preset, above those that its modeline names. `name` is what the chart was opened by.
    pub(super) fn of_preset(session: &Session, chart: &Chart, name: &str, preset: &str) -> Self {
        let mut presets = match chart.presets.get(preset) {
            Some(source) => Modeline::parse(&session.source(*source).text).preset_names(),
            None => Vec::new(),
        };
        // A preset whose modeline names the preset itself would be layered twice.
        presets.retain(|below| below != preset);
        presets.push(preset.to_owned());
        ValuesSet { chart: name.to_owned(), presets, files: Vec::new(), with_flags: false }
    }

    /// A file over presets.
    pub(super) fn of_file(chart: String, presets: Vec<String>, file: ValuesFile) -> Self {
        ValuesSet { chart, presets, files: vec![file], with_flags: false }
    }

    /// A file in a chart's folder, over the presets that its modeline names; none for a file of tests, and
    /// none with a finding for one that cannot be read.
    pub(super) fn of_test(session: &Session, chart: &str, path: &Path) -> Option<Self> {
        match source::read_text(path, session.limits()) {
            // They are run by `plimsoll test`.
            Ok(text) if chart::holds_tests(&text) => None,
            Ok(text) => {
                let presets = Modeline::parse(&text).preset_names();
                Some(Self::of_file(chart.to_owned(), presets, ValuesFile::Path(path.to_owned())))
            }
            Err(error) => {
                report_unreadable(session, &display(path), &error);
                None
            }
        }
    }

    /// As a command names it: `skyflo -p production`, `./charts/web -f envs/staging.yaml`.
    pub(super) fn title(&self) -> String {
        let mut title = self.chart.clone();
        title.push_str(&self.arguments());
        title
    }

    /// What a command gives besides the chart.
    fn arguments(&self) -> String {
        let mut title = String::new();
        for preset in &self.presets {
            title.push_str(" -p ");
            title.push_str(preset);
        }
        for file in &self.files {
            if let ValuesFile::Path(path) = file {
                title.push_str(" -f ");
                title.push_str(&display(path));
            }
        }
        title
    }

    /// What a finding with these values is said to be found with.
    fn name(&self) -> String {
        match self.files.as_slice() {
            [ValuesFile::Path(path)] => display(path),
            [_] => "<stdin>".to_owned(),
            [] if self.presets.is_empty() => "the chart's defaults".to_owned(),
            _ => self.arguments().trim_start().to_owned(),
        }
    }
}

/// Values that cannot be rendered by themselves.
#[derive(Clone, Debug)]
pub struct IncompleteValues {
    /// For example `skyflo -p production`.
    pub name: String,
    /// The settings that a user must set.
    pub settings: Vec<ValuePath>,
    /// What a chart of Helm says against its own defaults, if it does: `required` and `fail` ask for settings that way.
    pub refused: Option<String>,
}

/// Lints a chart: its defaults, its presets, the files in its `tests/`, and the values files of environments in its folder.
pub(super) fn lint_chart(session: &Session, name: &str, request: &Request) -> Vec<IncompleteValues> {
    // Opened here to learn its presets; every set opens it again, and reports what is wrong with its files.
    let opening = session.fresh();
    let Ok(chart) = pipeline::chart_to_lint(&opening, name) else {
        session.merge(opening, MergeSources::All, Some);
        return Vec::new();
    };
    // In the order in which a reader meets them: the defaults first, as what is wrong there is wrong in every set.
    let sets = if request.files.is_empty() && request.sets.is_empty() {
        own_sets(session, &opening, &chart, name)
    } else {
        vec![ValuesSet::of_request(name, request)]
    };
    // What should not be in a chart of Helm is no matter of values; all else is found again with each set.
    pipeline::settle(&opening, request);
    session.merge(opening, MergeSources::All, |finding| {
        [Code::H012, Code::H013].contains(&finding.code).then_some(finding)
    });
    let mut incomplete = Vec::new();
    let mut runs = Vec::new();
    for set in sets {
        let own = session.fresh();
        let found = lint_values(&own, &set, request).or_else(|| refused_defaults(&own, &set));
        runs.push(Run { set: Arc::from(set.name()), rendered: found.is_none(), session: own });
        incomplete.extend(found);
    }
    merge_runs(session, runs);
    incomplete
}

/// What a chart of Helm says against its own defaults: it may ask for settings, and that is no mistake of the chart.
fn refused_defaults(session: &Session, set: &ValuesSet) -> Option<IncompleteValues> {
    if set.with_flags || !set.files.is_empty() {
        return None;
    }
    let findings = session.diagnostics();
    let refused = findings.iter().find(|finding| finding.code == Code::H006)?.message.clone();
    session.reword_since(0, |finding| (finding.code != Code::H006).then_some(finding));
    Some(IncompleteValues { name: set.title(), settings: Vec::new(), refused: Some(refused) })
}

/// The values that a chart brings along.
fn own_sets(session: &Session, opening: &Session, chart: &Chart, name: &str) -> Vec<ValuesSet> {
    let mut sets = vec![ValuesSet::of_defaults(name)];
    for preset in chart.presets.keys() {
        sets.push(ValuesSet::of_preset(opening, chart, name, preset));
    }
    sets.extend(test_sets(session, name));
    sets.extend(environment_sets(session, name));
    sets
}

/// Lints one set of values; the settings that it lacks, if it cannot be rendered without them.
pub(super) fn lint_values(session: &Session, set: &ValuesSet, request: &Request) -> Option<IncompleteValues> {
    let request = Request {
        chart: set.chart.clone(),
        presets: set.presets.clone(),
        files: set.files.clone(),
        sets: if set.with_flags { request.sets.clone() } else { Vec::new() },
        // What a chart brings along is there to be completed, so it may leave everything out. A user's file is
        // complete, but secrets may come from elsewhere (`--require-secrets` asks for them too).
        demands: if set.with_flags || !set.files.is_empty() { request.demands } else { Demands::Nothing },
        ..request.clone()
    };
    // An error on the way has been reported, and ends this set: it counts as rendered, as it lacks no setting.
    let unset = unset_settings(session, &request);
    if !matches!(&unset, Ok(settings) if settings.is_empty()) {
        // No document was judged, so nobody has asked yet for the levels of what was found.
        pipeline::settle(session, &request);
    }
    let settings = unset.ok().filter(|settings| !settings.is_empty())?;
    Some(IncompleteValues { name: set.title(), settings, refused: None })
}

/// Takes the values of a request as far as they go; the settings that are left for the user to set.
fn unset_settings(session: &Session, request: &Request) -> Outcome<Vec<ValuePath>> {
    let ready = pipeline::Ready::open(session, request)?;
    let merged = ready.merge(session)?;
    // Before the render, which may fail for another reason and would hide these.
    unread_settings::report(session, &merged);
    ready.lint(session, merged)
}

/// The values in a chart's `tests/`, not in folders below it. A bundled chart has no such folder, and in a chart of Helm other
/// tools have their tests there.
fn test_sets(session: &Session, chart: &str) -> Vec<ValuesSet> {
    if is_helm_chart(Path::new(chart)) {
        return Vec::new();
    }
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

/// The values files of environments that lie in a chart's folder: `values-NAME.yaml`, and those in `envs/` and the like. A
/// bundled chart has none.
fn environment_sets(session: &Session, chart: &str) -> Vec<ValuesSet> {
    let folder = Path::new(chart);
    if !is_chart(folder) {
        return Vec::new();
    }
    // What cannot be listed was reported when the chart was opened.
    let names = source::list_files(folder, session.limits()).unwrap_or_default();
    let values = names.iter().filter(|name| is_environment(name));
    values.filter_map(|name| ValuesSet::of_test(session, chart, &folder.join(name))).collect()
}

/// Whether a file of a chart's folder is named as the values of an environment are.
fn is_environment(name: &str) -> bool {
    let folders = ["envs", "env", "environments", "values"];
    is_yaml(name)
        && match name.split_once('/') {
            // Where tools for charts of Helm look for values to test a chart with.
            Some(("ci", file)) => file.ends_with("-values.yaml"),
            Some((folder, _)) => folders.contains(&folder),
            None => name.starts_with("values-") || name.starts_with("values.") && !is_values(name),
        }
}

/// Whether a name is that of a chart's own defaults.
fn is_values(name: &str) -> bool {
    matches!(name, "values.yaml" | "values.yml")
}

/// What was found with one of a chart's values.
struct Run {
    /// What the set of values is called.
    set: Arc<str>,
    session: Session,
    rendered: bool,
}

/// Takes over what all runs found; what some have and others do not says with which it was found. That a suppression is
/// without use (R002) is reported only if every run that rendered says so: the rule that it suppresses may be broken with
/// some values alone.
fn merge_runs(session: &Session, runs: Vec<Run>) {
    let mut counts: BTreeMap<(String, String), Found> = BTreeMap::new();
    for run in &runs {
        let found: BTreeSet<_> =
            run.session.diagnostics().iter().map(|finding| identity(&run.session, finding)).collect();
        for finding in found {
            let count = counts.entry(finding).or_default();
            count.runs += 1;
            // A set that was not rendered has shown no document to any rule, and has no say.
            count.rendered += usize::from(run.rendered);
        }
    }
    let all = runs.len();
    let rendered = runs.iter().filter(|run| run.rendered).count();
    for Run { set, session: own, .. } in runs {
        session.merge(own, MergeSources::All, |mut finding| {
            let found = counts.get(&identity(session, &finding)).copied().unwrap_or_default();
            if finding.code == Code::R002 && found.rendered != rendered {
                return None;
            }
            // What no template reads is asked of files, and not of what they come to together.
            if found.runs < all && finding.code != Code::V111 && !names_set(session, &finding, &set) {
                finding.sets.push(Arc::clone(&set));
            }
            Some(finding)
        });
    }
}

/// In how many runs something was found.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    runs: usize,
    /// Of those that rendered.
    rendered: usize,
}

/// Whether a finding points into the file of its set, and so says which set it was.
fn names_set(session: &Session, finding: &Diagnostic, set: &str) -> bool {
    let Some(label) = finding.primary() else { return false };
    let file = &session.source(label.span.source).name;
    let preset = set.rsplit_once("-p ").map(|(_, preset)| format!("presets/{preset}."));
    *file == *set || preset.is_some_and(|preset| file.contains(&preset))
}

/// Takes over what was found with one of several files of values. Where a finding points into that file, it is said already
/// which one it was.
pub(super) fn merge_values(session: &Session, own: Session, set: &ValuesSet) {
    let name: Arc<str> = Arc::from(set.name());
    session.merge(own, MergeSources::All, |mut finding| {
        if !names_set(session, &finding, &name) {
            finding.sets.push(Arc::clone(&name));
        }
        Some(finding)
    });
}

/// The message and the place of a finding: equal for the same suppression in two runs, whose spans are of different
/// sessions.
fn identity(session: &Session, finding: &Diagnostic) -> (String, String) {
    // A finding without a place is known by its message alone.
    let place = finding.primary().map(|label| {
        let span = session.resolve(label.span);
        format!("{}:{}", session.source(span.source).name, span.start)
    });
    (finding.message.clone(), place.unwrap_or_default())
}
