//! R218: two workloads that take each other's pods for their own.

use std::collections::BTreeMap;

use super::pod::{Pod, pod_of};
use super::workload::{selector_of, selects};
use super::{Finding, Page, Report, Rule, Set};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::typed::LabelSelector;
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
    judge,
};

type Label<'s> = (Option<&'s str>, &'s str, &'s str);

fn judge(set: &Set<'_>, report: &mut Report) {
    let workloads: Vec<(Pod<'_>, &LabelSelector)> =
        set.subjects.iter().filter_map(|subject| Some((pod_of(subject)?, selector_of(subject)?))).collect();
    // Who has a label: of the labels that a selector wants, the rarest leaves few to be compared.
    let mut having: BTreeMap<Label<'_>, Vec<usize>> = BTreeMap::new();
    for (index, (pod, _)) in workloads.iter().enumerate() {
        for (key, value) in pod.labels().into_iter().flatten() {
            having.entry((pod.subject.namespace(), key, value)).or_default().push(index);
        }
    }
    for (index, (pod, selector)) in workloads.iter().enumerate() {
        let namespace = pod.subject.namespace();
        let wanted = selector.match_labels.iter().flatten();
        let candidates = wanted.into_iter().filter_map(|(key, value)| having.get(&(namespace, key, value)));
        let Some(rarest) = candidates.min_by_key(|candidates| candidates.len()) else { continue };
        let earlier = rarest.iter().filter(|other| **other < index).filter_map(|other| workloads.get(*other));
        let mut fighting = earlier
            .filter(|(other, others)| selects(selector, other.labels()) && selects(others, pod.labels()));
        if let Some((other, _)) = fighting.next() {
            report.add(finding(pod, other));
        }
    }
}

fn finding(pod: &Pod<'_>, other: &Pod<'_>) -> Finding {
    let path = ValuePath::keys(&["spec", "selector"]);
    let (this, that) = (&pod.subject.document.identity, &other.subject.document.identity);
    Finding::new(
        pod.subject,
        path.clone(),
        format!("{this} selects the pods of {that}, and the other way round"),
    )
    .also(other.subject, path, "the other selector")
    .help("give each a label of its own, in its selector and its pod template")
}
