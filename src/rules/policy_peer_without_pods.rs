//! R113: a peer of a NetworkPolicy that fits no pod of the set.

use super::selector::{Selector, takes_none};
use super::trail::Trail;
use super::{Judge, ObjectSet, Page, Report, Rule};
use crate::config::Level;
use crate::diagnostic::Code;

pub(super) const RULE: Rule = Rule {
    code: Code::R113,
    name: "policy-peer-without-pods",
    level: Level::Warn,
    page: Page {
        what: "A peer under `from` or `to` of a NetworkPolicy selects pods of the policy's own namespace, and no pod of the set has the labels. Peers with a `namespaceSelector` are not judged, nor those that a preset, a values file or a flag names.",
        why: "The rule lets nothing through. The connection that was to be allowed times out, and nothing says why.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress]
  ingress: [{from: [{podSelector: {matchLabels: {app: proxy}}}]}]",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress]
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]",
    },
    judge: &[Judge::Set(judge)],
};

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    for policy in set.of_kind("NetworkPolicy") {
        for peers in ["spec.ingress[].from[]", "spec.egress[].to[]"] {
            Trail::ROOT.each(&policy.document.node, peers, &mut |peer, _| {
                let Some(node) = peer.get("podSelector") else { return };
                let selector = Selector::read(node);
                let here = peer.get("namespaceSelector").is_none() && !selector.is_empty();
                let none = || selector.pods(set, policy.namespace()).next().is_none();
                if here && none() && !selector.is_chosen(set, policy) {
                    report.add(takes_none(set, policy, &selector, "this peer stands for"));
                }
            });
        }
    }
}
