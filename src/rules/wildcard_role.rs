//! R312: a role whose star reaches more than anybody means.

use std::fmt::Display;

use super::{Finding, Page, Report, Rule, Set, Subject};
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
    judge,
};

fn judge(set: &Set<'_>, report: &mut Report) {
    for role in &set.subjects {
        if !matches!(role.kind(), "Role" | "ClusterRole") || role.document.identity.group() != RBAC {
            continue;
        }
        let rules = role.document.node.get("rules").and_then(Node::as_list).unwrap_or_default();
        for (index, rule) in rules.iter().enumerate() {
            judge_rule(role, rule, &ValuePath::root().key("rules").index(index), report);
        }
    }
}

const RBAC: &str = "rbac.authorization.k8s.io";
const RIGHTS: &[&str] = &["*", "roles", "clusterroles", "rolebindings", "clusterrolebindings"];

fn judge_rule(role: &Subject<'_>, rule: &Node, path: &ValuePath, report: &mut Report) {
    let name = &role.document.identity;
    if has(rule, "apiGroups", &["*", ""]) && has(rule, "resources", &["*"]) {
        report.add(finding(role, path, "resources", format!("{name} reaches every resource, Secrets too")));
    } else if has(rule, "apiGroups", &["*", RBAC])
        && has(rule, "resources", RIGHTS)
        && has(rule, "verbs", &["*"])
    {
        report.add(finding(role, path, "verbs", format!("{name} can give every right, to itself too")));
    }
}

fn finding(role: &Subject<'_>, path: &ValuePath, field: &str, message: impl Display) -> Finding {
    let help = format!("name the {field} that are needed");
    Finding::new(role, path.key(field), message.to_string()).help(help)
}

/// Whether a list of the rule has one of these words.
fn has(rule: &Node, list: &str, words: &[&str]) -> bool {
    let items = rule.get(list).and_then(Node::as_list).unwrap_or_default();
    items.iter().filter_map(Node::as_str).any(|word| words.contains(&word))
}
