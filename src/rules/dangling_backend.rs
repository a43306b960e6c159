//! R102: a route to a Service that nobody makes, or to a port that the Service does not have.

use super::dangling::report_dangling;
use super::references::{Reference, To};
use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::yaml::{Kind, Node, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R102,
    name: "dangling-backend",
    level: Level::Deny,
    page: Page {
        what: "An Ingress, a route of the Gateway API or of Traefik, a webhook or a Rollout names a Service that is neither among the objects nor known to be elsewhere, or a port that this Service does not have. Services of other namespaces are not judged.",
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
    judge: &[Judge::Set(judge)],
};

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    report_dangling(set, report, To::Backend);
    for backend in set.references().to(set, To::Backend) {
        if let Some(service) = backend.target(set) {
            let ports = ports(service);
            for path in [&["port"] as &[&str], &["port", "number"], &["port", "name"]] {
                judge_port(report, &backend, service, ports, path);
            }
        }
    }
}

fn judge_port(
    report: &mut Report,
    backend: &Reference<'_>,
    service: &Subject<'_>,
    ports: &[Node],
    keys: &[&str],
) {
    let Some(port) = keys.iter().try_fold(backend.map, |node, key| node.get(key)) else { return };
    let Some(wanted) = port.as_scalar().filter(|_| !ports.is_empty() && !is_external_name(service)) else {
        return;
    };
    let key = if wanted.kind == Kind::Int { "port" } else { "name" };
    let have = ports.iter().filter_map(|port| port.get(key)?.as_scalar()).map(|scalar| &*scalar.text);
    if have.clone().any(|text| text == &*wanted.text) {
        return;
    }
    let path = keys.iter().fold(backend.map_path(), |path, key| path.key(*key));
    let message = format!("Service `{}` has no port `{}`", service.name(), wanted.text);
    let here = ValuePath::root().and_key("spec").and_key("ports");
    let finding = Finding::new(&backend.subject, path, message).also(service, here, "these are its ports");
    let known: Vec<String> = ports.iter().map(described).collect();
    report.add(finding.help(format!("it has {}", known.join(", "))));
}

/// A port as a reference may write it.
fn described(port: &Node) -> String {
    let text = |key: &str| port.get(key).and_then(Node::as_scalar).map(|scalar| &*scalar.text);
    match (text("port"), text("name")) {
        (Some(number), Some(name)) => format!("`{number}` with the name `{name}`"),
        (number, _) => format!("`{}`", number.unwrap_or_default()),
    }
}

fn ports<'s>(service: &Subject<'s>) -> &'s [Node] {
    service.spec().and_then(|spec| spec.get("ports")).and_then(Node::as_list).unwrap_or_default()
}

/// The ports of an alias count for nothing.
fn is_external_name(service: &Subject<'_>) -> bool {
    let spec = service.document.node.get("spec");
    spec.and_then(|spec| spec.get("type")).and_then(Node::as_str) == Some("ExternalName")
}
