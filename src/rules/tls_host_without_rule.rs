//! R206: an Ingress with a certificate for a host that it does not serve.

use std::cell::LazyCell;
use std::collections::HashSet;

use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::{Code, nearest};
use crate::yaml::{Node, ValuePath};

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
    judge: &[Judge::Set(judge)],
};

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    let served = LazyCell::new(|| served(set));
    for subject in set.built_in("Ingress") {
        let Some(spec) = subject.spec().filter(|spec| !serves_all(spec)) else { continue };
        for (at, entry) in list(spec, "tls").iter().enumerate() {
            for (index, host) in list(entry, "hosts").iter().enumerate() {
                let Some(host) = host.as_str() else { continue };
                if !is_served(&served, subject.namespace(), host) && !is_annotated(subject, host) {
                    let path =
                        ValuePath::keys(&["spec", "tls"]).and_index(at).and_key("hosts").and_index(index);
                    report.add(finding(subject, spec, host, path));
                }
            }
        }
    }
}

fn list<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).and_then(Node::as_list).unwrap_or_default()
}

fn hosts(spec: &Node) -> impl Iterator<Item = &str> {
    list(spec, "rules").iter().filter_map(|rule| rule.get("host")?.as_str())
}

fn serves_all(spec: &Node) -> bool {
    let empty = |rule: &Node| rule.get("host").and_then(Node::as_str).unwrap_or_default().is_empty();
    spec.get("defaultBackend").is_some() || list(spec, "rules").iter().any(empty)
}

/// Where a host is served: a namespace and a host.
type Served<'s> = HashSet<(Option<&'s str>, &'s str)>;

/// The hosts of all rules as they are written, and above them the wildcards that stand for them.
fn served<'d>(set: &ObjectSet<'d>) -> [Served<'d>; 2] {
    let rules = set.built_in("Ingress").filter_map(|one| Some((one.namespace(), one.spec()?)));
    let written: Served<'_> =
        rules.flat_map(|(namespace, spec)| hosts(spec).map(move |host| (namespace, host))).collect();
    let below = written.iter().filter_map(|(namespace, host)| Some((*namespace, host.split_once('.')?.1)));
    let below = below.collect();
    [written, below]
}

/// Whether this or another Ingress of the namespace has a rule for the host: itself, a wildcard that stands for it, or one
/// that it stands for.
fn is_served([written, below]: &[Served<'_>; 2], namespace: Option<&str>, host: &str) -> bool {
    let wildcard = || host.split_once('.').map(|(_, domain)| format!("*.{domain}"));
    written.contains(&(namespace, host))
        || host.strip_prefix("*.").is_some_and(|domain| below.contains(&(namespace, domain)))
        || wildcard().is_some_and(|wildcard| written.contains(&(namespace, wildcard.as_str())))
}

/// Whether an annotation has to do with the host: aliases are written out, and redirects add or take away `www`.
fn is_annotated(subject: &Subject<'_>, host: &str) -> bool {
    let annotations = subject.document.node.get("metadata").and_then(|metadata| metadata.get("annotations"));
    annotations.and_then(Node::as_map).into_iter().flatten().any(|(key, entry)| {
        entry.node.as_str().is_some_and(|value| value.contains(host))
            || (key.contains("www") && hosts_differ_by_www(subject.spec(), host))
    })
}

fn hosts_differ_by_www(spec: Option<&Node>, host: &str) -> bool {
    let bare = |host: &str| host.strip_prefix("www.").unwrap_or(host).to_owned();
    spec.into_iter().flat_map(hosts).any(|served| bare(served) == bare(host))
}

fn finding(subject: &Subject<'_>, spec: &Node, host: &str, path: ValuePath) -> Finding {
    let finding = Finding::new(subject, path, format!("no rule serves the host `{host}`"));
    let finding = match spec.get("rules") {
        Some(_) => finding.also(subject, ValuePath::keys(&["spec", "rules"]), "the hosts that are served"),
        None => finding,
    };
    match nearest(host, hosts(spec)) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help("write a rule for it, or take it out"),
    }
}
