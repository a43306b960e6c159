//! What each environment of `render --each` claims for itself in the cluster, and that no two claim the same.
//!
//! | claim | two environments may share it |
//! |---|---|
//! | an object of a namespace: group, kind, namespace, name | never: one would overwrite the other |
//! | an object of the cluster | if it is the same in both, as a definition or an issuer is |
//! | a path of a host, of one class or Gateway | never |
//! | a port of the cluster's nodes | never |
//!
//! With `--separate-clusters` nothing is compared. Folders are compared by name (`environments.rs`).

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use plimsoll::diagnostic::{Code, Diagnostic};
use plimsoll::manifest::PackedDocument;
use plimsoll::yaml::{Node, PackedNode, print_json};

use super::environments::Environment;

/// What an environment claims, by what it is called in a message; with a fingerprint of what may be shared.
pub type Claims = BTreeMap<String, Option<u64>>;

/// What the documents of an environment claim.
pub fn of(documents: &[PackedDocument]) -> Claims {
    let mut claims = Claims::new();
    for document in documents {
        let identity = &document.identity;
        let group = identity.group();
        let kind =
            if group.is_empty() { identity.kind.to_string() } else { format!("{}.{group}", identity.kind) };
        let object = format!("{kind} `{}`", identity.name);
        match &identity.namespace {
            Some(namespace) => claims.insert(format!("{object} of the namespace `{namespace}`"), None),
            None => claims.insert(object, Some(fingerprint(&document.unpack().node))),
        };
        match (group, &*identity.kind) {
            ("networking.k8s.io", "Ingress") => ingress_paths(document.root(), &mut claims),
            ("gateway.networking.k8s.io", "HTTPRoute") => route_paths(document, &mut claims),
            ("", "Service") => node_ports(document.root(), &mut claims),
            _ => {}
        }
    }
    claims
}

/// Of the JSON: it has one form for a value, however it was quoted and indented.
fn fingerprint(node: &Node) -> u64 {
    let mut hasher = DefaultHasher::new();
    print_json(node).hash(&mut hasher);
    hasher.finish()
}

fn ingress_paths(ingress: PackedNode<'_>, claims: &mut Claims) {
    let Some(spec) = ingress.get("spec") else { return };
    let class = text(spec, "ingressClassName").unwrap_or_default();
    for rule in items(spec, "rules") {
        let host = text(rule, "host").unwrap_or("*");
        for path in rule.get("http").into_iter().flat_map(|http| items(http, "paths")) {
            claim_path(claims, host, text(path, "path").unwrap_or("/"), class);
        }
    }
}

fn route_paths(route: &PackedDocument, claims: &mut Claims) {
    let Some(spec) = route.root().get("spec") else { return };
    let own = route.identity.namespace.as_deref().unwrap_or_default();
    let parents = items(spec, "parentRefs").map(|parent| {
        let namespace = text(parent, "namespace").unwrap_or(own);
        format!("{namespace}/{}", text(parent, "name").unwrap_or_default())
    });
    for parent in parents {
        for host in items(spec, "hostnames").filter_map(PackedNode::as_str) {
            for matched in items(spec, "rules").flat_map(|rule| items(rule, "matches")) {
                let path = matched.get("path").and_then(|path| text(path, "value")).unwrap_or("/");
                claim_path(claims, host, path, &parent);
            }
        }
    }
}

/// A prefix and an exact path are told apart by a controller, but are one place to whoever types the address.
fn claim_path(claims: &mut Claims, host: &str, path: &str, served_by: &str) {
    let by = if served_by.is_empty() { String::new() } else { format!(" (`{served_by}`)") };
    claims.insert(format!("the path `{path}` of the host `{}`{by}", host.to_ascii_lowercase()), None);
}

fn node_ports(service: PackedNode<'_>, claims: &mut Claims) {
    for port in service.get("spec").into_iter().flat_map(|spec| items(spec, "ports")) {
        if let Some(number) = port.get("nodePort").and_then(PackedNode::as_i64) {
            let protocol = text(port, "protocol").unwrap_or("TCP");
            claims.insert(format!("the port {number} of nodes ({protocol})"), None);
        }
    }
}

fn text<'n>(node: PackedNode<'n>, key: &str) -> Option<&'n str> {
    node.get(key)?.as_str()
}

fn items<'n>(node: PackedNode<'n>, key: &str) -> impl Iterator<Item = PackedNode<'n>> {
    node.get(key).and_then(PackedNode::as_list).into_iter().flatten()
}

/// What one environment has in common with an earlier one.
struct Conflict<'c> {
    /// The index of the earlier one.
    first: usize,
    what: Vec<&'c str>,
}

/// Reports to each two environments that claim the same what it is. The order is that of the environments, and each later
/// one is held against the first that has the claim.
pub fn refuse_shared(claimed: &[(&Environment, &Claims)]) {
    let mut owners: BTreeMap<&str, (usize, Option<u64>)> = BTreeMap::new();
    for (second, (environment, claims)) in claimed.iter().enumerate() {
        let mut conflicts: BTreeMap<usize, Conflict<'_>> = BTreeMap::new();
        for (claim, fingerprint) in *claims {
            let (first, of_first) = *owners.entry(claim).or_insert((second, *fingerprint));
            let shared = first == second || (fingerprint.is_some() && *fingerprint == of_first);
            if !shared {
                let conflict = conflicts.entry(first).or_insert(Conflict { first, what: Vec::new() });
                conflict.what.push(claim);
            }
        }
        for conflict in conflicts.into_values() {
            let other = claimed[conflict.first].0;
            environment.findings.report(conflict.finding(other));
            // One is enough to refuse the first, which may have a thousand others behind it.
            if other.findings.errors() == 0 {
                other.findings.report(conflict.finding(environment));
            }
        }
    }
}

impl Conflict<'_> {
    fn finding(&self, other: &Environment) -> Diagnostic {
        let others = match self.what.len() - 1 {
            0 => String::new(),
            1 => " and one other thing".to_owned(),
            more => format!(" and {more} other things"),
        };
        let what = self.what[0];
        let message =
            format!("the customer `{}` ({}) has {what}{others} as well", other.name, other.file.display());
        let help = "give each customer a namespace, names and hosts of its own; if each has a cluster of its own, add `--separate-clusters`";
        Diagnostic::error(Code::E007, message).help(help)
    }
}
