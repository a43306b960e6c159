//! R206: an Ingress with a certificate for a host that it does not serve.

use std::cell::LazyCell;
use std::collections::HashSet;

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, ObjectTree, items};
use crate::yaml::{PackedNode, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R206,
    name: "tls-host-without-rule",
    level: Level::Deny,
    page: Page {
        what: "A host in `spec.tls` of an Ingress has no rule, neither there nor in another Ingress of its namespace. A rule without a host serves all of them, and so does a default backend; \
a wildcard covers one level, as in certificates. Hosts that an annotation names (an alias, a redirect to `www`) are left alone.",
        why: "The certificate is never used, and the host that was meant is served with another one or none: browsers warn, and cert-manager may try for ever to get a certificate for a name that leads nowhere.",
        example: "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  tls: [{hosts: [web.example.org], secretName: web-tls}]
  rules:
    - host: web.example.com
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}",
        instead: "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  tls: [{hosts: [web.example.com], secretName: web-tls}]
  rules:
    - host: web.example.com
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}",
    },
    checks: &[Check::Set(check)],
};

/// Reports each host of a `tls` entry that no rule of its namespace serves and no annotation accounts for.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    let served = LazyCell::new(|| ServedHosts::new(set));
    for ingress in set.built_in("Ingress") {
        let Some(spec) = ingress.spec() else { continue };
        // A default backend, or a rule without a host, answers for every host, so also for this one.
        if serves_all_hosts(spec) {
            continue;
        }
        for (entry_index, entry) in items(spec, "tls").iter().enumerate() {
            for (index, host) in items(entry, "hosts").iter().enumerate() {
                let Some(host) = host.as_str() else { continue };
                if served.contains(ingress.namespace(), host) || is_annotated(ingress, host) {
                    continue;
                }
                let entry = ValuePath::keys(&["spec", "tls"]).and_index(entry_index);
                report.add(finding(ingress, spec, host, entry.and_key("hosts").and_index(index)));
            }
        }
    }
}

/// The finding at the host, with the most similar of the hosts that the Ingress serves.
fn finding(ingress: &ObjectTree<'_>, spec: PackedNode<'_>, host: &str, path: ValuePath) -> Finding {
    let mut finding = Finding::new(ingress, path, format!("no rule serves the host `{host}`"));
    if spec.get("rules").is_some() {
        finding = finding.also(ingress, ValuePath::keys(&["spec", "rules"]), "the hosts that are served");
    }
    finding.did_you_mean(host, rule_hosts(spec), "write a rule for it, or take it out")
}

/// Whether an Ingress serves whatever host is asked for.
fn serves_all_hosts(spec: PackedNode<'_>) -> bool {
    // An empty host is the same as none to the API.
    let has_no_host =
        |rule: PackedNode<'_>| rule.get("host").and_then(PackedNode::as_str).is_none_or(str::is_empty);
    spec.get("defaultBackend").is_some() || items(spec, "rules").iter().any(has_no_host)
}

/// The hosts that the rules of an Ingress serve.
fn rule_hosts(spec: PackedNode<'_>) -> impl Iterator<Item = &str> {
    items(spec, "rules").iter().filter_map(|rule| rule.get("host")?.as_str())
}

/// The hosts that the rules of all Ingresses serve, each with its namespace.
struct ServedHosts<'d> {
    /// As they are written, wildcards too.
    written: HashSet<(Option<&'d str>, &'d str)>,
    /// What is left of each behind the first dot: for `api.example.com`, `example.com`.
    parents: HashSet<(Option<&'d str>, &'d str)>,
}

impl<'d> ServedHosts<'d> {
    /// Collects the hosts of all Ingresses. By themselves and by what is behind the first dot, so that a wildcard is
    /// looked up and not compared with each of them.
    fn new(set: &ObjectSet<'d>) -> Self {
        let mut served = ServedHosts { written: HashSet::new(), parents: HashSet::new() };
        // Of all Ingresses together: ingress-nginx, for one, merges those of a host, so the certificate may be in one
        // and the rule in another.
        for ingress in set.built_in("Ingress") {
            for host in ingress.spec().into_iter().flat_map(rule_hosts) {
                served.written.insert((ingress.namespace(), host));
                if let Some((_, parent)) = host.split_once('.') {
                    served.parents.insert((ingress.namespace(), parent));
                }
            }
        }
        served
    }

    /// Whether an Ingress of the namespace has a rule for the host: for itself, for a wildcard that covers it, or, if
    /// it is a wildcard, for a host that it covers. A wildcard covers one label.
    fn contains(&self, namespace: Option<&str>, host: &str) -> bool {
        if self.written.contains(&(namespace, host)) {
            return true;
        }
        if let Some(parent) = host.strip_prefix("*.")
            && self.parents.contains(&(namespace, parent))
        {
            return true;
        }
        // The API lets a wildcard stand for exactly one label: `*.example.com` covers neither `a.b.example.com` nor
        // `example.com`.
        let wildcard = host.split_once('.').map(|(_, parent)| format!("*.{parent}"));
        wildcard.is_some_and(|wildcard| self.written.contains(&(namespace, wildcard.as_str())))
    }
}

/// Whether an annotation has to do with the host: aliases are written out, and redirects add or take away `www`.
fn is_annotated(ingress: &ObjectTree<'_>, host: &str) -> bool {
    ingress.annotations().into_iter().flatten().any(|(key, value)| {
        let names_host = value.as_str().is_some_and(|value| value.contains(host));
        names_host || (key.contains("www") && is_served_but_for_www(ingress, host))
    })
}

/// Whether the Ingress serves the host with another beginning: `example.com` for `www.example.com`, or the other way
/// round.
fn is_served_but_for_www(ingress: &ObjectTree<'_>, host: &str) -> bool {
    let without_www = |host: &str| host.strip_prefix("www.").unwrap_or(host).to_owned();
    let mut served = ingress.spec().into_iter().flat_map(rule_hosts);
    served.any(|served| without_www(served) == without_www(host))
}
