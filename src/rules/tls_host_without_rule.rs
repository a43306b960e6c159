//! R206: an Ingress with a certificate for a host that it does not serve.

use super::{Finding, Page, Report, Rule, Set, Subject};
use crate::config::Level;
use crate::diagnostic::{Code, nearest};
use crate::kube::Object;
use crate::kube::typed::IngressSpec;
use crate::yaml::ValuePath;

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
    judge,
};

fn judge(set: &Set<'_>, report: &mut Report) {
    for subject in set.subjects.iter() {
        let Some(spec) = spec_of(subject) else { continue };
        if serves_all(spec) {
            continue;
        }
        for (at, entry) in spec.tls.iter().flatten().enumerate() {
            for (index, host) in entry.hosts.iter().flatten().enumerate() {
                if !is_served(set, subject, host) && !is_annotated(subject, host) {
                    let path = ValuePath::keys(&["spec", "tls"]).index(at).key("hosts").index(index);
                    report.add(finding(subject, spec, host, path));
                }
            }
        }
    }
}

fn spec_of<'s>(subject: &'s Subject<'_>) -> Option<&'s IngressSpec> {
    let Object::Ingress(ingress) = &subject.object else { return None };
    ingress.spec.as_ref()
}

fn hosts(spec: &IngressSpec) -> impl Iterator<Item = &str> {
    spec.rules.iter().flatten().filter_map(|rule| rule.host.as_deref())
}

fn serves_all(spec: &IngressSpec) -> bool {
    let empty = |host: &Option<String>| host.as_deref().unwrap_or_default().is_empty();
    spec.default_backend.is_some() || spec.rules.iter().flatten().any(|rule| empty(&rule.host))
}

/// Whether this or another Ingress of the namespace has a rule for the host.
fn is_served(set: &Set<'_>, subject: &Subject<'_>, host: &str) -> bool {
    let served = |spec| hosts(spec).any(|served| covers(host, served) || covers(served, host));
    let mut others = set.subjects.iter().filter_map(|other| Some((other, spec_of(other)?)));
    others.any(|(other, spec)| other.namespace() == subject.namespace() && served(spec))
}

/// Whether a host or a wildcard stands for another host.
fn covers(pattern: &str, host: &str) -> bool {
    let below = |domain: &str| host.split_once('.').is_some_and(|(_, rest)| rest == domain);
    pattern == host || pattern.strip_prefix("*.").is_some_and(below)
}

/// Whether an annotation has to do with the host: aliases are written out, and redirects add or take away `www`.
fn is_annotated(subject: &Subject<'_>, host: &str) -> bool {
    let Object::Ingress(ingress) = &subject.object else { return false };
    ingress.metadata.annotations.iter().flatten().any(|(key, value)| {
        value.contains(host) || (key.contains("www") && hosts_differ_by_www(ingress.spec.as_ref(), host))
    })
}

fn hosts_differ_by_www(spec: Option<&IngressSpec>, host: &str) -> bool {
    let bare = |host: &str| host.strip_prefix("www.").unwrap_or(host).to_owned();
    spec.into_iter().flat_map(hosts).any(|served| bare(served) == bare(host))
}

fn finding(subject: &Subject<'_>, spec: &IngressSpec, host: &str, path: ValuePath) -> Finding {
    let finding = Finding::new(subject, path, format!("no rule serves the host `{host}`"));
    let finding = match spec.rules {
        Some(_) => finding.also(subject, ValuePath::keys(&["spec", "rules"]), "the hosts that are served"),
        None => finding,
    };
    match nearest(host, hosts(spec)) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help("write a rule for it, or take it out"),
    }
}
