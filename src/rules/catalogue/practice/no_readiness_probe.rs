//! R309: pods behind a Service that never say when they are ready.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, TypedPod};
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
    checks: &[Check::Pod(check)],
};

/// Reports each pod without any readiness probe that a Service sends requests to.
fn check(set: &ObjectSet<'_>, pod: TypedPod<'_>, report: &mut Report) {
    // A pod is ready when all of its containers are: one probe keeps requests away.
    if pod.containers().any(|container| container.spec.readiness_probe.is_some()) {
        return;
    }
    let Some(service) = set.service_leading_to(pod) else { return };
    let message = format!("nothing says when the pods of {} are ready", pod.object.identity());
    // Which of several containers answers is unknown, so the finding stands at the first.
    let path = pod.path().and_key("containers").and_index(0).and_key("readinessProbe");
    let selector = ValuePath::keys(&["spec", "selector"]);
    let finding = Finding::new(pod.object, path, message)
        .also(&service, selector, format!("{} sends them requests", service.identity()))
        .help("give the container that answers a `readinessProbe`");
    let mut containers = pod.containers();
    // Of several containers, nobody knows which one lacks it.
    report.add(match (containers.next(), containers.next()) {
        (Some(only), None) => finding.lacks(&only, "a readiness probe", "`readinessProbe`"),
        _ => finding,
    });
}
