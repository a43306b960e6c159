//! All documents as one text, for `kubectl apply -f -`.

use std::sync::Arc;

use crate::manifest::Document;
use crate::source::{SourceId, Span, escaped};
use crate::yaml::{Entry, Map, Node, Value, print_json, print_yaml};

/// How documents are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Block YAML.
    #[default]
    Yaml,
    /// JSON.
    Json,
}

/// The documents as one text: YAML documents, each with a comment that names its template, or one `v1` List in JSON.
/// No document is no text in YAML, and an empty List in JSON.
///
/// ```text
/// ---
/// # Source: skyflo/templates/engine.yaml
/// apiVersion: apps/v1
/// …
/// ```
pub fn stream(documents: &[Document], format: Format) -> String {
    stream_chunks(documents, format).collect()
}

/// The same text in chunks, a YAML document each: a large set need not be in memory as a text too.
pub fn stream_chunks(documents: &[Document], format: Format) -> impl Iterator<Item = String> {
    // JSON has no streams of documents that `kubectl` reads, so it is one List and one chunk.
    let list = (format == Format::Json).then(|| print_json(&list_of(documents)));
    let each = if list.is_some() { &[] } else { documents };
    list.into_iter().chain(each.iter().map(yaml_document))
}

fn yaml_document(document: &Document) -> String {
    ["---\n", &source_comment(document), &print_yaml(&document.node)].concat()
}

/// The comment that says which template a document came from.
pub(super) fn source_comment(document: &Document) -> String {
    format!("# Source: {}\n", escaped(&document.template))
}

fn list_of(documents: &[Document]) -> Node {
    // Nobody wrote the list, and it is only printed.
    let nowhere = Span::new(SourceId(0), 0, 0);
    let span = documents.first().map_or(nowhere, |document| document.node.span);
    let items = documents.iter().map(|document| document.node.clone()).collect();
    let entry = |key: &str, node: Node| (Arc::from(key), Entry { key_span: span, node });
    let list: Map = [
        entry("apiVersion", Node::string("v1", span)),
        entry("kind", Node::string("List", span)),
        entry("items", Node::new(Value::List(items), span)),
    ]
    .into_iter()
    .collect();
    Node::new(Value::Map(list), span)
}
