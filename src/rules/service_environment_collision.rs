//! R211: a setting of a container that Kubernetes fills in with the address of a Service.

use std::collections::{BTreeMap, BTreeSet};

use super::pod::{Container, Pod};
use super::{Finding, Page, Report, Rule, Set, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::Object;
use crate::kube::typed::{EnvVar, Service};
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R211,
    name: "service-environment-collision",
    level: Level::Warn,
    page: Page {
        what: "Kubernetes gives every container variables about the Services of its namespace: for a Service `redis` they are `REDIS_PORT=tcp://10.0.0.1:6379`, `REDIS_SERVICE_HOST` and so on. \
What a container sets itself wins. The rule reports a variable that is also a setting where nothing sets it: the container leaves it to an optional key, it sets `REDIS_HOST` and not `REDIS_PORT`, or another container with the same image sets it. \
A pod with `enableServiceLinks: false` has no such variables, and neither headless Services nor those of the type ExternalName make any.",
        why: "The program finds `tcp://10.0.0.1:6379` where it wants a port, and ends at its start; with another name of the Service it works, so the cause is hard to find.",
        example: "\
apiVersion: v1
kind: Service
metadata: {name: redis}
spec: {ports: [{port: 6379}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: web:1.4.0
      env: [{name: REDIS_HOST, value: redis}]",
        instead: "\
apiVersion: v1
kind: Service
metadata: {name: redis}
spec: {ports: [{port: 6379}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  enableServiceLinks: false
  containers:
    - name: web
      image: web:1.4.0
      env: [{name: REDIS_HOST, value: redis}]",
    },
    judge,
};

/// The variables that the Services of a set make, with the Services: one a namespace.
#[derive(Default)]
struct Links<'s>(BTreeMap<String, Vec<&'s Subject<'s>>>);

fn judge(set: &Set<'_>, report: &mut Report) {
    let links = links(set);
    if links.0.is_empty() {
        return;
    }
    let of_images = set_by_image(set, &links);
    for pod in set.pods().filter(|pod| pod.spec.enable_service_links != Some(false)) {
        for container in pod.containers() {
            let Some(own) = own_names(&container) else { continue };
            let image = container.spec.image.as_deref().unwrap_or_default();
            let of_image = of_images.get(image).into_iter().flatten().copied();
            let halves = container
                .spec
                .env
                .iter()
                .flatten()
                .filter_map(|variable| variable.name.strip_suffix("_HOST"));
            let ports: Vec<String> = halves.map(|half| format!("{half}_PORT")).collect();
            let wanted: BTreeSet<&str> =
                of_image.chain(optional(&container)).chain(ports.iter().map(String::as_str)).collect();
            for name in wanted.into_iter().filter(|name| !own.contains(name)) {
                if let Some(service) = links.find(pod.subject.namespace(), name) {
                    report.add(finding(&container, name, service));
                }
            }
        }
    }
}

fn links<'s>(set: &'s Set<'_>) -> Links<'s> {
    let mut links = Links::default();
    for subject in &set.subjects {
        if let Object::Service(service) = &subject.object {
            for name in variables(subject.name(), service) {
                links.0.entry(name).or_default().push(subject);
            }
        }
    }
    links
}

impl<'s> Links<'s> {
    fn find(&self, namespace: Option<&str>, name: &str) -> Option<&'s Subject<'s>> {
        self.0.get(name)?.iter().copied().find(|service| service.namespace() == namespace)
    }
}

/// The variables of one Service. One without an address of its own has none.
fn variables(name: &str, service: &Service) -> Vec<String> {
    let Some(spec) = &service.spec else { return Vec::new() };
    let headless = spec.cluster_ip.as_deref() == Some("None");
    if headless || spec.type_.as_deref() == Some("ExternalName") {
        return Vec::new();
    }
    let name = as_variable(name);
    let mut names = ["SERVICE_HOST", "SERVICE_PORT", "PORT"].map(|rest| format!("{name}_{rest}")).to_vec();
    for port in spec.ports.iter().flatten() {
        let protocol = port.protocol.as_deref().unwrap_or("TCP");
        let stem = format!("{name}_PORT_{}_{protocol}", port.port);
        names.extend(["", "_PROTO", "_PORT", "_ADDR"].map(|rest| format!("{stem}{rest}")));
        names.extend(port.name.as_deref().map(|port| format!("{name}_SERVICE_PORT_{}", as_variable(port))));
    }
    names
}

fn as_variable(name: &str) -> String {
    name.to_ascii_uppercase().replace('-', "_")
}

/// Which of those variables the containers with an image set.
fn set_by_image<'s>(set: &'s Set<'_>, links: &Links<'_>) -> BTreeMap<&'s str, BTreeSet<&'s str>> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for pod in set.pods() {
        let namespace = pod.subject.namespace();
        for container in pod.containers() {
            for variable in container.spec.env.iter().flatten() {
                if links.find(namespace, &variable.name).is_some() {
                    let image = container.spec.image.as_deref().unwrap_or_default();
                    found.entry(image).or_default().insert(&variable.name);
                }
            }
        }
    }
    found
}

/// What a container certainly sets itself; none where that cannot be known, as with `envFrom`.
fn own_names<'s>(container: &Container<'s>) -> Option<BTreeSet<&'s str>> {
    if container.spec.env_from.as_ref().is_some_and(|sources| !sources.is_empty()) {
        return None;
    }
    let variables = container.spec.env.iter().flatten().filter(|variable| !is_optional(variable));
    Some(variables.map(|variable| variable.name.as_str()).collect())
}

fn optional<'s>(container: &Container<'s>) -> impl Iterator<Item = &'s str> {
    let variables = container.spec.env.iter().flatten().filter(|variable| is_optional(variable));
    variables.map(|variable| variable.name.as_str())
}

/// Whether a variable is taken from a key that may be missing.
fn is_optional(variable: &EnvVar) -> bool {
    let source = variable.value_from.as_ref();
    let of_map = source.and_then(|source| source.config_map_key_ref.as_ref()?.optional);
    let of_secret = source.and_then(|source| source.secret_key_ref.as_ref()?.optional);
    of_map.or(of_secret) == Some(true)
}

fn finding(container: &Container<'_>, name: &str, service: &Subject<'_>) -> Finding {
    let Pod { subject, .. } = container.pod;
    let identity = &service.document.identity;
    let message =
        format!("`{name}` in the container `{}` becomes the address of {identity}", container.spec.name);
    Finding::new(subject, container.path().key("env"), message)
        .also(service, ValuePath::keys(&["metadata", "name"]), "named so")
        .help(format!("write `enableServiceLinks: false` into the pod, or set `{name}`"))
}
