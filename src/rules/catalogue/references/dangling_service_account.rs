//! R109: a ServiceAccount that a pod names and nobody makes.

use super::dangling::report_dangling;
use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, Target};

pub(super) const RULE: Rule = Rule {
    code: Code::R109,
    name: "dangling-service-account",
    level: Level::Deny,
    page: Page {
        what: "A pod names a ServiceAccount that is neither among the objects nor known to be elsewhere. Every namespace has `default`. An object that lives elsewhere is declared: by the values file that names it, by the chart's `externals`, or by `external` in `plimsoll.yaml`.",
        why: "The API server refuses the pods. A Deployment is accepted and stays without pods; only the events of its ReplicaSet say why.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  serviceAccountName: wbe
  containers: [{name: web, image: nginx:1.29.3}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  serviceAccountName: web
  containers: [{name: web, image: nginx:1.29.3}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}",
    },
    checks: &[Check::Set(check)],
};

/// Reports each ServiceAccount that a pod names. Those that bindings name are another rule's (`dangling-subject`), as
/// a binding may be there first.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    report_dangling(set, report, Target::ServiceAccount);
}
