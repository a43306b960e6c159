//! R311: a binding that gives all rights.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::Object;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, TypedObject};
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
    checks: &[Check::Object(check)],
};

/// Reports each binding of `cluster-admin`, to people and pods alike.
fn check(_: &ObjectSet<'_>, TypedObject { object, typed }: TypedObject<'_>, report: &mut Report) {
    let Some((role, reach)) = granted_role(typed) else { return };
    // By name: every cluster has this role, and no chart should bring another one under its name.
    if role == "cluster-admin" {
        let message = format!("{} gives all rights in {reach}", object.identity());
        let path = ValuePath::keys(&["roleRef", "name"]);
        let help = "bind a role with the rights that are needed, such as `view`";
        report.add(Finding::new(object, path, message).help(help));
    }
}

/// The ClusterRole that a binding gives, and where in words; none if it is no binding, or one of a Role. A
/// RoleBinding gives its rights in its own namespace alone.
fn granted_role(typed: &Object) -> Option<(&str, &'static str)> {
    match typed {
        Object::ClusterRoleBinding(binding) => Some((&binding.role_ref.name, "the cluster")),
        // A Role that is called `cluster-admin` is an ordinary Role of its namespace.
        Object::RoleBinding(binding) if binding.role_ref.kind == "ClusterRole" => {
            Some((&binding.role_ref.name, "its namespace"))
        }
        _ => None,
    }
}
