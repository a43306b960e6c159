//! R306: a pod that shares something with its node.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, TypedPod};

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

/// Reports everything of the node that a pod shares: namespaces first, then volumes, then ports.
fn check(_: &ObjectSet<'_>, pod: TypedPod<'_>, report: &mut Report) {
    check_namespaces(pod, report);
    check_volumes(pod, report);
    check_ports(pod, report);
}

/// Reports the Linux namespaces of the node that the pod as a whole is in.
fn check_namespaces(pod: TypedPod<'_>, report: &mut Report) {
    let namespaces = [
        ("hostNetwork", pod.spec.host_network, "is in the network"),
        ("hostPID", pod.spec.host_pid, "sees the processes"),
        ("hostIPC", pod.spec.host_ipc, "uses the shared memory"),
    ];
    for (field, value, what) in namespaces {
        if value == Some(true) {
            let message = format!("the pod {what} of its node");
            let finding = Finding::new(pod.object, pod.path().and_key(field), message);
            report.add(finding.help(format!("leave `{field}` out")));
        }
    }
}

/// Reports each volume that is a folder or a file of the node. Read-only mounts too: the container runtime's socket
/// can be used for anything without being written to.
fn check_volumes(pod: TypedPod<'_>, report: &mut Report) {
    for (index, volume) in pod.spec.volumes.iter().flatten().enumerate() {
        let Some(host) = &volume.host_path else { continue };
        let message = format!("the volume `{}` is `{}` of the node", volume.name, host.path);
        let path = pod.path().and_key("volumes").and_index(index).and_key("hostPath").and_key("path");
        let help = "use a claim, a `configMap`, or an `emptyDir` for what only this pod needs";
        report.add(Finding::new(pod.object, path, message).help(help));
    }
}

/// Reports each port of the node that a container takes.
fn check_ports(pod: TypedPod<'_>, report: &mut Report) {
    // Then each port is one of the node, which `check_namespaces` has reported: the API server fills in `hostPort`
    // itself.
    if pod.spec.host_network == Some(true) {
        return;
    }
    for container in pod.containers() {
        for (index, port) in container.spec.ports.iter().flatten().enumerate() {
            // Zero is no port to the API server.
            let Some(number) = port.host_port.filter(|number| *number != 0) else { continue };
            let message =
                format!("the container `{}` takes the port {number} of its node", container.spec.name);
            let path = container.path().and_key("ports").and_index(index).and_key("hostPort");
            let finding = Finding::new(pod.object, path, message);
            report.add(finding.help("leave `hostPort` out, and let a Service lead to the pod"));
        }
    }
}
