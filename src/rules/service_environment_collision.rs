//! R211: a setting of a container that Kubernetes fills in with the address of a Service.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::template::{Template, TemplateContainer};
use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::yaml::{Node, ValuePath};

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
    judge: &[Judge::Set(judge)],
};

/// The variables that pods may mean and Services make, with the Services: one a namespace.
#[derive(Default)]
struct Links<'s>(HashMap<String, Vec<Subject<'s>>>);

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    if set.built_in("Service").next().is_none() {
        return;
    }
    let links = links(set, &asked(set));
    if links.0.is_empty() {
        return;
    }
    let of_images = set_by_image(set, &links);
    for pod in pods(set) {
        let linked = pod.spec.get("enableServiceLinks").and_then(Node::as_bool) != Some(false);
        for container in pod.containers().filter(|_| linked) {
            let Some(own) = own_names(&container) else { continue };
            let of_image = of_images.get(image(&container)).into_iter().flatten().copied();
            let ports: Vec<String> = port_halves(&container).collect();
            let wanted: BTreeSet<&str> =
                of_image.chain(optional(&container)).chain(ports.iter().map(String::as_str)).collect();
            for name in wanted.into_iter().filter(|name| !own.contains(name)) {
                if let Some(service) = links.find(pod.subject.namespace(), name) {
                    report.add(finding(pod, &container, name, &service));
                }
            }
        }
    }
}

/// The pods whose variables are known.
fn pods<'s, 'd>(set: &'s ObjectSet<'d>) -> impl Iterator<Item = &'s Template<'d>> {
    set.templates().iter().filter(|pod| pod.is_built_in())
}

/// Every name of a variable that a container sets or may mean, and that a Service could make.
fn asked<'d>(set: &ObjectSet<'d>) -> HashSet<Cow<'d, str>> {
    let mut asked = HashSet::new();
    for container in pods(set).flat_map(Template::containers) {
        let names = variables(&container).filter_map(name).filter(|name| may_be_link(name));
        asked.extend(names.map(Cow::Borrowed));
        asked.extend(port_halves(&container).map(Cow::Owned));
    }
    asked
}

fn may_be_link(name: &str) -> bool {
    name.ends_with("_SERVICE_HOST") || name.contains("_PORT")
}

fn links<'d>(set: &ObjectSet<'d>, asked: &HashSet<Cow<'d, str>>) -> Links<'d> {
    let mut links = Links::default();
    for service in set.built_in("Service").filter(|_| !asked.is_empty()) {
        for name in link_names(service).into_iter().filter(|name| asked.contains(name.as_str())) {
            links.0.entry(name).or_default().push(*service);
        }
    }
    links
}

impl<'s> Links<'s> {
    fn find(&self, namespace: Option<&str>, name: &str) -> Option<Subject<'s>> {
        self.0.get(name)?.iter().copied().find(|service| service.namespace() == namespace)
    }
}

/// The variables of one Service. One without an address of its own has none.
fn link_names(service: &Subject<'_>) -> Vec<String> {
    let Some(spec) = service.spec() else { return Vec::new() };
    let text = |key: &str| spec.get(key).and_then(Node::as_str);
    if text("clusterIP") == Some("None") || text("type") == Some("ExternalName") {
        return Vec::new();
    }
    let name = as_variable(service.name());
    let mut names = ["SERVICE_HOST", "SERVICE_PORT", "PORT"].map(|rest| format!("{name}_{rest}")).to_vec();
    for port in spec.get("ports").and_then(Node::as_list).unwrap_or_default() {
        let text = |key: &str| port.get(key).and_then(Node::as_str);
        let number = port.get("port").and_then(Node::as_i64).unwrap_or_default();
        let protocol = text("protocol").unwrap_or("TCP");
        let stem = format!("{name}_PORT_{number}_{protocol}");
        names.extend(["", "_PROTO", "_PORT", "_ADDR"].map(|rest| format!("{stem}{rest}")));
        names.extend(text("name").map(|port| format!("{name}_SERVICE_PORT_{}", as_variable(port))));
    }
    names
}

fn as_variable(name: &str) -> String {
    name.to_ascii_uppercase().replace('-', "_")
}

/// Which of those variables the containers with an image set.
fn set_by_image<'d>(set: &ObjectSet<'d>, links: &Links<'_>) -> BTreeMap<&'d str, BTreeSet<&'d str>> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for pod in pods(set) {
        for container in pod.containers() {
            for name in variables(&container).filter_map(name) {
                if may_be_link(name) && links.find(pod.subject.namespace(), name).is_some() {
                    found.entry(image(&container)).or_default().insert(name);
                }
            }
        }
    }
    found
}

fn variables<'s>(container: &TemplateContainer<'s>) -> impl Iterator<Item = &'s Node> + use<'s> {
    container.list("env").iter()
}

fn name(variable: &Node) -> Option<&str> {
    variable.get("name").and_then(Node::as_str)
}

fn image<'s>(container: &TemplateContainer<'s>) -> &'s str {
    container.node.get("image").and_then(Node::as_str).unwrap_or_default()
}

/// Who takes a host from a variable takes the port from one of the like name.
fn port_halves<'s>(container: &TemplateContainer<'s>) -> impl Iterator<Item = String> + use<'s> {
    let halves = variables(container).filter_map(|variable| name(variable)?.strip_suffix("_HOST"));
    halves.map(|half| format!("{half}_PORT"))
}

/// What a container certainly sets itself; none where that cannot be known, as with `envFrom`.
fn own_names<'s>(container: &TemplateContainer<'s>) -> Option<BTreeSet<&'s str>> {
    if !container.list("envFrom").is_empty() {
        return None;
    }
    let own = variables(container).filter(|variable| !is_optional(variable));
    Some(own.filter_map(name).collect())
}

fn optional<'s>(container: &TemplateContainer<'s>) -> impl Iterator<Item = &'s str> + use<'s> {
    variables(container).filter(|variable| is_optional(variable)).filter_map(name)
}

/// Whether a variable is taken from a key that may be missing.
fn is_optional(variable: &Node) -> bool {
    let Some(source) = variable.get("valueFrom") else { return false };
    let said = |key: &str| source.get(key).and_then(|source| source.get("optional")?.as_bool());
    said("configMapKeyRef").or_else(|| said("secretKeyRef")) == Some(true)
}

fn finding(
    pod: &Template<'_>,
    container: &TemplateContainer<'_>,
    name: &str,
    service: &Subject<'_>,
) -> Finding {
    let identity = &service.document.identity;
    let message =
        format!("`{name}` in the container `{}` becomes the address of {identity}", container.name());
    Finding::new(&pod.subject, container.path().and_key("env"), message)
        .also(service, ValuePath::keys(&["metadata", "name"]), "named so")
        .help(format!("write `enableServiceLinks: false` into the pod, or set `{name}`"))
}
