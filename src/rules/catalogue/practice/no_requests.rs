//! R303: a container that does not say what it needs.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{Amount, ObjectSet, TypedPod, has_amount};

pub(super) const RULE: Rule = Rule {
    code: Code::R303,
    name: "no-requests",
    level: Level::Warn,
    page: Page {
        what: "A container does not say how much CPU or memory it needs. A limit counts as a request, and so do its pod's requests and what a LimitRange among the objects fills in.",
        why: "The scheduler takes the container for nothing and fills the node with others; it is the first to be stopped when the memory runs out, and an autoscaler has no measure for it.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: nginx:1.29.3
      resources:
        limits: {memory: 128Mi}",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: nginx:1.29.3
      resources:
        requests: {cpu: 100m, memory: 128Mi}
        limits: {memory: 128Mi}",
    },
    checks: &[Check::Pod(check)],
};

/// Reports each container that requests no CPU, no memory or neither. Init containers too: the scheduler keeps free
/// what the largest of them requests, if that is more than all others together.
fn check(set: &ObjectSet<'_>, pod: TypedPod<'_>, report: &mut Report) {
    for container in pod.containers() {
        let has_cpu = has_amount(set, &container, Amount::Request, "cpu");
        let has_memory = has_amount(set, &container, Amount::Request, "memory");
        // One finding a container: both are mended in one place.
        let (missing, lack) = match (has_cpu, has_memory) {
            (false, false) => ("neither CPU nor memory", "CPU and memory requests"),
            (false, true) => ("no CPU", "a CPU request"),
            (true, false) => ("no memory", "a memory request"),
            (true, true) => continue,
        };
        let message = format!("the container `{}` requests {missing}", container.spec.name);
        let path = container.path().and_key("resources").and_key("requests");
        let finding = Finding::new(pod.object, path, message);
        let finding = finding.help("set `resources.requests` to what it uses on a usual day");
        report.add(finding.lacks(&container, lack, "`resources.requests`"));
    }
}
