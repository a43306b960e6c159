//! R114: a binding to a ServiceAccount that nobody makes.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, ObjectTree, items};
use crate::yaml::{PackedNode, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R114,
    name: "dangling-subject",
    level: Level::Deny,
    page: Page {
        what: "A RoleBinding or a ClusterRoleBinding gives rights to a ServiceAccount that is not in a namespace which the set fills, and is not known to be elsewhere.",
        why: "The rights go to nobody. Who later makes a ServiceAccount of that name has them, whether that was meant or not.",
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
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: wbe}]",
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

/// The one kind of subject that is an object.
const KIND: &str = "ServiceAccount";

/// Reports each ServiceAccount that a binding names in a namespace which the set fills, and that is not there.
///
/// It is not in the table of references: a pod that names a missing account cannot start, while a binding may well be
/// for the account of another release. So an account counts as missing only if the set has its namespace.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    for binding in set.of_kinds(&["RoleBinding", "ClusterRoleBinding"]) {
        for (index, node) in items(binding.node(), "subjects").iter().enumerate() {
            // Users and groups are names of the authenticator, and no objects.
            if node.get("kind").and_then(PackedNode::as_str) == Some(KIND) {
                let path = ValuePath::keys(&["subjects"]).and_index(index);
                check_account(set, Subject { binding, node, path }, report);
            }
        }
    }
}

/// A subject of a binding.
struct Subject<'s> {
    binding: &'s ObjectTree<'s>,
    /// The item of `subjects`.
    node: PackedNode<'s>,
    /// The path of that item in the binding.
    path: ValuePath,
}

/// Reports a subject that is a ServiceAccount and is not there.
fn check_account(set: &ObjectSet<'_>, subject: Subject<'_>, report: &mut Report) {
    let Subject { binding, node, path } = subject;
    let Some(name_node) = node.get("name") else { return };
    let Some(name) = name_node.as_str() else { return };
    let written_namespace = node.get("namespace").and_then(PackedNode::as_str);
    let namespace = written_namespace.or(binding.namespace());
    // Objects without a namespace go where `kubectl` sends them, and that may be the one that is named.
    let is_here = set.find(KIND, namespace, name).or_else(|| set.find(KIND, None, name)).is_some();
    // What is in a namespace that the set does not fill is unknown.
    if is_here || !set.fills_namespace(namespace) || set.is_known_elsewhere(KIND, namespace, name, name_node)
    {
        return;
    }
    let message = format!("there is no ServiceAccount `{name}`");
    report.add(Finding::new(binding, path.and_key("name"), message).did_you_mean(
        name,
        set.names(KIND, namespace).iter().copied(),
        "add the ServiceAccount, or declare it under `external` in `plimsoll.yaml`",
    ));
}
