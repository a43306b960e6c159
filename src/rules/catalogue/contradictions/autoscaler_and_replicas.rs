//! R201: a workload with a fixed number of replicas and an autoscaler that sets it.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, written_replicas};
use crate::yaml::ValuePath;

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
    checks: &[Check::Set(check)],
};

/// Reports each workload that writes a number which its autoscaler may change.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    for scaler in set.autoscalers().iter() {
        let Some(workload) = set.scale_target(scaler) else { continue };
        let Some(written) = written_replicas(workload) else { continue };
        // Zero is how a workload is paused: a HorizontalPodAutoscaler leaves one of zero replicas alone. And an
        // autoscaler that has no choice contradicts nothing.
        if written == 0 || (scaler.min_replicas() == written && scaler.max_replicas() == written) {
            continue;
        }
        let message =
            format!("{} has a fixed number of replicas, and an autoscaler too", workload.identity());
        let finding = Finding::new(workload, ValuePath::keys(&["spec", "replicas"]), message)
            .also(&scaler.object, scaler.target_path(), format!("{} sets them", scaler.object.identity()))
            .help("leave `replicas` out, or the autoscaler");
        report.add(finding);
    }
}
