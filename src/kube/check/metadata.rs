//! The name and the namespace of an object.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic};
use crate::kube::api::Api;
use crate::kube::context::{Context, PathStack};
use crate::kube::string_formats::{is_dns1123_label, is_dns1123_subdomain, is_path_segment_name};
use crate::manifest::{Document, Identity, Location};
use crate::yaml::{Entry, Node};

/// Reports a `metadata.name` that the object's kind cannot have (K005).
pub(super) fn check_name(context: &Context<'_>, node: &Node) {
    let object = context.object;
    let rule = name_rule(object);
    if (rule.fits)(&object.name) {
        return;
    }
    let message = format!("`{}` cannot be the name of a {}", object.name, object.kind);
    let help = format!("a name must be {}, with a letter or digit at both ends", rule.must_be);
    report_in_metadata(context, Diagnostic::error(Code::K005, message).help(help), node, "name");
}

/// What the name of an object must look like.
struct NameRule {
    fits: fn(&str) -> bool,
    /// The end of a sentence that begins with "a name must be".
    must_be: &'static str,
}

/// The rule for the names of a kind. Kubernetes has a function a kind for it (the one that is handed to
/// `ValidateObjectMeta`); those that are no DNS subdomains are listed here.
fn name_rule(object: &Identity) -> NameRule {
    match object.kind.as_str() {
        "Service" | "Namespace" if object.api_version == "v1" => NameRule {
            fits: is_dns1123_label,
            must_be: "lower-case letters, digits and `-`, at most 63 characters",
        },
        "CertificateSigningRequest" | "ClusterTrustBundle" | "IPAddress" => PATH_SEGMENT,
        _ if object.group() == "rbac.authorization.k8s.io" => PATH_SEGMENT,
        _ => NameRule {
            fits: is_dns1123_subdomain,
            must_be: "lower-case letters, digits, `-` and `.`, at most 253 characters",
        },
    }
}

const PATH_SEGMENT: NameRule = NameRule { fits: is_path_segment_name, must_be: "without `/` and `%`" };

/// Writes the target's namespace into a namespaced object that has none, and reports one that does not fit (K009).
/// `namespace` is the one of the document's identity, which is kept in step.
pub(super) fn check_namespace(
    context: &Context<'_>,
    namespaced: bool,
    node: &mut Node,
    namespace: &mut Option<String>,
) {
    let target = context.target;
    match (namespaced, namespace.as_deref(), target.namespace.as_deref()) {
        (false, Some(_), _) => {
            let kind = &context.object.kind;
            let message = format!("a {kind} belongs to the whole cluster and has no namespace");
            let finding = Diagnostic::error(Code::K009, message).help("remove `metadata.namespace`");
            report_in_metadata(context, finding, node, "namespace");
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
            report_in_metadata(context, Diagnostic::error(Code::K009, message).help(help), node, "namespace");
        }
        _ => {}
    }
    if let Some(name) = namespace.as_deref().filter(|name| namespaced && !is_dns1123_label(name)) {
        let message = format!("`{name}` cannot be the name of a namespace");
        let help = "a namespace is lower-case letters, digits and `-`, at most 63 characters, with a letter or digit at both ends";
        report_in_metadata(context, Diagnostic::error(Code::K009, message).help(help), node, "namespace");
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
    let entry = Entry { key_span: span, node: Node::string(namespace, span) };
    map.shift_insert(at, Arc::from("namespace"), entry);
}

/// Reports a finding at the value of a key of `metadata`.
fn report_in_metadata(context: &Context<'_>, finding: Diagnostic, node: &Node, key: &str) {
    let Some(metadata) = node.as_map().and_then(|map| map.get("metadata")) else { return };
    let Some(entry) = metadata.node.as_map().and_then(|map| map.get(key)) else { return };
    let path = PathStack::ROOT.key("metadata", metadata.key_span);
    context.report(finding, Location::value(&entry.node), &path.key(key, entry.key_span));
}
