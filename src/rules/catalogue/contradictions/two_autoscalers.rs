//! R202: two autoscalers on one target.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{Autoscaler, ObjectSet};

pub(super) const RULE: Rule = Rule {
    code: Code::R202,
    name: "two-autoscalers",
    level: Level::Deny,
    page: Page {
        what: "Two HorizontalPodAutoscalers or ScaledObjects scale one workload. A ScaledObject that takes an autoscaler over (`scaledobject.keda.sh/transfer-hpa-ownership`) does not count as a second one.",
        why: "Each sets the replicas that it thinks right, every fifteen seconds, and the number swings between both. Newer versions of Kubernetes notice it and stop scaling at all (`AmbiguousSelector`).",
        example: "\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: by-cpu}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 5
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: by-memory}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 5",
        instead: "\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 5
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
    - {type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 80}}}",
    },
    checks: &[Check::Set(check)],
};

/// Reports each autoscaler of a workload after the first. The workload need not be in the set: two that name one
/// target contradict each other wherever it is.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    let mut first: BTreeMap<_, &Autoscaler<'_>> = BTreeMap::new();
    for scaler in set.autoscalers().iter().filter(|scaler| !scaler.takes_over()) {
        // An autoscaler looks for its target in its own namespace. The API version is left out: `apps/v1` and an
        // older one mean the same.
        let target = (scaler.object.namespace(), scaler.kind, scaler.name);
        match first.entry(target) {
            Entry::Occupied(first) => report.add(finding(first.get(), scaler)),
            Entry::Vacant(entry) => {
                entry.insert(scaler);
            }
        }
    }
}

/// The finding at the second autoscaler.
fn finding(first: &Autoscaler<'_>, second: &Autoscaler<'_>) -> Finding {
    let Autoscaler { kind, name, .. } = second;
    let here = format!("{} scales it already", first.object.identity());
    Finding::new(
        &second.object,
        second.target_path().and_key("name"),
        format!("{kind} `{name}` has two autoscalers"),
    )
    .also(&first.object, first.target_path().and_key("name"), here)
    .help("keep one of them, with the metrics or triggers of both")
}
