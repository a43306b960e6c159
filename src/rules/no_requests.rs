//! R303: a container that does not say what it needs.

use super::resources::{Amount, has};
use super::{Finding, Judge, ObjectSet, Page, Pod, Report, Rule};
use crate::config::Level;
use crate::diagnostic::Code;

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
    judge: &[Judge::Pod(judge)],
};

fn judge(set: &ObjectSet<'_>, pod: Pod<'_>, report: &mut Report) {
    for container in pod.containers() {
        let lacks = |resource| !has(set, &container, Amount::Request, resource);
        let lacking = match (lacks("cpu"), lacks("memory")) {
            (true, true) => "neither CPU nor memory",
            (true, false) => "no CPU",
            (false, true) => "no memory",
            (false, false) => continue,
        };
        let message = format!("the container `{}` requests {lacking}", container.spec.name);
        let path = container.path().and_key("resources").and_key("requests");
        let finding = Finding::new(container.pod.subject, path, message);
        report.add(finding.help("set `resources.requests` to what it uses on a usual day"));
    }
}
