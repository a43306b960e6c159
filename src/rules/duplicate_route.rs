//! R219: two Ingress rules for one host and path.

use std::collections::BTreeMap;

use super::{Finding, Page, Report, Rule, Set, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::Object;
use crate::kube::typed::{HTTPIngressPath, Ingress};
use crate::yaml::ValuePath;

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
    judge,
};

/// Endings of annotations that tell where an Ingress is served, or that it is a second one on purpose.
const APART: &[&str] =
    &["/canary", "/router.entrypoints", "/group.name", "/scheme", "/load-balancer-name", "/listen-ports"];

fn judge(set: &Set<'_>, report: &mut Report) {
    let mut first: BTreeMap<_, Vec<(&Subject<'_>, ValuePath)>> = BTreeMap::new();
    for subject in &set.subjects {
        let Object::Ingress(ingress) = &subject.object else { continue };
        let class = class_of(ingress);
        for (host, path, place) in routes(ingress) {
            let key = (class, host, path.path.as_deref().unwrap_or("/"), path.path_type.as_str());
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
fn class_of(ingress: &Ingress) -> Option<&str> {
    let named = ingress.spec.as_ref().and_then(|spec| spec.ingress_class_name.as_deref());
    let annotation = || ingress.metadata.annotations.as_ref()?.get("kubernetes.io/ingress.class");
    named.or_else(|| annotation().map(String::as_str))
}

/// Every path with its host and its place.
fn routes(ingress: &Ingress) -> impl Iterator<Item = (&str, &HTTPIngressPath, ValuePath)> {
    let rules = ingress.spec.iter().flat_map(|spec| spec.rules.iter().flatten()).enumerate();
    rules.flat_map(|(at, rule)| {
        let paths = rule.http.iter().flat_map(|http| &http.paths).enumerate();
        paths.map(move |(index, path)| {
            let place = ValuePath::keys(&["spec", "rules"]).index(at);
            let place = place.key("http").key("paths").index(index).key("path");
            (rule.host.as_deref().unwrap_or_default(), path, place)
        })
    })
}

/// Whether two Ingresses are served by different doors, or one of them is to shadow the other.
fn are_apart(one: &Subject<'_>, other: &Subject<'_>) -> bool {
    if one.index == other.index {
        return false;
    }
    let (Object::Ingress(one), Object::Ingress(other)) = (&one.object, &other.object) else { return false };
    // Without a group, the AWS controller makes one load balancer an Ingress.
    if class_of(one).is_some_and(|class| class.contains("alb")) && said(one, "/group.name").is_none() {
        return true;
    }
    APART.iter().any(|ending| said(one, ending) != said(other, ending))
}

fn said<'i>(ingress: &'i Ingress, ending: &str) -> Option<&'i String> {
    let annotations = ingress.metadata.annotations.iter().flatten();
    annotations.into_iter().find(|(key, _)| key.ends_with(ending)).map(|(_, value)| value)
}

fn finding(subject: &Subject<'_>, place: ValuePath, (host, path): (&str, &str)) -> Finding {
    let host = if host.is_empty() { "*" } else { host };
    let finding = Finding::new(subject, place, format!("`{path}` of `{host}` is routed twice"));
    finding.help("keep one of them, or give them different hosts or paths")
}
