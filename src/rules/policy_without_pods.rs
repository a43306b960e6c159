//! R112: a NetworkPolicy whose selector fits no pod of the set.

use super::selector::{Selector, takes_none};
use super::{Judge, ObjectSet, Page, Report, Rule};
use crate::config::Level;
use crate::diagnostic::Code;

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
    judge: &[Judge::Set(judge)],
};

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    for policy in set.of_kind("NetworkPolicy") {
        let Some(node) = policy.spec().and_then(|spec| spec.get("podSelector")) else { continue };
        let selector = Selector::read(node);
        if !selector.is_empty() && selector.pods(set, policy.namespace()).next().is_none() {
            report.add(takes_none(set, policy, &selector, "this policy applies to"));
        }
    }
}
