//! R218: two workloads that take each other's pods for their own.

use super::workload::selector_of;
use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R218,
    name: "shared-selector",
    level: Level::Deny,
    page: Page {
        what: "The selectors of two workloads of one namespace fit the pods of both.",
        why: "Kubernetes warns that controllers with overlapping selectors fight. Services and budgets that use the labels mix both, an autoscaler counts and measures the pods of the other workload, and a ReplicaSet adopts pods that lost their owner.",
        example: "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers: [{name: web, image: nginx:1.29.3}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers: [{name: worker, image: busybox:1.37.0}]",
        instead: "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: shop, part: web}}
  template:
    metadata: {labels: {app: shop, part: web}}
    spec:
      containers: [{name: web, image: nginx:1.29.3}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  selector: {matchLabels: {app: shop, part: worker}}
  template:
    metadata: {labels: {app: shop, part: worker}}
    spec:
      containers: [{name: worker, image: busybox:1.37.0}]",
    },
    judge: &[Judge::Set(judge)],
};

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    for pod in set.templates() {
        let Some(selector) = selector_of(&pod.subject) else { continue };
        if selector.pairs().next().is_none() {
            continue;
        }
        // Only pods that have all its labels can be others of which it fights for.
        let others = selector.pods(set, pod.subject.namespace());
        let earlier = others.take_while(|other| other.subject.index < pod.subject.index);
        let mut fighting = earlier.filter(|other| {
            let others = selector_of(&other.subject);
            selector.takes(other.labels()) && others.is_some_and(|others| others.takes(pod.labels()))
        });
        if let Some(other) = fighting.next() {
            report.add(finding(&pod.subject, &other.subject));
        }
    }
}

fn finding(subject: &Subject<'_>, other: &Subject<'_>) -> Finding {
    let path = ValuePath::keys(&["spec", "selector"]);
    let (this, that) = (&subject.document.identity, &other.document.identity);
    Finding::new(subject, path.clone(), format!("{this} selects the pods of {that}, and the other way round"))
        .also(other, path, "the other selector")
        .help("give each a label of its own, in its selector and its pod template")
}
