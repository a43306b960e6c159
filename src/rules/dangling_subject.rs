//! R114: a binding to a ServiceAccount that nobody makes.

use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::{Code, nearest};
use crate::yaml::{Node, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R114,
    name: "dangling-subject",
    level: Level::Deny,
    page: Page {
        what: "A RoleBinding or a ClusterRoleBinding gives rights to a ServiceAccount that is not in a namespace which the set fills, and is not known to be elsewhere. A ClusterRoleBinding has to name the ServiceAccount's namespace.",
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
    judge: &[Judge::Set(judge)],
};

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    let kinds = ["RoleBinding", "ClusterRoleBinding"].into_iter();
    let mut bindings: Vec<&Subject<'_>> = kinds.flat_map(|kind| set.of_kind(kind)).collect();
    bindings.sort_by_key(|binding| binding.index);
    for binding in bindings {
        let subjects = binding.document.node.get("subjects").and_then(Node::as_list).unwrap_or_default();
        for (index, subject) in subjects.iter().enumerate() {
            if subject.get("kind").and_then(Node::as_str) == Some(KIND) {
                judge_subject(set, report, binding, (index, subject));
            }
        }
    }
}

fn judge_subject(
    set: &ObjectSet<'_>,
    report: &mut Report,
    binding: &Subject<'_>,
    (index, subject): (usize, &Node),
) {
    let path = || ValuePath::root().and_key("subjects").and_index(index);
    let text = |key: &str| subject.get(key).and_then(Node::as_str);
    let Some((name, written)) = text("name").zip(subject.get("name")) else { return };
    let namespace = text("namespace").or(binding.namespace());
    if namespace.is_none() && binding.kind() == "ClusterRoleBinding" {
        let message = format!("the ServiceAccount `{name}` of a ClusterRoleBinding needs a namespace");
        let finding = Finding::new(binding, path(), message);
        return report.add(finding.help("add `namespace:` to this subject"));
    }
    // Objects without a namespace go where `kubectl` sends them, and that may be the one that is named.
    let is_here = set.find(KIND, namespace, name).or_else(|| set.find(KIND, None, name)).is_some();
    if !is_here && set.fills(namespace) && !set.is_external((KIND, namespace, name), written) {
        report.add(finding(set, binding, path().and_key("name"), (namespace, name)));
    }
}

fn finding(
    set: &ObjectSet<'_>,
    binding: &Subject<'_>,
    path: ValuePath,
    (namespace, name): (Option<&str>, &str),
) -> Finding {
    let finding = Finding::new(binding, path, format!("there is no ServiceAccount `{name}`"));
    match nearest(name, set.names(KIND, namespace)) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help("add the ServiceAccount, or declare it under `external` in `plimsoll.yaml`"),
    }
}

const KIND: &str = "ServiceAccount";
