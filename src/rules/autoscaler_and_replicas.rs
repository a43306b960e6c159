//! R201: a workload with a fixed number of replicas and an autoscaler that sets it.

use super::workload::written_replicas;
use super::{Finding, Judge, ObjectSet, Page, Report, Rule};
use crate::config::Level;
use crate::diagnostic::Code;
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
    judge: &[Judge::Set(judge)],
};

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    for scaler in set.autoscalers().iter() {
        let Some(workload) = scaler.target(set) else { continue };
        let Some(written) = written_replicas(&workload) else { continue };
        // None at all is how a workload is paused, and an autoscaler that has no choice contradicts nothing.
        if written == 0 || (scaler.fewest() == written && scaler.most() == written) {
            continue;
        }
        let message =
            format!("{} has a fixed number of replicas, and an autoscaler too", workload.document.identity);
        let finding = Finding::new(&workload, ValuePath::keys(&["spec", "replicas"]), message);
        let here = format!("{} sets them", scaler.subject.document.identity);
        let finding = finding.also(&scaler.subject, scaler.path(), here);
        report.add(finding.help("leave `replicas` out, or the autoscaler"));
    }
}
