//! Sets of values: those that a chart brings along, a values file with its chart, and the lint of each.
//!
//! | set | layers, low to high | secrets and required settings |
//! |---|---|---|
//! | a chart's defaults | defaults | may be missing: the set is incomplete then, and not rendered |
//! | a chart's preset | defaults, presets of its modeline, the preset | the same |
//! | a file of a chart's `tests/`, `envs/` or `values-NAME.yaml` | defaults, presets of its modeline, the file | as the request demands |
//! | a user's file | defaults, presets of its modeline or of `plimsoll.yaml`, the file | as the request demands |
//!
//! ```text
//! charts, values files ─► Opening, once a chart ─► OpenedChart::lint, once a set, in an overlay ─► Run ─► merge_runs
//! ```
//!
//! A chart's own sets are merged together at the end, because one finding needs all of them: a suppression is without use
//! only if it is so in every set that was rendered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;

use super::modeline::Modeline;
use super::recognize::{display, is_chart, is_helm_chart, is_yaml};
use super::reports::report_unreadable;
use super::unread_settings;
use crate::chart::{self, Chart};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::parallel::in_parallel;
use crate::pipeline::{self, FurtherLayers, Prepared, Ready};
use crate::request::{Request, ValuesFile};
use crate::schema::Demands;
use crate::session::{MergeSources, Outcome, Session, Snapshot};
use crate::source;
use crate::template::SecondThread;
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

/// Charts that are in memory at the same time, with what was found with their values.
const CHARTS_AT_ONCE: usize = 16;

/// What is linted of a chart, which is opened once for all of it.
#[derive(Debug, Default)]
struct ChartToLint {
    /// Whether the chart itself is linted: with what it brings along, or with the values that the command gives.
    is_linted: bool,
    /// The values files that belong to it, by their positions among all of the run.
    files: Vec<usize>,
}

/// A chart by its name, and whether the flags of the command set values of it.
type ChartKey<'n> = (&'n str, bool);

/// Lints charts, and values files with their charts, on several threads. Findings come in the order of the charts and then
/// of the files, as do the values that cannot be rendered by themselves.
pub(super) fn lint_charts(
    session: &Session,
    charts: &[String],
    files: &[ValuesSet],
    request: &Request,
) -> Vec<IncompleteValues> {
    let with_flags = !request.files.is_empty() || !request.sets.is_empty();
    let mut to_lint: IndexMap<ChartKey<'_>, ChartToLint> = IndexMap::new();
    for chart in charts {
        to_lint.entry((chart, with_flags)).or_default().is_linted = true;
    }
    for (position, set) in files.iter().enumerate() {
        to_lint.entry((&set.chart, false)).or_default().files.push(position);
    }
    let to_lint: Vec<(ChartKey<'_>, ChartToLint)> = to_lint.into_iter().collect();
    let mut incomplete = Vec::new();
    let mut runs_of_files = BTreeMap::new();
    for batch in to_lint.chunks(CHARTS_AT_ONCE) {
        for Runs { of_chart, of_files } in lint_batch(session, batch, files, request) {
            incomplete.extend(of_chart.iter().filter_map(|run| run.incomplete.clone()));
            merge_runs(session, of_chart);
            runs_of_files.extend(of_files);
        }
    }
    let is_one_of_several = files.len() + charts.len() > 1;
    for run in runs_of_files.into_values() {
        incomplete.extend(run.incomplete.clone());
        if is_one_of_several {
            merge_values(session, run);
        } else {
            session.merge(run.session, MergeSources::All, Some);
        }
    }
    incomplete
}

/// What was found with the values of one chart.
#[derive(Default)]
struct Runs {
    /// With those that the chart brings along, or that the command gives.
    of_chart: Vec<Run>,
    /// With files, by their positions.
    of_files: BTreeMap<usize, Run>,
}

/// One set of values that is to be linted.
struct Work {
    /// The position of its chart in the batch.
    chart: usize,
    /// Its position among the values files of the run, if it is one of them.
    file: Option<usize>,
    set: ValuesSet,
}

/// Opens some charts, and lints each with all of its values.
fn lint_batch(
    session: &Session,
    batch: &[(ChartKey<'_>, ChartToLint)],
    files: &[ValuesSet],
    request: &Request,
) -> Vec<Runs> {
    let limits = *session.limits();
    let names = batch.iter().map(|(key, _)| *key).collect();
    let openings = in_parallel(names, request.threads, |(name, with_flags)| {
        Opening::of(Session::with_limits(limits), name, with_flags, request)
    });
    let mut work = Vec::new();
    for (chart, (((name, with_flags), to_lint), opening)) in batch.iter().zip(&openings).enumerate() {
        if to_lint.is_linted {
            let sets = match &opening.ready {
                Ok(_) if *with_flags => vec![ValuesSet::of_request(name, request)],
                Ok(ready) => own_sets(session, &opening.session, ready.chart(), name),
                // What is wrong with the chart is said once.
                Err(_) => vec![ValuesSet::of_defaults(name)],
            };
            work.extend(sets.into_iter().map(|set| Work { chart, file: None, set }));
        }
        work.extend(to_lint.files.iter().map(|&position| {
            let set = files[position].clone();
            Work { chart, file: Some(position), set }
        }));
    }
    // A set that is alone has all threads, and one among many has one.
    let is_alone = work.len() == 1;
    let mut second_thread = None;
    let mut charts = Vec::new();
    for ((_, to_lint), opening) in batch.iter().zip(openings) {
        let (chart, thread) = opening.take_over(session, to_lint.is_linted, is_alone);
        second_thread = second_thread.or(thread);
        charts.push(chart);
    }
    let mut results: Vec<Runs> = batch.iter().map(|_| Runs::default()).collect();
    let done = if is_alone {
        let lint = |Work { chart, file, set }| {
            let run = charts[chart].lint(&set, request, request.threads, second_thread.take());
            (chart, file, run)
        };
        work.into_iter().map(lint).collect()
    } else {
        in_parallel(work, request.threads, |Work { chart, file, set }| {
            (chart, file, charts[chart].lint(&set, request, 1, None))
        })
    };
    for (chart, file, run) in done {
        match file {
            Some(position) => {
                results[chart].of_files.insert(position, run);
            }
            None => results[chart].of_chart.push(run),
        }
    }
    results
}

/// A chart as it was opened, in a session of its own.
struct Opening {
    session: Session,
    ready: Outcome<Ready>,
    /// What should not be in the chart, whatever its values are.
    advice: Session,
}

impl Opening {
    /// Opens a chart without any values but its defaults.
    fn of(session: Session, name: &str, with_flags: bool, request: &Request) -> Opening {
        let request = Request {
            chart: name.to_owned(),
            presets: Vec::new(),
            files: Vec::new(),
            sets: if with_flags { request.sets.clone() } else { Vec::new() },
            ..request.clone()
        };
        let (ready, advice) = Ready::open_to_lint(&session, &request);
        // By the request of the command, whose levels are those of all sets.
        pipeline::settle(&advice, &request);
        Opening { session, ready, advice }
    }

    /// Brings the texts of the chart into the session of the run; what was found in them is found again with each set.
    fn take_over(
        self,
        session: &Session,
        is_linted: bool,
        is_alone: bool,
    ) -> (OpenedChart, Option<SecondThread>) {
        let Opening { session: own, ready, advice } = self;
        let (prepared, second_thread) = match ready {
            Ok(ready) => {
                let (prepared, second_thread) = ready.into_prepared(is_alone);
                (Ok(prepared), second_thread)
            }
            Err(reported) => (Err(reported), None),
        };
        let opened = OpenedChart { snapshot: own.snapshot(), found: own.diagnostics(), prepared };
        session.merge(own, MergeSources::All, |_| None);
        if is_linted {
            session.merge(advice, MergeSources::All, Some);
        }
        (opened, second_thread)
    }
}

/// A chart that is ready for any number of sets of values. Threads can share it.
struct OpenedChart {
    /// Everything that was read to open it.
    snapshot: Snapshot,
    /// What was found then.
    found: Vec<Diagnostic>,
    prepared: Outcome<Prepared>,
}

impl OpenedChart {
    /// Lints one set of values, with findings as if the chart were opened for it alone.
    fn lint(
        &self,
        set: &ValuesSet,
        request: &Request,
        threads: usize,
        second_thread: Option<SecondThread>,
    ) -> Run {
        let own = self.snapshot.overlay();
        for finding in &self.found {
            own.report(finding.clone());
        }
        // An error on the way has been reported, and ends this set: it counts as rendered, as it lacks no setting.
        let unset = self.unset_settings(&own, set, request.demands, threads, second_thread);
        if !matches!(&unset, Ok(settings) if settings.is_empty()) {
            // No document was judged, so nobody has asked yet for the levels of what was found.
            pipeline::settle(&own, request);
        }
        let incomplete = match unset {
            Ok(settings) if !settings.is_empty() => {
                Some(IncompleteValues { name: set.title(), settings, refused: None })
            }
            _ => refused_defaults(&own, set),
        };
        // Without what was rendered, which may be much.
        let session = self.snapshot.overlay();
        session.merge(own, MergeSources::All, Some);
        Run { set: Arc::from(set.name()), session, incomplete }
    }

    /// Takes the values as far as they go; the settings that are left for the user to set.
    fn unset_settings(
        &self,
        session: &Session,
        set: &ValuesSet,
        demands: Demands,
        threads: usize,
        second_thread: Option<SecondThread>,
    ) -> Outcome<Vec<ValuePath>> {
        let prepared = self.prepared.as_ref().map_err(|reported| *reported)?;
        // What a chart brings along is there to be completed, so it may leave everything out. A user's file is complete,
        // but secrets may come from elsewhere (`--require-secrets` asks for them too).
        let demands = if set.with_flags || !set.files.is_empty() { demands } else { Demands::Nothing };
        let layers = FurtherLayers { presets: &set.presets, files: &set.files, demands: Some(demands) };
        let merged = prepared.opened.merge_layers(session, layers)?.on_threads(threads);
        // Before the render, which may fail for another reason and would hide these.
        unread_settings::report(session, prepared, &merged);
        prepared.lint(session, merged, second_thread)
    }
}

/// What a chart of Helm says against its own defaults: it may ask for settings, and that is no mistake of the chart. What goes
/// wrong in other templates, which Helm never gets to, may be for want of them, and is a warning.
fn refused_defaults(session: &Session, set: &ValuesSet) -> Option<IncompleteValues> {
    if set.with_flags || !set.files.is_empty() || !set.presets.is_empty() {
        return None;
    }
    let findings = session.diagnostics();
    // A schema that wants what the defaults leave out refuses them as well; those of other charts may be left out anyway.
    let refuses = |finding: &&Diagnostic| [Code::H006, Code::V102].contains(&finding.code);
    let refused = findings.iter().find(refuses)?.message.replace('`', "'");
    session.reword_since(0, |finding| match finding.code {
        code if [Code::H006, Code::V102].contains(&code) => None,
        code if [Code::H005, Code::Y001, Code::M001].contains(&code) => {
            let note = "the chart refuses its defaults, so this may be for want of a setting";
            Some(Diagnostic { level: Level::Warning, ..finding }.note(note))
        }
        _ => Some(finding),
    });
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
    let names = source::list_found(folder, session.limits(), |_, _| false).unwrap_or_default().files;
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

/// What was found with one set of a chart's values.
struct Run {
    /// What the set is called.
    set: Arc<str>,
    session: Session,
    /// What it lacks, if it could not be rendered for that.
    incomplete: Option<IncompleteValues>,
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
            count.rendered += usize::from(run.incomplete.is_none());
        }
    }
    let all = runs.len();
    let rendered = runs.iter().filter(|run| run.incomplete.is_none()).count();
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
fn merge_values(session: &Session, Run { set, session: own, .. }: Run) {
    session.merge(own, MergeSources::All, |mut finding| {
        if !names_set(session, &finding, &set) {
            finding.sets.push(Arc::clone(&set));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Snapshot as ChartSnapshot;

    /// A chart of Helm with a subchart, whose templates include each other.
    const SHOP: &[(&str, &str)] = &[
        ("Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
        ("values.yaml", "replicas: 1\n"),
        ("templates/_name.tpl", "{{ define \"name\" }}{{ .Chart.Name }}{{ end }}"),
        (
            "templates/map.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ include \"name\" . }}}\n\
             data: {replicas: {{ .Values.replicas | quote }}}\n",
        ),
        ("charts/cache/Chart.yaml", "apiVersion: v2\nname: cache\nversion: 1.0.0\n"),
        ("charts/cache/templates/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cache}\n"),
    ];

    #[test]
    fn templates_are_parsed_once_for_all_values_of_a_chart() {
        let files = SHOP.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
        let snapshot = ChartSnapshot { name: "shop".to_owned(), files: files.collect() };
        let request = Request { snapshot: Some(snapshot), prints_nothing: true, ..Request::default() };
        let session = Session::new();
        let opening = Opening::of(session.fresh(), "shop", false, &request);
        let (chart, _) = opening.take_over(&session, true, false);
        for number in 0..20 {
            let file = ValuesFile::Text(format!("{number}.yaml"), format!("replicas: {number}\nunread: 1\n"));
            let set = ValuesSet::of_file("shop".to_owned(), Vec::new(), file);
            let run = chart.lint(&set, &request, 1, None);
            let found = run.session.diagnostics();
            let codes: Vec<Code> = found.iter().map(|finding| finding.code).collect();
            assert_eq!(codes, [Code::V111], "{found:?}");
        }
        assert_eq!(chart.prepared.expect("a chart").parses(), 3);
    }
}
