//! R123: a probe of a port by a number that its container does not declare.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, PodTree, each_probe_port, has_port_number, list_numbers};

pub(super) const RULE: Rule = Rule {
    code: Code::R123,
    name: "undeclared-probe-port",
    level: Level::Allow,
    page: Page {
        what: "A probe asks for a port by its number, and its container declares ports, but not this one. This rule is for those who ask for it.",
        why: "A port need not be declared to be reached. But a probe of a number that stands nowhere else is usually left over from an earlier port, and then a pod is never ready.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, ports: [{name: http, containerPort: 8080}], livenessProbe: {httpGet: {port: 8081}}}]",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, ports: [{name: http, containerPort: 8080}], livenessProbe: {httpGet: {port: 8080}}}]",
    },
    checks: &[Check::PodTree(check)],
};

/// Reports each probe of a number that its container does not declare.
fn check(_: &ObjectSet<'_>, pod: &PodTree<'_>, report: &mut Report) {
    for container in pod.containers() {
        let ports = container.list("ports");
        // A container that declares no ports at all says nothing about them: the probe may be the only place with the
        // number.
        if ports.is_empty() {
            continue;
        }
        each_probe_port(&container, |port, path| {
            let Some(number) = port.as_i64() else { return };
            if ports.iter().any(|port| has_port_number(port, number)) {
                return;
            }
            let message =
                format!("the container `{}` does not declare the port `{number}`", container.name());
            let known = list_numbers(ports.iter());
            let help = format!("its ports are {known}; declare this one too if it is meant");
            report.add(Finding::new(&pod.object, path(), message).help(help));
        });
    }
}
