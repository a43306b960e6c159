//! R117: a class that is named, and is not among those that are known.

use super::dangling::report_dangling;
use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, Target};

pub(super) const RULE: Rule = Rule {
    code: Code::R117,
    name: "dangling-class",
    level: Level::Warn,
    page: Page {
        what: "A PriorityClass, a StorageClass, an IngressClass or a RuntimeClass is named that is not among the objects, although others of its kind are, or are declared in `plimsoll.yaml` or by the chart. Where nothing is known of a kind, nothing is said: such classes belong to the cluster. A StorageClass that a PersistentVolume of the set has needs no object.",
        why: "Pods with an unknown PriorityClass or RuntimeClass are refused, claims with an unknown StorageClass stay `Pending`, and an Ingress with an unknown class is served by nobody.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  priorityClassName: hihg
  containers: [{name: web, image: nginx:1.29.3}]
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: high}
value: 1000",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  priorityClassName: high
  containers: [{name: web, image: nginx:1.29.3}]
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: high}
value: 1000",
    },
    checks: &[Check::Set(check)],
};

/// Reports classes of those kinds of which the set knows any.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    // Classes are mostly made with the cluster, by other people. A set that has or declares some of a kind is taken
    // to know them all. An empty `storageClassName` is no reference: it means a volume without a class, and is not
    // read as a name.
    for kind in ["PriorityClass", "RuntimeClass", "StorageClass", "IngressClass"] {
        if set.knows_kind(kind) {
            report_dangling(set, report, Target::Class(kind));
        }
    }
}
