//! R305: a container with all rights on its node.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::typed::SecurityContext;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, TypedContainer, TypedPod};

pub(super) const RULE: Rule = Rule {
    code: Code::R305,
    name: "privileged",
    level: Level::Warn,
    page: Page {
        what: "A container is privileged, or is given a capability that comes to the same: `ALL`, `SYS_ADMIN`, `SYS_MODULE`, `SYS_RAWIO`, `DAC_READ_SEARCH` or `BPF`; on Windows, `hostProcess`.",
        why: "Such a container is root on its node: it reads the Secrets of every pod there and can replace the kubelet. Network and storage plugins need that; suppress the rule for them, and say so.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: nginx:1.29.3
      securityContext: {privileged: true}",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: nginx:1.29.3
      securityContext:
        capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}",
    },
    checks: &[Check::Pod(check)],
};

/// Capabilities with which a container takes over its node: it may mount (`SYS_ADMIN`), load a module into the
/// kernel, write to devices and memory, open any file by its handle, or load programs into the kernel. Others
/// (`NET_ADMIN`) are dangerous to the network alone.
const DANGEROUS: &[&str] = &["ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_RAWIO", "DAC_READ_SEARCH", "BPF"];

/// Reports each container with all rights on its node, by either of the fields that give them, and each capability
/// that comes to the same.
fn check(_: &ObjectSet<'_>, pod: TypedPod<'_>, report: &mut Report) {
    for container in pod.containers() {
        let Some(security) = container.security() else { continue };
        let path = || container.path().and_key("securityContext");
        if container.is_privileged() {
            let message = format!("the container `{}` has all rights on its node", container.spec.name);
            let finding = Finding::new(pod.object, path().and_key("privileged"), message);
            report.add(finding.help("leave `privileged` out, and add the one capability that it needs"));
        }
        if security.windows_options.as_ref().is_some_and(|windows| windows.host_process == Some(true)) {
            let message = format!("the container `{}` runs on the node itself", container.spec.name);
            let path = path().and_key("windowsOptions").and_key("hostProcess");
            report.add(Finding::new(pod.object, path, message).help("leave `hostProcess` out"));
        }
        check_capabilities(&container, security, report);
    }
}

/// Reports the capabilities that a container adds. What it drops is not looked at: names under `add` are added after
/// `drop: [ALL]`.
fn check_capabilities(container: &TypedContainer<'_>, security: &SecurityContext, report: &mut Report) {
    let Some(added) = security.capabilities.as_ref().and_then(|capabilities| capabilities.add.as_deref())
    else {
        return;
    };
    for (index, name) in added.iter().enumerate() {
        // Some container runtimes take the names with the prefix too.
        if !DANGEROUS.contains(&name.trim_start_matches("CAP_")) {
            continue;
        }
        let message =
            format!("the capability `{name}` gives the container `{}` its whole node", container.spec.name);
        let capabilities = container.path().and_key("securityContext").and_key("capabilities");
        let finding =
            Finding::new(container.pod.object, capabilities.and_key("add").and_index(index), message);
        report.add(finding.help("add only the capabilities that it needs, such as `NET_BIND_SERVICE`"));
    }
}
