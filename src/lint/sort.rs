//! What a path is: a chart, values of a chart, a `plimsoll.yaml` or a manifest.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::modeline::{Modeline, Word};
use super::{Manifest, Order, ValuesSet, chart};
use crate::chart as charts;
use crate::config::{Config, matches};
use crate::diagnostic::{Code, Diagnostic};
use crate::inputs;
use crate::request::ValuesFile;
use crate::session::Session;
use crate::source::{self, ReadError, SourceKind, Span};

/// What is to be done, everything once.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) configs: BTreeSet<String>,
    pub(super) charts: Vec<String>,
    pub(super) values: Vec<ValuesSet>,
    pub(super) manifests: Vec<Manifest>,
}

/// Finds out what each path is. What is nothing that can be linted is reported (L001).
pub(super) fn sort(session: &Session, order: &Order) -> Work {
    let config = inputs::config(session, &order.request).unwrap_or_default();
    let mut sorter = Sorter { session, order, config, work: Work::default(), seen: BTreeSet::new() };
    for path in &order.paths {
        sorter.path(path);
    }
    sorter.work
}

/// Whether a file's name is that of a YAML file.
pub(super) fn is_yaml(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// A file of a chart's `tests/`, with the presets that its modeline names.
pub(super) fn test_values(session: &Session, chart: &str, path: &Path) -> Option<ValuesSet> {
    let text = source::read_text(path).map_err(|error| refuse_unread(session, &shown(path), &error)).ok()?;
    let presets = Modeline::read(&text).presets();
    let file = Some(ValuesFile::Path(path.to_owned()));
    Some(ValuesSet { chart: chart.to_owned(), presets, file })
}

struct Sorter<'s> {
    session: &'s Session,
    order: &'s Order,
    config: Config,
    work: Work,
    seen: BTreeSet<String>,
}

/// Whether somebody named a file, or it was found in a folder.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mention {
    Named,
    Found,
}

impl Sorter<'_> {
    fn path(&mut self, path: &Path) {
        let name = shown(path);
        if name == "-" {
            self.stdin();
        } else if path.is_dir() {
            self.folder(path, &name);
        } else if path.exists() || charts::bundled().all(|bundled| bundled.name != name) {
            self.file(path, Mention::Named);
        } else {
            self.chart(&name);
        }
    }

    fn stdin(&mut self) {
        if !self.seen.insert("-".to_owned()) {
            return;
        }
        if let Some(chart) = &self.order.chart {
            self.values(chart.clone(), self.order.presets.clone(), ValuesFile::Stdin);
            return;
        }
        match source::read_stdin() {
            Ok(text) => {
                self.work.manifests.push(Manifest {
                    kind: SourceKind::Stdin,
                    name: "<stdin>".to_owned(),
                    text,
                });
            }
            Err(error) => refuse_unread(self.session, "standard input", &error),
        }
    }

    fn folder(&mut self, path: &Path, name: &str) {
        if is_chart(path) {
            return self.chart(name);
        }
        let files = match source::list_files(path) {
            Ok(files) => files,
            Err(error) => return refuse_unread(self.session, name, &error),
        };
        let mut inner: Vec<&str> = Vec::new();
        let metadata = |file: &&String| file.rsplit('/').next().is_some_and(|last| METADATA.contains(&last));
        for file in files.iter().filter(metadata) {
            let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
            if !inner.iter().any(|outer| is_below(file, outer)) {
                inner.push(folder);
                self.chart(&shown(&path.join(folder)));
            }
        }
        let mut empty = inner.is_empty();
        for file in files.iter().filter(|file| !inner.iter().any(|folder| is_below(file, folder))) {
            if is_yaml(file) || file.ends_with(".json") {
                empty = false;
                self.file(&path.join(file), Mention::Found);
            }
        }
        if empty {
            let message = format!("there is nothing to lint in the folder `{name}`");
            let help = "name a folder with YAML files in it; names that begin with a dot are passed over";
            self.session.report(Diagnostic::error(Code::L001, message).help(help));
        }
    }

    fn chart(&mut self, name: &str) {
        if self.seen.insert(format!("chart {name}")) {
            self.work.charts.push(name.to_owned());
        }
    }

    fn values(&mut self, chart: String, presets: Vec<String>, file: ValuesFile) {
        self.work.values.push(ValuesSet { chart, presets, file: Some(file) });
    }

    fn file(&mut self, path: &Path, mention: Mention) {
        let name = shown(path);
        if !self.seen.insert(name.clone()) {
            return;
        }
        if path.file_name().is_some_and(|file| file == "plimsoll.yaml") {
            self.work.configs.insert(name);
            return;
        }
        if let Some(chart) = &self.order.chart {
            let presets = self.order.presets.clone();
            return self.values(chart.clone(), presets, ValuesFile::Path(path.to_owned()));
        }
        match source::read_text(path) {
            Ok(text) => self.text(path, name, text, mention),
            Err(error) => refuse_unread(self.session, &name, &error),
        }
    }

    /// Sorts a file by its modeline, its place, the map in `plimsoll.yaml` and its content, in this order.
    fn text(&mut self, path: &Path, name: String, text: String, mention: Mention) {
        let modeline = Modeline::read(&text);
        let manifest = looks_like_manifest(&text);
        if !modeline.unknown.is_empty() {
            return self.refuse_words(&name, &text, &modeline.unknown);
        }
        let presets = modeline.presets();
        let file = || ValuesFile::Path(path.to_owned());
        if let Some(word) = &modeline.chart {
            return match self.named_chart(path, word.text) {
                Some(chart) if self.has_presets(&chart, &name, &text, &modeline.presets) => {
                    self.values(chart, presets, file());
                }
                Some(_) => {}
                None => self.refuse_chart(&name, &text, word),
            };
        }
        if let Some((folder, rest)) = home(path) {
            if self.in_chart(&folder, &rest, presets.clone(), manifest, path) {
                return;
            }
        } else if let Some(chart) = modeline.schema.and_then(|schema| self.chart_of_schema(path, schema)) {
            return self.values(chart, presets, file());
        } else if let Some((chart, below)) = self.mapped(path) {
            return self.values(chart, if presets.is_empty() { below } else { presets }, file());
        }
        if manifest || is_blank(&text) {
            self.work.manifests.push(Manifest { kind: SourceKind::File, name, text });
        } else if mention == Mention::Named || is_yaml(&name) {
            self.refuse_unknown(&name, mention);
        }
    }

    /// Sorts a file in a chart's folder; says whether that was possible.
    fn in_chart(
        &mut self,
        folder: &str,
        rest: &str,
        presets: Vec<String>,
        manifest: bool,
        path: &Path,
    ) -> bool {
        let top = rest.split('/').next().unwrap_or_default();
        match (top, rest) {
            ("templates" | "crds" | "files", _)
            | (_, "chart.yaml" | "values.yaml" | "values.schema.json") => self.chart(folder),
            ("presets", _) => self.preset(folder, path),
            _ if manifest && top != "tests" => return false,
            _ => self.values(folder.to_owned(), presets, ValuesFile::Path(path.to_owned())),
        }
        true
    }

    fn preset(&mut self, folder: &str, path: &Path) {
        let own = Session::new();
        let Ok(opened) = charts::open(&own, folder) else {
            self.session.absorb(&own, |_| true);
            return;
        };
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        self.work.values.push(chart::preset_set(&own, &opened, folder, &stem));
    }

    /// A chart as a modeline names it: a bundled one, or a folder relative to the file.
    fn named_chart(&self, path: &Path, name: &str) -> Option<String> {
        if charts::bundled().any(|bundled| bundled.name == name) {
            return Some(name.to_owned());
        }
        let folder = tidy(&path.parent().unwrap_or(Path::new("")).join(name));
        is_chart(&folder).then(|| as_path(&folder))
    }

    /// The chart whose schema an editor is told to use.
    fn chart_of_schema(&self, path: &Path, schema: &str) -> Option<String> {
        let file = schema.rsplit('/').next()?;
        let name = file.strip_suffix(".schema.json")?;
        if charts::bundled().any(|bundled| bundled.name == name) {
            return Some(name.to_owned());
        }
        let folder = schema.strip_suffix("values.schema.json").filter(|folder| !folder.contains("://"))?;
        self.named_chart(path, if folder.is_empty() { "." } else { folder })
    }

    /// The chart and presets that `plimsoll.yaml` names for a path.
    fn mapped(&self, path: &Path) -> Option<(String, Vec<String>)> {
        let folder = self.order.request.config.as_deref()?.parent()?;
        let relative = source::relative(folder, path)?;
        let found = self.config.charts.iter().find(|entry| matches(&entry.files, &relative))?;
        let bundled = charts::bundled().any(|bundled| bundled.name == found.chart);
        let chart = if bundled { found.chart.clone() } else { as_path(&tidy(&folder.join(&found.chart))) };
        Some((chart, found.presets.clone()))
    }

    fn has_presets(&self, chart: &str, name: &str, text: &str, words: &[Word<'_>]) -> bool {
        let own = Session::new();
        // A chart that cannot be opened says so when it is linted.
        let Ok(chart) = charts::open(&own, chart) else { return true };
        let unknown: Vec<&Word<'_>> =
            words.iter().filter(|word| !chart.presets.contains_key(word.text)).collect();
        for word in &unknown {
            let message = format!("the chart `{}` has no preset `{}`", chart.name, word.text);
            let known = chart.presets.keys().map(String::as_str);
            let finding =
                Diagnostic::error(Code::L002, message).at(self.place(name, text, word), "this preset");
            self.session
                .report(finding.did_you_mean(word.text, known).help("`plimsoll charts` lists presets"));
        }
        unknown.is_empty()
    }

    fn refuse_chart(&self, name: &str, text: &str, word: &Word<'_>) {
        let message = format!("there is no chart `{}`", word.text);
        let finding = Diagnostic::error(Code::L002, message).at(self.place(name, text, word), "this chart");
        let known = charts::bundled().map(|bundled| bundled.name);
        let help = "name a bundled chart, or the path of a chart's folder relative to this file";
        self.session.report(finding.did_you_mean(word.text, known).help(help));
    }

    fn refuse_words(&self, name: &str, text: &str, words: &[Word<'_>]) {
        for word in words {
            let message = format!("`{}` has no meaning in a modeline", word.text);
            let finding =
                Diagnostic::error(Code::L002, message).at(self.place(name, text, word), "this word");
            let finding = finding.did_you_mean(word.text, ["chart=", "preset=", "allow("]);
            self.session.report(finding.help("write `# plimsoll: chart=NAME preset=NAME`"));
        }
    }

    fn refuse_unknown(&self, name: &str, mention: Mention) {
        let file = name.rsplit('/').next().unwrap_or(name);
        let kustomize = matches!(file, "kustomization.yaml" | "kustomization.yml");
        if kustomize && mention == Mention::Found {
            return;
        }
        let message = format!("`{name}` is no manifest, and nothing says which chart it is a values file of");
        let finding = Diagnostic::error(Code::L001, message);
        self.session.report(if kustomize {
            finding.help("lint what it makes: `kubectl kustomize FOLDER | plimsoll lint -`")
        } else {
            finding.help(
                "write `# plimsoll: chart=NAME` into its first line, add it to `charts` in `plimsoll.yaml`, \
                 or give `--chart NAME`; a manifest needs `apiVersion` and `kind`",
            )
        });
    }

    /// A file that was not kept is registered where a finding must show it.
    fn place(&self, name: &str, text: &str, word: &Word<'_>) -> Span {
        let source = self.session.add_source(SourceKind::File, name, text);
        Span::new(source, word.place.start, word.place.end)
    }
}

/// The files that make a folder a chart, Helm's among them: opening that one says what to do.
const METADATA: &[&str] = &["chart.yaml", "Chart.yaml"];

fn is_chart(folder: &Path) -> bool {
    METADATA.iter().any(|name| folder.join(name).is_file())
}

fn is_below(file: &str, folder: &str) -> bool {
    folder.is_empty() || file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// The chart's folder that a file lies in, if any, and the path below it. The search ends at the root of a repository.
fn home(path: &Path) -> Option<(String, String)> {
    let mut rest = PathBuf::from(path.file_name()?);
    for folder in path.parent()?.ancestors() {
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        if here.join("chart.yaml").is_file() {
            return Some((as_path(here), rest.to_str()?.to_owned()));
        }
        if here.join(".git").exists() {
            return None;
        }
        rest = Path::new(folder.file_name().unwrap_or_default()).join(rest);
    }
    None
}

/// A path that cannot be taken for the name of a bundled chart.
fn as_path(folder: &Path) -> String {
    let text = shown(folder);
    match text.as_str() {
        "" => ".".to_owned(),
        _ if text.contains('/') || text.starts_with('.') => text,
        _ => format!("./{text}"),
    }
}

/// The path without `.` and without folders that are left again.
fn tidy(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for component in path.components() {
        let named = matches!(tidied.components().next_back(), Some(Component::Normal(_)));
        match component {
            Component::CurDir => {}
            Component::ParentDir if named => {
                tidied.pop();
            }
            _ => tidied.push(component),
        }
    }
    tidied
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Whether the keys of an object stand at the top of a document.
fn looks_like_manifest(text: &str) -> bool {
    let mut content = text.lines().filter(|line| !is_comment(line)).peekable();
    if content.peek().is_some_and(|first| first.starts_with(['{', '[', ' ', '-'])) {
        return text.contains("apiVersion");
    }
    let key = |line: &str| {
        let line = line.trim_start_matches(['"', '\'']);
        line.starts_with("apiVersion") || line.starts_with("kind:") || line.starts_with("kind\"")
    };
    content.any(key)
}

fn is_comment(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#') || line == "---" || line == "..."
}

fn is_blank(text: &str) -> bool {
    text.lines().all(is_comment)
}

fn refuse_unread(session: &Session, name: &str, error: &ReadError) {
    let finding = Diagnostic::error(Code::S001, format!("`{name}` cannot be read: {error}"));
    let known = charts::bundled().map(|bundled| bundled.name);
    let finding = finding.did_you_mean(name, known);
    session.report(finding.help("name a file, a folder, a bundled chart, or `-` for standard input"));
}
