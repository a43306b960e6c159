//! R125: a NetworkPolicy that opens a port which its pods do not have.

use std::cell::LazyCell;

use super::ports::{Selected, is_named, is_number, numbers};
use super::selector::Selector;
use super::trail::Trail;
use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::yaml::Node;

pub(super) const RULE: Rule = Rule {
    code: Code::R125,
    name: "unknown-policy-port",
    level: Level::Warn,
    page: Page {
        what: "A NetworkPolicy lets in connections to a port by a name that none of its pods has, or by a number that none of their containers declares although every one declares ports. What it lets out is not judged.",
        why: "A NetworkPolicy speaks of the ports of pods, not of those of Services. A Service's number opens nothing, and connections time out.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, ports: [{name: http, containerPort: 8080}]}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, ports: [{name: http, containerPort: 8080}]}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress: [{from: [{podSelector: {}}], ports: [{port: 8080}]}]",
    },
    judge: &[Judge::Set(judge)],
};

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    for policy in set.of_kind("NetworkPolicy") {
        let Some(node) = policy.spec().and_then(|spec| spec.get("podSelector")) else { continue };
        let selector = Selector::read(node);
        let selected = LazyCell::new(|| Selected::of(selector.pods(set, policy.namespace())));
        Trail::ROOT.each(&policy.document.node, "spec.ingress[].ports[]", &mut |port, trail| {
            // A range is open for more than what is declared.
            if selected.any() && port.get("endPort").is_none() {
                report_port(report, policy, &selected, port, trail);
            }
        });
    }
}

fn report_port(
    report: &mut Report,
    policy: &Subject<'_>,
    selected: &Selected<'_>,
    port: &Node,
    trail: Trail,
) {
    let Some(port) = port.get("port") else { return };
    let known = match (port.as_str(), port.as_i64()) {
        (Some(name), _) => selected.ports().any(|(_, port)| is_named(port, name)),
        (None, Some(number)) => {
            !selected.all_declare() || selected.ports().any(|(_, port)| is_number(port, number))
        }
        (None, None) => true,
    };
    if !known {
        let text = port.as_scalar().map_or("", |scalar| &*scalar.text);
        let message = format!("no pod that this policy applies to has the port `{text}`");
        let finding = Finding::new(policy, trail.path().and_key("port"), message);
        report.add(finding.help(match numbers(selected.ports()) {
            numbers if numbers.is_empty() => {
                "write the number of the port that the pods listen on".to_owned()
            }
            numbers => format!("the declared ports are {numbers}"),
        }));
    }
}
