//! R125: a NetworkPolicy that opens a port which its pods do not have.

use std::cell::LazyCell;

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{
    FieldPattern, ObjectSet, SelectedContainers, Selector, has_port_name, has_port_number, list_numbers,
};
use crate::yaml::PackedNode;

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
    checks: &[Check::Set(check)],
};

/// Reports each port of `ingress` that none of the policy's own pods has. Of `egress` the ports are those of the
/// peers, which are mostly elsewhere.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    for policy in set.of_kind("NetworkPolicy") {
        let Some(node) = policy.spec().and_then(|spec| spec.get("podSelector")) else { continue };
        let selector = Selector::read(node);
        // Collected once a policy, and only if it names a port.
        let selected =
            LazyCell::new(|| SelectedContainers::of_pods(set.pods().matching(&selector, policy.namespace())));
        let mut passed_over = false;
        FieldPattern("spec.ingress[].ports[]").each(policy.node(), &mut |item, field| {
            let Some(port) = item.get("port") else { return };
            if selected.are_too_many() {
                // Once a policy.
                if !std::mem::replace(&mut passed_over, true) {
                    report.pass_over(
                        policy,
                        field.path().and_key("port"),
                        "this policy applies to more than 1,000 containers",
                    );
                }
                return;
            }
            // A range is open for more than what is declared.
            if item.get("endPort").is_some() || selected.is_empty() || may_be_open(port, &selected) {
                return;
            }
            let text = port.text().unwrap_or("");
            let message = format!("no pod that this policy applies to has the port `{text}`");
            let finding = Finding::new(policy, field.path().and_key("port"), message);
            let known = list_numbers(selected.ports());
            report.add(if known.is_empty() {
                finding.help("write the number of the port that the pods listen on")
            } else {
                finding.help(format!("the declared ports are {known}"))
            });
        });
    }
}

/// Whether a container may listen on a port. A name has to be declared, a number need not be.
fn may_be_open(port: PackedNode<'_>, selected: &SelectedContainers<'_>) -> bool {
    if let Some(name) = port.as_str() {
        return selected.ports().any(|port| has_port_name(port, name));
    }
    // Neither a name nor a number: the API check says so.
    let Some(number) = port.as_i64() else { return true };
    !selected.all_declare_ports() || selected.ports().any(|port| has_port_number(port, number))
}
