//! R111: a PodDisruptionBudget whose selector fits no pod of the set.

use super::unmatched_selector::no_pod_matches;
use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, Selector};

pub(super) const RULE: Rule = Rule {
    code: Code::R111,
    name: "budget-without-pods",
    level: Level::Deny,
    page: Page {
        what: "The selector of a PodDisruptionBudget fits the labels of no pod in its namespace.",
        why: "The budget is accepted and protects nothing: a drained node takes all pods at once.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec:
  maxUnavailable: 1
  selector: {matchLabels: {app: wbe}}",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec:
  maxUnavailable: 1
  selector: {matchLabels: {app: web}}",
    },
    checks: &[Check::Set(check)],
};

/// Reports each budget that covers no pod. Custom workloads count as well: an Argo Rollout wants to be drained with
/// care, too.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    for budget in set.of_kind("PodDisruptionBudget") {
        // Without a selector a budget covers nothing, and does not pretend to; an empty one covers all pods
        // (`policy/v1`).
        let Some(node) = budget.spec().and_then(|spec| spec.get("selector")) else { continue };
        let selector = Selector::read(node);
        if set.pods().matching(&selector, budget.namespace()).next().is_none() {
            report.add(no_pod_matches(set, budget, &selector, "this budget covers"));
        }
    }
}
