//! Plain manifests as they will be read: others apply the text as it stands, by the rules of YAML 1.1.

use std::sync::Arc;

use crate::manifest::Document;
use crate::yaml::{Kind, Node, Scalar, Style, Value, resolve_kubernetes};

/// Makes of each plain scalar what Kubernetes makes of it, `420` of `0644` and `false` of `NO`, so that plain manifests can
/// be compared with rendered ones.
pub fn read_as_yaml_1_1(documents: &mut [Document]) {
    documents.iter_mut().for_each(|document| read(&mut document.node));
}

fn read(node: &mut Node) {
    match &mut node.value {
        Value::Map(map) => map.values_mut().for_each(|entry| read(&mut entry.node)),
        Value::List(items) => items.iter_mut().for_each(read),
        Value::Scalar(scalar) if scalar.style == Style::Plain && scalar.kind != Kind::Null => {
            if let Some((kind, text)) = resolve_kubernetes(&scalar.text) {
                *scalar = Scalar { text: Arc::from(text), kind, style: Style::Plain };
            }
        }
        Value::Scalar(_) => {}
    }
}
