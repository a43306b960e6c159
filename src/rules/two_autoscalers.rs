//! R202: two autoscalers on one target.

use std::collections::BTreeMap;

use super::autoscaler::Autoscaler;
use super::{Finding, Judge, ObjectSet, Page, Report, Rule};
use crate::config::Level;
use crate::diagnostic::Code;

pub(super) const RULE: Rule = Rule {
    code: Code::R202,
    name: "two-autoscalers",
    level: Level::Deny,
    page: Page {
        what: "Two HorizontalPodAutoscalers or ScaledObjects scale one workload. A ScaledObject that takes an autoscaler over (`scaledobject.keda.sh/transfer-hpa-ownership`) is none of two.",
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
    judge: &[Judge::Set(judge)],
};

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    let mut first: BTreeMap<_, &Autoscaler<'_>> = BTreeMap::new();
    for scaler in set.autoscalers().iter().filter(|scaler| !scaler.takes_over()) {
        let target = (scaler.subject.namespace(), scaler.kind, scaler.name);
        match first.get(&target) {
            Some(first) => report.add(finding(first, scaler)),
            None => drop(first.insert(target, scaler)),
        }
    }
}

fn finding(first: &Autoscaler<'_>, second: &Autoscaler<'_>) -> Finding {
    let Autoscaler { kind, name, .. } = second;
    let message = format!("{kind} `{name}` has two autoscalers");
    let here = format!("{} scales it already", first.subject.document.identity);
    Finding::new(&second.subject, second.path().and_key("name"), message)
        .also(&first.subject, first.path().and_key("name"), here)
        .help("keep one of them, with the metrics or triggers of both")
}
