//! R308: a container that can change its own programs.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, TypedContainer, TypedPod};

pub(super) const RULE: Rule = Rule {
    code: Code::R308,
    name: "writable-root",
    level: Level::Warn,
    page: Page {
        what: "A container can write to its own root file system: it does not set `readOnlyRootFilesystem: true`. Init containers, which end before anybody can talk to the pod, and pods for Windows are left alone.",
        why: "An intruder can replace the program and bring their own tools, and what the program itself writes there is lost at the next restart, and fills the node's disk until then.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: nginx:1.29.3",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: nginx:1.29.3
      securityContext: {readOnlyRootFilesystem: true}
      volumeMounts: [{name: tmp, mountPath: /tmp}]
  volumes: [{name: tmp, emptyDir: {}}]",
    },
    checks: &[Check::Pod(check)],
};

/// Reports each container that can write to its root file system for as long as the pod runs.
fn check(_: &ObjectSet<'_>, pod: TypedPod<'_>, report: &mut Report) {
    if pod.is_windows() {
        return;
    }
    // Init containers often prepare files, and are gone before anybody can reach the pod.
    // The field is one of containers alone: a pod cannot set it for all of them.
    for container in pod.containers().filter(TypedContainer::is_main_or_sidecar) {
        if container.security().and_then(|own| own.read_only_root_filesystem) == Some(true) {
            continue;
        }
        let message = format!("the container `{}` can write to its root file system", container.spec.name);
        let path = container.path().and_key("securityContext").and_key("readOnlyRootFilesystem");
        let finding = Finding::new(pod.object, path, message);
        let finding = finding.help(
            "set `securityContext.readOnlyRootFilesystem: true`, and mount an `emptyDir` where it must write",
        );
        let set = "`securityContext.readOnlyRootFilesystem: true`";
        report.add(finding.lacks(&container, "a read-only root file system", set));
    }
}
