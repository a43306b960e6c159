//! R112: a NetworkPolicy whose selector fits no pod of the set.

use super::unmatched_selector::no_pod_matches;
use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, Selector};

pub(super) const RULE: Rule = Rule {
    code: Code::R112,
    name: "policy-without-pods",
    level: Level::Deny,
    page: Page {
        what: "The `podSelector` of a NetworkPolicy fits the labels of no pod in its namespace. An empty selector means all pods, and is right.",
        why: "The policy is accepted and restricts nothing: the pods that were meant stay open to all.",
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
  podSelector: {matchLabels: {app: wbe}}
  policyTypes: [Ingress]
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]",
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

/// Reports each policy that applies to no pod of its namespace.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    for policy in set.of_kind("NetworkPolicy") {
        // Without the field a policy applies to all pods, as with an empty selector: the namespace may have none yet.
        let Some(node) = policy.spec().and_then(|spec| spec.get("podSelector")) else { continue };
        let selector = Selector::read(node);
        if !selector.is_empty() && set.pods().matching(&selector, policy.namespace()).next().is_none() {
            report.add(no_pod_matches(set, policy, &selector, "this policy applies to"));
        }
    }
}
