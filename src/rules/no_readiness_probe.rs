//! R309: pods behind a Service that never say when they are ready.

use super::pod::Pod;
use super::{Finding, Page, Report, Rule, Set, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::Object;
use crate::kube::typed::ServiceSpec;
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R309,
    name: "no-readiness-probe",
    level: Level::Warn,
    page: Page {
        what: "A Service sends requests to pods of which no container has a readiness probe. Services that publish pods before they are ready (`publishNotReadyAddresses`) ask for none.",
        why: "A pod counts as ready the moment its process starts, so each rollout sends requests to pods that can't answer yet, and a pod that hangs keeps getting its share.",
        example: "\
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx:1.29.3",
        instead: "\
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx:1.29.3
          readinessProbe:
            httpGet: {path: /, port: 80}",
    },
    judge,
};

fn judge(set: &Set<'_>, report: &mut Report) {
    let silent = |pod: &Pod<'_>| !pod.containers().any(|container| container.spec.readiness_probe.is_some());
    for pod in set.pods().filter(silent) {
        let mut services =
            set.of_kind("Service").filter(|other| other.namespace() == pod.subject.namespace());
        let Some(service) = services.find(|service| sends_requests(service, &pod)) else { continue };
        let message = format!("nothing says when the pods of {} are ready", pod.subject.document.identity);
        let path = pod.path().key("containers").index(0).key("readinessProbe");
        let finding = Finding::new(pod.subject, path, message);
        let selector = ValuePath::root().key("spec").key("selector");
        let here = format!("{} sends them requests", service.document.identity);
        let help = "give the container that answers a `readinessProbe`";
        report.add(finding.also(service, selector, here).help(help));
    }
}

/// Whether this is a Service that leads to a pod as soon as that is ready.
fn sends_requests(service: &Subject<'_>, pod: &Pod<'_>) -> bool {
    let Object::Service(service) = &service.object else { return false };
    let waits = |spec: &&ServiceSpec| spec.publish_not_ready_addresses != Some(true);
    let selector = service.spec.as_ref().filter(waits).and_then(|spec| spec.selector.as_ref());
    selector.is_some_and(|selector| !selector.is_empty() && pod.has_labels(selector))
}
