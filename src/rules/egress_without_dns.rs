//! R205: pods that may reach something by name, and no name server.

use super::pod::Pod;
use super::workload::selects;
use super::{Finding, Page, Report, Rule, Set, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::Object;
use crate::kube::typed::{
    IntOrString, NetworkPolicyEgressRule, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec,
};
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R205,
    name: "egress-without-dns",
    level: Level::Deny,
    page: Page {
        what: "NetworkPolicies limit the egress of a pod, and none of all that select it allows UDP on port 53 to another namespace. \
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
    judge,
};

/// A policy that limits egress.
struct Limit<'s> {
    subject: &'s Subject<'s>,
    spec: &'s NetworkPolicySpec,
    rules: &'s [NetworkPolicyEgressRule],
}

fn judge(set: &Set<'_>, report: &mut Report) {
    let limits: Vec<Limit<'_>> = set.subjects.iter().filter_map(|subject| limit_of(subject)).collect();
    if limits.is_empty() {
        return;
    }
    let pods: Vec<Pod<'_>> = set.pods().filter(|pod| pod.spec.host_network != Some(true)).collect();
    for limit in limits.iter().filter(|limit| limit.rules.iter().any(goes_by_name)) {
        let blind = pods.iter().find(|pod| limit.governs(pod) && !resolves(&limits, pod));
        if let Some(pod) = blind {
            let what = &pod.subject.document.identity;
            let message = format!("{what} may not ask a name server, and this lets it reach others by name");
            let finding = Finding::new(limit.subject, ValuePath::keys(&["spec", "egress"]), message);
            let finding =
                finding.also(pod.subject, pod.metadata_path().key("labels"), "selected by these labels");
            report.add(finding.help(
                "allow port 53 as well: `- ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]`",
            ));
        }
    }
}

fn limit_of<'s>(subject: &'s Subject<'s>) -> Option<Limit<'s>> {
    let Object::NetworkPolicy(policy) = &subject.object else { return None };
    let spec = policy.spec.as_ref()?;
    let rules = spec.egress.as_deref().unwrap_or_default();
    // Without types, a policy is about egress if it has rules of that kind.
    let limits = match &spec.policy_types {
        Some(types) => types.iter().any(|one| one == "Egress"),
        None => !rules.is_empty(),
    };
    limits.then_some(Limit { subject, spec, rules })
}

impl Limit<'_> {
    fn governs(&self, pod: &Pod<'_>) -> bool {
        self.subject.namespace() == pod.subject.namespace()
            && self.spec.pod_selector.as_ref().is_none_or(|selector| selects(selector, pod.labels()))
    }
}

/// Whether any of the policies that govern a pod lets it ask a name server.
fn resolves(limits: &[Limit<'_>], pod: &Pod<'_>) -> bool {
    let governing = limits.iter().filter(|limit| limit.governs(pod));
    let in_system = pod.subject.namespace() == Some("kube-system");
    governing.flat_map(|limit| limit.rules).any(|rule| {
        let peers = rule.to.as_deref().unwrap_or_default();
        let ports = rule.ports.as_deref().unwrap_or_default();
        let elsewhere =
            |peer: &NetworkPolicyPeer| peer.pod_selector.is_none() || peer.namespace_selector.is_some();
        (peers.is_empty() || in_system || peers.iter().any(elsewhere))
            && (ports.is_empty() || ports.iter().any(allows_dns))
    })
}

fn allows_dns(port: &NetworkPolicyPort) -> bool {
    if port.protocol.as_deref() != Some("UDP") {
        return false;
    }
    match &port.port {
        Some(IntOrString::Int(first)) => (*first..=port.end_port.unwrap_or(*first)).contains(&53),
        // Behind a name may be any number.
        Some(IntOrString::String(_)) | None => true,
    }
}

/// Whether a rule allows more than addresses.
fn goes_by_name(rule: &NetworkPolicyEgressRule) -> bool {
    let peers = rule.to.as_deref().unwrap_or_default();
    peers.is_empty() || peers.iter().any(|peer| peer.ip_block.is_none())
}
