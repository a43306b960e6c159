//! R102: a route to a Service that nobody makes, or to a port that the Service does not have.

use super::dangling::report_dangling;
use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{
    ObjectSet, ObjectTree, Reference, Target, backend_ports, is_external_name, scalar_text, service_ports,
};
use crate::yaml::{Kind, PackedNode, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R102,
    name: "dangling-backend",
    level: Level::Deny,
    page: Page {
        what: "An Ingress, a route of the Gateway API or of Traefik, a webhook or a Rollout names a Service that is neither among the objects nor known to be elsewhere, or a port that this Service does not have. A Service of another namespace is judged only where an object without a namespace (a webhook) names it, and the set fills that namespace; its ports are judged wherever the set has it.",
        why: "Requests are answered with 502 or 503, or a webhook blocks every change that it is asked about.",
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
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  defaultBackend: {service: {name: web, port: {number: 8080}}}",
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
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  defaultBackend: {service: {name: web, port: {number: 80}}}",
    },
    checks: &[Check::Set(check)],
};

/// Reports backends that lead nowhere, then those that lead to a Service without their port.
///
/// A port is held against Services of the set alone, in whatever namespace: the ports of a Service elsewhere are
/// unknown.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    report_dangling(set, report, Target::Backend);
    for backend in set.references_to(Target::Backend) {
        if let Some(service) = set.target_of(&backend) {
            check_port(report, &backend, service);
        }
    }
}

/// Reports a backend's port that its Service does not have.
fn check_port(report: &mut Report, backend: &Reference<'_>, service: &ObjectTree<'_>) {
    let ports = service_ports(service);
    // An alias hands requests on to whatever port they were sent to.
    if ports.is_empty() || is_external_name(service) {
        return;
    }
    for (keys, wanted) in backend_ports(backend.map) {
        // As it is written: `80` is a number, and `"80"` would be a name.
        let key = if wanted.kind == Kind::Int { "port" } else { "name" };
        if ports.iter().any(|port| scalar_text(port, key) == Some(&**wanted.text)) {
            continue;
        }
        let path = keys.iter().fold(backend.map_path(), |path, key| path.and_key(*key));
        let message = format!("Service `{}` has no port `{}`", service.name(), wanted.text);
        let known: Vec<String> = ports.iter().map(describe).collect();
        let finding = Finding::new(&backend.object, path, message)
            .also(service, ValuePath::keys(&["spec", "ports"]), "these are its ports")
            .help(format!("it has {}", known.join(", ")));
        report.add(finding);
    }
}

/// A port as a reference may write it.
fn describe(port: PackedNode<'_>) -> String {
    // The API requires the number.
    let number = scalar_text(port, "port").unwrap_or("");
    match scalar_text(port, "name") {
        Some(name) => format!("`{number}` with the name `{name}`"),
        None => format!("`{number}`"),
    }
}
