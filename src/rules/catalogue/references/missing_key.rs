//! R107: a key of a ConfigMap or a Secret that it does not have.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, ObjectTree, Reference, Target, path_to};
use crate::yaml::{PackedNode, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R107,
    name: "missing-key",
    level: Level::Deny,
    page: Page {
        what: "A pod, a monitor or a TriggerAuthentication asks for a key that the ConfigMap or Secret of the set does not have, and the reference is not `optional`. An object without any data is filled by somebody else, and so is the token of a ServiceAccount: nothing is said of them.",
        why: "The container stays in `CreateContainerConfigError`, or the volume cannot be mounted, until somebody adds the key.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: web, key: tokn}}}]}]
---
apiVersion: v1
kind: Secret
metadata: {name: web}
stringData: {token: change-me}",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: web, key: token}}}]}]
---
apiVersion: v1
kind: Secret
metadata: {name: web}
stringData: {token: change-me}",
    },
    checks: &[Check::Set(check)],
};

/// Reports each key that a reference asks for and its target does not have.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    for target in [Target::ConfigMap, Target::Secret] {
        // First those of pods, then those of other kinds.
        for of_pod in [true, false] {
            for reference in set.references_to(target).filter(|reference| reference.is_of_pod() == of_pod) {
                check_keys(set, report, &reference);
            }
        }
    }
}

/// Reports the keys of one reference.
fn check_keys(set: &ObjectSet<'_>, report: &mut Report, reference: &Reference<'_>) {
    // `optional` is of the key as well as of the object.
    if reference.is_optional() {
        return;
    }
    let mut keys = reference.keys().filter_map(|node| Some((node, node.as_str()?))).peekable();
    // Most references ask for no key: looking the target up would be in vain.
    if keys.peek().is_none() {
        return;
    }
    // A target that is elsewhere has unknown keys; one that is missing is another rule's.
    let Some(target) = set.target_of(reference) else { return };
    for (node, key) in keys {
        if !may_have(target, key) {
            report.add(finding(reference, target, node, key));
        }
    }
}

/// The fields that keep the entries of a ConfigMap or a Secret. The API server merges `stringData` into `data`.
const DATA_FIELDS: [&str; 3] = ["data", "stringData", "binaryData"];

/// Whether the target has the key, or is filled later.
fn may_have(target: &ObjectTree<'_>, key: &str) -> bool {
    // An empty one is filled later, by a controller or by hand; it is in the manifests for its name or its labels.
    let mut is_empty = true;
    for known in keys(target) {
        if known == key {
            return true;
        }
        is_empty = false;
    }
    // A controller of Kubernetes writes the token of a ServiceAccount into such a Secret.
    let secret_type = target.node().get("type").and_then(PackedNode::as_str);
    is_empty || secret_type == Some("kubernetes.io/service-account-token")
}

/// The keys of all entries, field by field.
fn keys<'s>(target: &ObjectTree<'s>) -> impl Iterator<Item = &'s str> {
    let fields = DATA_FIELDS.iter().filter_map(|field| target.node().get(field)?.as_map());
    fields.flat_map(|field| field.keys())
}

/// The finding at the node of the key.
fn finding(reference: &Reference<'_>, target: &ObjectTree<'_>, node: PackedNode<'_>, key: &str) -> Finding {
    let object = &reference.object;
    let message = format!("{} has no key `{key}`", target.identity());
    let field = DATA_FIELDS.iter().find(|field| target.node().get(field).is_some()).unwrap_or(&"data");
    Finding::new(object, path_to(object.node(), node), message)
        .also(target, ValuePath::keys(&[field]), "its keys are here")
        .did_you_mean(key, keys(target), "add the key, or name one that is there")
}
