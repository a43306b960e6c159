//! R201: a workload with a fixed number of replicas and an autoscaler that sets it.

use super::{Finding, Page, Report, Rule, Set, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::yaml::{Node, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R201,
    name: "autoscaler-and-replicas",
    level: Level::Deny,
    page: Page {
        what: "A workload writes `spec.replicas`, and a HorizontalPodAutoscaler or a ScaledObject sets the same number.",
        why: "Every `kubectl apply` sets the workload back to the written number, and the autoscaler corrects it afterwards: under load, pods are stopped and started again at each deployment.",
        example: "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: nginx:1.29.3}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 5",
        instead: "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: nginx:1.29.3}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 5",
    },
    judge,
};

fn judge(set: &Set<'_>, report: &mut Report) {
    for scaler in &set.subjects {
        let Some((kind, name)) = target(scaler) else { continue };
        let Some(workload) = set.find(kind, scaler.namespace(), name) else { continue };
        let replicas = ValuePath::root().key("spec").key("replicas");
        if replicas.find(&workload.document.node).is_some() {
            let message = format!(
                "{} has a fixed number of replicas, and an autoscaler too",
                workload.document.identity
            );
            let finding = Finding::new(workload, replicas, message);
            let here = format!("{} sets them", scaler.document.identity);
            let path = ValuePath::root().key("spec").key("scaleTargetRef");
            report.add(finding.also(scaler, path, here).help("leave `replicas` out, or the autoscaler"));
        }
    }
}

/// Kind and name of what an autoscaler scales.
fn target<'s>(scaler: &'s Subject<'_>) -> Option<(&'s str, &'s str)> {
    if !matches!(scaler.kind(), "HorizontalPodAutoscaler" | "ScaledObject") {
        return None;
    }
    let target = scaler.document.node.get("spec")?.get("scaleTargetRef")?;
    let kind = target.get("kind").and_then(Node::as_str).unwrap_or("Deployment");
    Some((kind, target.get("name").and_then(Node::as_str)?))
}
