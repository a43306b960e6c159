//! R219: two rules of Ingresses, or of routes of one Gateway, for the same requests.

use std::collections::BTreeMap;

use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::yaml::{Node, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R219,
    name: "duplicate-route",
    level: Level::Deny,
    page: Page {
        what: "Two rules of one Ingress, or of two Ingresses of one class in whatever namespaces, have the same host, path and path type. \
Ingresses whose annotations send them to different entry points or load balancers, and canaries, may share a route. Likewise two rules of HTTPRoutes or of GRPCRoutes with the same hostname and the same match, \
at the same listener of one Gateway.",
        why: "The API accepts both, and the controller takes one, mostly the older. The other is dead, and which one it is may change when an object is made anew. Of the rules of one route a Gateway takes the first. ingress-nginx refuses the second if its admission webhook runs.",
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

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    judge_ingresses(set, report);
    judge_routes(set, report);
}

fn judge_ingresses(set: &ObjectSet<'_>, report: &mut Report) {
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

const GATEWAY: &str = "gateway.networking.k8s.io";

/// Each match is told once, however many hostnames and parents it has in common with another.
fn judge_routes(set: &ObjectSet<'_>, report: &mut Report) {
    let mut first: BTreeMap<_, (&Subject<'_>, ValuePath)> = BTreeMap::new();
    let of_gateway = |subject: &&Subject<'_>| subject.document.identity.group() == GATEWAY;
    let routes = ["HTTPRoute", "GRPCRoute"].into_iter().flat_map(|kind| set.of_kind(kind));
    for subject in routes.filter(of_gateway) {
        let doors = doors(subject);
        for (place, matched) in matches(subject) {
            let key =
                |door: &(String, String)| (subject.kind().to_owned(), door.clone(), matched.key.clone());
            if let Some((door, (other, there))) =
                doors.iter().find_map(|door| Some((door, first.get(&key(door))?)))
            {
                let finding = finding(subject, place.clone(), (&door.1, &matched.name));
                report.add(finding.also(other, there.clone(), "the first"));
                continue;
            }
            first.extend(doors.iter().map(|door| (key(door), (subject, place.clone()))));
        }
    }
}

/// The parents of a route, down to the listener, each with every hostname.
fn doors(route: &Subject<'_>) -> Vec<(String, String)> {
    let Some(spec) = route.document.node.get("spec") else { return Vec::new() };
    let hosts: Vec<&str> = items(spec, "hostnames").iter().filter_map(Node::as_str).collect();
    let hosts = if hosts.is_empty() { vec![""] } else { hosts };
    let parents = items(spec, "parentRefs").iter().map(|parent| {
        let namespace = parent.get("namespace").and_then(Node::as_str).or(route.namespace());
        let part = |key| text(parent, key).unwrap_or_default();
        let kind = text(parent, "kind").unwrap_or_else(|| "Gateway".to_owned());
        let listener = format!("{}/{}", part("sectionName"), part("port"));
        format!("{kind}/{}/{}/{listener}", namespace.unwrap_or_default(), part("name"))
    });
    parents.flat_map(|parent| hosts.iter().map(move |host| (parent.clone(), (*host).to_owned()))).collect()
}

/// What requests must be like for a rule of a route.
struct Match {
    /// Equal for matches that mean the same.
    key: Vec<String>,
    /// For the message.
    name: String,
}

/// Every match of a route with its place. A rule without one takes everything.
fn matches(route: &Subject<'_>) -> Vec<(ValuePath, Match)> {
    let Some(spec) = route.document.node.get("spec") else { return Vec::new() };
    let mut found = Vec::new();
    for (at, rule) in items(spec, "rules").iter().enumerate() {
        let place = ValuePath::keys(&["spec", "rules"]).index(at);
        let given = items(rule, "matches");
        if given.is_empty() {
            found.push((place.clone(), match_of(route.kind(), rule)));
        }
        let each = given.iter().enumerate();
        found.extend(
            each.map(|(index, one)| (place.key("matches").index(index), match_of(route.kind(), one))),
        );
    }
    found
}

/// What a match comes to with the defaults of the Gateway API; the order of headers and parameters does not count.
fn match_of(kind: &str, node: &Node) -> Match {
    let inner = |key: &str, part: &str| node.get(key).and_then(|inner| text(inner, part));
    let (name, mut key) = if kind == "HTTPRoute" {
        let path = inner("path", "value").unwrap_or_else(|| "/".to_owned());
        let sort = inner("path", "type").unwrap_or_else(|| "PathPrefix".to_owned());
        (path.clone(), vec![path, sort, text(node, "method").unwrap_or_default()])
    } else {
        let part = |part| inner("method", part).unwrap_or_default();
        let name = format!("{}/{}", part("service"), part("method"));
        let sort = inner("method", "type").unwrap_or_else(|| "Exact".to_owned());
        (name.clone(), vec![name, sort])
    };
    for list in ["headers", "queryParams"] {
        let mut conditions: Vec<String> = items(node, list).iter().map(|one| condition(list, one)).collect();
        conditions.sort();
        key.extend(conditions);
    }
    Match { key, name }
}

fn condition(list: &str, node: &Node) -> String {
    let part = |key| text(node, key).unwrap_or_default();
    let name = if list == "headers" { part("name").to_ascii_lowercase() } else { part("name") };
    let sort = text(node, "type").unwrap_or_else(|| "Exact".to_owned());
    format!("{list} {name} {sort} {}", part("value"))
}

fn items<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).and_then(Node::as_list).unwrap_or_default()
}

fn text(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::as_scalar).map(|scalar| scalar.text.to_string())
}
