//! R224: a port that a monitor or a route of the set asks, and that NetworkPolicies of the set close.

use std::collections::HashMap;

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{
    Direction, FieldPattern, LimitingPolicy, MAX_SELECTED, ObjectSet, ObjectTree, PodTree, Selector, Target,
    backend_ports, has_port_name, has_port_number, items, policy_port_includes, scalar_text, service_ports,
};
use crate::yaml::{Kind, PackedNode, ScalarRef, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R224,
    name: "closed-port",
    level: Level::Warn,
    page: Page {
        what: "A ServiceMonitor, a PodMonitor, a `prometheus.io/scrape` annotation, an Ingress, a route or a webhook asks a port of pods whose ingress NetworkPolicies of the set limit, and none of these lets anybody in to that port. \
A peer that stands for pods of the set alone (`from: [{podSelector: {matchLabels: {app: web}}}]`) counts for nobody else; whether a peer in another namespace is the right one is not judged.",
        why: "Prometheus reports the target as down, or requests end in a timeout. Each object is right by itself, and nothing says why.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, ports: [{name: http, containerPort: 8080}, {name: metrics, containerPort: 9090}]}]
---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  podMetricsEndpoints: [{port: metrics}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress: [{ports: [{port: http}]}]",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, ports: [{name: http, containerPort: 8080}, {name: metrics, containerPort: 9090}]}]
---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  podMetricsEndpoints: [{port: metrics}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress:
    - ports: [{port: http}]
    - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]
      ports: [{port: metrics}]",
    },
    checks: &[Check::Set(check)],
};

/// Reports each place that asks a port of pods which policies close, once, about the first such pod.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    let Some(mut policies) = IngressPolicies::of(set) else { return };
    let namespaces_own = |monitor: &ObjectTree<'_>| {
        let selector = monitor.spec().and_then(|spec| spec.get("namespaceSelector"));
        selector.is_none_or(|selector| {
            selector.get("any").and_then(PackedNode::as_bool) != Some(true)
                && items(selector, "matchNames").iter().all(|name| name.as_str() == monitor.namespace())
        })
    };
    for monitor in set.of_kinds(&["ServiceMonitor", "PodMonitor"]) {
        // What is in other namespaces may be governed by policies that are not in the set.
        if namespaces_own(monitor) {
            check_monitor(set, &mut policies, monitor, report);
        }
    }
    check_annotations(set, &mut policies, report);
    for backend in set.references_to(Target::Backend) {
        let Some(service) = set.target_of(&backend) else { continue };
        for (keys, wanted) in backend_ports(backend.map) {
            // As it is written: `80` is a number, and `"80"` would be a name.
            let key = if wanted.kind == Kind::Int { "port" } else { "name" };
            let is_wanted = |port: &PackedNode<'_>| scalar_text(*port, key) == Some(&**wanted.text);
            let Some(port) = service_ports(service).iter().find(is_wanted) else { continue };
            let target = target_of(port);
            let path = || keys.iter().fold(backend.map_path(), |path, key| path.and_key(*key));
            let asked = Asked { object: &backend.object, path: &path, by: "this leads to" };
            policies.check_service(set, service, target, asked, report);
        }
    }
}

/// What asks a port: an object, the place in it, and how a message begins.
#[derive(Clone, Copy)]
struct Asked<'a, 's> {
    object: &'a ObjectTree<'s>,
    path: &'a dyn Fn() -> ValuePath,
    by: &'static str,
}

/// Each endpoint of a monitor that names a port.
fn check_monitor(
    set: &ObjectSet<'_>,
    policies: &mut IngressPolicies<'_>,
    monitor: &ObjectTree<'_>,
    report: &mut Report,
) {
    let Some(node) = monitor.spec().and_then(|spec| spec.get("selector")) else { return };
    let selector = Selector::read(node);
    let of_pods = monitor.kind() == "PodMonitor";
    let endpoints = if of_pods { "spec.podMetricsEndpoints[]" } else { "spec.endpoints[]" };
    FieldPattern(endpoints).each(monitor.node(), &mut |endpoint, field| {
        // The first of them wins (`Endpoint` of the Prometheus operator). `port` of a ServiceMonitor is the name of the
        // Service's port; the others are of the pods.
        let keys = ["port", "portNumber", "targetPort"];
        let Some((key, port)) = keys.into_iter().find_map(|key| Some((key, endpoint.get(key)?.as_scalar()?)))
        else {
            return;
        };
        let path = || field.path().and_key(key);
        let asked = Asked { object: monitor, path: &path, by: "this monitor asks" };
        if of_pods {
            let pods = set.pods().matching(&selector, monitor.namespace());
            policies.check_pods(set, pods, port, asked, report);
            return;
        }
        for service in set.services_labelled(&selector, monitor.namespace()) {
            if !policies.may_go_on() {
                return;
            }
            let target = if key == "port" {
                let named = |entry: &PackedNode<'_>| scalar_text(*entry, "name") == Some(&**port.text);
                service_ports(service).iter().find(named).and_then(target_of)
            } else {
                Some(port)
            };
            policies.check_service(set, service, target, asked, report);
        }
    });
}

/// Each pod and each Service with annotations that ask for a scrape of a port.
fn check_annotations(set: &ObjectSet<'_>, policies: &mut IngressPolicies<'_>, report: &mut Report) {
    const SCRAPE: &str = "prometheus.io/scrape";
    const PORT: &str = "prometheus.io/port";
    let asks =
        |annotations: PackedNode<'_>| annotations.get(SCRAPE).and_then(PackedNode::as_str) == Some("true");
    for pod in set.pods().iter() {
        let Some(annotations) = pod.annotations().filter(|annotations| asks(*annotations)) else { continue };
        let Some(port) = annotations.get(PORT).and_then(PackedNode::as_scalar) else { continue };
        let path = || pod.metadata_path().and_key("annotations").and_key(PORT);
        let asked = Asked { object: &pod.object, path: &path, by: "this annotation asks for a scrape of" };
        policies.check_pods(set, std::iter::once(pod), port, asked, report);
    }
    for service in set.built_in("Service") {
        let Some(annotations) =
            service.node().get("metadata").and_then(|metadata| metadata.get("annotations"))
        else {
            continue;
        };
        let port = annotations.get(PORT).and_then(PackedNode::as_scalar).filter(|_| asks(annotations));
        let path = || ValuePath::keys(&["metadata", "annotations"]).and_key(PORT);
        let asked = Asked { object: service, path: &path, by: "this annotation asks for a scrape of" };
        policies.check_service(set, service, port, asked, report);
    }
}

/// The port of its pods that a Service's port leads to: by name or by number, and by its own number unless it says
/// otherwise.
fn target_of(port: PackedNode<'_>) -> Option<ScalarRef<'_>> {
    port.get("targetPort").or_else(|| port.get("port")).and_then(PackedNode::as_scalar)
}

/// The policies that limit what comes in, and which of them govern which pod.
struct IngressPolicies<'s> {
    policies: Vec<LimitingPolicy<'s>>,
    /// By the index of the pod's object.
    of_pod: HashMap<usize, Vec<usize>>,
    /// How many rules may still be looked at, so that the time grows with the set and no faster. Where it is at an end,
    /// nothing more is said: that is more than a thousand policies for each object.
    budget: usize,
}

impl<'s> IngressPolicies<'s> {
    /// Those of the set; none if there are none, or too many to be looked at.
    fn of(set: &ObjectSet<'s>) -> Option<Self> {
        let limiting = |object| LimitingPolicy::read(object, Direction::Ingress);
        let policies: Vec<LimitingPolicy<'_>> = set.built_in("NetworkPolicy").filter_map(limiting).collect();
        let mut budget = MAX_SELECTED.saturating_mul(set.objects().len());
        let mut of_pod: HashMap<usize, Vec<usize>> = HashMap::new();
        for (index, policy) in policies.iter().enumerate() {
            for pod in policy.pods(set) {
                budget = budget.checked_sub(1)?;
                of_pod.entry(pod.object.index).or_default().push(index);
            }
        }
        (!of_pod.is_empty()).then_some(IngressPolicies { policies, of_pod, budget })
    }

    fn may_go_on(&self) -> bool {
        self.budget > 0
    }

    /// The pods behind a Service.
    fn check_service(
        &mut self,
        set: &ObjectSet<'_>,
        service: &ObjectTree<'_>,
        target: Option<ScalarRef<'_>>,
        asked: Asked<'_, '_>,
        report: &mut Report,
    ) {
        let (Some(target), Some(selector)) = (target, Selector::of_service(service)) else { return };
        self.check_pods(set, set.pods().matching(&selector, service.namespace()), target, asked, report);
    }

    /// Reports the first of these pods whose port is closed.
    fn check_pods<'p, 'd: 'p>(
        &mut self,
        set: &ObjectSet<'_>,
        pods: impl Iterator<Item = &'p PodTree<'d>>,
        target: ScalarRef<'_>,
        asked: Asked<'_, '_>,
        report: &mut Report,
    ) {
        for pod in pods {
            let Some(port) = PodPort::of(pod, target) else { continue };
            let Some(policy) = self.closing(set, pod, &port) else {
                if self.may_go_on() {
                    continue;
                }
                return;
            };
            let policy = self.policies[policy].object;
            let message = format!(
                "{} port {port} of {}, and no NetworkPolicy lets anybody in there",
                asked.by,
                pod.identity()
            );
            let selector = ValuePath::keys(&["spec", "podSelector"]);
            let finding = Finding::new(asked.object, (asked.path)(), message)
                .also(&policy, selector, "this policy governs the pod")
                .help(format!(
                    "let it in: `ingress: [{{from: [{{namespaceSelector: …}}], ports: [{{port: {}}}]}}]`",
                    port.written()
                ));
            report.add(finding);
            return;
        }
    }

    /// The first policy that governs a pod, if none of them lets anybody in to a port.
    fn closing(&mut self, set: &ObjectSet<'_>, pod: &PodTree<'_>, port: &PodPort<'_>) -> Option<usize> {
        let governing = self.of_pod.get(&pod.object.index)?;
        for index in governing {
            let policy = &self.policies[*index];
            for rule in policy.rules {
                self.budget = self.budget.checked_sub(1)?;
                if opens(rule, port) && lets_in_others(set, policy, rule) {
                    return None;
                }
            }
        }
        governing.first().copied()
    }
}

/// A port of a pod, as it is asked for and as its containers declare it.
struct PodPort<'s> {
    number: Option<i64>,
    names: Vec<&'s str>,
}

impl<'s> PodPort<'s> {
    /// The port of a name or a number; none for a name that no container has, of which other rules speak.
    fn of(pod: &PodTree<'s>, target: ScalarRef<'_>) -> Option<Self> {
        let containers = pod.containers().filter(|container| container.is_main_or_sidecar());
        let mut ports = containers.flat_map(|container| container.list("ports"));
        // Numbers come as text too, as in an annotation.
        if let Ok(number) = target.text.parse::<i64>() {
            let names = ports
                .filter(|port| has_port_number(*port, number))
                .filter_map(|port| port.get("name")?.as_str())
                .collect();
            return Some(PodPort { number: Some(number), names });
        }
        let port = ports.find(|port| has_port_name(*port, target.text))?;
        let names = port.get("name").and_then(PackedNode::as_str).into_iter().collect();
        Some(PodPort { number: port.get("containerPort").and_then(PackedNode::as_i64), names })
    }

    /// As a policy would name it.
    fn written(&self) -> String {
        let name = || self.names.first().map(|name| (*name).to_owned());
        self.number.map(|number| number.to_string()).or_else(name).unwrap_or_default()
    }
}

impl std::fmt::Display for PodPort<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.names.first(), self.number) {
            (Some(name), Some(number)) => write!(f, "`{name}` ({number})"),
            _ => write!(f, "`{}`", self.written()),
        }
    }
}

/// Whether a rule speaks of a port; one without ports speaks of all.
fn opens(rule: PackedNode<'_>, port: &PodPort<'_>) -> bool {
    let ports = items(rule, "ports");
    ports.is_empty()
        || ports.iter().any(|entry| match entry.get("port").and_then(PackedNode::as_str) {
            Some(name) => port.names.contains(&name),
            None => port.number.is_none_or(|number| policy_port_includes(entry, "TCP", number)),
        })
}

/// Whether a rule lets in anybody but pods of the set: an Ingress controller or a Prometheus is mostly elsewhere. In
/// doubt it does.
fn lets_in_others(set: &ObjectSet<'_>, policy: &LimitingPolicy<'_>, rule: PackedNode<'_>) -> bool {
    let peers = items(rule, "from");
    peers.is_empty()
        || peers.iter().any(|peer| {
            let Some(node) = peer.get("podSelector") else { return true };
            let selector = Selector::read(node);
            if selector.is_empty() || peer.get("namespaceSelector").is_some() {
                return true;
            }
            let mut pods = set.pods().matching(&selector, policy.object.namespace()).peekable();
            // What fits no pod of the set is for pods that are elsewhere.
            pods.peek().is_none() || pods.take(MAX_SELECTED).any(asks_others)
        })
}

/// Whether a pod's image is one that is there to ask others.
fn asks_others(pod: &PodTree<'_>) -> bool {
    const PROGRAMS: [&str; 9] = [
        "prometheus",
        "vmagent",
        "victoria-metrics",
        "alloy",
        "ingress",
        "otel",
        "opentelemetry",
        "telegraf",
        "traefik",
    ];
    pod.containers().any(|container| {
        let image = container.node.get("image").and_then(PackedNode::as_str).unwrap_or("");
        PROGRAMS.iter().any(|program| image.contains(program))
    })
}
