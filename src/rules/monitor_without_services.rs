//! R120: a ServiceMonitor or PodMonitor that fits nothing of the set, or asks for a port that is not there.

use super::ports::{Selected, named, service_ports};
use super::selector::{Candidate, Selector, takes_none, takes_none_of};
use super::trail::Trail;
use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::yaml::{Map, Node};

pub(super) const RULE: Rule = Rule {
    code: Code::R120,
    name: "monitor-without-services",
    level: Level::Deny,
    page: Page {
        what: "The selector of a ServiceMonitor fits no Service of its namespace, or that of a PodMonitor no pod; or it asks for a port by a name that none of them has. Monitors that look into other namespaces are not judged.",
        why: "Prometheus has no target and says nothing. The graphs stay empty, and alerts that should fire do not.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, ports: [{name: http, containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: http}]
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web}
spec:
  selector: {matchLabels: {app: wbe}}
  endpoints: [{port: http}]",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, ports: [{name: http, containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: http}]
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  endpoints: [{port: http}]",
    },
    judge: &[Judge::Set(judge)],
};

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    let monitors = KINDS.iter().flat_map(|kind| set.of_kind(kind.name).map(move |monitor| (monitor, kind)));
    let mut monitors: Vec<_> = monitors.filter(|(monitor, _)| !looks_elsewhere(monitor)).collect();
    monitors.sort_by_key(|(monitor, _)| monitor.index);
    for (monitor, kind) in monitors {
        let Some(node) = monitor.spec().and_then(|spec| spec.get("selector")) else { continue };
        let selector = Selector::read(node);
        match kind.name {
            "PodMonitor" => judge_pods(set, report, (monitor, kind), &selector),
            _ => judge_services(set, report, (monitor, kind), &selector),
        }
    }
}

/// What differs between the two kinds.
struct Kind {
    name: &'static str,
    endpoints: &'static str,
}

const KINDS: [Kind; 2] = [
    Kind { name: "ServiceMonitor", endpoints: "spec.endpoints[]" },
    Kind { name: "PodMonitor", endpoints: "spec.podMetricsEndpoints[]" },
];

/// Whether a monitor selects in other namespaces than its own.
fn looks_elsewhere(monitor: &Subject<'_>) -> bool {
    let Some(selector) = monitor.spec().and_then(|spec| spec.get("namespaceSelector")) else { return false };
    let names = selector.get("matchNames").and_then(Node::as_list).unwrap_or_default();
    selector.get("any").and_then(Node::as_bool) == Some(true)
        || names.iter().any(|name| name.as_str() != monitor.namespace())
}

fn judge_services(
    set: &ObjectSet<'_>,
    report: &mut Report,
    (monitor, kind): (&Subject<'_>, &Kind),
    selector: &Selector<'_>,
) {
    let services: Vec<&Subject<'_>> =
        here(set, monitor).filter(|service| selector.takes(labels(service))).collect();
    if services.is_empty() {
        let candidates: Vec<Candidate<'_>> =
            here(set, monitor).map(|service| (&service.document.identity, labels(service))).collect();
        return report.add(takes_none_of(
            &candidates,
            monitor,
            selector,
            ("this monitor selects", "Service"),
        ));
    }
    let ports = services.iter().flat_map(|service| service_ports(service));
    let names: Vec<&str> = ports.filter_map(|port| port.get("name")?.as_str()).collect();
    judge_ports(report, monitor, kind, &names);
}

fn judge_pods(
    set: &ObjectSet<'_>,
    report: &mut Report,
    (monitor, kind): (&Subject<'_>, &Kind),
    selector: &Selector<'_>,
) {
    let pods = Selected::of(selector.pods(set, monitor.namespace()));
    if !pods.any() {
        return report.add(takes_none(set, monitor, selector, "this monitor selects"));
    }
    let names: Vec<&str> = pods.ports().filter_map(|(_, port)| port.get("name")?.as_str()).collect();
    judge_ports(report, monitor, kind, &names);
}

fn judge_ports(report: &mut Report, monitor: &Subject<'_>, kind: &Kind, names: &[&str]) {
    Trail::ROOT.each(&monitor.document.node, kind.endpoints, &mut |endpoint, trail| {
        let Some(name) = endpoint.get("port").and_then(Node::as_str) else { return };
        if !names.contains(&name) {
            let message = format!("nothing that this monitor selects has a port `{name}`");
            let finding = Finding::new(monitor, trail.path().and_key("port"), message);
            report.add(match named(names.iter().copied()) {
                known if known.is_empty() => finding.help("give the port this name"),
                known => finding.help(format!("the names are {known}")),
            });
        }
    });
}

/// The Services of a monitor's namespace.
fn here<'s, 'd>(set: &'s ObjectSet<'d>, monitor: &'s Subject<'_>) -> impl Iterator<Item = &'s Subject<'d>> {
    set.of_kind("Service").filter(|service| service.namespace() == monitor.namespace())
}

/// The labels of an object itself.
fn labels<'s>(subject: &Subject<'s>) -> Option<&'s Map> {
    subject.document.node.get("metadata")?.get("labels")?.as_map()
}
