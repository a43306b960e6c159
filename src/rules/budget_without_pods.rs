//! R111: a PodDisruptionBudget whose selector fits no pod of the set.

use super::selector::{Selector, takes_none};
use super::{Judge, ObjectSet, Page, Report, Rule};
use crate::config::Level;
use crate::diagnostic::Code;

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
    judge: &[Judge::Set(judge)],
};

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    for budget in set.of_kind("PodDisruptionBudget") {
        let Some(node) = budget.spec().and_then(|spec| spec.get("selector")) else { continue };
        let selector = Selector::read(node);
        if selector.pods(set, budget.namespace()).next().is_none() {
            report.add(takes_none(set, budget, &selector, "this budget covers"));
        }
    }
}
