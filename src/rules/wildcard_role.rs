//! R312: a role whose star reaches more than anybody means.

use std::fmt::Display;

use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::yaml::{Node, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R312,
    name: "wildcard-role",
    level: Level::Warn,
    page: Page {
        what: "A Role or ClusterRole names all resources of the core group (`*`), so that Secrets are among them, or all verbs on roles or bindings, which include the right to give rights.",
        why: "Nobody who reads `*` thinks of Secrets, of `pods/exec`, or of what the next version of Kubernetes adds: all of it comes with the star. Who has every verb on roles can make himself `cluster-admin`.",
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
    judge: &[Judge::Tree(judge)],
};

fn judge(_: &ObjectSet<'_>, role: &Subject<'_>, report: &mut Report) {
    if !matches!(role.kind(), "Role" | "ClusterRole") || role.document.identity.group() != RBAC {
        return;
    }
    let rules = role.document.node.get("rules").and_then(Node::as_list).unwrap_or_default();
    for (index, rule) in rules.iter().enumerate() {
        judge_rule(role, rule, index, report);
    }
}

const RBAC: &str = "rbac.authorization.k8s.io";
const RIGHTS: &[&str] = &["*", "roles", "clusterroles", "rolebindings", "clusterrolebindings"];

fn judge_rule(role: &Subject<'_>, rule: &Node, index: usize, report: &mut Report) {
    let name = &role.document.identity;
    if has(rule, "apiGroups", &["*", ""]) && has(rule, "resources", &["*"]) {
        report.add(finding(role, index, "resources", format!("{name} reaches every resource, Secrets too")));
    } else if has(rule, "apiGroups", &["*", RBAC])
        && has(rule, "resources", RIGHTS)
        && has(rule, "verbs", &["*"])
    {
        report.add(finding(role, index, "verbs", format!("{name} can give every right, to itself too")));
    }
}

fn finding(role: &Subject<'_>, index: usize, field: &str, message: impl Display) -> Finding {
    let help = format!("name the {field} that are needed");
    let path = ValuePath::root().and_key("rules").and_index(index).and_key(field);
    Finding::new(role, path, message.to_string()).help(help)
}

/// Whether a list of the rule has one of these words.
fn has(rule: &Node, list: &str, words: &[&str]) -> bool {
    let items = rule.get(list).and_then(Node::as_list).unwrap_or_default();
    items.iter().filter_map(Node::as_str).any(|word| words.contains(&word))
}
