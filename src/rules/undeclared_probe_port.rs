//! R123: a probe of a port by a number that its container does not declare.

use super::ports::{is_number, numbers, probe_ports};
use super::template::Template;
use super::{Finding, Judge, ObjectSet, Page, Report, Rule};
use crate::config::Level;
use crate::diagnostic::Code;

pub(super) const RULE: Rule = Rule {
    code: Code::R123,
    name: "undeclared-probe-port",
    level: Level::Warn,
    page: Page {
        what: "A probe asks for a port by its number, and its container declares ports, but not this one.",
        why: "A port need not be declared to be reached. But a probe of a number that stands nowhere else is mostly left over from an earlier port, and then a pod is never ready.",
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
    judge: &[Judge::Template(judge)],
};

fn judge(_: &ObjectSet<'_>, pod: &Template<'_>, report: &mut Report) {
    for container in pod.containers() {
        let ports = container.list("ports");
        probe_ports(&container, |port, path| {
            let Some(number) = port.as_i64().filter(|_| !ports.is_empty()) else { return };
            if !ports.iter().any(|port| is_number(port, number)) {
                let message =
                    format!("the container `{}` does not declare the port `{number}`", container.name());
                let known = numbers(ports.iter().map(|port| ((), port)));
                let help = format!("its ports are {known}; declare this one too if it is meant");
                report.add(Finding::new(&pod.subject, path(), message).help(help));
            }
        });
    }
}
