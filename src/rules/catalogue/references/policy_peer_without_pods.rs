//! R113: a peer of a NetworkPolicy that fits no pod of the set.

use super::unmatched_selector::no_pod_matches;
use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Page, Report, Rule};
use crate::rules::facts::{FieldPattern, ObjectSet, ObjectTree, Selector};

pub(super) const RULE: Rule = Rule {
    code: Code::R113,
    name: "policy-peer-without-pods",
    level: Level::Warn,
    page: Page {
        what: "A peer under `from` or `to` of a NetworkPolicy selects pods of the policy's own namespace, and no pod of the set has the labels. Peers with a `namespaceSelector` are not judged, nor those that a preset, a values file or a flag names.",
        why: "The rule lets nothing through. The connection that was to be allowed times out, and nothing says why.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress]
  ingress: [{from: [{podSelector: {matchLabels: {app: proxy}}}]}]",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress]
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]",
    },
    checks: &[Check::Set(check)],
};

/// Reports each peer that stands for pods of the policy's own namespace and matches none.
///
/// A warning, unlike a policy that applies to nothing (R112): a peer may be of another release that shares the
/// namespace.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    for policy in set.of_kind("NetworkPolicy") {
        for peers in ["spec.ingress[].from[]", "spec.egress[].to[]"] {
            FieldPattern(peers).each(policy.node(), &mut |peer, _| {
                let Some(node) = peer.get("podSelector") else { return };
                let selector = Selector::read(node);
                // An empty selector means all pods. With a `namespaceSelector` the pods are mostly not in the set.
                if selector.is_empty() || peer.get("namespaceSelector").is_some() {
                    return;
                }
                let is_unmatched = set.pods().matching(&selector, policy.namespace()).next().is_none();
                // Asked last, as it builds paths.
                if is_unmatched && !is_from_values(set, policy, &selector) {
                    report.add(no_pod_matches(set, policy, &selector, "this peer stands for"));
                }
            });
        }
    }
}

/// Whether the selector, or a label of it, was written in a values layer above the chart's own: there it is meant for
/// pods that are not in the set.
fn is_from_values(set: &ObjectSet<'_>, policy: &ObjectTree<'_>, selector: &Selector<'_>) -> bool {
    let path = selector.path(policy);
    set.is_from_values(policy, &path)
        || selector.pairs().any(|(key, _)| set.is_from_values(policy, &path.key(key)))
}
