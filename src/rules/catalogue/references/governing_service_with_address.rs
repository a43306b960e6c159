//! R124: a StatefulSet whose Service is not headless.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, governing_service, governing_service_path, is_headless};
use crate::yaml::ValuePath;

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
    checks: &[Check::Set(check)],
};

/// Reports each StatefulSet whose Service of the set has an address. One that is elsewhere, or missing (R116), is not
/// judged.
///
/// A warning: the pods run and are reached through the Service, and many programs never ask for one of them by name.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    for workload in set.of_kind("StatefulSet") {
        let Some((name, _)) = governing_service(workload) else { continue };
        let Some(service) = set.find("Service", workload.namespace(), name) else { continue };
        if is_headless(service) {
            continue;
        }
        let message = format!("Service `{name}` of {} is not headless", workload.identity());
        let cluster_ip = ValuePath::keys(&["spec", "clusterIP"]);
        let finding = Finding::new(workload, governing_service_path(), message)
            .also(service, cluster_ip, "here `clusterIP: None` is missing")
            .help("name a headless Service, one with `clusterIP: None`");
        report.add(finding);
    }
}
