//! `chart.yaml`, held against its own schema.
//!
//! It is read and checked as values are, so it has the same sentences and suggestions, with other nouns. That is
//! why it goes through a layer and a merge of one layer: merging gives scalars the types that the schema wants,
//! and `version: 1.10` stays `1.10`.

use std::sync::Arc;

use super::layout::ChartSources;
use crate::diagnostic::{Code, Diagnostic};
use crate::schema::{self, Schema};
use crate::session::{Outcome, Session};
use crate::source::{SourceId, SourceKind, Span};
use crate::values::{self, Layer, LayerKind};
use crate::yaml::Node;

/// What a chart says about itself. [`Chart`](super::Chart) says what each field means.
pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) app_version: Option<String>,
    pub(super) description: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) namespace_from: Option<String>,
    pub(super) namespace_labels: Vec<(String, String)>,
    pub(super) kube_versions: Option<String>,
    pub(super) externals: Vec<String>,
    pub(super) dependencies: Vec<Dependency>,
}

/// A chart that another one brings along, as its `chart.yaml` says it.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// The name of that chart.
    pub name: String,
    /// The key that its values stand under, if that is another one.
    pub alias: Option<String>,
    /// Its folder, seen from that of the chart; otherwise it lies in `charts/`, or is built in.
    pub path: Option<String>,
    /// Which of its versions fit.
    pub version: Option<String>,
    /// The setting that switches it on, as a dotted path.
    pub condition: Option<String>,
    /// Its presets that lie over its defaults, low to high, with the places of their names.
    pub presets: Vec<(String, Span)>,
    /// Where it is named.
    pub place: Span,
}

impl Dependency {
    /// The key that its values stand under.
    pub fn key(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }

    fn of(node: &Node) -> Option<Dependency> {
        let text = |key: &str| Some(node.get(key)?.as_scalar()?.text.to_string());
        Some(Dependency {
            name: text("name")?,
            alias: text("alias"),
            path: text("path"),
            version: text("version"),
            condition: text("condition"),
            presets: node
                .get("presets")
                .and_then(Node::as_list)
                .into_iter()
                .flatten()
                .filter_map(|preset| Some((preset.as_scalar()?.text.to_string(), preset.span)))
                .collect(),
            place: node.get("name")?.span,
        })
    }
}

/// The schema of `chart.yaml`.
const SCHEMA: &str = include_str!("../../schemas/chart.schema.json");

/// Reads and checks the `chart.yaml` of a chart.
///
/// # Errors
/// C001 if there is none, C002 for what is wrong in it.
pub(super) fn read(session: &Session, sources: &ChartSources) -> Outcome<Metadata> {
    let Some(source) = sources.metadata else {
        let message = format!("`{}` has no `chart.yaml`", sources.shown_folder);
        let help = match &sources.misnamed {
            Some(file) => format!(
                "there is `{file}`: rename it to `chart.yaml`, or to `Chart.yaml` if it is one of Helm"
            ),
            None => "write one, with `name:` and `version:`, or give the folder that has it".to_owned(),
        };
        return Err(session.report(Diagnostic::error(Code::C001, message).help(help)));
    };
    let root = checked(session, source)?;
    // By the scalar and not by the string: the root of a bundled chart was not given the types of the schema.
    let text = |key: &str| root.get(key).and_then(Node::as_scalar).map(|scalar| scalar.text.to_string());
    let externals = root.get("externals").and_then(Node::as_list).unwrap_or_default();
    let dependencies = root.get("dependencies").and_then(Node::as_list).unwrap_or_default();
    let labels = root.get("namespaceLabels").and_then(Node::as_map).into_iter().flatten();
    #[expect(clippy::expect_used, reason = "checked before, or by a test of every bundled chart")]
    let demanded = |key: &str| text(key).expect("the schema of chart.yaml demands it");
    Ok(Metadata {
        name: demanded("name"),
        version: demanded("version"),
        app_version: text("appVersion"),
        description: text("description"),
        namespace: text("namespace"),
        namespace_from: text("namespaceFrom"),
        namespace_labels: labels
            .filter_map(|(key, entry)| Some((key.to_string(), entry.node.as_scalar()?.text.to_string())))
            .collect(),
        kube_versions: text("kubeVersions"),
        externals: externals.iter().filter_map(Node::as_str).map(str::to_owned).collect(),
        dependencies: dependencies.iter().filter_map(Dependency::of).collect(),
    })
}

/// The tree of a `chart.yaml` that is right; everything wrong is reported as C002.
fn checked(session: &Session, source: SourceId) -> Outcome<Node> {
    let layer = values::read_layer(session, source, LayerKind::File)?;
    if session.source(source).kind == SourceKind::Bundled {
        // Bundled ones were checked when the program was tested; compiling the schema would cost each start.
        return Ok(Arc::unwrap_or_clone(layer.root));
    }
    // Compiled for each chart: it is small, and a run opens one or two.
    held_against(session, layer, ("chart.schema.json", SCHEMA), Code::C002, "chart.yaml")
}

/// The tree of a file of a chart that is right by its schema, which is given with its name; everything wrong is reported with
/// a code.
///
/// # Errors
/// What is wrong.
pub(super) fn checked_against(
    session: &Session,
    source: SourceId,
    schema: (&str, &str),
    code: Code,
    file: &str,
) -> Outcome<Node> {
    held_against(session, values::read_layer(session, source, LayerKind::File)?, schema, code, file)
}

fn held_against(
    session: &Session,
    layer: Layer,
    (name, text): (&str, &str),
    code: Code,
    file: &str,
) -> Outcome<Node> {
    let before = session.errors();
    let schema = Schema::compile(session, session.add_source(SourceKind::Bundled, name, text))?;
    // Before the merge, which takes them away.
    let nulls = nulls(&layer, code);
    let root = values::merge(session, &[layer], &[], schema.wants())?;
    let findings = schema::findings(session, &schema, &root).into_iter();
    let reworded = findings.map(|finding| schema::reworded(finding, code, file));
    for finding in nulls.into_iter().chain(reworded) {
        session.report(finding);
    }
    session.clean_since(before)?;
    Ok(root)
}

/// In values a null removes a key; in these files there is nothing to remove it from.
fn nulls(layer: &Layer, code: Code) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (key, entry) in layer.root.as_map().into_iter().flatten() {
        // At the top alone, where all keys of this file are.
        if entry.node.is_null() {
            let finding = Diagnostic::error(code, format!("`{key}` is null"));
            findings.push(finding.at(entry.key_span, "this key").help("give it a value, or remove it"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The page of charts has a row for each key of the schema, in its order, and no others; and says which are needed.
    #[test]
    fn the_page_has_every_key() {
        let page = include_str!("../../docs/chart.md");
        let table = page.split("\n| key | |").nth(1).and_then(|rest| rest.split("\n\n").next());
        let rows = table.into_iter().flat_map(str::lines).filter_map(|line| line.strip_prefix("| `"));
        let rows: Vec<(&str, bool)> = rows
            .filter_map(|row| row.split_once("` | "))
            .map(|(key, rest)| (key, rest.starts_with("required |")))
            .collect();
        let schema: serde_json::Value = serde_json::from_str(SCHEMA).expect("JSON");
        let properties = schema["properties"].as_object().expect("a map");
        let keys: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
        assert_eq!(rows.iter().map(|(key, _)| *key).collect::<BTreeSet<_>>(), keys);
        assert_eq!(rows.len(), keys.len(), "a key has two rows");
        let required = schema["required"].as_array().expect("a list");
        for (key, is_required) in rows {
            assert_eq!(is_required, required.iter().any(|name| name == key), "{key}");
        }
        // The example has all of them.
        let example = page.split("```yaml chart.yaml\n").nth(1).and_then(|rest| rest.split("```").next());
        let example = example.expect("an example");
        for key in keys {
            assert!(
                example
                    .lines()
                    .any(|line| line.starts_with(&format!("{key}: ")) || line == format!("{key}:")),
                "{key}"
            );
        }
    }
}
