//! R106: a Secret that is named and nobody makes.

use super::dangling::report_dangling;
use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, Target};

pub(super) const RULE: Rule = Rule {
    code: Code::R106,
    name: "dangling-secret",
    level: Level::Deny,
    page: Page {
        what: "A pod, a ServiceAccount, an Ingress, a Gateway, a monitor or a TriggerAuthentication names a Secret that is neither among the objects nor known to be elsewhere, and the reference is not `optional`. What cert-manager, External Secrets and Sealed Secrets make of objects of the set is there. An object that lives elsewhere is declared: by the values file that names it, by the chart's `externals`, or by `external` in `plimsoll.yaml`.",
        why: "A pod stays in `CreateContainerConfigError`, an image cannot be pulled, an Ingress answers with a certificate that no browser trusts.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, envFrom: [{secretRef: {name: web}}]}]",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, envFrom: [{secretRef: {name: web}}]}]
---
apiVersion: v1
kind: Secret
metadata: {name: web}
stringData: {TOKEN: change-me}",
    },
    checks: &[Check::Set(check)],
};

/// Reports each Secret that is named and must be there.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    report_dangling(set, report, Target::Secret);
}
