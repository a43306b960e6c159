//! All documents as one text, for `kubectl apply -f -`.

use std::sync::Arc;

use super::Format;
use crate::manifest::Document;
use crate::source::Span;
use crate::source::escaped;
use crate::yaml::{Entry, Map, Node, Value, print_json, print_yaml};

/// The documents as one text: YAML documents, each with a comment that names its template, or one `v1` List in JSON.
/// No document is no text in YAML, and an empty List in JSON.
pub fn stream(documents: &[Document], format: Format) -> String {
    stream_chunks(documents, format).collect()
}

/// The same piece by piece: a large set need not be in memory as a text too.
pub fn stream_chunks(documents: &[Document], format: Format) -> impl Iterator<Item = String> {
    let whole = (format == Format::Json).then(|| print_json(&list(documents)));
    let each = if whole.is_some() { &[] } else { documents };
    whole.into_iter().chain(each.iter().map(piece))
}

fn piece(document: &Document) -> String {
    ["---\n", &source_comment(document), &print_yaml(&document.node)].concat()
}

/// The comment that says which template a document came from.
pub(super) fn source_comment(document: &Document) -> String {
    format!("# Source: {}\n", escaped(&document.template))
}

fn list(documents: &[Document]) -> Node {
    let nowhere = Span::new(crate::source::SourceId(0), 0, 0);
    let span = documents.first().map_or(nowhere, |document| document.node.span);
    let items = documents.iter().map(|document| document.node.clone()).collect();
    let entry = |key: &str, node: Node| (Arc::from(key), Entry { key_span: span, node });
    let map: Map = [
        entry("apiVersion", Node::string("v1", span)),
        entry("kind", Node::string("List", span)),
        entry("items", Node::new(Value::List(items), span)),
    ]
    .into_iter()
    .collect();
    Node::new(Value::Map(map), span)
}
