//! Names and namespaces of objects.

use std::sync::Arc;

use super::format::{is_label, is_path_segment, is_subdomain};
use super::trail::Trail;
use super::walk::Walk;
use super::{Api, Target};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Document;
use crate::manifest::Location;
use crate::source::Span;
use crate::yaml::{Entry, Map, Node};

/// Reports a `metadata.name` that the object's kind cannot have (K005).
pub(super) fn check_name(walk: &Walk<'_>, node: &Node) {
    let object = walk.object;
    let (fits, must_be): (fn(&str) -> bool, _) = match object.kind.as_str() {
        "Service" | "Namespace" if object.api_version == "v1" => {
            (is_label, "lower-case letters, digits and `-`, at most 63 characters")
        }
        "CertificateSigningRequest" | "ClusterTrustBundle" | "IPAddress" => PATH_SEGMENT,
        _ if object.group() == "rbac.authorization.k8s.io" => PATH_SEGMENT,
        _ => (is_subdomain, "lower-case letters, digits, `-` and `.`, at most 253 characters"),
    };
    if fits(&object.name) {
        return;
    }
    let message = format!("`{}` cannot be the name of a {}", object.name, object.kind);
    let help = format!("a name must be {must_be}, with a letter or digit at both ends");
    report_at(walk, Diagnostic::error(Code::K005, message).help(help), node, "name");
}

const PATH_SEGMENT: (fn(&str) -> bool, &str) = (is_path_segment, "without `/` and `%`");

/// Writes the target's namespace into a namespaced object that has none, and reports one that does not fit (K009).
pub(super) fn settle_namespace(
    walk: &Walk<'_>,
    target: &Target,
    namespaced: bool,
    node: &mut Node,
    namespace: &mut Option<String>,
) {
    match (namespaced, namespace.as_deref(), target.namespace.as_deref()) {
        (false, Some(_), _) => {
            let message = format!("a {} belongs to the whole cluster and has no namespace", walk.object.kind);
            let finding = Diagnostic::error(Code::K009, message).help("remove `metadata.namespace`");
            report_at(walk, finding, node, "namespace");
        }
        (true, None, Some(wanted)) => {
            if let Some(metadata) = node.as_map_mut().and_then(|map| map.get_mut("metadata")) {
                write_namespace(metadata, wanted);
                *namespace = Some(wanted.to_owned());
            }
        }
        (true, Some(named), Some(wanted)) if named != wanted && !target.other_namespaces.contains(named) => {
            let message = format!("the namespace is `{named}` here, and `{wanted}` is rendered for");
            let help = format!("remove it, or render with `--namespace {named}`");
            report_at(walk, Diagnostic::error(Code::K009, message).help(help), node, "namespace");
        }
        _ => {}
    }
    if let Some(name) = namespace.as_deref().filter(|name| namespaced && !is_label(name)) {
        let message = format!("`{name}` cannot be the name of a namespace");
        let help = "a namespace is lower-case letters, digits and `-`, at most 63 characters, with a letter or digit at both ends";
        report_at(walk, Diagnostic::error(Code::K009, message).help(help), node, "namespace");
    }
}

/// Writes the namespace into a namespaced object that has none. Nothing is checked: this is for documents that are
/// compared as they are.
pub fn set_namespace(api: &Api, document: &mut Document, namespace: &str) {
    let namespaced = api.kind_of(&document.identity).is_some_and(|kind| kind.namespaced);
    if !namespaced || document.identity.namespace.is_some() {
        return;
    }
    if let Some(metadata) = document.node.as_map_mut().and_then(|map| map.get_mut("metadata")) {
        write_namespace(metadata, namespace);
        document.identity.namespace = Some(namespace.to_owned());
    }
}

/// Puts the namespace behind the name. It is shown where the metadata is, as nobody wrote it.
fn write_namespace(Entry { key_span, node }: &mut Entry, namespace: &str) {
    let span = *key_span;
    let Some(map) = node.as_map_mut() else { return };
    // An explicit null was reported already; an empty namespace means none.
    if map.get("namespace").is_some_and(|entry| entry.node.as_str() != Some("")) {
        return;
    }
    map.shift_remove("namespace");
    let at = map.get_index_of("name").map_or(map.len(), |name| name + 1);
    insert(map, at, namespace, span);
}

fn insert(map: &mut Map, at: usize, namespace: &str, span: Span) {
    let node = Node::string(namespace, span);
    map.shift_insert(at, Arc::from("namespace"), Entry { key_span: span, node });
}

fn report_at(walk: &Walk<'_>, finding: Diagnostic, node: &Node, key: &str) {
    let metadata = node.as_map().and_then(|map| map.get("metadata"));
    let Some(metadata) = metadata else { return };
    let Some(entry) = metadata.node.as_map().and_then(|map| map.get(key)) else { return };
    let trail = Trail::ROOT.key("metadata", metadata.key_span);
    walk.report(finding, Location::value(&entry.node), &trail.key(key, entry.key_span));
}
