//! R104: a probe or lifecycle handler of a port by a name that its container does not have.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{
    ContainerTree, ObjectSet, ObjectTree, PodTree, each_probe_port, has_port_name, list_names,
};
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R104,
    name: "unknown-probe-port",
    level: Level::Deny,
    page: Page {
        what: "A probe, a `postStart` or a `preStop` asks for a port by a name, and its own container has no port of this name. Ports of other containers do not count.",
        why: "The probe fails each time: a pod is never ready, or is restarted again and again.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, ports: [{name: http, containerPort: 8080}], livenessProbe: {httpGet: {port: htpp}}}]",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, ports: [{name: http, containerPort: 8080}], livenessProbe: {httpGet: {port: http}}}]",
    },
    checks: &[Check::PodTree(check)],
};

/// Reports each probe and lifecycle handler that asks for a name which its own container's ports do not have: the
/// kubelet looks nowhere else.
fn check(_: &ObjectSet<'_>, pod: &PodTree<'_>, report: &mut Report) {
    for container in pod.containers() {
        each_probe_port(&container, |port, path| {
            let Some(name) = port.as_str() else { return };
            if !container.list("ports").iter().any(|port| has_port_name(port, name)) {
                report.add(finding(&pod.object, &container, name, path()));
            }
        });
    }
}

/// The finding at the port of a probe, with the ports that the container has.
fn finding(object: &ObjectTree<'_>, container: &ContainerTree<'_>, name: &str, path: ValuePath) -> Finding {
    let names = container.list("ports").iter().filter_map(|port| port.get("name")?.as_str());
    let known = list_names(names.clone());
    let otherwise = if known.is_empty() {
        "give the container's port this name, or write its number".to_owned()
    } else {
        format!("its ports are {known}")
    };
    let message = format!("the container `{}` has no port `{name}`", container.name());
    Finding::new(object, path, message).did_you_mean(name, names, otherwise)
}
