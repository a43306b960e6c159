//! R221: two containers of a pod on one port.

use std::collections::BTreeMap;

use super::{Container, Finding, Judge, ObjectSet, Page, Pod, Report, Rule};
use crate::config::Level;
use crate::diagnostic::Code;

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
    judge: &[Judge::Pod(judge)],
};

fn judge(_: &ObjectSet<'_>, pod: Pod<'_>, report: &mut Report) {
    // Of one container alone, the API check finds it.
    if pod.spec.containers.len() + pod.spec.init_containers.as_ref().map_or(0, Vec::len) < 2 {
        return;
    }
    let mut first = BTreeMap::new();
    for container in pod.containers().filter(Container::stays) {
        for (index, port) in container.spec.ports.iter().flatten().enumerate() {
            let key = (port.container_port, port.protocol.as_deref().unwrap_or("TCP"));
            let Some((other, there)) = first.insert(key, (container, index)) else { continue };
            let (this, that) = (&container.spec.name, &other.spec.name);
            let message = format!("`{this}` has the port {} of `{that}`", port.container_port);
            let place = |container: &Container<'_>, index: usize| {
                container.path().and_key("ports").and_index(index).and_key("containerPort")
            };
            let finding = Finding::new(pod.subject, place(&container, index), message);
            let finding = finding.also(pod.subject, place(&other, there), "the first");
            report.add(finding.help("give each container a port of its own"));
        }
    }
}
