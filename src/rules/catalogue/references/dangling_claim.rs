//! R108: a PersistentVolumeClaim that a volume names and nobody makes.

use super::dangling::report_dangling;
use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, Target};

pub(super) const RULE: Rule = Rule {
    code: Code::R108,
    name: "dangling-claim",
    level: Level::Deny,
    page: Page {
        what: "A volume names a PersistentVolumeClaim that is neither among the objects nor known to be elsewhere. The claims that a StatefulSet makes of its templates are there. An object that lives elsewhere is declared: by the values file that names it, by the chart's `externals`, or by `external` in `plimsoll.yaml`.",
        why: "The scheduler does not place the pod: it stays `Pending` until the claim exists.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, volumeMounts: [{name: data, mountPath: /data}]}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: web}}]",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, volumeMounts: [{name: data, mountPath: /data}]}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: web}}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: web}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}",
    },
    checks: &[Check::Set(check)],
};

/// Reports each claim that a pod's volume names. `ephemeral` volumes name none: the controller makes theirs for each
/// pod.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    report_dangling(set, report, Target::Claim);
}
