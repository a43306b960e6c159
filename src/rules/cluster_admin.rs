//! R311: a binding that gives all rights.

use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Typed};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::Object;
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R311,
    name: "cluster-admin",
    level: Level::Warn,
    page: Page {
        what: "A binding gives somebody the ClusterRole `cluster-admin`, in the whole cluster or in one namespace.",
        why: "Whoever breaks into a pod with that ServiceAccount owns the cluster, with all Secrets and all nodes; in one namespace, all that is in it.",
        example: "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: Group, name: operators, apiGroup: rbac.authorization.k8s.io}]",
        instead: "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: Group, name: operators, apiGroup: rbac.authorization.k8s.io}]",
    },
    judge: &[Judge::Object(judge)],
};

fn judge(_: &ObjectSet<'_>, binding: Typed<'_>, report: &mut Report) {
    let Some((role, reach)) = role(binding) else { return };
    if role == "cluster-admin" {
        let message = format!("{} gives all rights in {reach}", binding.subject.document.identity);
        let path = ValuePath::root().and_key("roleRef").and_key("name");
        let help = "bind a role with the rights that are needed, such as `view`";
        report.add(Finding::new(binding.subject, path, message).help(help));
    }
}

/// The ClusterRole that a binding gives, and where.
fn role(binding: Typed<'_>) -> Option<(&str, &'static str)> {
    match binding.object {
        Object::ClusterRoleBinding(binding) => Some((&binding.role_ref.name, "the cluster")),
        Object::RoleBinding(binding) if binding.role_ref.kind == "ClusterRole" => {
            Some((&binding.role_ref.name, "its namespace"))
        }
        _ => None,
    }
}
