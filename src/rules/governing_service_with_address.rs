//! R124: a StatefulSet whose Service is not headless.

use super::dangling_governing_service::{service_name, service_name_path};
use super::{Finding, Judge, ObjectSet, Page, Report, Rule};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::yaml::{Node, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R124,
    name: "governing-service-with-address",
    level: Level::Warn,
    page: Page {
        what: "The `serviceName` of a StatefulSet names a Service without `clusterIP: None`.",
        why: "Only a headless Service gives each pod a name in DNS. With an address of its own it spreads connections over all pods, and `db-0.db` leads nowhere.",
        example: "\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: db, image: \"postgres:18.1\"}]
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec:
  selector: {app: db}
  ports: [{port: 5432}]",
        instead: "\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: db, image: \"postgres:18.1\"}]
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec:
  clusterIP: None
  selector: {app: db}
  ports: [{port: 5432}]",
    },
    judge: &[Judge::Set(judge)],
};

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    for workload in set.of_kind("StatefulSet") {
        let Some((name, _)) = service_name(workload) else { continue };
        let Some(service) = set.find("Service", workload.namespace(), name) else { continue };
        let address = service.spec().and_then(|spec| spec.get("clusterIP"));
        if address.and_then(Node::as_str) != Some("None") {
            let message = format!("Service `{name}` of {} is not headless", workload.document.identity);
            let finding = Finding::new(workload, service_name_path(), message);
            let here = ValuePath::root().and_key("spec").and_key("clusterIP");
            let finding = finding.also(service, here, "here `clusterIP: None` is missing");
            report.add(finding.help("name a headless Service, one with `clusterIP: None`"));
        }
    }
}
