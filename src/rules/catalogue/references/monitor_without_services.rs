//! R120: a ServiceMonitor or PodMonitor that fits nothing of the set, or asks for a port that is not there.

use std::collections::BTreeSet;

use super::unmatched_selector::{Candidate, MAX_COMPARED, UnmatchedSelector, no_pod_matches};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{
    FieldPattern, MAX_SELECTED, ObjectSet, ObjectTree, SelectedContainers, Selector, items, list_names,
    service_ports,
};
use crate::yaml::PackedNode;

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
    checks: &[Check::Set(check)],
};

/// Reports each monitor that selects nothing, and each of its ports that nothing has which it selects.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    let monitors = set.of_kinds(&["ServiceMonitor", "PodMonitor"]);
    // All of them together look at a fixed number of Services for each object of the set, so the time grows with the set
    // and no faster. A few monitors may look at everything; only more than a thousand of them, each with more than a
    // thousand Services, may not.
    let most_services = MAX_SELECTED.saturating_mul(set.objects().len()) / monitors.len().max(1);
    for monitor in monitors {
        if looks_elsewhere(monitor) {
            continue;
        }
        // The field is required, and an empty selector is how one selects all.
        let Some(node) = monitor.spec().and_then(|spec| spec.get("selector")) else { continue };
        let selector = Selector::read(node);
        // The two kinds have the same field under two names.
        let (selected, endpoints) = if monitor.kind() == "PodMonitor" {
            (select_pods(set, monitor, &selector), FieldPattern("spec.podMetricsEndpoints[]"))
        } else {
            (select_services(set, monitor, &selector, most_services), FieldPattern("spec.endpoints[]"))
        };
        match selected {
            Selected::Nothing(finding) => report.add(finding),
            Selected::TooMuch => {
                report.pass_over(
                    monitor,
                    selector.path(monitor),
                    "this monitor selects too much to be compared",
                );
            }
            Selected::PortNames(names) => check_ports(report, monitor, endpoints, &names),
        }
    }
}

/// What a monitor selects of the set.
enum Selected<'d> {
    /// Nothing: the finding that says so.
    Nothing(Finding),
    /// More than is compared with the monitor's ports, so nothing can be said of them.
    TooMuch,
    /// Something that has ports with these names.
    PortNames(BTreeSet<&'d str>),
}

/// Whether a monitor selects in other namespaces than its own. Without a `namespaceSelector`, or with an empty one,
/// it stays in its own (`NamespaceSelector` of the Prometheus operator); `any` wins over `matchNames`.
fn looks_elsewhere(monitor: &ObjectTree<'_>) -> bool {
    let Some(selector) = monitor.spec().and_then(|spec| spec.get("namespaceSelector")) else { return false };
    let names = items(selector, "matchNames");
    selector.get("any").and_then(PackedNode::as_bool) == Some(true)
        || names.iter().any(|name| name.as_str() != monitor.namespace())
}

/// The Services that a ServiceMonitor selects, if they are not more than `most`: by the labels of the Service itself,
/// which need not be those of its pods.
fn select_services<'d>(
    set: &ObjectSet<'d>,
    monitor: &ObjectTree<'_>,
    selector: &Selector<'_>,
    most: usize,
) -> Selected<'d> {
    // One more than may be, to see that there are more.
    let services = set.services_labelled(selector, monitor.namespace()).take(most.saturating_add(1));
    let selected: Vec<&ObjectTree<'_>> = services.collect();
    if selected.is_empty() {
        let here = set.of_kind("Service").filter(|service| service.namespace() == monitor.namespace());
        let candidates: Vec<Candidate<'_>> = here
            .take(MAX_COMPARED)
            .map(|service| Candidate { identity: service.identity(), labels: service.labels() })
            .collect();
        let unmatched =
            UnmatchedSelector { object: monitor, selector, what: "this monitor selects", noun: "Service" };
        return Selected::Nothing(unmatched.finding(&candidates));
    }
    if selected.len() > most {
        return Selected::TooMuch;
    }
    // The names of the Service's own ports, which are what `endpoints[].port` means; those of its pods are
    // `targetPort`.
    let ports = selected.into_iter().flat_map(service_ports);
    Selected::PortNames(ports.filter_map(|port| port.get("name")?.as_str()).collect())
}

/// The pods that a PodMonitor selects.
fn select_pods<'d>(set: &ObjectSet<'d>, monitor: &ObjectTree<'_>, selector: &Selector<'_>) -> Selected<'d> {
    let pods = || set.pods().matching(selector, monitor.namespace());
    // The pods are asked and not their containers: those are also empty where there are too many of them.
    if pods().next().is_none() {
        return Selected::Nothing(no_pod_matches(set, monitor, selector, "this monitor selects"));
    }
    let containers = SelectedContainers::of_pods(pods());
    if containers.is_empty() {
        return Selected::TooMuch;
    }
    Selected::PortNames(containers.port_names().collect())
}

/// Reports each endpoint that asks for a port by a name which is not among `names`. An endpoint may ask in other ways
/// (`targetPort`), of which nothing is said.
fn check_ports(
    report: &mut Report,
    monitor: &ObjectTree<'_>,
    endpoints: FieldPattern,
    names: &BTreeSet<&str>,
) {
    endpoints.each(monitor.node(), &mut |endpoint, field| {
        let Some(name) = endpoint.get("port").and_then(PackedNode::as_str) else { return };
        if names.contains(name) {
            return;
        }
        let message = format!("nothing that this monitor selects has a port `{name}`");
        let finding = Finding::new(monitor, field.path().and_key("port"), message);
        let known = list_names(names.iter().copied());
        report.add(if known.is_empty() {
            finding.help("give the port this name")
        } else {
            finding.help(format!("the names are {known}"))
        });
    });
}
