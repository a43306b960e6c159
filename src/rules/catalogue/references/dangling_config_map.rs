//! R105: a ConfigMap that a pod names and nobody makes.

use super::dangling::report_dangling;
use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, Target};

pub(super) const RULE: Rule = Rule {
    code: Code::R105,
    name: "dangling-config-map",
    level: Level::Deny,
    page: Page {
        what: "A volume, an environment variable or a monitor names a ConfigMap that is neither among the objects nor known to be elsewhere, and the reference is not `optional`. An object that lives elsewhere is declared: by the values file that names it, by the chart's `externals`, or by `external` in `plimsoll.yaml`.",
        why: "The pod stays in `ContainerCreating` or `CreateContainerConfigError` until somebody makes the ConfigMap. A rollout waits for it without an end.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, envFrom: [{configMapRef: {name: setings}}]}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {LOG_LEVEL: info}",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, envFrom: [{configMapRef: {name: settings}}]}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {LOG_LEVEL: info}",
    },
    checks: &[Check::Set(check)],
};

/// Reports each ConfigMap that is named and must be there; `optional: true` says that it need not.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    report_dangling(set, report, Target::ConfigMap);
}
