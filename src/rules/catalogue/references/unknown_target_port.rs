//! R103: a Service's port that leads to a name which no container has.

use std::cell::LazyCell;

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{
    ObjectSet, ObjectTree, SelectedContainers, has_port_name, list_names, service_port_path, service_ports,
};
use crate::yaml::{PackedNode, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R103,
    name: "unknown-target-port",
    level: Level::Deny,
    page: Page {
        what: "A Service's `targetPort` is a name, and no container of the pods that the Service selects has a port of this name.",
        why: "The Service gets no endpoints for this port, and every connection to it is refused.",
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
  ports: [{name: http, port: 80, targetPort: htpp}]",
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
  ports: [{name: http, port: 80, targetPort: http}]",
    },
    checks: &[Check::Set(check)],
};

/// Reports each `targetPort` by a name that no selected container has. One that has it is enough: for the pods
/// without the name this port gets no endpoints, and the others are reached.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    for service in set.of_kind("Service") {
        let selected = LazyCell::new(|| SelectedContainers::of_service(set, service));
        for (index, port) in service_ports(service).iter().enumerate() {
            let Some(name) = port.get("targetPort").and_then(PackedNode::as_str) else { continue };
            if selected.are_too_many() {
                report.pass_over(
                    service,
                    service_port_path(index, "targetPort"),
                    "this Service selects more than 1,000 containers",
                );
                break;
            }
            // A Service without pods is reported by R101.
            if !selected.is_empty() && !selected.ports().any(|port| has_port_name(port, name)) {
                let path = service_port_path(index, "targetPort");
                report.add(finding(service, &selected, name, path));
            }
        }
    }
}

/// The finding at a `targetPort`, with the names that there are.
fn finding(
    service: &ObjectTree<'_>,
    selected: &SelectedContainers<'_>,
    name: &str,
    path: ValuePath,
) -> Finding {
    let known = list_names(selected.port_names());
    let otherwise = if known.is_empty() {
        "give the container's port this name".to_owned()
    } else {
        format!("the names are {known}")
    };
    let message = format!("no container that this Service selects has a port `{name}`");
    Finding::new(service, path, message).did_you_mean(name, selected.port_names(), otherwise)
}
