//! R219: two Ingress rules for one host and path.

use std::collections::BTreeMap;

use super::{Finding, Judge, Page, Report, Rule, Set, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::yaml::{Node, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R219,
    name: "duplicate-route",
    level: Level::Deny,
    page: Page {
        what: "Two rules of one Ingress, or of two Ingresses of one class in whatever namespaces, have the same host, path and path type. \
Ingresses whose annotations send them to different entry points or load balancers, and canaries, may share a route.",
        why: "The API accepts both, and the controller takes one, mostly the older. The other is dead, and which one it is may change when an object is made anew. ingress-nginx refuses the second if its admission webhook runs.",
        example: "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
    - host: example.com
      http:
        paths:
          - {path: /api, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
          - {path: /api, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}",
        instead: "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
    - host: example.com
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
          - {path: /api, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}",
    },
    judge: &[Judge::Set(judge)],
};

/// Endings of annotations that tell where an Ingress is served, or that it is a second one on purpose.
const APART: &[&str] =
    &["/canary", "/router.entrypoints", "/group.name", "/scheme", "/load-balancer-name", "/listen-ports"];

fn judge(set: &Set<'_>, report: &mut Report) {
    let mut first: BTreeMap<_, Vec<(&Subject<'_>, ValuePath)>> = BTreeMap::new();
    for subject in set.built_in("Ingress") {
        let class = class_of(subject);
        for (host, path, place) in routes(subject) {
            let text = |key: &str| path.get(key).and_then(Node::as_str);
            let key = (class, host, text("path").unwrap_or("/"), text("pathType").unwrap_or_default());
            let before = first.entry(key).or_default();
            match before.iter().find(|(other, _)| !are_apart(other, subject)) {
                Some((other, there)) => {
                    let finding = finding(subject, place.clone(), (host, key.2));
                    report.add(finding.also(other, there.clone(), "the first"));
                }
                None => before.push((subject, place)),
            }
        }
    }
}

/// The class by either way of naming it.
fn class_of<'d>(ingress: &Subject<'d>) -> Option<&'d str> {
    let named = ingress.spec().and_then(|spec| spec.get("ingressClassName")?.as_str());
    named.or_else(|| annotations(ingress)?.get("kubernetes.io/ingress.class")?.as_str())
}

fn annotations<'d>(ingress: &Subject<'d>) -> Option<&'d Node> {
    ingress.document.node.get("metadata")?.get("annotations")
}

/// Every path with its host and its place.
fn routes<'d>(ingress: &Subject<'d>) -> impl Iterator<Item = (&'d str, &'d Node, ValuePath)> + use<'d> {
    let list = |node: Option<&'d Node>| node.and_then(Node::as_list).unwrap_or_default().iter().enumerate();
    list(ingress.spec().and_then(|spec| spec.get("rules"))).flat_map(move |(at, rule)| {
        let host = rule.get("host").and_then(Node::as_str).unwrap_or_default();
        list(rule.get("http").and_then(|http| http.get("paths"))).map(move |(index, path)| {
            let place = ValuePath::keys(&["spec", "rules"]).and_index(at);
            (host, path, place.key("http").and_key("paths").and_index(index).and_key("path"))
        })
    })
}

/// Whether two Ingresses are served by different doors, or one of them is to shadow the other.
fn are_apart(one: &Subject<'_>, other: &Subject<'_>) -> bool {
    if one.index == other.index {
        return false;
    }
    // Without a group, the AWS controller makes one load balancer an Ingress.
    if class_of(one).is_some_and(|class| class.contains("alb")) && said(one, "/group.name").is_none() {
        return true;
    }
    APART.iter().any(|ending| said(one, ending) != said(other, ending))
}

/// What the first annotation with an ending says. They are sorted, as a cluster has them.
fn said<'d>(ingress: &Subject<'d>, ending: &str) -> Option<&'d str> {
    let annotations = annotations(ingress).and_then(Node::as_map).into_iter().flatten();
    let ending = annotations.filter(|(key, _)| key.ends_with(ending)).min_by_key(|(key, _)| &***key);
    ending.and_then(|(_, entry)| entry.node.as_str())
}

fn finding(subject: &Subject<'_>, place: ValuePath, (host, path): (&str, &str)) -> Finding {
    let host = if host.is_empty() { "*" } else { host };
    let finding = Finding::new(subject, place, format!("`{path}` of `{host}` is routed twice"));
    finding.help("keep one of them, or give them different hosts or paths")
}
