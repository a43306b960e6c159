//! R306: a pod that shares something with its node.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, TypedPod};
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R306,
    name: "host-access",
    level: Level::Warn,
    page: Page {
        what: "A pod shares something with its node: `hostNetwork`, `hostPID`, `hostIPC`, a `hostPath` volume or a `hostPort`.",
        why: "What the pod sees of the node, whoever breaks into it sees too: other processes, the container runtime's socket, the node's files and its addresses. A `hostPort` or a `hostPath` ties the pod to one node besides. Agents that watch nodes need some of it; suppress the rule there, and say what for.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: nginx:1.29.3
  volumes:
    - name: docker
      hostPath: {path: /var/run/docker.sock}",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: nginx:1.29.3
  volumes:
    - name: cache
      emptyDir: {}",
    },
    checks: &[Check::Pod(check)],
};

/// Reports once a pod what it shares of its node: namespaces first, then volumes, then ports.
fn check(_: &ObjectSet<'_>, pod: TypedPod<'_>, report: &mut Report) {
    let mut shared = namespaces(pod);
    shared.extend(volumes(pod));
    shared.extend(ports(pod));
    let mut shared = shared.into_iter();
    let Some(first) = shared.next() else { return };
    let rest: Vec<Shared> = shared.collect();
    let more = match rest.len() {
        0 => String::new(),
        1 => ", and shares one thing more with it".to_owned(),
        number => format!(", and shares {number} things more with it"),
    };
    let finding = Finding::new(pod.object, first.path, format!("{}{more}", first.message)).help(first.help);
    let shown = rest.into_iter().take(MAX_SHOWN);
    report.add(shown.fold(finding, |finding, one| finding.also(pod.object, one.path, one.message)));
}

/// How many more things that a pod shares are shown where they are written.
const MAX_SHOWN: usize = 8;

/// Something of the node that a pod shares.
struct Shared {
    path: ValuePath,
    /// A sentence about the pod, or about a part of it.
    message: String,
    help: String,
}

/// The Linux namespaces of the node that the pod as a whole is in.
fn namespaces(pod: TypedPod<'_>) -> Vec<Shared> {
    let namespaces = [
        ("hostNetwork", pod.spec.host_network, "is in the network"),
        ("hostPID", pod.spec.host_pid, "sees the processes"),
        ("hostIPC", pod.spec.host_ipc, "uses the shared memory"),
    ];
    let shared = namespaces.iter().filter(|(_, value, _)| *value == Some(true));
    let shared = shared.map(|(field, _, what)| Shared {
        path: pod.path().and_key(*field),
        message: format!("the pod {what} of its node"),
        help: format!("leave `{field}` out"),
    });
    shared.collect()
}

/// Each volume that is a folder or a file of the node. Read-only mounts too: the container runtime's socket can be used
/// for anything without being written to.
fn volumes(pod: TypedPod<'_>) -> Vec<Shared> {
    let mut shared = Vec::new();
    for (index, volume) in pod.spec.volumes.iter().flatten().enumerate() {
        let Some(host) = &volume.host_path else { continue };
        shared.push(Shared {
            path: pod.path().and_key("volumes").and_index(index).and_key("hostPath").and_key("path"),
            message: format!("the volume `{}` is `{}` of the node", volume.name, host.path),
            help: "use a claim, a `configMap`, or an `emptyDir` for what only this pod needs".to_owned(),
        });
    }
    shared
}

/// Each port of the node that a container takes.
fn ports(pod: TypedPod<'_>) -> Vec<Shared> {
    let mut shared = Vec::new();
    // Then each port is one of the node, which `namespaces` tells: the API server fills in `hostPort` itself.
    if pod.spec.host_network == Some(true) {
        return shared;
    }
    for container in pod.containers() {
        for (index, port) in container.spec.ports.iter().flatten().enumerate() {
            // Zero is no port to the API server.
            let Some(number) = port.host_port.filter(|number| *number != 0) else { continue };
            shared.push(Shared {
                path: container.path().and_key("ports").and_index(index).and_key("hostPort"),
                message: format!(
                    "the container `{}` takes the port {number} of its node",
                    container.spec.name
                ),
                help: "leave `hostPort` out, and let a Service lead to the pod".to_owned(),
            });
        }
    }
    shared
}
