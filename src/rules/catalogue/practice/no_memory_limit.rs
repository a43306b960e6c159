//! R302: a container that may use all memory of its node.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{Amount, ObjectSet, TypedPod, has_amount};

pub(super) const RULE: Rule = Rule {
    code: Code::R302,
    name: "no-memory-limit",
    level: Level::Warn,
    page: Page {
        what: "A container has no memory limit: not its own, not its pod's, and no LimitRange among the objects fills one in.",
        why: "A leak grows until the node is out of memory, and then the kernel stops whatever it likes, other pods too. A limit for the CPU is not asked for: a container without one only takes what nobody else uses.",
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
      resources:
        limits: {memory: 128Mi}",
    },
    checks: &[Check::Pod(check)],
};

/// Reports each container without a memory limit, init containers too: they run on the same node.
fn check(set: &ObjectSet<'_>, pod: TypedPod<'_>, report: &mut Report) {
    // Memory alone: a limit of CPU only slows a container down, where memory that runs out takes others of the node
    // along.
    for container in pod.containers() {
        if !has_amount(set, &container, Amount::Limit, "memory") {
            let message = format!("the container `{}` has no memory limit", container.spec.name);
            let path = container.path().and_key("resources").and_key("limits");
            let finding = Finding::new(pod.object, path, message);
            let finding = finding.help("set `resources.limits.memory` a little above the most that it needs");
            report.add(finding.lacks(&container, "a memory limit", "`resources.limits.memory`"));
        }
    }
}
