//! What a path is: a chart, values of a chart, a `plimsoll.yaml` or a manifest.

use std::collections::BTreeSet;
use std::path::Path;

use super::look::{
    METADATA, as_path, home, is_below, is_blank, is_chart, is_kustomization, is_yaml, looks_like_manifest,
    shown, tidy,
};
use super::modeline::Modeline;
use super::refuse::{File, refuse_unread};
use super::{LintRequest, Manifest, ValuesSet, chart};
use crate::chart as charts;
use crate::config::{Config, matches};
use crate::diagnostic::{Code, Diagnostic};
use crate::inputs;
use crate::request::ValuesFile;
use crate::session::{MergeSources, Session};
use crate::source::{self, SourceKind};

/// What is to be done, everything once.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) configs: BTreeSet<String>,
    pub(super) charts: Vec<String>,
    pub(super) values: Vec<ValuesSet>,
    pub(super) manifests: Vec<Manifest>,
}

/// Finds out what each path is. What is nothing that can be linted is reported (L001).
pub(super) fn sort(session: &Session, order: &LintRequest) -> Work {
    let config = inputs::read_config(session, &order.request).unwrap_or_default();
    let mut sorter = Sorter { session, order, config, work: Work::default(), seen: BTreeSet::new() };
    for path in &order.paths {
        sorter.path(path);
    }
    sorter.work
}

/// A file of a chart's `tests/`, with the presets that its modeline names.
pub(super) fn test_values(session: &Session, chart: &str, path: &Path) -> Option<ValuesSet> {
    let text = source::read_text(path, session.limits())
        .map_err(|error| refuse_unread(session, &shown(path), &error))
        .ok()?;
    let presets = Modeline::read(&text).presets();
    let file = Some(ValuesFile::Path(path.to_owned()));
    Some(ValuesSet { chart: chart.to_owned(), presets, file })
}

struct Sorter<'s> {
    session: &'s Session,
    order: &'s LintRequest,
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
        match source::read_stdin(self.session.limits()) {
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
        let files = match source::list_files(path, self.session.limits()) {
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
        match source::read_text(path, self.session.limits()) {
            Ok(text) => self.text(path, name, text, mention),
            Err(error) => refuse_unread(self.session, &name, &error),
        }
    }

    /// Sorts a file by its modeline, its place, the map in `plimsoll.yaml` and its content, in this order.
    fn text(&mut self, path: &Path, name: String, text: String, mention: Mention) {
        let modeline = Modeline::read(&text);
        let manifest = looks_like_manifest(&text);
        if let Some(set) =
            self.set_of(path, &File { session: self.session, name: &name, text: &text }, &modeline)
        {
            self.work.values.extend(set);
        } else if is_kustomization(&name) {
            if mention == Mention::Named {
                File { session: self.session, name: &name, text: &text }.refuse_unknown();
            }
        } else if let Some((folder, rest)) = home(path)
            && (!manifest || is_of_chart(&rest))
        {
            self.in_chart(&folder, &rest, modeline.presets(), path);
        } else if manifest || is_blank(&text) {
            self.work.manifests.push(Manifest { kind: SourceKind::File, name, text });
        } else if mention == Mention::Named || is_yaml(&name) {
            File { session: self.session, name: &name, text: &text }.refuse_unknown();
        }
    }

    /// The set that a modeline or `plimsoll.yaml` makes of a file: none if they say nothing, an empty one if what they say is wrong.
    fn set_of(&self, path: &Path, file: &File<'_>, modeline: &Modeline<'_>) -> Option<Option<ValuesSet>> {
        if !modeline.unknown.is_empty() {
            file.refuse_words(&modeline.unknown);
            return Some(None);
        }
        let presets = modeline.presets();
        let set =
            |chart, presets| ValuesSet { chart, presets, file: Some(ValuesFile::Path(path.to_owned())) };
        if let Some(word) = &modeline.chart {
            let Some(chart) = self.named_chart(path, word.text) else {
                file.refuse_chart(word);
                return Some(None);
            };
            return Some(file.has_presets(&chart, &modeline.presets).then(|| set(chart, presets)));
        }
        if home(path).is_some() {
            return None;
        }
        if let Some(chart) = modeline.schema.and_then(|schema| self.chart_of_schema(path, schema)) {
            return Some(Some(set(chart, presets)));
        }
        let (chart, below) = self.mapped(path)?;
        Some(Some(set(chart, if presets.is_empty() { below } else { presets })))
    }

    /// Sorts a file in a chart's folder.
    fn in_chart(&mut self, folder: &str, rest: &str, presets: Vec<String>, path: &Path) {
        match rest.split_once('/') {
            Some(("presets", _)) => self.preset(folder, path),
            Some(("tests", file)) if is_yaml(file) => {
                self.values(folder.to_owned(), presets, ValuesFile::Path(path.to_owned()));
            }
            _ if is_of_chart(rest) || !is_yaml(rest) => self.chart(folder),
            _ => self.values(folder.to_owned(), presets, ValuesFile::Path(path.to_owned())),
        }
    }

    fn preset(&mut self, folder: &str, path: &Path) {
        let own = self.session.fresh();
        let Ok(opened) = charts::open(&own, folder) else {
            self.session.merge(own, MergeSources::All, Some);
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
        let relative = source::relative_path(folder, path)?;
        let found = self.config.charts.iter().find(|entry| matches(&entry.files, &relative))?;
        let bundled = charts::bundled().any(|bundled| bundled.name == found.chart);
        let chart = if bundled { found.chart.clone() } else { as_path(&tidy(&folder.join(&found.chart))) };
        Some((chart, found.presets.clone()))
    }
}

/// Whether a path below a chart's folder is that of one of the chart's own files.
fn is_of_chart(rest: &str) -> bool {
    let own = ["templates/", "crds/", "files/", "presets/", "tests/"];
    own.iter().any(|folder| rest.starts_with(folder))
        || matches!(rest, "chart.yaml" | "values.yaml" | "values.schema.json")
}
