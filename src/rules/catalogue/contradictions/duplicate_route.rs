//! R219: two rules of Ingresses, or of routes of one Gateway, for the same requests.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, ObjectTree, items, scalar_text};
use crate::yaml::{PackedNode, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R219,
    name: "duplicate-route",
    level: Level::Deny,
    page: Page {
        what: "Two rules of one Ingress, or of two Ingresses of one class in whatever namespaces, have the same host, path and path type. \
Ingresses whose annotations send them to different entry points or load balancers, and canaries, may share a route. Likewise two rules of HTTPRoutes or of GRPCRoutes with the same hostname and the same match, \
at the same listener of one Gateway.",
        why: "The API accepts both, and the controller takes one, usually the older. The other is dead, and which one it is may change when an object is created again. Of the rules of one route a Gateway takes the first. ingress-nginx refuses the second if its admission webhook runs.",
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
    checks: &[Check::Set(check)],
};

// Two routes are the same if everything that decides between requests is the same. Routes that overlap and differ (`/`
// and `/api`, `*.example.com` and `www.example.com`) contradict nothing: Ingress controllers and Gateways take the more
// specific one.

/// Reports the later of two routes for the same requests, Ingresses first.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    check_ingresses(set, report);
    check_gateway_routes(set, report);
}

/// The finding at a second rule for the same requests; `host` is empty for all hosts.
fn finding(object: &ObjectTree<'_>, path: ValuePath, host: &str, route: &str) -> Finding {
    let host = if host.is_empty() { "*" } else { host };
    Finding::new(object, path, format!("`{route}` of `{host}` is routed twice"))
        .help("keep one of them, or give them different hosts or paths")
}

/// One path of a rule of an Ingress.
struct IngressPath<'d> {
    /// Empty for all hosts.
    host: &'d str,
    path: &'d str,
    /// `Prefix`, `Exact` or `ImplementationSpecific`: of one path each of them may be routed.
    path_type: &'d str,
    /// Where the path is written.
    place: ValuePath,
}

/// Reports each path of an Ingress that an earlier one has, in the order of the documents.
///
/// Of whatever namespace: an Ingress belongs to its class, and a controller serves the class of all namespaces at one
/// address.
fn check_ingresses(set: &ObjectSet<'_>, report: &mut Report) {
    let mut first: BTreeMap<_, (&ObjectTree<'_>, ValuePath)> = BTreeMap::new();
    for ingress in set.built_in("Ingress") {
        let address = Address::of(ingress);
        for IngressPath { host, path, path_type, place } in ingress_paths(ingress) {
            match first.entry((address, host, path, path_type)) {
                Entry::Occupied(earlier) => {
                    let (other, other_place) = earlier.get();
                    let finding = finding(ingress, place, host, path);
                    report.add(finding.also(other, other_place.clone(), "the first"));
                }
                Entry::Vacant(entry) => {
                    entry.insert((ingress, place));
                }
            }
        }
    }
}

/// The class by either way of naming it: the field, or the annotation that it has replaced. None for the cluster's
/// default class.
fn ingress_class<'d>(ingress: &ObjectTree<'d>) -> Option<&'d str> {
    let named = ingress.spec().and_then(|spec| spec.get("ingressClassName")?.as_str());
    named.or_else(|| ingress.annotations()?.get("kubernetes.io/ingress.class")?.as_str())
}

/// Every path of the rules of an Ingress. A rule without paths routes nothing.
fn ingress_paths<'d>(ingress: &ObjectTree<'d>) -> Vec<IngressPath<'d>> {
    let Some(spec) = ingress.spec() else { return Vec::new() };
    let mut found = Vec::new();
    for (rule_index, rule) in items(spec, "rules").iter().enumerate() {
        let Some(http) = rule.get("http") else { continue };
        let paths =
            ValuePath::keys(&["spec", "rules"]).and_index(rule_index).and_key("http").and_key("paths");
        for (index, node) in items(http, "paths").iter().enumerate() {
            found.push(IngressPath {
                host: text_or_empty(rule, "host"),
                // Only `ImplementationSpecific` may leave the path out. It is taken for `/`, as ingress-nginx does.
                path: scalar_text(node, "path").unwrap_or("/"),
                path_type: text_or_empty(node, "pathType"),
                place: paths.index(index).and_key("path"),
            });
        }
    }
    found
}

/// Annotations that tell where an Ingress is served, or that it is a second one on purpose: of ingress-nginx
/// (`canary`), Traefik (`router.entrypoints`) and the AWS Load Balancer Controller (the others). Endings only, as an
/// installation of ingress-nginx may choose the prefix of its annotations (`--annotations-prefix`).
const TELLING_APART: [&str; 6] =
    ["/canary", "/router.entrypoints", GROUP, "/scheme", "/load-balancer-name", "/listen-ports"];

/// The annotation that puts Ingresses of the AWS Load Balancer Controller into one group.
const GROUP: &str = "/group.name";

/// Where an Ingress is served: what two Ingresses have in common whose routes can contradict each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Address<'d> {
    class: Option<&'d str>,
    /// The values of [`TELLING_APART`]. An Ingress with an annotation and one without have different addresses: a
    /// canary is the second of a pair.
    annotations: [Option<&'d str>; TELLING_APART.len()],
    /// The index of the Ingress if no other one is served at its address.
    own: Option<usize>,
}

impl<'d> Address<'d> {
    fn of(ingress: &ObjectTree<'d>) -> Self {
        let class = ingress_class(ingress);
        // The AWS Load Balancer Controller makes a load balancer for each Ingress that is in no group. The class may
        // have any name; one with `alb` in it is taken for that of this controller.
        let is_aws = class.is_some_and(|class| class.contains("alb"));
        let is_alone = is_aws && annotation(ingress, GROUP).is_none();
        let annotations = TELLING_APART.map(|ending| annotation(ingress, ending));
        Address { class, annotations, own: is_alone.then_some(ingress.index) }
    }
}

/// The value of the first annotation whose key has an ending. First in the order of the keys, which is how a cluster
/// keeps them: the order in the manifest means nothing.
fn annotation<'d>(ingress: &ObjectTree<'d>, ending: &str) -> Option<&'d str> {
    let annotations = ingress.annotations().into_iter().flatten();
    let first = annotations.filter(|(key, _)| key.ends_with(ending)).min_by_key(|(key, _)| *key);
    first.and_then(|(_, value)| value.as_str())
}

/// The group of the Gateway API: other projects have kinds of these names too.
const GATEWAY_GROUP: &str = "gateway.networking.k8s.io";

/// Reports each match once, however many hostnames and parents it has in common with another.
fn check_gateway_routes(set: &ObjectSet<'_>, report: &mut Report) {
    let mut first: BTreeMap<_, (&ObjectTree<'_>, ValuePath)> = BTreeMap::new();
    let routes = ["HTTPRoute", "GRPCRoute"].into_iter().flat_map(|kind| set.of_kind(kind));
    for route in routes.filter(|route| route.identity().group() == GATEWAY_GROUP) {
        // Once a route: its rules have all of them in common.
        let attachments = attachments(route);
        for Match { conditions, name, place } in matches(route) {
            // By kind as well: if an HTTPRoute and a GRPCRoute have a hostname in common, the Gateway API lets a
            // listener accept one of the two as a whole, whatever they match. That is another mistake.
            let key = |attachment| (route.kind(), attachment, conditions.clone());
            let taken = attachments.iter().find_map(|one| Some((one, first.get(&key(*one))?)));
            if let Some((attachment, (other, other_place))) = taken {
                let finding = finding(route, place, attachment.host, &name);
                report.add(finding.also(other, other_place.clone(), "the first"));
            } else {
                // One that is reported is not added, so a third finding names the first as well, and not the second.
                first.extend(attachments.iter().map(|one| (key(*one), (route, place.clone()))));
            }
        }
    }
}

/// Where a route is served: a listener of a parent, and a hostname.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Attachment<'d> {
    /// The kind of the parent: a Gateway mostly, a Service in a mesh.
    kind: &'d str,
    /// The namespace of the parent, empty for none.
    namespace: &'d str,
    /// The name of the parent.
    name: &'d str,
    /// The name of one listener; empty for all of them.
    section: &'d str,
    /// The port of one listener, as it is written; empty for all of them.
    port: &'d str,
    /// Empty for all hosts.
    host: &'d str,
}

/// Every parent of a route with every hostname. A route without parents is served nowhere.
fn attachments<'d>(route: &ObjectTree<'d>) -> Vec<Attachment<'d>> {
    let Some(spec) = route.spec() else { return Vec::new() };
    let mut hosts: Vec<&str> = items(spec, "hostnames").iter().filter_map(PackedNode::as_str).collect();
    // Without hostnames of its own, a route takes those of the listener.
    if hosts.is_empty() {
        hosts.push("");
    }
    let mut found = Vec::new();
    for parent in items(spec, "parentRefs") {
        for host in &hosts {
            found.push(Attachment {
                kind: scalar_text(parent, "kind").unwrap_or("Gateway"),
                // A route may be attached to the Gateway of another namespace; without one it is that of the route.
                namespace: scalar_text(parent, "namespace").or(route.namespace()).unwrap_or(""),
                name: text_or_empty(parent, "name"),
                section: text_or_empty(parent, "sectionName"),
                port: text_or_empty(parent, "port"),
                host,
            });
        }
    }
    found
}

/// What requests must be like for a rule of a route.
struct Match {
    /// Equal for matches that mean the same: `["/api", "PathPrefix", "GET", "headers x-team Exact web"]`.
    conditions: Vec<String>,
    /// What a message calls it.
    name: String,
    /// Where the match is written, or the rule if it has none.
    place: ValuePath,
}

/// Every match of a route. A rule without one takes everything.
fn matches(route: &ObjectTree<'_>) -> Vec<Match> {
    let Some(spec) = route.spec() else { return Vec::new() };
    let mut found = Vec::new();
    for (rule_index, rule) in items(spec, "rules").iter().enumerate() {
        let place = ValuePath::keys(&["spec", "rules"]).and_index(rule_index);
        let matches = items(rule, "matches");
        if matches.is_empty() {
            // The rule itself is read as a match: it has none of a match's fields, so all of them have their defaults.
            found.push(read_match(route.kind(), rule, place.clone()));
        }
        for (index, node) in matches.iter().enumerate() {
            found.push(read_match(route.kind(), node, place.key("matches").and_index(index)));
        }
    }
    found
}

/// What a match comes to with the defaults of the Gateway API. The order of headers and parameters does not count.
fn read_match(kind: &str, node: PackedNode<'_>, place: ValuePath) -> Match {
    let part = |key: &str, part: &str| node.get(key).and_then(|inner| scalar_text(inner, part));
    let (name, mut conditions) = if kind == "HTTPRoute" {
        let path = part("path", "value").unwrap_or("/");
        let path_type = part("path", "type").unwrap_or("PathPrefix");
        // Empty for every method.
        let method = text_or_empty(node, "method");
        (path.to_owned(), vec![path.to_owned(), path_type.to_owned(), method.to_owned()])
    } else {
        // Either may be left out, and then stands for all.
        let service = part("method", "service").unwrap_or("");
        let method = part("method", "method").unwrap_or("");
        let match_type = part("method", "type").unwrap_or("Exact");
        let name = format!("{service}/{method}");
        (name.clone(), vec![name, match_type.to_owned()])
    };
    for list in ["headers", "queryParams"] {
        // All of them must hold, so their order means nothing.
        let mut listed: Vec<String> = items(node, list).iter().map(|one| condition(list, one)).collect();
        listed.sort();
        conditions.extend(listed);
    }
    Match { conditions, name, place }
}

/// A condition on a header or a query parameter. Names of headers have no case.
fn condition(list: &str, node: PackedNode<'_>) -> String {
    let name = text_or_empty(node, "name");
    let name = if list == "headers" { name.to_ascii_lowercase() } else { name.to_owned() };
    let match_type = scalar_text(node, "type").unwrap_or("Exact");
    format!("{list} {name} {match_type} {}", text_or_empty(node, "value"))
}

/// The text of a scalar, and empty where it is absent: where the API takes both for "not said", as of a host, a method
/// or the name of a listener.
fn text_or_empty<'n>(node: PackedNode<'n>, key: &str) -> &'n str {
    scalar_text(node, key).unwrap_or("")
}
