//! R205: pods that may reach something by name, and no name server.

use std::cell::LazyCell;
use std::collections::HashSet;

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{Direction, LimitingPolicy, ObjectSet, items, policy_port_includes};
use crate::yaml::{PackedNode, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R205,
    name: "egress-without-dns",
    level: Level::Deny,
    page: Page {
        what: "NetworkPolicies limit the egress of a pod, and none of all that select it allows UDP on port 53 (or 5353, as OpenShift's name servers have it) to another namespace. \
Pods that may reach nothing at all, or addresses only (`ipBlock`), are left alone, as that is meant so; pods on the host's network are not under policies.",
        why: "The names of Services no longer resolve. What the policy allows on purpose, such as the database, is out of reach all the same, and the message is a timeout.",
        example: "\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Egress]
  egress:
    - to: [{podSelector: {matchLabels: {app: db}}}]
      ports: [{port: 5432}]
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3}]",
        instead: "\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Egress]
  egress:
    - to: [{podSelector: {matchLabels: {app: db}}}]
      ports: [{port: 5432}]
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
      ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3}]",
    },
    checks: &[Check::Set(check)],
};

/// Reports each policy that lets a pod out by name, if no policy lets that pod ask a name server. One finding a
/// policy, about its first such pod: one line mends it for the others too.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    let limiting = |object| LimitingPolicy::read(object, Direction::Egress);
    let policies: Vec<LimitingPolicy<'_>> = set.built_in("NetworkPolicy").filter_map(limiting).collect();
    // What several policies allow adds up: one that lets a pod ask a name server is enough.
    let resolving = LazyCell::new(|| {
        let pods = policies.iter().filter(|policy| allows_dns(policy)).flat_map(|policy| policy.pods(set));
        pods.map(|pod| pod.object.index).collect::<HashSet<usize>>()
    });
    for policy in &policies {
        // A policy may forbid everything or allow addresses alone on purpose: its pods resolve no names.
        if !policy.rules.iter().any(allows_names) {
            continue;
        }
        let Some(pod) = policy.pods(set).find(|pod| !resolving.contains(&pod.object.index)) else { continue };
        let message =
            format!("{} may not ask a name server, and this lets it reach others by name", pod.identity());
        let labels = pod.metadata_path().and_key("labels");
        let finding = Finding::new(&policy.object, ValuePath::keys(&["spec", "egress"]), message)
            .also(&pod.object, labels, "selected by these labels")
            .help("allow port 53 as well: `- ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]`");
        report.add(finding);
    }
}

/// Whether it lets its pods ask a name server: in another namespace, or in their own if that is where name servers are.
fn allows_dns(policy: &LimitingPolicy<'_>) -> bool {
    let is_in_system = policy.object.namespace() == Some("kube-system");
    policy.rules.iter().any(|rule| {
        let peers = items(rule, "to");
        let ports = items(rule, "ports");
        // Name servers are asked by UDP first; `ports: [{port: 53}]` opens the way for large answers only.
        // A policy speaks of the ports of pods, and those of OpenShift's name servers are at 5353.
        let includes_dns =
            |port| policy_port_includes(port, "UDP", 53) || policy_port_includes(port, "UDP", 5353);
        // No list allows everything. Where name servers are in the namespace itself, a pod selector may mean them.
        (peers.is_empty() || is_in_system || peers.iter().any(is_elsewhere))
            && (ports.is_empty() || ports.iter().any(includes_dns))
    })
}

/// Whether a peer may be outside of the policy's own namespace: addresses may be, and a pod selector alone is not.
fn is_elsewhere(peer: PackedNode<'_>) -> bool {
    peer.get("podSelector").is_none() || peer.get("namespaceSelector").is_some()
}

/// Whether a rule allows more than addresses: then what it allows is reached by name.
fn allows_names(rule: PackedNode<'_>) -> bool {
    let peers = items(rule, "to");
    peers.is_empty() || peers.iter().any(|peer| peer.get("ipBlock").is_none())
}
