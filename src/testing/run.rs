//! Which cases are run, how, and what comes of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::assertion::Rendered;
use super::expected_finding::ExpectedFinding;
use super::snapshot::{self, SnapshotEnd, TestedSnapshot};
use super::suite::{self, Case, Setting, Suite, Wanted};
use crate::chart::holds_tests;
use crate::config;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::diff;
use crate::formats::{Style, TestedCase};
use crate::manifest::{Document, PackedDocument};
use crate::parallel::in_parallel;
use crate::pipeline::{self, Prepared};
use crate::request::{HelmOptions, Request, SetFlag, SetFlagKind};
use crate::rules::ChosenLevel;
use crate::session::{MergeSources, Outcome, Session, Snapshot};
use crate::source::{self, SourceKind, Span};
use crate::values::SetKind;

/// Which tests of which chart are run.
#[derive(Clone, Debug, Default)]
pub struct TestRequest {
    /// The chart, and what all cases have in common: versions that a case may change, CRDs, levels of rules.
    pub request: Request,
    /// The folder of the tests, or one file; `tests` in the chart's folder unless given.
    pub tests: Option<PathBuf>,
    /// Texts of which one has to be in the name of a case, with that of its suite; all cases if there are none.
    pub filters: Vec<String>,
    /// Whether snapshots that differ are to be written anew, and are no failures.
    pub updates: bool,
}

/// What came of the tests of a chart.
#[derive(Debug, Default)]
pub struct TestReport {
    /// The cases in the order of their files.
    pub cases: Vec<TestedCase>,
    /// Their snapshots, of those that have one.
    pub snapshots: Vec<TestedSnapshot>,
    /// Files of snapshots that no case has.
    pub stale: Vec<PathBuf>,
    /// How many cases were left out, as their names do not fit.
    pub left_out: usize,
    /// Files beside tests that are none.
    pub passed_over: usize,
}

/// Runs the tests of a chart. What fails is reported in the session and kept in the report; it is no error of the run.
///
/// # Errors
/// No such chart, and A009 for no test.
pub fn run(session: &Session, tests: &TestRequest) -> Outcome<TestReport> {
    // Whether there is such a chart is no question of a case.
    let opening = session.fresh();
    if pipeline::chart(&opening, &tests.request.chart).is_err() {
        let before = session.errors();
        session.merge(opening, MergeSources::Referenced, Some);
        session.clean_since(before)?;
    }
    let mut report = TestReport::default();
    let files = test_files(session, tests, &mut report)?;
    let mut suites: Vec<Suite> = Vec::new();
    for (path, text) in &files {
        let source = session.add_source(SourceKind::File, path.display().to_string(), text.as_str());
        suites.extend(suite::read(session, path, source));
    }
    let paths = snapshot_paths(session, &suites);
    let is_wanted = |suite: &Suite, case: &Case| {
        let title = title(suite, case);
        tests.filters.is_empty() || tests.filters.iter().any(|filter| title.contains(filter.as_str()))
    };
    let all: Vec<(&Suite, &Case)> =
        suites.iter().flat_map(|suite| suite.cases.iter().map(move |case| (suite, case))).collect();
    let chosen: Vec<(&Suite, &Case)> =
        all.iter().copied().filter(|(suite, case)| is_wanted(suite, case)).collect();
    report.left_out = all.len() - chosen.len();
    if chosen.is_empty() && !all.is_empty() {
        let filters = tests.filters.join("`, `");
        let message = format!("no case of {} has `{filters}` in its name", all.len());
        let names: Vec<String> = all.iter().take(3).map(|(suite, case)| title(suite, case)).collect();
        let help = format!("names are those of the suite and of the case, such as `{}`", names.join("`, `"));
        return Err(session.report(Diagnostic::error(Code::A009, message).help(help)));
    }
    run_cases(session, tests, &chosen, &mut report);
    if suites.len() == files.len() && report.left_out == 0 {
        report_stale(session, tests, &files, &paths, &mut report);
    }
    Ok(report)
}

fn title(suite: &Suite, case: &Case) -> String {
    format!("{}: {}", suite.name, case.name)
}

/// The files of tests, by name, with their texts.
///
/// # Errors
/// A009 if there are none, S001 for what cannot be read.
fn test_files(
    session: &Session,
    tests: &TestRequest,
    report: &mut TestReport,
) -> Outcome<Vec<(PathBuf, String)>> {
    let own = match tests.request.chart.as_str() {
        // As it is typed elsewhere.
        "." => PathBuf::from("tests"),
        chart => Path::new(chart).join("tests"),
    };
    let folder = tests.tests.clone().unwrap_or(own);
    let shown = folder.display();
    let unreadable = |path: &Path, error: &source::ReadError| {
        let message = format!("`{}` cannot be read: {error}", path.display());
        session.report(Diagnostic::error(Code::S001, message).help("name a readable file or folder"))
    };
    let paths = if folder.is_file() {
        vec![folder.clone()]
    } else if folder.is_dir() {
        let names =
            source::list_files(&folder, session.limits()).map_err(|error| unreadable(&folder, &error))?;
        let is_yaml = |name: &&String| name.ends_with(".yaml") || name.ends_with(".yml");
        let names = names.iter().filter(is_yaml).filter(|name| !name.contains('/'));
        names.map(|name| folder.join(name)).collect()
    } else {
        let message = format!("there is no folder of tests `{shown}`");
        let help = "write `tests/NAME.yaml` in the chart's folder, or name a folder: `--tests FOLDER`";
        return Err(session.report(Diagnostic::error(Code::A009, message).help(help)));
    };
    let mut files = Vec::new();
    for path in paths {
        let text = source::read_text(&path, session.limits()).map_err(|error| unreadable(&path, &error))?;
        if holds_tests(&text) || tests.tests.as_ref() == Some(&path) {
            files.push((path, text));
        } else {
            report.passed_over += 1;
        }
    }
    if files.is_empty() {
        let message = format!("no file in `{shown}` has cases of tests");
        let help = "a file of tests has `cases:` at its top; what other tools have for tests is not read";
        return Err(session.report(Diagnostic::error(Code::A009, message).help(help)));
    }
    Ok(files)
}

/// The paths of all snapshots. Two cases whose names differ in signs alone would share one.
fn snapshot_paths(session: &Session, suites: &[Suite]) -> BTreeMap<PathBuf, Span> {
    let mut paths = BTreeMap::new();
    for suite in suites {
        for case in &suite.cases {
            if let Wanted::Renders { snapshot: Some(_), .. } = case.wanted {
                let path = snapshot::path_of(&suite.file, &case.name);
                if let Some(first) = paths.insert(path.clone(), case.span) {
                    let message = format!("two cases have the snapshot `{}`", path.display());
                    let finding = Diagnostic::error(Code::A001, message).at(case.span, "the second");
                    session.report(finding.also(first, "the first").help("give one of them another name"));
                }
            }
        }
    }
    paths
}

/// Reports snapshots that no case has.
fn report_stale(
    session: &Session,
    tests: &TestRequest,
    files: &[(PathBuf, String)],
    paths: &BTreeMap<PathBuf, Span>,
    report: &mut TestReport,
) {
    // A single file says nothing of the snapshots of others.
    let Some(folder) = files.first().and_then(|(path, _)| path.parent()) else { return };
    if tests.tests.as_ref().is_some_and(|tests| tests.is_file()) {
        return;
    }
    let folder = folder.join(snapshot::FOLDER);
    let names = source::list_files(&folder, session.limits()).unwrap_or_default();
    for name in names.iter().filter(|name| name.ends_with(".yaml")) {
        let path = folder.join(name);
        if paths.contains_key(&path) {
            continue;
        }
        if !tests.updates {
            let message = format!("no case has the snapshot `{}`", path.display());
            let help = "remove it: `--update` does";
            session.report(Diagnostic::warning(Code::A007, message).help(help));
        }
        report.stale.push(path);
    }
}

/// So many settings are prepared at the same time: each holds a chart in memory.
const SETTINGS_AT_ONCE: usize = 16;

fn run_cases(session: &Session, tests: &TestRequest, cases: &[(&Suite, &Case)], report: &mut TestReport) {
    let mut groups: BTreeMap<&Setting, Vec<usize>> = BTreeMap::new();
    for (index, (_, case)) in cases.iter().enumerate() {
        groups.entry(&case.setting).or_default().push(index);
    }
    let groups: Vec<(&Setting, Vec<usize>)> = groups.into_iter().collect();
    let threads = tests.request.threads;
    let chart = OpenedChart::of(session, tests);
    let mut ends: Vec<Option<CaseEnd>> = cases.iter().map(|_| None).collect();
    for batch in groups.chunks(SETTINGS_AT_ONCE) {
        let settings = batch.iter().map(|(setting, _)| *setting).collect();
        let prepared = in_parallel(settings, threads, |setting| Group::prepare(tests, &chart, setting));
        let mut work = Vec::new();
        for ((_, indices), group) in batch.iter().zip(&prepared) {
            work.extend(indices.iter().map(|index| (*index, group)));
        }
        let done = in_parallel(work, threads, |(index, group)| {
            let (suite, case) = cases[index];
            (index, group.run(tests, suite, case))
        });
        for (index, end) in done {
            ends[index] = Some(end);
        }
    }
    for ((suite, case), end) in cases.iter().zip(ends) {
        let Some(end) = end else { continue };
        let failures = take_over(session, end.findings);
        let source = session.source(case.span.source);
        report.cases.push(TestedCase {
            suite: suite.name.clone(),
            name: case.name.clone(),
            file: source.name.clone(),
            line: source.line_column(case.span.start as usize).0,
            failures,
            differences: end.snapshot.as_ref().map(|snapshot| snapshot.end.clone()).and_then(differences),
        });
        report.snapshots.extend(end.snapshot);
    }
}

/// What people are shown of a snapshot that differs.
fn differences(end: SnapshotEnd) -> Option<[String; 2]> {
    let SnapshotEnd::Differs(changes) = end else { return None };
    let shown = |style| diff::write_objects(&changes, style, "    ");
    Some([shown(Style::Plain), shown(Style::Color)])
}

/// Reports the findings of a case in the session, and gives them with their places there.
fn take_over(session: &Session, own: Session) -> Vec<Diagnostic> {
    let taken = std::cell::RefCell::new(Vec::new());
    session.merge(own, MergeSources::Referenced, |finding| {
        taken.borrow_mut().push(finding.clone());
        Some(finding)
    });
    taken.into_inner()
}

/// What came of a case.
struct CaseEnd {
    /// Why it failed; only what they point at is kept.
    findings: Session,
    snapshot: Option<TestedSnapshot>,
}

/// The chart as it is without any setting, which is opened once for all of them.
struct OpenedChart {
    /// None where something is wrong with it: then each setting says so.
    prepared: Option<Prepared>,
    /// Everything that was read to open it.
    snapshot: Snapshot,
    /// What was found then.
    found: Vec<Diagnostic>,
}

impl OpenedChart {
    fn of(session: &Session, tests: &TestRequest) -> OpenedChart {
        let own = session.snapshot().overlay();
        match pipeline::prepare(&own, &tests.request) {
            Ok(prepared) => {
                OpenedChart { prepared: Some(prepared), snapshot: own.snapshot(), found: own.diagnostics() }
            }
            // A setting may be for other versions of Kubernetes.
            Err(_) => OpenedChart { prepared: None, snapshot: session.snapshot(), found: Vec::new() },
        }
    }
}

/// A chart that is prepared for all cases of one setting.
struct Group {
    request: Request,
    prepared: Outcome<Prepared>,
    /// Everything that was read up to here.
    snapshot: Snapshot,
    /// What was found while it was prepared: it is found in each case.
    found: Vec<Diagnostic>,
}

impl Group {
    fn prepare(tests: &TestRequest, chart: &OpenedChart, setting: &Setting) -> Group {
        let session = chart.snapshot.overlay();
        let request = request_of(tests, setting);
        let prepared = match &chart.prepared {
            Some(prepared) => prepared.with_request(&session, &request),
            None => pipeline::prepare(&session, &request),
        };
        // What is wrong with the defaults was found when the chart was opened, and again with this setting.
        let own = session.diagnostics();
        let mut found: Vec<Diagnostic> =
            chart.found.iter().filter(|finding| !own.contains(finding)).cloned().collect();
        found.extend(own);
        Group { request, prepared, snapshot: session.snapshot(), found }
    }

    fn run(&self, tests: &TestRequest, suite: &Suite, case: &Case) -> CaseEnd {
        let session = self.snapshot.overlay();
        for finding in &self.found {
            session.report(finding.clone());
        }
        let rendered = match &self.prepared {
            Ok(prepared) => prepared.render(&session, &case.files),
            Err(reported) => Err(*reported),
        };
        if rendered.is_err() {
            // It may have ended before documents were judged.
            pipeline::settle(&session, &self.request);
        }
        let judging = Judging { session: &session, case, title: Arc::from(title(suite, case)) };
        let mut failures = Vec::new();
        let documents: &[Document] = &rendered
            .as_ref()
            .map_or_else(|_| Vec::new(), |rendering| PackedDocument::unpack_all(&rendering.documents));
        let mut tested = None;
        match &case.wanted {
            Wanted::Fails(wanted) => judging.refused(wanted, rendered.is_err(), &mut failures),
            Wanted::Renders { expectations, findings, snapshot } => {
                judging.findings(findings, documents, rendered.is_err(), &mut failures);
                if let (Ok(_), Ok(prepared)) = (&rendered, &self.prepared) {
                    let rendered = Rendered { session: &session, api: prepared.api(), documents };
                    expectations.iter().for_each(|one| rendered.failures(one, &mut failures));
                    if let Some(span) = snapshot {
                        tested = self.snapshot(tests, &judging, documents, (suite, *span), &mut failures);
                    }
                }
            }
        }
        // What is not as it should be is no snapshot.
        if let Some(tested) = tested.as_mut().filter(|_| tests.updates && !failures.is_empty()) {
            tested.is_kept_back = !matches!(tested.end, SnapshotEnd::Same);
        }
        let findings = session.fresh();
        for failure in failures {
            findings.report(failure.with_spans(|span| findings.import_span(&session, span)));
        }
        CaseEnd { findings, snapshot: tested }
    }

    /// Holds what was rendered against the snapshot of the case.
    fn snapshot(
        &self,
        tests: &TestRequest,
        judging: &Judging<'_>,
        documents: &[Document],
        (suite, span): (&Suite, Span),
        failures: &mut Vec<Diagnostic>,
    ) -> Option<TestedSnapshot> {
        let prepared = self.prepared.as_ref().ok()?;
        let path = snapshot::path_of(&suite.file, &judging.case.name);
        let mut tested = snapshot::compare(judging.session, prepared.api(), documents, path);
        if !tests.updates {
            failures.extend(snapshot::failure(&tested, span));
            // Nobody writes it.
            tested.text = String::new();
        }
        Some(tested)
    }
}

/// The request of a setting.
fn request_of(tests: &TestRequest, setting: &Setting) -> Request {
    let base = &tests.request;
    let kind = SetFlagKind::Text(SetKind::Set);
    let mut levels = base.levels.clone();
    let allow = |rule: &String| ChosenLevel { rule: rule.clone(), level: config::Level::Allow };
    levels.extend(setting.allow.iter().map(allow));
    let mut api_versions = base.api_versions.clone();
    api_versions.extend(setting.api_versions.iter().cloned());
    Request {
        presets: setting.presets.clone(),
        sets: setting.sets.iter().map(|text| SetFlag { kind, text: text.clone() }).collect(),
        namespace: setting.namespace.clone().or_else(|| base.namespace.clone()),
        release_name: setting.release_name.clone().or_else(|| base.release_name.clone()),
        versions: setting
            .versions
            .as_ref()
            .and_then(|versions| versions.parse().ok())
            .unwrap_or(base.versions),
        api_versions,
        levels,
        helm: HelmOptions { is_upgrade: setting.is_upgrade || base.helm.is_upgrade, ..base.helm.clone() },
        // The cases are shared out.
        threads: 1,
        ..base.clone()
    }
}

/// What was found in a case, and what it expects.
struct Judging<'c> {
    session: &'c Session,
    case: &'c Case,
    title: Arc<str>,
}

impl Judging<'_> {
    /// A case that expects that nothing is rendered.
    fn refused(&self, wanted: &[ExpectedFinding], is_refused: bool, failures: &mut Vec<Diagnostic>) {
        if !is_refused {
            let codes: Vec<String> = wanted.iter().map(ExpectedFinding::describe).collect();
            let message = format!("the chart is rendered, and should be refused with {}", codes.join(", "));
            let span = wanted.first().map_or(self.case.span, |finding| finding.span);
            let finding = Diagnostic::error(Code::A005, message).at(span, "expected here");
            failures.push(finding.help("change the values of the case, or expect what is rendered"));
            return;
        }
        let mut found = self.session.diagnostics();
        found.retain(|finding| finding.level == Level::Error);
        self.hold(wanted, &found, &[], failures);
    }

    /// The findings of a case that is rendered: those that it expects, and no others.
    fn findings(
        &self,
        wanted: &[ExpectedFinding],
        documents: &[Document],
        is_refused: bool,
        failures: &mut Vec<Diagnostic>,
    ) {
        let mut found = self.session.diagnostics();
        if is_refused {
            // Warnings are told apart when there is something that is judged.
            found.retain(|finding| finding.level == Level::Error);
            failures.extend(found.into_iter().map(|finding| self.unexpected(finding)));
            return;
        }
        self.hold(wanted, &found, documents, failures);
    }

    fn hold(
        &self,
        wanted: &[ExpectedFinding],
        found: &[Diagnostic],
        documents: &[Document],
        failures: &mut Vec<Diagnostic>,
    ) {
        let matches =
            |one: &ExpectedFinding, finding: &Diagnostic| one.matches(self.session, documents, finding);
        for one in wanted {
            if !found.iter().any(|finding| matches(one, finding)) {
                failures.push(self.not_found(one, found));
            }
        }
        for finding in found {
            if !wanted.iter().any(|one| matches(one, finding)) {
                failures.push(self.unexpected(finding.clone()));
            }
        }
    }

    fn not_found(&self, wanted: &ExpectedFinding, found: &[Diagnostic]) -> Diagnostic {
        let message = format!("there is no finding {}", wanted.describe());
        let mut finding = Diagnostic::error(Code::A005, message).at(wanted.span, "expected here");
        for near in found.iter().filter(|near| wanted.is_of_code(near)).take(2) {
            if let Some(label) = near.primary() {
                finding = finding.also(self.session.resolve(label.span), near.message.clone());
            }
        }
        finding
    }

    /// A finding that no test expects is an error of the case, whatever its level.
    fn unexpected(&self, finding: Diagnostic) -> Diagnostic {
        let finding = match finding.level {
            Level::Error => finding,
            Level::Warning => {
                let code = finding.name.filter(|_| finding.code.id.starts_with('R'));
                let code = code.unwrap_or(finding.code.id);
                let note = format!(
                    "a warning that the case does not expect: list it in `findings`, or say `allow: [{code}]`"
                );
                Diagnostic { level: Level::Error, ..finding.note(note) }
            }
        };
        Diagnostic { sets: vec![Arc::clone(&self.title)], ..finding }
    }
}
