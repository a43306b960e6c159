//! R221: two containers of a pod on one port.

use std::collections::BTreeMap;

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, TypedContainer, TypedPod};
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R221,
    name: "duplicate-port",
    level: Level::Warn,
    page: Page {
        what: "Two containers of a pod that run side by side declare the same port and protocol.",
        why: "The containers of a pod share one network. The second that opens the port fails with `address already in use` and is started again and again; if only one of them really listens, the other declaration misleads.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - {name: web, image: nginx:1.29.3, ports: [{containerPort: 8080}]}
    - {name: metrics, image: exporter:1.4.0, ports: [{containerPort: 8080}]}",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - {name: web, image: nginx:1.29.3, ports: [{containerPort: 8080}]}
    - {name: metrics, image: exporter:1.4.0, ports: [{containerPort: 9113}]}",
    },
    checks: &[Check::Pod(check)],
};

/// Reports each port that an earlier container of the pod has.
fn check(_: &ObjectSet<'_>, pod: TypedPod<'_>, report: &mut Report) {
    // Within one container the API check finds it: ports are a list with the number and the protocol as keys.
    let containers = pod.spec.containers.len() + pod.spec.init_containers.as_ref().map_or(0, Vec::len);
    if containers < 2 {
        return;
    }
    // By number and protocol: TCP and UDP of one number are two ports, and a DNS server has both.
    let mut first = BTreeMap::new();
    // An init container has ended before the others start; only sidecars run beside them.
    for container in pod.containers().filter(TypedContainer::is_main_or_sidecar) {
        for (index, port) in container.spec.ports.iter().flatten().enumerate() {
            let key = (port.container_port, port.protocol.as_deref().unwrap_or("TCP"));
            let Some((other, other_index)) = first.insert(key, (container, index)) else { continue };
            let message = format!(
                "`{}` has the port {} of `{}`",
                container.spec.name, port.container_port, other.spec.name
            );
            let finding = Finding::new(pod.object, port_path(&container, index), message)
                .also(pod.object, port_path(&other, other_index), "the first")
                .help("give each container a port of its own");
            report.add(finding);
        }
    }
}

/// The path of the number of a container's port.
fn port_path(container: &TypedContainer<'_>, index: usize) -> ValuePath {
    container.path().and_key("ports").and_index(index).and_key("containerPort")
}
