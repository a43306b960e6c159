//! The contents of Secret objects, which no writer may show.

use crate::manifest::Identity;
use crate::session::Session;
use crate::source::{SourceKind, Span};
use crate::yaml::{Node, Value};

/// Masks what a Secret holds, wherever it was written: in the document, in a template, in a values file.
pub(super) fn hide(session: &Session, object: &Identity, node: &Node) {
    if object.kind != "Secret" || object.api_version != "v1" {
        return;
    }
    for key in ["data", "stringData"] {
        if let Some(content) = node.get(key) {
            hide_tree(session, content);
        }
    }
}

/// Masks a value and everything in it, wherever it was written.
pub(crate) fn hide_tree(session: &Session, node: &Node) {
    match &node.value {
        Value::Map(map) => map.values().for_each(|entry| hide_tree(session, &entry.node)),
        Value::List(items) => items.iter().for_each(|item| hide_tree(session, item)),
        Value::Scalar(_) => hide_scalar(session, node),
    }
}

fn hide_scalar(session: &Session, node: &Node) {
    let hide = |span: Span| session.hide(span);
    hide(node.span);
    match node.origin.and_then(|id| session.origin(id)) {
        Some(origin) => origin.inputs.iter().filter_map(|input| input.span).for_each(hide),
        None if matches!(session.source(node.span.source).kind, SourceKind::Derived(_)) => {
            hide(session.resolve(node.span));
        }
        None => {}
    }
}
