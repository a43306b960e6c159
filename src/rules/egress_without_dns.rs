//! R205: pods that may reach something by name, and no name server.

use std::cell::LazyCell;
use std::collections::HashSet;

use super::selector::Selector;
use super::template::Template;
use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::yaml::{Node, ValuePath};

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
    judge: &[Judge::Set(judge)],
};

/// A policy that limits egress.
struct Limit<'s> {
    subject: &'s Subject<'s>,
    selector: Option<Selector<'s>>,
    rules: &'s [Node],
}

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    let limits: Vec<Limit<'_>> =
        set.built_in("NetworkPolicy").filter_map(|subject| limit_of(subject)).collect();
    // One policy that lets a pod ask a name server is enough.
    let resolving = LazyCell::new(|| {
        let pods = limits.iter().filter(|limit| limit.resolves()).flat_map(|limit| limit.pods(set));
        pods.map(|pod| pod.subject.index).collect::<HashSet<usize>>()
    });
    for limit in limits.iter().filter(|limit| limit.rules.iter().any(goes_by_name)) {
        let blind = limit.pods(set).find(|pod| !resolving.contains(&pod.subject.index));
        if let Some(pod) = blind {
            let what = pod.identity();
            let message = format!("{what} may not ask a name server, and this lets it reach others by name");
            let finding = Finding::new(limit.subject, ValuePath::keys(&["spec", "egress"]), message);
            let labels = pod.metadata_path().and_key("labels");
            let finding = finding.also(&pod.subject, labels, "selected by these labels");
            report.add(finding.help(
                "allow port 53 as well: `- ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]`",
            ));
        }
    }
}

fn limit_of<'s>(subject: &'s Subject<'s>) -> Option<Limit<'s>> {
    let spec = subject.spec()?;
    let rules = spec.get("egress").and_then(Node::as_list).unwrap_or_default();
    // Without types, a policy is about egress if it has rules of that kind.
    let limits = match spec.get("policyTypes").and_then(Node::as_list) {
        Some(types) => types.iter().any(|one| one.as_str() == Some("Egress")),
        None => !rules.is_empty(),
    };
    let selector = spec.get("podSelector").map(Selector::read);
    limits.then_some(Limit { subject, selector, rules })
}

impl Limit<'_> {
    /// The pods that it governs: those on the host's network are under no policy.
    fn pods<'a, 'd>(&'a self, set: &'a ObjectSet<'d>) -> impl Iterator<Item = &'a Template<'d>> {
        let namespace = self.subject.namespace();
        let some = self.selector.iter().flat_map(move |selector| selector.pods(set, namespace));
        let all = self.selector.is_none().then(|| set.within(namespace));
        some.chain(all.into_iter().flatten()).filter(|pod| {
            let on_host = pod.spec.get("hostNetwork").and_then(Node::as_bool) == Some(true);
            let selected = self.selector.is_none_or(|selector| selector.takes(pod.labels()));
            !on_host && selected && pod.is_built_in()
        })
    }

    /// Whether it lets pods ask a name server.
    fn resolves(&self) -> bool {
        let in_system = self.subject.namespace() == Some("kube-system");
        self.rules.iter().any(|rule| {
            let (peers, ports) = (list(rule, "to"), list(rule, "ports"));
            let elsewhere =
                |peer: &Node| peer.get("podSelector").is_none() || peer.get("namespaceSelector").is_some();
            (peers.is_empty() || in_system || peers.iter().any(elsewhere))
                && (ports.is_empty() || ports.iter().any(allows_dns))
        })
    }
}

fn list<'n>(rule: &'n Node, key: &str) -> &'n [Node] {
    rule.get(key).and_then(Node::as_list).unwrap_or_default()
}

fn allows_dns(port: &Node) -> bool {
    if port.get("protocol").and_then(Node::as_str) != Some("UDP") {
        return false;
    }
    match port.get("port").and_then(Node::as_i64) {
        Some(first) => (first..=port.get("endPort").and_then(Node::as_i64).unwrap_or(first)).contains(&53),
        // Behind a name may be any number.
        None => true,
    }
}

/// Whether a rule allows more than addresses.
fn goes_by_name(rule: &Node) -> bool {
    let peers = list(rule, "to");
    peers.is_empty() || peers.iter().any(|peer| peer.get("ipBlock").is_none())
}
