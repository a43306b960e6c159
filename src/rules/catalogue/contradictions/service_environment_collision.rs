//! R211: a setting of a container that Kubernetes fills in with the address of a Service.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{
    ContainerTree, ObjectSet, ObjectTree, PodTree, is_external_name, is_headless, service_ports,
};
use crate::yaml::{PackedNode, ValuePath};

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
    checks: &[Check::Set(check)],
};

// The kubelet gives each container the variables of all Services in its namespace, in the form of Docker's links
// (`FromServices` in pkg/kubelet/envvars): for a Service `redis` with the port 6379 named `main`
//
//     REDIS_SERVICE_HOST  REDIS_SERVICE_PORT  REDIS_SERVICE_PORT_MAIN
//     REDIS_PORT  REDIS_PORT_6379_TCP  REDIS_PORT_6379_TCP_PROTO  REDIS_PORT_6379_TCP_PORT  REDIS_PORT_6379_TCP_ADDR
//
// It appends them to what the container has from `env` and `envFrom`, and leaves out names that are there already
// (`makeEnvironmentVariables`). So only a name that the container does not set can collide.
//
// A set may have thousands of Services and containers, so their variables are not compared one by one. First the
// names that containers use and that a Service could make are collected; then only those of the Services' variables
// are kept that are among them, which are few; then each container is looked at.

/// Reports each variable that a container's program reads, as far as that can be told, that the container does not
/// set, and that a Service makes. Names that nothing points to are not reported: nearly every container has dozens of
/// such variables and reads none.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    // Fast path: without Services nothing has to be collected.
    if set.built_in("Service").next().is_none() {
        return;
    }
    let links = ServiceLinks::new(set, &used_names(set));
    // Fast path: no container knows any of the variables.
    if links.by_name.is_empty() {
        return;
    }
    let by_image = names_by_image(set, &links);
    for pod in pods(set) {
        if pod.spec.get("enableServiceLinks").and_then(PackedNode::as_bool) == Some(false) {
            continue;
        }
        for container in pod.containers() {
            let Some(own) = own_names(&container) else { continue };
            // What the program reads though this container does not set it, as far as that can be told.
            let of_image = by_image.get(image(&container)).into_iter().flatten().copied();
            // Collected first, as the names below borrow from them.
            let ports: Vec<String> = implied_ports(&container).collect();
            // A set, because a name may be wanted for two reasons; a sorted one, because findings come in its order.
            let wanted: BTreeSet<&str> =
                of_image.chain(optional_names(&container)).chain(ports.iter().map(String::as_str)).collect();
            for name in wanted.into_iter().filter(|name| !own.contains(name)) {
                if let Some(service) = links.find(pod.object.namespace(), name) {
                    report.add(finding(pod, &container, name, &service));
                }
            }
        }
    }
}

/// The finding at the variables of a container; the Service is the one that makes the name.
fn finding(
    pod: &PodTree<'_>,
    container: &ContainerTree<'_>,
    name: &str,
    service: &ObjectTree<'_>,
) -> Finding {
    let identity = service.identity();
    let message =
        format!("`{name}` in the container `{}` becomes the address of {identity}", container.name());
    Finding::new(&pod.object, container.path().and_key("env"), message)
        .also(service, ValuePath::keys(&["metadata", "name"]), "named so")
        .help(format!("write `enableServiceLinks: false` into the pod, or set `{name}`"))
}

/// The pods whose variables are known.
fn pods<'s, 'd>(set: &'s ObjectSet<'d>) -> impl Iterator<Item = &'s PodTree<'d>> {
    set.pods().iter().filter(|pod| pod.is_built_in())
}

/// The variables that Services make, as far as containers may use them.
#[derive(Default)]
struct ServiceLinks<'s> {
    /// By the name of the variable, the Services that make it: one a namespace. Only looked into and never walked, so
    /// the random order of the map cannot reach the output.
    by_name: HashMap<String, Vec<ObjectTree<'s>>>,
}

impl<'s> ServiceLinks<'s> {
    /// The variables of a set's Services that are among the used names.
    fn new(set: &ObjectSet<'s>, used: &HashSet<Cow<'_, str>>) -> Self {
        let mut links = ServiceLinks::default();
        if used.is_empty() {
            return links;
        }
        for service in set.built_in("Service") {
            for name in link_names(service) {
                if used.contains(name.as_str()) {
                    links.by_name.entry(name).or_default().push(*service);
                }
            }
        }
        links
    }

    /// The Service of a namespace that makes a variable.
    fn find(&self, namespace: Option<&str>, name: &str) -> Option<ObjectTree<'s>> {
        self.by_name.get(name)?.iter().copied().find(|service| service.namespace() == namespace)
    }
}

/// The names of a Service's variables. One without an address of its own has none.
fn link_names(service: &ObjectTree<'_>) -> Vec<String> {
    if is_headless(service) || is_external_name(service) {
        return Vec::new();
    }
    let name = as_variable(service.name());
    let mut names =
        vec![format!("{name}_SERVICE_HOST"), format!("{name}_SERVICE_PORT"), format!("{name}_PORT")];
    for port in service_ports(service) {
        let text = |key: &str| port.get(key).and_then(PackedNode::as_str);
        // The API requires the number.
        let Some(number) = port.get("port").and_then(PackedNode::as_i64) else { continue };
        let protocol = text("protocol").unwrap_or("TCP");
        let stem = format!("{name}_PORT_{number}_{protocol}");
        names.extend(["", "_PROTO", "_PORT", "_ADDR"].map(|rest| format!("{stem}{rest}")));
        names.extend(text("name").map(|port| format!("{name}_SERVICE_PORT_{}", as_variable(port))));
    }
    names
}

/// A name of a Service or of its port as the kubelet writes it into variables. Both are DNS labels, so dashes are all
/// that has to be replaced.
fn as_variable(name: &str) -> String {
    name.to_ascii_uppercase().replace('-', "_")
}

/// Whether a name could be that of a Service's variable. Fast path: it spares nearly all names the hash.
fn may_be_link(name: &str) -> bool {
    name.ends_with("_SERVICE_HOST") || name.contains("_PORT")
}

/// Every name of a variable that a container sets or may read, and that a Service could make.
fn used_names<'d>(set: &ObjectSet<'d>) -> HashSet<Cow<'d, str>> {
    let mut used = HashSet::new();
    for container in pods(set).flat_map(PodTree::containers) {
        let names = variables(&container).filter_map(name).filter(|name| may_be_link(name));
        used.extend(names.map(Cow::Borrowed));
        used.extend(implied_ports(&container).map(Cow::Owned));
    }
    used
}

/// By image, the names of Services' variables that containers with this image set: their program reads them.
fn names_by_image<'d>(set: &ObjectSet<'d>, links: &ServiceLinks<'_>) -> BTreeMap<&'d str, BTreeSet<&'d str>> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for pod in pods(set) {
        for container in pod.containers() {
            for name in variables(&container).filter_map(name) {
                if may_be_link(name) && links.find(pod.object.namespace(), name).is_some() {
                    found.entry(image(&container)).or_default().insert(name);
                }
            }
        }
    }
    found
}

/// The items of a container's `env`. Those of `envFrom` have no names in the manifest.
fn variables<'s>(container: &ContainerTree<'s>) -> impl Iterator<Item = PackedNode<'s>> + use<'s> {
    container.list("env").iter()
}

/// The name of an item of `env`; none if it has none, which the API check reports.
fn name(variable: PackedNode<'_>) -> Option<&str> {
    variable.get("name").and_then(PackedNode::as_str)
}

/// The image of a container with its tag; empty if it has none.
fn image<'s>(container: &ContainerTree<'s>) -> &'s str {
    container.node.get("image").and_then(PackedNode::as_str).unwrap_or("")
}

/// The names of ports that go with the hosts that a container sets: a program that reads `REDIS_HOST` most likely reads
/// `REDIS_PORT` too.
fn implied_ports<'s>(container: &ContainerTree<'s>) -> impl Iterator<Item = String> + use<'s> {
    let stems = variables(container).filter_map(|variable| name(variable)?.strip_suffix("_HOST"));
    stems.map(|stem| format!("{stem}_PORT"))
}

/// What a container certainly sets itself; none where that cannot be known, as with `envFrom`.
fn own_names<'s>(container: &ContainerTree<'s>) -> Option<BTreeSet<&'s str>> {
    // A whole ConfigMap or Secret becomes variables, and it may be changed after the manifest was written.
    if !container.list("envFrom").is_empty() {
        return None;
    }
    let own = variables(container).filter(|variable| !is_optional(*variable));
    Some(own.filter_map(name).collect())
}

/// What a container sets only if a ConfigMap or a Secret has the key.
fn optional_names<'s>(container: &ContainerTree<'s>) -> impl Iterator<Item = &'s str> + use<'s> {
    variables(container).filter(|variable| is_optional(*variable)).filter_map(name)
}

/// Whether a variable is taken from a key that may be missing.
fn is_optional(variable: PackedNode<'_>) -> bool {
    let Some(source) = variable.get("valueFrom") else { return false };
    // Only these two sources have the field; a field of the pod or an amount of a resource is always there.
    let optional = |key: &str| source.get(key).and_then(|source| source.get("optional")?.as_bool());
    optional("configMapKeyRef").or_else(|| optional("secretKeyRef")) == Some(true)
}
