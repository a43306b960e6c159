//! R103: a Service's port that leads to a name which no container has.

use std::cell::LazyCell;

use super::ports::{Selected, is_named, named, service_port_path, service_ports};
use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::{Code, nearest};
use crate::yaml::{Node, ValuePath};

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
    judge: &[Judge::Set(judge)],
};

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    for service in set.of_kind("Service") {
        let selected = LazyCell::new(|| Selected::new(set, service));
        for (index, port) in service_ports(service).iter().enumerate() {
            let Some(name) = port.get("targetPort").and_then(Node::as_str) else { continue };
            if selected.any() && !selected.ports().any(|(_, port)| is_named(port, name)) {
                let path = service_port_path(index, "targetPort");
                report.add(finding(service, &selected, name, path));
            }
        }
    }
}

fn finding(service: &Subject<'_>, selected: &Selected<'_>, name: &str, path: ValuePath) -> Finding {
    let message = format!("no container that this Service selects has a port `{name}`");
    let finding = Finding::new(service, path, message);
    let names = selected.ports().filter_map(|(_, port)| port.get("name")?.as_str());
    match nearest(name, names.clone()) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help(match named(names) {
            names if names.is_empty() => "give the container's port this name".to_owned(),
            names => format!("the names are {names}"),
        }),
    }
}
