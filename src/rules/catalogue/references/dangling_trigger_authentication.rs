//! R121: a TriggerAuthentication that a trigger names and nobody makes.

use super::dangling::report_dangling;
use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, Target};

pub(super) const RULE: Rule = Rule {
    code: Code::R121,
    name: "dangling-trigger-authentication",
    level: Level::Deny,
    page: Page {
        what: "A trigger of a ScaledObject or a ScaledJob names a TriggerAuthentication that is neither among the objects nor known to be elsewhere. An object that lives elsewhere is declared: by the values file that names it, by the chart's `externals`, or by `external` in `plimsoll.yaml`.",
        why: "KEDA cannot ask the trigger's source, reports it in the ScaledObject's events, and scales nothing.",
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
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web}
spec:
  scaleTargetRef: {name: web}
  triggers: [{type: postgresql, metadata: {query: SELECT 1, targetQueryValue: \"5\"}, authenticationRef: {name: web-database}}]",
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
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web}
spec:
  scaleTargetRef: {name: web}
  triggers: [{type: postgresql, metadata: {query: SELECT 1, targetQueryValue: \"5\"}, authenticationRef: {name: web-database}}]
---
apiVersion: keda.sh/v1alpha1
kind: TriggerAuthentication
metadata: {name: web-database}
spec:
  env: [{parameter: connection, name: DATABASE_URL}]",
    },
    checks: &[Check::Set(check)],
};

/// Reports each TriggerAuthentication that a trigger names. A ClusterTriggerAuthentication is another kind, and no
/// reference of this sort.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    report_dangling(set, report, Target::Authentication);
}
