//! The release that a render is for: its namespace, and what templates see besides the values.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::chart::Chart;
use crate::diagnostic::{Code, Diagnostic};
use crate::kube::Api;
use crate::manifest::{self, Document};
use crate::request::Request;
use crate::secrets::SecretTexts;
use crate::session::{Outcome, Session};
use crate::source::{SourceKind, Span};
use crate::template::{Capabilities, RenderInput};
use crate::yaml::{Entry, Map, Node, Value};

/// What templates see: the values, the release, the chart, its files, and what the cluster can do.
pub(crate) fn render_input(
    session: &Session,
    chart: &Chart,
    values: Arc<Node>,
    request: &Request,
    api: &Arc<Api>,
) -> RenderInput {
    let release = request.release_name.clone().unwrap_or_else(|| chart.name.clone());
    let namespace = namespace(chart, &values, request);
    let text = |text: &str| Some(text.to_owned());
    let of_chart = vec![
        ("name", text(&chart.name)),
        ("version", text(&chart.version)),
        ("appVersion", chart.app_version.clone()),
    ];
    let files = chart.files.iter().map(|(name, source)| (name.as_str(), text(&session.source(*source).text)));
    let globals = vec![
        ("release", text_map(vec![("name", Some(release)), ("namespace", Some(namespace))])),
        ("chart", text_map(of_chart)),
        ("files", text_map(files.collect())),
    ];
    let asked: BTreeSet<String> = request.api_versions.iter().cloned().collect();
    let (api, versions) = (Arc::clone(api), request.versions);
    let has = Arc::new(move |name: &str| asked.contains(name) || api.has(name, versions));
    let capabilities = Capabilities { version: request.versions.to_string(), has };
    RenderInput { values, globals, capabilities, secrets: SecretTexts::default() }
}

fn text_map(pairs: Vec<(&str, Option<String>)>) -> Node {
    let here = Span::NOWHERE;
    let entry = |text: String| Entry { key_span: here, node: Node::string(text, here) };
    let present = pairs.into_iter().filter_map(|(key, text)| Some((Arc::from(key), entry(text?))));
    Node::new(Value::Map(present.collect::<Map>()), here)
}

/// A flag wins over the values, and they over the chart's own namespace; without any it is `default`, as for kubectl.
pub(crate) fn namespace(chart: &Chart, values: &Node, request: &Request) -> String {
    let valued = || namespace_value(chart, values).and_then(Node::as_str).map(str::to_owned);
    let flag = request.namespace.clone();
    flag.or_else(valued).or_else(|| chart.namespace.clone()).unwrap_or_else(|| "default".to_owned())
}

/// The setting that the chart takes its namespace from, if it is set and not empty.
fn namespace_value<'v>(chart: &Chart, values: &'v Node) -> Option<&'v Node> {
    let mut keys = chart.namespace_from.as_deref()?.split('.');
    let node = keys.try_fold(values, |node, key| node.get(key))?;
    node.as_str().is_some_and(|text| !text.is_empty()).then_some(node)
}

/// A namespace in the values is that of one installation: rendered into another, it would be two halves of one.
pub(crate) fn refuse_other_namespace(
    session: &Session,
    chart: &Chart,
    values: &Node,
    request: &Request,
) -> Outcome<()> {
    let (Some(node), Some(flag)) = (namespace_value(chart, values), &request.namespace) else {
        return Ok(());
    };
    let (Some(valued), Some(path)) = (node.as_str(), &chart.namespace_from) else { return Ok(()) };
    if valued == flag {
        return Ok(());
    }
    let message = format!("`{path}` is `{valued}`, and the command asks for the namespace `{flag}`");
    let finding = Diagnostic::error(Code::V107, message).at(node.span, "the namespace of these values");
    Err(session.report(finding.help("leave out `--namespace`, or take the values of the other namespace")))
}

/// The object of a namespace itself.
pub(crate) fn namespace_document(session: &Session, namespace: &str) -> Vec<Document> {
    let text =
        format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: '{}'\n", namespace.replace('\'', "''"));
    let source = session.add_source(SourceKind::Flag, "--create-namespace", text);
    manifest::split(session, &Arc::from("--create-namespace"), source, &[]).documents
}
