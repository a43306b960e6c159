//! R122: a Service's port that leads to a number which no container declares.

use std::cell::LazyCell;

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{
    ObjectSet, SelectedContainers, has_port_number, list_numbers, service_port_path, service_ports,
};
use crate::yaml::PackedNode;

pub(super) const RULE: Rule = Rule {
    code: Code::R122,
    name: "undeclared-target-port",
    level: Level::Warn,
    page: Page {
        what: "A Service leads to a number (its `targetPort`, or its `port` where that is absent), and none of the selected containers declares it, although every one of them declares ports.",
        why: "A port need not be declared to be reached. But where ports are declared, a number that is not one of them is usually the Service's own port or a misprint, and connections are refused.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, ports: [{name: http, containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 80}]",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, ports: [{name: http, containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}]",
    },
    checks: &[Check::Set(check)],
};

/// Reports each port of a Service that leads to a number which no selected container declares.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    for service in set.of_kind("Service") {
        // Most Services lead to names or are right at once; the containers are collected when a number is met.
        let selected = LazyCell::new(|| SelectedContainers::of_service(set, service));
        for (index, port) in service_ports(service).iter().enumerate() {
            let key = if port.get("targetPort").is_some() { "targetPort" } else { "port" };
            let Some(number) = port.get(key).and_then(PackedNode::as_i64) else { continue };
            if selected.are_too_many() {
                report.pass_over(
                    service,
                    service_port_path(index, key),
                    "this Service selects more than 1,000 containers",
                );
                break;
            }
            // One container that declares nothing may be the one that listens.
            if selected.is_empty() || !selected.all_declare_ports() {
                continue;
            }
            if selected.ports().any(|port| has_port_number(port, number)) {
                continue;
            }
            let message = format!("no container that this Service selects declares the port `{number}`");
            let known = list_numbers(selected.ports());
            let finding = Finding::new(service, service_port_path(index, key), message);
            report.add(finding.help(format!("the declared ports are {known}")));
        }
    }
}
