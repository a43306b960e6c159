//! R312: a role whose star reaches more than anybody means.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, ObjectTree, items};
use crate::yaml::{PackedNode, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R312,
    name: "wildcard-role",
    level: Level::Warn,
    page: Page {
        what: "A Role or ClusterRole names all resources of the core group (`*`), so that Secrets are among them, or all verbs on roles or bindings, which include the right to give rights.",
        why: "Nobody who reads `*` thinks of Secrets, of `pods/exec`, or of what the next version of Kubernetes adds: all of it comes with the star. Who has every verb on roles can become `cluster-admin`.",
        example: "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: web}
rules:
  - apiGroups: ['*']
    resources: ['*']
    verbs: [get, list, watch]",
        instead: "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: web}
rules:
  - apiGroups: ['']
    resources: [pods, services]
    verbs: [get, list, watch]",
    },
    checks: &[Check::ObjectTree(check)],
};

/// The group of roles and bindings.
const RBAC_GROUP: &str = "rbac.authorization.k8s.io";

/// Resources that give rights. All verbs include `escalate` and `bind`, which allow to give rights that one does not
/// have.
const GRANTING_RESOURCES: &[&str] = &["*", "roles", "clusterroles", "rolebindings", "clusterrolebindings"];

/// Reports each rule of a Role or a ClusterRole whose star reaches Secrets or the giving of rights. Roles that are
/// made of others by labels (`aggregationRule`) have none in the manifest.
fn check(_: &ObjectSet<'_>, role: &ObjectTree<'_>, report: &mut Report) {
    if !matches!(role.kind(), "Role" | "ClusterRole") || role.identity().group() != RBAC_GROUP {
        return;
    }
    for (index, rule) in items(role.node(), "rules").iter().enumerate() {
        check_rule(role, rule, index, report);
    }
}

/// Reports one rule, the `index`th of its role. At most one finding: a star that reaches Secrets says more than one
/// that reaches roles.
fn check_rule(role: &ObjectTree<'_>, rule: PackedNode<'_>, index: usize, report: &mut Report) {
    let name = role.identity();
    // The core group, which has Secrets, is the empty text.
    let reaches_all = has_any(rule, "apiGroups", &["*", ""]) && has_any(rule, "resources", &["*"]);
    // All verbs only: `get` on roles shows rights and gives none.
    let gives_rights = has_any(rule, "apiGroups", &["*", RBAC_GROUP])
        && has_any(rule, "resources", GRANTING_RESOURCES)
        && has_any(rule, "verbs", &["*"]);
    let (field, message) = if reaches_all {
        ("resources", format!("{name} reaches every resource, Secrets too"))
    } else if gives_rights {
        ("verbs", format!("{name} can give every right, to itself too"))
    } else {
        return;
    };
    let path = ValuePath::keys(&["rules"]).and_index(index).and_key(field);
    report.add(Finding::new(role, path, message).help(format!("name the {field} that are needed")));
}

/// Whether a list of the rule (`apiGroups`, `resources`, `verbs`) has one of these words. Rules for URLs have none of
/// these lists.
fn has_any(rule: PackedNode<'_>, list: &str, words: &[&str]) -> bool {
    items(rule, list).iter().filter_map(PackedNode::as_str).any(|word| words.contains(&word))
}
