//! Classifies paths: which are charts, which are values of a chart, which are manifests, and which a `plimsoll.yaml`.
//!
//! A file is classified by the first of these that says something:
//!
//! 1. its name: `plimsoll.yaml`;
//! 2. `--chart`: everything is values of it;
//! 3. a modeline, the schema that an editor uses, or the map in `plimsoll.yaml`, which all name a chart;
//! 4. its place in a chart's folder;
//! 5. its content: a manifest has `apiVersion` and `kind`, and is read by no other tool (`foreign.rs`).
//!
//! What is left is reported (L001) if it was named. In a folder it is passed over and counted: a repository has many
//! YAML files that are none of ours.
//!
//! ```text
//! plimsoll lint .                            classified as
//!   plimsoll.yaml                            configuration
//!   charts/web/chart.yaml                    the chart `./charts/web`, and with it all files of a chart below the folder
//!   charts/web/tests/small.yaml              a set of that chart
//!   charts/web/tests/web.yaml   cases: …     passed over: `plimsoll test` runs it
//!   envs/prod.yaml   # plimsoll: chart=…     values
//!   manifests/web.yaml   apiVersion: …       manifest
//!   compose.yaml                             counted
//! ```
//!
//! Files are told apart before they are parsed, and read once: a manifest's text is kept for the check.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::chart::ValuesSet;
use super::foreign;
use super::ignored::Ignored;
use super::kustomization::Kustomizations;
use super::modeline::Modeline;
use super::recognize::{
    CHART_FILES, as_chart_path, display, enclosing_chart, is_below, is_blank, is_chart, is_chart_by_itself,
    is_helm_chart, is_kustomization, is_yaml, meant_chart_file,
};
use super::reports::{InspectedFile, report_link, report_unreadable};
use super::sets::{self, Manifest};
use crate::chart;
use crate::config::Config;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::inputs;
use crate::pipeline::{self, ManifestSets};
use crate::request::{Request, ValuesFile};
use crate::session::{MergeSources, Session};
use crate::source::{self, Listing, SourceKind, normalize};

/// What is to be linted, and how.
#[derive(Clone, Debug, Default)]
pub struct LintRequest {
    /// Files and folders, or names of bundled charts; `-` is standard input.
    pub paths: Vec<PathBuf>,
    /// The chart that all files are values of; otherwise it is found out for each.
    pub chart: Option<String>,
    /// Presets below those values, low to high.
    pub presets: Vec<String>,
    /// Everything else: versions, CRDs, levels of rules, demands. Its chart and layers are those of each set.
    pub request: Request,
}

/// What is to be linted, everything once.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    /// Paths of `plimsoll.yaml` files.
    pub(super) configs: BTreeSet<String>,
    /// Bundled charts' names, or folders, in the order in which they were found.
    pub(super) charts: Vec<String>,
    pub(super) values: Vec<ValuesSet>,
    pub(super) manifests: Vec<Manifest>,
    /// Which of the manifests are one set, and what kustomizations make of them.
    pub(super) sets: ManifestSets,
    /// The number of files that were passed over, as they are parts of kustomizations.
    pub(super) parts: usize,
    /// The number of YAML files in folders that are no manifests.
    pub(super) not_manifests: usize,
}

/// Finds out what each path is. What is nothing that can be linted is reported (L001).
pub(super) fn classify(session: &Session, lint: &LintRequest) -> Inputs {
    // What is wrong with the configuration is reported; the paths are classified without it then.
    let config = inputs::read_config(session, &lint.request).unwrap_or_default();
    let mut classifier = Classifier {
        session,
        lint,
        config,
        inputs: Inputs::default(),
        kustomizations: Kustomizations::default(),
        seen: BTreeSet::new(),
    };
    for path in &lint.paths {
        classifier.path(path);
    }
    let Classifier { config, mut inputs, kustomizations, .. } = classifier;
    inputs.sets = sets::sets(&inputs.manifests, &kustomizations, &config);
    inputs
}

struct Classifier<'s> {
    session: &'s Session,
    lint: &'s LintRequest,
    config: Config,
    inputs: Inputs,
    kustomizations: Kustomizations,
    /// Files, charts (as `chart NAME`) and standard input (`-`) that have been classified.
    seen: BTreeSet<String>,
}

/// How a file came to be looked at. One that was named has to be something; one that was found in a folder may be
/// passed over if it is no YAML.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mention<'p> {
    Named,
    /// With its path below the folder that was named.
    Found(&'p str),
}

/// What a file, or `plimsoll.yaml` about it, says of the chart that it belongs to.
enum Declared {
    Nothing,
    /// Something that is wrong; it was reported.
    Wrong,
    Values(ValuesSet),
}

impl Classifier<'_> {
    /// A path as it was named.
    fn path(&mut self, path: &Path) {
        let name = display(path);
        if name == "-" {
            self.stdin();
        } else if path.is_dir() {
            self.folder(path, &name);
        } else if pipeline::is_helm_archive(&name) {
            self.chart(&name);
        } else if path.exists() || !is_bundled(&name) {
            // A file wins over a bundled chart of its name. What is neither is reported as a file that cannot be read.
            self.file(path, Mention::Named);
        } else {
            self.chart(&name);
        }
    }

    fn stdin(&mut self) {
        if !self.seen.insert("-".to_owned()) {
            return;
        }
        // Without `--chart` nothing could say of what chart a text without a place is a values file: it is manifests
        // then.
        if let Some(chart) = &self.lint.chart {
            let presets = self.lint.presets.clone();
            self.inputs.values.push(ValuesSet::of_file(chart.clone(), presets, ValuesFile::Stdin));
            return;
        }
        match source::read_stdin(self.session.limits()) {
            Ok(text) => {
                let name = "<stdin>".to_owned();
                let text = Arc::from(text);
                self.inputs.manifests.push(Manifest { kind: SourceKind::Stdin, name, text, found: None });
            }
            Err(error) => report_unreadable(self.session, "standard input", &error),
        }
    }

    /// A chart, or everything below a folder: charts in it as charts, the other files one by one.
    fn folder(&mut self, path: &Path, name: &str) {
        if is_chart(path) {
            return self.chart(name);
        }
        let mut ignored = Ignored::new(path, &self.config);
        let is_ignored = |file: &str, is_folder: bool| ignored.is_ignored(file, is_folder);
        let Listing { files, broken } = match source::list_found(path, self.session.limits(), is_ignored) {
            Ok(listing) => listing,
            Err(error) => return report_unreadable(self.session, name, &error),
        };
        // Before the files that they name.
        for file in files.iter().filter(|file| is_kustomization(file)) {
            self.kustomizations.read(self.session, &path.join(file));
        }
        // Charts first: a template of one is no manifest, and must not be looked at by itself.
        let chart_folders = chart_folders(path, &files);
        for folder in &chart_folders {
            let folder = path.join(folder);
            // Only a chart that is named has to be one whose dependencies are there.
            let missing = is_helm_chart(&folder).then(|| missing_dependency(self.session, &display(&folder)));
            match missing.flatten() {
                Some(finding) => {
                    self.session.report(finding);
                }
                None => self.chart(&display(&folder)),
            }
        }
        // Whoever applies the folder may follow them. Those in a chart are its own affair, and are looked at when it is opened.
        for link in broken.iter().filter(|link| is_yaml(link) || link.ends_with(".json")) {
            if !chart_folders.iter().any(|folder| is_below(link, folder)) {
                report_link(self.session, &display(&path.join(link)));
            }
        }
        let mut empty = chart_folders.is_empty();
        let misnamed = misnamed_charts(&files, &chart_folders);
        for (folder, file, meant) in &misnamed {
            empty = false;
            let shown = display(&path.join(file));
            let message = format!("`{shown}` makes no chart of its folder: the file of a chart is `{meant}`");
            let of_templates = display(&path.join(folder).join("templates"));
            let help = format!("rename it; until then `{of_templates}` is passed over");
            self.session.report(Diagnostic::error(Code::C001, message).help(help));
        }
        for file in &files {
            let is_misnamed = |(folder, name, _): &(&str, &str, &str)| {
                file == name || is_below(file, format!("{folder}/templates").trim_start_matches('/'))
            };
            if misnamed.iter().any(is_misnamed) {
                continue;
            }
            let in_chart = chart_folders.iter().any(|folder| is_below(file, folder));
            if !in_chart && (is_yaml(file) || file.ends_with(".json")) {
                empty = false;
                self.file(&path.join(file), Mention::Found(file));
            }
        }
        if empty {
            let message = format!("there is nothing to lint in the folder `{name}`");
            let help = "name a folder with YAML files in it; names that begin with a dot are passed over";
            self.session.report(Diagnostic::error(Code::L001, message).help(help));
        }
    }

    fn chart(&mut self, name: &str) {
        // A bundled chart may have the name of a file; the prefix keeps the two apart.
        if self.seen.insert(format!("chart {name}")) {
            self.inputs.charts.push(name.to_owned());
        }
    }

    fn file(&mut self, path: &Path, mention: Mention<'_>) {
        let name = display(path);
        if !self.seen.insert(name.clone()) {
            return;
        }
        // Before `--chart`, as it is never a values file.
        if path.file_name().is_some_and(|file| file == "plimsoll.yaml") {
            // By the name under which it was read, if it is the one that says how to lint.
            let own = self.lint.request.config.as_deref();
            let own = own.filter(|own| normalize(own) == normalize(path));
            self.inputs.configs.insert(own.map_or(name, display));
            return;
        }
        if let Some(chart) = &self.lint.chart {
            let presets = self.lint.presets.clone();
            let file = ValuesFile::Path(path.to_owned());
            self.inputs.values.push(ValuesSet::of_file(chart.clone(), presets, file));
            return;
        }
        match source::read_manifest(path, self.session.limits()) {
            Ok(text) => self.text(path, name, text, mention),
            Err(error) => report_unreadable(self.session, &name, &error),
        }
    }

    /// Classifies a file by what it or `plimsoll.yaml` declares, by its place, and by its content, in this order.
    fn text(&mut self, path: &Path, name: String, text: String, mention: Mention<'_>) {
        // What `plimsoll test` runs is neither values nor manifests.
        if path.components().any(|part| part.as_os_str() == "tests") && chart::holds_tests(&text) {
            return;
        }
        let file = InspectedFile { session: self.session, name: &name, text: &text };
        let modeline = Modeline::parse(&text);
        match self.declared(path, file, &modeline) {
            Declared::Values(set) => return self.inputs.values.push(set),
            Declared::Wrong => return,
            Declared::Nothing => {}
        }
        if is_kustomization(&name) {
            // After what is declared and before the look at the text, which would take it for a manifest: it has
            // `apiVersion` and `kind`. Kustomize's own file is no object. In a folder it is passed over, as its
            // manifests stand beside it.
            if mention == Mention::Named {
                file.report_unclassified(None);
            }
            return;
        }
        if mention == Mention::Named {
            self.kustomizations.read_around(self.session, path);
        }
        if self.kustomizations.is_part(path) {
            self.inputs.parts += 1;
            return;
        }
        let noun = foreign::noun(&name, &text).or_else(|| self.patch_noun(&name, &text));
        let is_manifest = noun.is_none() && !is_blank(&text);
        // A manifest in the folder of a chart, but in none of the chart's own folders, is a manifest.
        if let Some((folder, rest)) = enclosing_chart(path)
            && (!is_manifest || belongs_to_chart(&rest))
        {
            self.file_in_chart(&folder, &rest, modeline.preset_names(), path);
        // A file without content is a manifest without objects: somebody has commented everything out, which is no
        // mistake.
        } else if is_manifest || is_blank(&text) {
            let found = match mention {
                Mention::Named => None,
                Mention::Found(below) => below.rsplit_once('/').map(|(folder, _)| folder.to_owned()),
            };
            let text = Arc::from(text);
            self.inputs.manifests.push(Manifest { kind: SourceKind::File, name, text, found });
        } else if mention == Mention::Named {
            file.report_unclassified(noun);
        } else if is_yaml(&name) {
            self.inputs.not_manifests += 1;
        }
    }

    /// Whether a file that no kustomization names is a patch for whoever reads it: it is called one, and its objects are
    /// not whole.
    fn patch_noun(&self, name: &str, text: &str) -> Option<&'static str> {
        let is_patch = foreign::is_called_patch(name)
            && !pipeline::is_whole(self.session, &self.lint.request, name, text);
        is_patch.then_some("a patch: it is called one, and something is missing in it")
    }

    /// What a modeline or `plimsoll.yaml` says of a file.
    fn declared(&self, path: &Path, file: InspectedFile<'_>, modeline: &Modeline<'_>) -> Declared {
        // First, as a mistyped `chrat=web` would otherwise be told that nothing says which chart the file belongs to.
        if !modeline.unknown.is_empty() {
            file.report_unknown_words(&modeline.unknown);
            return Declared::Wrong;
        }
        let presets = modeline.preset_names();
        let values_file = ValuesFile::Path(path.to_owned());
        if let Some(word) = &modeline.chart {
            let Some(chart) = named_chart(path, word.text) else {
                file.report_unknown_chart(word);
                return Declared::Wrong;
            };
            if !file.check_presets(&chart, &modeline.presets) {
                return Declared::Wrong;
            }
            return Declared::Values(ValuesSet::of_file(chart, presets, values_file));
        }
        // The files of a chart are known by their place; the schema that an editor uses is the chart's own there.
        if enclosing_chart(path).is_some() {
            return Declared::Nothing;
        }
        if let Some(chart) = modeline.schema.and_then(|schema| chart_of_schema(path, schema)) {
            return Declared::Values(ValuesSet::of_file(chart, presets, values_file));
        }
        if let Some((chart, mapped_presets)) = self.mapped_chart(path) {
            // A modeline stands in the file itself, so its presets take precedence over those of the map, as a whole.
            let presets = if presets.is_empty() { mapped_presets } else { presets };
            return Declared::Values(ValuesSet::of_file(chart, presets, values_file));
        }
        Declared::Nothing
    }

    /// Classifies a file in a chart's folder by its path below that folder.
    fn file_in_chart(&mut self, folder: &str, rest: &str, presets: Vec<String>, path: &Path) {
        match rest.split_once('/') {
            // All of a chart of Helm but values of its user.
            _ if is_helm_chart(Path::new(folder)) && belongs_to_chart(rest) => self.chart(folder),
            Some(("presets", _)) => self.preset(folder, path),
            Some(("tests", file)) if is_yaml(file) => self.values_of_chart(folder, presets, path),
            // A template, say: the chart as a whole is what can be linted.
            _ if belongs_to_chart(rest) || !is_yaml(rest) => self.chart(folder),
            _ => self.values_of_chart(folder, presets, path),
        }
    }

    fn values_of_chart(&mut self, folder: &str, presets: Vec<String>, path: &Path) {
        let file = ValuesFile::Path(path.to_owned());
        self.inputs.values.push(ValuesSet::of_file(folder.to_owned(), presets, file));
    }

    /// A file of a chart's `presets/`: it is linted as the chart reads it, over the presets that it names.
    fn preset(&mut self, folder: &str, path: &Path) {
        let own = self.session.fresh();
        // In a session of its own: the set opens the chart again when it is linted, and would report the same findings
        // twice.
        let Ok(chart) = chart::open(&own, folder) else {
            self.session.merge(own, MergeSources::All, Some);
            return;
        };
        #[expect(
            clippy::expect_used,
            reason = "a path without a name is `..` or a root, and it was read as a file"
        )]
        let stem = path.file_stem().expect("a file has a name");
        self.inputs.values.push(ValuesSet::of_preset(&own, &chart, folder, &stem.to_string_lossy()));
    }

    /// The chart and presets that the map of `plimsoll.yaml` gives a path; the first pattern that matches counts.
    fn mapped_chart(&self, path: &Path) -> Option<(String, Vec<String>)> {
        let folder = self.lint.request.config.as_deref()?.parent()?;
        let relative = source::relative_path(folder, path)?;
        let entry = self.config.charts.iter().find(|entry| entry.files.matches(&relative))?;
        let chart = if is_bundled(&entry.chart) {
            entry.chart.clone()
        } else {
            as_chart_path(&normalize(&folder.join(&entry.chart)))
        };
        Some((chart, entry.presets.clone()))
    }
}

/// What is said of a chart of Helm with which nothing is wrong but that its dependencies have not been fetched: they seldom are
/// in a repository, so it is one warning, whatever number of them there is.
fn missing_dependency(session: &Session, folder: &str) -> Option<Diagnostic> {
    let opening = session.fresh();
    let _ = pipeline::chart(&opening, folder);
    let errors: Vec<Diagnostic> =
        opening.diagnostics().into_iter().filter(|finding| finding.level == Level::Error).collect();
    if errors.is_empty() || errors.iter().any(|error| error.code != Code::H002) {
        return None;
    }
    // By its path and without a place: it is read in a session that nobody keeps.
    let what = match errors.len() {
        1 => "a dependency that has not been fetched".to_owned(),
        count => format!("{count} dependencies that have not been fetched"),
    };
    let message = format!("the chart `{folder}` was passed over: it has {what}");
    let finding = Diagnostic::warning(Code::H002, message);
    Some(finding.help(format!("`helm dependency build {folder}` fetches what the lock names")))
}

fn is_bundled(name: &str) -> bool {
    chart::bundled().any(|bundled| bundled.name == name)
}

/// The folders with a chart's metadata among files; the folder itself is the empty path. A chart inside of one that was
/// found before is a part of that one.
fn chart_folders<'f>(root: &Path, files: &'f [String]) -> Vec<&'f str> {
    let mut charts: Vec<&str> = Vec::new();
    for file in files {
        let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
        if CHART_FILES.contains(&name)
            && !charts.iter().any(|outer| is_below(file, outer))
            && is_chart_by_itself(&root.join(folder))
        {
            charts.push(folder);
        }
    }
    charts
}

/// Files that are meant to make a chart of their folders and do not, as they have another name: the folder, the file, and the name
/// that it should have. Beside it there are templates.
fn misnamed_charts<'f>(files: &'f [String], charts: &[&str]) -> Vec<(&'f str, &'f str, &'static str)> {
    let has_templates = |folder: &str| {
        let templates = format!("{folder}/templates");
        let templates = templates.trim_start_matches('/');
        files.iter().any(|file| is_below(file, templates))
    };
    let mut found = Vec::new();
    for file in files {
        let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
        if let Some(meant) = meant_chart_file(name)
            && !charts.iter().any(|chart| is_below(file, chart))
            && has_templates(folder)
        {
            found.push((folder, file.as_str(), meant));
        }
    }
    found
}

/// A chart as the modeline of a file names it: a bundled one, or a folder relative to the file.
fn named_chart(path: &Path, name: &str) -> Option<String> {
    if is_bundled(name) {
        return Some(name.to_owned());
    }
    let folder = normalize(&path.parent().unwrap_or(Path::new("")).join(name));
    is_chart(&folder).then(|| as_chart_path(&folder))
}

/// The chart whose schema an editor is told to use for a file: `…/<name>.schema.json` is that of a bundled chart,
/// wherever it is published, and `values.schema.json` that of the chart in its folder.
fn chart_of_schema(path: &Path, schema: &str) -> Option<String> {
    let file = schema.rsplit('/').next()?;
    let name = file.strip_suffix(".schema.json")?;
    if is_bundled(name) {
        return Some(name.to_owned());
    }
    // Nothing is fetched, so of a URL only the name of a bundled chart can be used.
    let folder = schema.strip_suffix("values.schema.json").filter(|folder| !folder.contains("://"))?;
    named_chart(path, if folder.is_empty() { "." } else { folder })
}

/// Whether a path below a chart's folder is that of one of the chart's own files.
fn belongs_to_chart(rest: &str) -> bool {
    let folders = ["templates/", "crds/", "files/", "presets/", "tests/", "charts/"];
    let files = [
        "chart.yaml",
        "Chart.yaml",
        "requirements.yaml",
        "values.yaml",
        "derived.yaml",
        "values.schema.json",
    ];
    folders.iter().any(|folder| rest.starts_with(folder)) || files.contains(&rest)
}
