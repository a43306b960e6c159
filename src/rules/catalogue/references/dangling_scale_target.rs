//! R110: what an autoscaler is to scale, and nobody makes.

use super::dangling::report_dangling;
use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, Target};

pub(super) const RULE: Rule = Rule {
    code: Code::R110,
    name: "dangling-scale-target",
    level: Level::Deny,
    page: Page {
        what: "A HorizontalPodAutoscaler, a VerticalPodAutoscaler or a ScaledObject names a workload that is neither among the objects nor known to be elsewhere. An object that lives elsewhere is declared: by the values file that names it, by the chart's `externals`, or by `external` in `plimsoll.yaml`.",
        why: "The autoscaler scales nothing, and the workload that was meant keeps its number of pods under any load.",
        example: "\
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
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: wbe}
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
  maxReplicas: 5",
    },
    checks: &[Check::Set(check)],
};

/// Reports each workload that an autoscaler names. Of whatever kind: custom workloads may have the subresource
/// `scale` too.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    report_dangling(set, report, Target::Scaled);
}
