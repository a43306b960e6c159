//! R310: a container that nothing restarts when it hangs.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, TypedContainer, TypedPod};

pub(super) const RULE: Rule = Rule {
    code: Code::R310,
    name: "no-liveness-probe",
    level: Level::Allow,
    page: Page {
        what: "A container of a Deployment, StatefulSet, DaemonSet, ReplicaSet or Pod that runs on and on has no liveness probe. This rule is for those who ask for it: a liveness probe that fails under load, or because something else is down, restarts healthy pods, so a program that ends when it can't go on is better off without one.",
        why: "A program that hangs without ending is never restarted.",
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
      livenessProbe:
        tcpSocket: {port: 80}",
    },
    checks: &[Check::Pod(check)],
};

/// Reports each container that runs on and on without a liveness probe. A startup probe is none: it ends with the
/// first success.
fn check(_: &ObjectSet<'_>, pod: TypedPod<'_>, report: &mut Report) {
    // A Job runs to its end.
    if matches!(pod.object.kind(), "Job" | "CronJob") {
        return;
    }
    for container in pod.containers().filter(TypedContainer::is_main_or_sidecar) {
        if container.spec.liveness_probe.is_none() {
            let message = format!("nothing restarts the container `{}` when it hangs", container.spec.name);
            let path = container.path().and_key("livenessProbe");
            let finding = Finding::new(pod.object, path, message);
            let finding = finding.help("give it a `livenessProbe` that asks for nothing but itself");
            report.add(finding.lacks(&container, "a liveness probe", "`livenessProbe`"));
        }
    }
}
