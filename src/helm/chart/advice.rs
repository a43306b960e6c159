//! What Helm takes of a chart and should not be in it: words of `Chart.yaml` that mean nothing or something else, files that are
//! read as what they are not.
//!
//! | code | of |
//! |---|---|
//! | H012 | `Chart.yaml` |
//! | H013 | the files of a chart |

use super::metadata::{Metadata, Word};
use super::model::HelmChart;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::gotemplate::value::{Map, Value};
use crate::helm::yaml;
use crate::session::Session;
use crate::source::Span;

/// Warns of what should not be in a chart. The charts in it are looked at where they are linted themselves.
pub fn report(session: &Session, chart: &HelmChart) {
    let advice = Advice { session, chart };
    advice.words();
    advice.versions();
    advice.addresses();
    advice.keys();
    advice.files();
}

struct Advice<'s> {
    session: &'s Session,
    chart: &'s HelmChart,
}

/// Keys of `Chart.yaml`.
const KEYS: &[&str] = &[
    "annotations",
    "apiVersion",
    "appVersion",
    "condition",
    "dependencies",
    "deprecated",
    "description",
    "home",
    "icon",
    "keywords",
    "kubeVersion",
    "maintainers",
    "name",
    "sources",
    "tags",
    "type",
    "version",
];

/// Keys of a dependency.
const DEPENDENCY_KEYS: &[&str] =
    &["alias", "condition", "enabled", "import-values", "name", "repository", "tags", "version"];

/// The endings of templates.
const TEMPLATE_ENDINGS: &[&str] = &[".yaml", ".yml", ".tpl", ".txt", ".json"];

impl Advice<'_> {
    fn metadata(&self) -> &Metadata {
        &self.chart.metadata
    }

    fn warn(&self, code: Code, span: Span, message: String, help: impl Into<String>) {
        let span = if span == Span::NOWHERE { self.chart.place } else { span };
        self.session.report(Diagnostic::warning(code, message).at(span, "").help(help));
    }

    /// The name, and what belongs to one version of charts alone.
    fn words(&self) {
        let metadata = self.metadata();
        let name = &metadata.name;
        let is_sign = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || "-.".contains(char);
        if !name.text.chars().all(is_sign) {
            let message = format!(
                "the name of a chart has lower-case letters, digits and `-`, and this is `{}`",
                name.text
            );
            let help =
                "rename it: objects are named after the chart, and Kubernetes takes no other names for most";
            self.warn(Code::H012, name.span, message, help);
        }
        let version = &metadata.api_version;
        if version.span == Span::NOWHERE {
            let message = "`apiVersion` is missing, so that this is a chart of Helm 2".to_owned();
            self.warn(Code::H012, Span::NOWHERE, message, "write `apiVersion: v2`");
        } else if !matches!(version.text.as_str(), "v1" | "v2") {
            let message = format!("there is no version `{}` of charts", version.text);
            self.warn(Code::H012, version.span, message, "write `apiVersion: v2`");
        }
        if version.text == "v1" && !metadata.kind.is_empty() {
            let message = "`type` belongs to charts with `apiVersion: v2`".to_owned();
            self.warn(Code::H012, metadata.kind.span, message, "write `apiVersion: v2`, or leave it out");
        }
        for dependency in metadata.dependencies.iter().flatten() {
            if dependency.version.is_empty() {
                let message = format!("the dependency `{}` takes every version", dependency.name.text);
                let help = "write which versions fit, such as `version: ^1.2.0`";
                self.warn(Code::H012, dependency.name.span, message, help);
            }
        }
    }

    /// Versions that are written as numbers, which lose digits.
    fn versions(&self) {
        let metadata = self.metadata();
        for (word, key) in [(&metadata.version, "version"), (&metadata.app_version, "appVersion")] {
            if word.span == Span::NOWHERE {
                continue;
            }
            let written = self.session.text(word.span);
            let is_plain = !written.starts_with(['"', '\'', '|', '>', '&', '!', '*']);
            let is_number = written.starts_with(|char: char| char.is_ascii_digit() || "+-.".contains(char));
            if is_plain && is_number && written != word.text {
                let message = format!("Helm reads the `{key}` `{written}` as {}", word.text);
                self.warn(Code::H012, word.span, message, "put it in quotes");
            }
        }
    }

    /// Addresses that are none.
    fn addresses(&self) {
        let metadata = self.metadata();
        let pages = [(&metadata.home, "home"), (&metadata.icon, "icon")].into_iter();
        let pages = pages.chain(metadata.sources.iter().map(|source| (source, "sources[]")));
        let pages = pages.chain(metadata.maintainers.iter().map(|one| (&one.url, "maintainers[].url")));
        for (word, key) in pages {
            if !word.is_empty() && !word.text.contains("://") {
                let message = format!("`{}` in `{key}` is not an address", word.text);
                self.warn(Code::H012, word.span, message, "write it with `https://`");
            }
        }
        for maintainer in &metadata.maintainers {
            if maintainer.name.is_empty() {
                let message = "a maintainer has no `name`".to_owned();
                let word = if maintainer.email.is_empty() { &maintainer.url } else { &maintainer.email };
                self.warn(Code::H012, word.span, message, "add it, as repositories of charts show it");
            }
            let email: &Word = &maintainer.email;
            if !email.is_empty() && !email.text.contains('@') {
                let message = format!("`{}` is not an address for mail", email.text);
                self.warn(Code::H012, email.span, message, "write `name@example.com`");
            }
        }
        for dependency in metadata.dependencies.iter().flatten() {
            let repository = &dependency.repository;
            let is_name = repository.text.starts_with('@') || repository.text.starts_with("alias:");
            if !repository.is_empty() && !is_name && !repository.text.contains("://") {
                let message = format!("`{}` is not a repository of charts", repository.text);
                let help = "write it with `https://`, `oci://` or `file://`";
                self.warn(Code::H012, repository.span, message, help);
            }
        }
    }

    /// Keys that Helm does not know, where one is near that it knows.
    fn keys(&self) {
        let Ok(file) = yaml::read_values(self.session, self.chart.place.source) else { return };
        let Value::Map(root) = &file.values else { return };
        self.unknown_keys(root, KEYS);
        if let Some(Value::List(dependencies)) = root.get(b"dependencies") {
            for dependency in &dependencies.items {
                if let Value::Map(entries) = dependency {
                    self.unknown_keys(entries, DEPENDENCY_KEYS);
                }
            }
        }
    }

    fn unknown_keys(&self, map: &Map, known: &[&str]) {
        for (key, entry) in map.entries.borrow().iter() {
            let key = String::from_utf8_lossy(key);
            // Go's reader of JSON takes keys in any case.
            if known.iter().any(|known| known.eq_ignore_ascii_case(&key)) {
                continue;
            }
            if let Some(near) = nearest(&key, known.iter().copied()) {
                let message = format!("Helm does not know `{key}`, and passes over it");
                self.warn(Code::H012, entry.key.value, message, format!("did you mean `{near}`?"));
            }
        }
    }

    /// Files in the wrong place, or with the wrong ending.
    fn files(&self) {
        let mut reads_values = false;
        for template in &self.chart.templates {
            let source = self.session.source(template.source);
            reads_values |= source.text.contains(".Values");
            let file = template.name.rsplit('/').next().unwrap_or_default();
            let has_ending = TEMPLATE_ENDINGS.iter().any(|ending| file.ends_with(ending));
            let is_blank = source.text.trim().is_empty();
            if !has_ending && !file.starts_with('_') && !is_blank {
                let message = format!("`{}` is a template for Helm, whatever its ending", template.name);
                let help =
                    "move it out of `templates/`, name it in `.helmignore`, or end its name in `.yaml`";
                self.warn(Code::H013, Span::new(template.source, 0, 1), message, help);
            }
        }
        for crd in self.chart.crds() {
            let Some(id) = crd.source else { continue };
            let source = self.session.source(id);
            if let Some(at) = action_in(&source.text) {
                let message =
                    format!("`{}` has an action in it, and what is in `crds/` is not a template", crd.name);
                let help = "write out what the action stands for, or move the file to `templates/`";
                self.warn(Code::H013, Span::new(id, at, at + 2), message, help);
            }
        }
        if self.chart.values_source.is_none() && reads_values {
            let message = "templates read values, and there is no `values.yaml`".to_owned();
            let help = "write one with what can be set, and its defaults";
            self.warn(Code::H013, Span::NOWHERE, message, help);
        }
        let renders = |chart: &HelmChart| !chart.templates.is_empty() || chart.crds().next().is_some();
        let has_charts = !self.chart.charts.is_empty() || self.metadata().dependencies.is_some();
        if !renders(self.chart) && !has_charts {
            let message =
                "this chart has nothing to render: no `templates/`, no `crds/`, no dependencies".to_owned();
            self.warn(Code::H013, Span::NOWHERE, message, "put templates into `templates/`");
        }
    }
}

/// Where an action begins that asks for something of Helm. Descriptions in definitions may have braces in them.
fn action_in(text: &str) -> Option<usize> {
    let is_of_helm = |at: &usize| {
        let action = text.get(at + 2..).unwrap_or_default();
        let action = action.split("}}").next().unwrap_or_default();
        [".Values", ".Release", ".Chart", ".Capabilities", "include ", "template "]
            .iter()
            .any(|word| action.contains(word))
    };
    text.match_indices("{{").map(|(at, _)| at).find(is_of_helm)
}
