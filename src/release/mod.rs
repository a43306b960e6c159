//! The release that a render is for: its name, its namespace, the charts in it, and what templates see besides the
//! values.
//!
//! All charts of a release have its name and its namespace: those that the command, and the chart that is rendered, say.

mod facade;
mod members;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::chart::{self, Chart};
use crate::diagnostic::{Code, Diagnostic};
use crate::kube::Api;
use crate::manifest::{self, Document};
use crate::request::Request;
use crate::secrets::SecretTexts;
use crate::session::{Outcome, Session};
use crate::source::{SourceKind, Span};
use crate::template::{Capabilities, ChartFiles, FileContent, RenderInput};
use crate::yaml::{Entry, Map, Node, Value, ValuePath};
pub(crate) use facade::facade;
pub(crate) use members::{
    Found, Lacking, Member, contents_of_folder, is_outside, members, missing_in, originals, read_archive,
};

/// What all templates of a release are told of it.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    pub(crate) name: String,
    pub(crate) namespace: String,
}

impl Release {
    /// The release of a chart with these values.
    pub(crate) fn of(chart: &Chart, values: &Node, request: &Request) -> Release {
        // A chart is installed once into a namespace in most cases, so its name does for the release.
        let name = request.release_name.clone().unwrap_or_else(|| chart.name.clone());
        Release { name, namespace: namespace(chart, values, request) }
    }
}

/// What templates see: `values`, `release`, `chart`, `files`, and what the cluster can do (`kube`). The
/// secrets and tombstones are left to the caller.
pub(crate) fn render_input(
    session: &Session,
    chart: &Chart,
    values: Arc<Node>,
    release: Release,
    request: &Request,
    api: &Arc<Api>,
) -> RenderInput {
    let Release { name: release, namespace } = release;
    let mut about_chart = vec![("name", chart.name.clone()), ("version", chart.version.clone())];
    if let Some(app_version) = &chart.app_version {
        about_chart.push(("appVersion", app_version.clone()));
    }
    // Copied, as trees hold texts of their own. Charts have few files, and bundled ones none.
    let content_of = |file: &chart::File| match file {
        chart::File::Text(source) => FileContent::Text(Arc::from(&*session.source(*source).text)),
        chart::File::Bytes(bytes) => FileContent::Bytes(Arc::clone(bytes)),
    };
    let files = chart.files.iter().map(|(name, file)| (name.clone(), content_of(file))).collect();
    let globals = vec![
        ("release", map_of_texts([("name", release), ("namespace", namespace)])),
        ("chart", map_of_texts(about_chart)),
    ];
    let api = Arc::clone(api);
    let versions = request.versions;
    let named_by_user: BTreeSet<String> = request.api_versions.iter().cloned().collect();
    // A closure, because templates know no Kubernetes: what a name such as
    // `apps/v1/Deployment` means is `kube`'s to say.
    let has = Arc::new(move |name: &str| {
        // A kind that the user names is of an API version that is there.
        let is_of = |named: &String| {
            named.strip_prefix(name).is_some_and(|kind| kind.is_empty() || kind.starts_with('/'))
        };
        named_by_user.iter().any(is_of) || api.has(name, versions)
    });
    let capabilities = Capabilities { version: request.versions.to_string(), has };
    RenderInput {
        values,
        tombstones: Arc::default(),
        globals,
        files: ChartFiles(Arc::new(files)),
        capabilities,
        secrets: SecretTexts::default(),
    }
}

/// A map of strings that nobody wrote, so they have no place.
fn map_of_texts<'t>(pairs: impl IntoIterator<Item = (&'t str, String)>) -> Node {
    let here = Span::NOWHERE;
    let entry = |text: String| Entry { key_span: here, node: Node::string(text, here) };
    let entries = pairs.into_iter().map(|(key, text)| (Arc::from(key), entry(text)));
    Node::new(Value::Map(entries.collect::<Map>()), here)
}

/// The namespace of the release. In order of precedence: the flag, the setting that the chart names, the chart's own
/// namespace, and `default`, as for kubectl.
pub(crate) fn namespace(chart: &Chart, values: &Node, request: &Request) -> String {
    let from_flag = request.namespace.as_deref();
    let from_values = || namespace_value(chart, values).and_then(Node::as_str);
    let from_chart = || chart.namespace.as_deref();
    from_flag.or_else(from_values).or_else(from_chart).unwrap_or("default").to_owned()
}

/// The setting that the chart takes its namespace from, if it is set and not empty: an empty one is how
/// values leave it to the command.
fn namespace_value<'v>(chart: &Chart, values: &'v Node) -> Option<&'v Node> {
    let mut keys = chart.namespace_from.as_deref()?.split('.');
    let node = keys.try_fold(values, |node, key| node.get(key))?;
    node.as_str().is_some_and(|text| !text.is_empty()).then_some(node)
}

/// The path of the setting that the chart takes its namespace from.
pub(crate) fn namespace_setting(chart: &Chart) -> Option<ValuePath> {
    let keys: Vec<&str> = chart.namespace_from.as_deref()?.split('.').collect();
    Some(ValuePath::keys(&keys))
}

/// Refuses a flag that names another namespace than the values do. The values are those of one installation: with half
/// of its objects in another namespace, neither half would work.
///
/// # Errors
/// V107.
pub(crate) fn refuse_other_namespace(
    session: &Session,
    chart: &Chart,
    values: &Node,
    request: &Request,
) -> Outcome<()> {
    let (Some(node), Some(flag)) = (namespace_value(chart, values), &request.namespace) else {
        return Ok(());
    };
    // Both are there: `namespace_value` has looked at them.
    let (Some(valued), Some(path)) = (node.as_str(), &chart.namespace_from) else { return Ok(()) };
    if valued == flag {
        return Ok(());
    }
    let message = format!("`{path}` is `{valued}`, and the command asks for the namespace `{flag}`");
    let finding = Diagnostic::error(Code::V107, message).at(node.span, "the namespace of these values");
    Err(session.report(finding.help("leave out `--namespace`, or take the values of the other namespace")))
}

/// The Namespace object of `--create-namespace`, read from a text of its own like any other document,
/// so that it is checked like one.
pub(crate) fn namespace_document(session: &Session, chart: &Chart, namespace: &str) -> Vec<Document> {
    // In single quotes, in which YAML knows no escapes: only the quote itself is doubled.
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let mut text = format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {}\n", quoted(namespace));
    let labels = chart.namespace_labels.iter();
    for (index, (key, value)) in labels.enumerate() {
        text.push_str(if index == 0 { "  labels:\n" } else { "" });
        text.push_str(&format!("    {}: {}\n", quoted(key), quoted(value)));
    }
    let source = session.add_source(SourceKind::Flag, "--create-namespace", text);
    manifest::split(session, &Arc::from("--create-namespace"), source, &[]).documents
}
