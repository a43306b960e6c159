//! Which documents are written, and in which order: all, or those of some templates, as a cluster can take them.
//!
//! `kubectl apply` sends objects one after the other, as they stand in the stream. A cluster takes most of them in any
//! order, and waits where something is missing: a Pod waits for its ConfigMap. Where it does not wait, the order
//! decides:
//!
//! * an object in a namespace that is not there, and one whose kind is not defined, are refused;
//! * a Pod whose ServiceAccount is not there is refused, and its controller tries again later and later;
//! * a container has the address of a Service in its environment variables only if the Service came first;
//! * what a policy, a quota or a webhook governs, it governs from then on.
//!
//! The order is by kind alone, and not by what refers to what: references may form circles, and a reader finds an
//! object where it always is.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::kube::is_built_in_group;
use crate::manifest::{Document, PackedDocument};
use crate::session::{Outcome, Session};
use crate::yaml::{Node, PackedNode};

/// Documents in the order in which a cluster can take them: by kind, then namespace, name and API version.
/// The order of the input makes no difference, unless two documents have all of these in common.
///
/// In each, `apiVersion`, `kind` and `metadata` come first, in metadata `name` and `namespace`; all other fields stay
/// where the template has them.
pub fn install_order(documents: Vec<PackedDocument>) -> Vec<PackedDocument> {
    // The rank of a kind is looked up once a document, and not at each comparison.
    let mut ranked: Vec<(usize, PackedDocument)> =
        documents.into_iter().map(|document| (rank(&document), document)).collect();
    ranked.sort_by(|(a_rank, a), (b_rank, b)| {
        a_rank.cmp(b_rank).then_with(|| identity_key(a).cmp(&identity_key(b)))
    });
    let mut documents: Vec<PackedDocument> = ranked.into_iter().map(|(_, document)| document).collect();
    // What an object is should be read first, as in all documentation of Kubernetes.
    let others = documents.iter_mut().filter(|document| !is_in_front(document.root()));
    PackedDocument::edit_all(others, |document| {
        move_to_front(&mut document.node, OBJECT_FRONT);
        if let Some(metadata) = document.node.as_map_mut().and_then(|map| map.get_mut("metadata")) {
            move_to_front(&mut metadata.node, METADATA_FRONT);
        }
    });
    documents
}

/// What comes first in an object.
const OBJECT_FRONT: &[&str] = &["apiVersion", "kind", "metadata"];

/// What comes first in its metadata.
const METADATA_FRONT: &[&str] = &["name", "namespace"];

/// Whether an object has nothing to be moved.
fn is_in_front(object: PackedNode<'_>) -> bool {
    let has_in_front = |node: PackedNode<'_>, front: &[&str]| {
        let Some(map) = node.as_map() else { return true };
        let there = front.iter().copied().filter(|key| map.contains_key(key));
        there.zip(map.keys()).all(|(key, there)| key == there)
    };
    let metadata = object.get("metadata");
    has_in_front(object, OBJECT_FRONT)
        && metadata.is_none_or(|metadata| has_in_front(metadata, METADATA_FRONT))
}

/// Built-in kinds in the order of installation: what others need or refer to comes first. Definitions of custom
/// resources come before everything that could be one; policies and quotas before the workloads that they govern.
///
/// It is much as Helm's `InstallOrder` (`kind_sorter.go`), with one difference that matters: there, definitions of
/// custom resources come behind volumes. Helm applies those of a chart's `crds/` folder beforehand, and here all are
/// documents.
const INSTALL_ORDER: &[&str] = &[
    "Namespace",
    "CustomResourceDefinition",
    "PriorityClass",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "ClusterRole",
    "ClusterRoleBinding",
    "Role",
    "RoleBinding",
    "RuntimeClass",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    // A webhook whose own pods are not there yet may refuse all that comes after it.
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// What documents are sorted by: the rank of the kind first. For callers that sort references to documents, as `diff`
/// does.
pub(crate) fn install_sort_key<T>(document: &Document<T>) -> (usize, &str, Option<&str>, &str, &str) {
    let (kind, namespace, name, api_version) = identity_key(document);
    (rank(document), kind, namespace, name, api_version)
}

/// What tells documents of one rank apart: kind, namespace, name, API version. The kind is in it because all that are
/// not listed have one rank.
fn identity_key<T>(document: &Document<T>) -> (&str, Option<&str>, &str, &str) {
    let identity = &document.identity;
    (&identity.kind, identity.namespace.as_deref(), &identity.name, &identity.api_version)
}

/// Where a kind stands in the order. Built-in kinds that are not listed follow those that are; custom resources come
/// last, behind the controllers that read them.
fn rank<T>(document: &Document<T>) -> usize {
    let identity = &document.identity;
    // By group before the name: the `Service` of Knative is no Service of Kubernetes. Helm goes by the name alone.
    let group = identity.group();
    // A group without a domain is Kubernetes' own, also `extensions`, which no known version serves any more.
    if group.contains('.') && !is_built_in_group(group) {
        return INSTALL_ORDER.len() + 1;
    }
    INSTALL_ORDER.iter().position(|kind| **kind == *identity.kind).unwrap_or(INSTALL_ORDER.len())
}

/// Moves the keys that the map has to its front, in this order.
fn move_to_front(node: &mut Node, keys: &[&str]) {
    let Some(map) = node.as_map_mut() else { return };
    let mut front = 0;
    for key in keys {
        let Some(from) = map.get_index_of(key) else { continue };
        // Most templates have them in front already.
        if from != front {
            map.move_index(from, front);
        }
        front += 1;
    }
}

/// Keeps the documents of the named templates; all when none is named. A name may be `templates/x.yaml` or the whole
/// `# Source:` path, `chart/templates/x.yaml`.
///
/// # Errors
/// E002 for a name that no document comes from.
pub fn only_templates(
    session: &Session,
    documents: Vec<PackedDocument>,
    names: &[String],
) -> Outcome<Vec<PackedDocument>> {
    if names.is_empty() {
        return Ok(documents);
    }
    let before = session.errors();
    // All names are looked for before anything is dropped, so that every one that is wrong is reported.
    for name in names {
        if documents.iter().any(|document| is_from(document, name)) {
            continue;
        }
        let known: BTreeSet<&str> = documents.iter().map(|document| &*document.template).collect();
        let finding = Diagnostic::error(Code::E002, format!("no document comes from `{name}`"))
            .did_you_mean(name, known)
            .help("name a template as in `templates/engine.yaml`");
        session.report(finding);
    }
    session.clean_since(before)?;
    // Filtered and not looked up, so the order of the documents stays.
    let is_named = |document: &PackedDocument| names.iter().any(|name| is_from(document, name));
    Ok(documents.into_iter().filter(is_named).collect())
}

/// Whether a document comes from the template of this name.
fn is_from(document: &PackedDocument, name: &str) -> bool {
    // The path begins with the name of the chart, which people leave out: they write what they see in the chart's
    // folder.
    let path = &*document.template;
    path == name || path.split_once('/').is_some_and(|(_, rest)| rest == name)
}
