//! R115: a Role or ClusterRole that a binding names and nobody makes.

use super::dangling::report_dangling;
use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, Target};

pub(super) const RULE: Rule = Rule {
    code: Code::R115,
    name: "dangling-role",
    level: Level::Deny,
    page: Page {
        what: "A RoleBinding or a ClusterRoleBinding names a Role or a ClusterRole that is neither among the objects nor known to be elsewhere. Every cluster has `view`, `edit`, `admin`, `cluster-admin` and those that begin with `system:`. An object that lives elsewhere is declared: by the values file that names it, by the chart's `externals`, or by `external` in `plimsoll.yaml`.",
        why: "The binding is accepted and grants nothing; the program is refused at its first request. `roleRef` cannot be changed later: the binding has to be deleted and created again.",
        example: "\
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [\"\"], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: raeder}
subjects: [{kind: ServiceAccount, name: web}]",
        instead: "\
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [\"\"], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: web}]",
    },
    checks: &[Check::Set(check)],
};

/// Reports each role that a binding names. A RoleBinding looks for a Role in its own namespace, and for a ClusterRole
/// in the cluster.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    report_dangling(set, report, Target::Role);
}
