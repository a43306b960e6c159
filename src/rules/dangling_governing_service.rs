//! R116: the Service that gives the pods of a StatefulSet their names.

use super::selector::Selector;
use super::template::Template;
use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::{Code, nearest};
use crate::yaml::{Node, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R116,
    name: "dangling-governing-service",
    level: Level::Deny,
    page: Page {
        what: "The `serviceName` of a StatefulSet names a Service that is neither among the objects nor known to be elsewhere, or one that does not select its pods.",
        why: "The pods get no names of their own in DNS: members of a cluster such as `db-0.db` do not find each other.",
        example: "\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: dbs
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
    if set.of_kind("StatefulSet").next().is_none() {
        return;
    }
    for template in set.templates() {
        let workload = &template.subject;
        let Some((name, written)) = service_name(workload) else { continue };
        match set.find("Service", workload.namespace(), name) {
            Some(service) if !selects(service, template) => {
                let message =
                    format!("Service `{name}` does not select the pods of {}", workload.document.identity);
                let selector = ValuePath::root().and_key("spec").and_key("selector");
                let finding = Finding::new(workload, service_name_path(), message);
                let finding = finding.also(service, selector, "this is what it selects");
                report.add(finding.help("name the Service that selects these pods"));
            }
            Some(_) => {}
            None if set.is_external(("Service", workload.namespace(), name), written) => {}
            None => report.add(missing(set, workload, name)),
        }
    }
}

fn missing(set: &ObjectSet<'_>, workload: &Subject<'_>, name: &str) -> Finding {
    let finding = Finding::new(workload, service_name_path(), format!("there is no Service `{name}`"));
    match nearest(name, set.names("Service", workload.namespace())) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help("add a Service of this name with `clusterIP: None` that selects these pods"),
    }
}

/// The name of a StatefulSet's Service, and that as it is written.
pub(super) fn service_name<'s>(workload: &Subject<'s>) -> Option<(&'s str, &'s Node)> {
    let written = workload.spec().filter(|_| workload.kind() == "StatefulSet")?.get("serviceName")?;
    Some((written.as_str().filter(|name| !name.is_empty())?, written))
}

/// Where a StatefulSet names its Service.
pub(super) fn service_name_path() -> ValuePath {
    ValuePath::keys(&["spec", "serviceName"])
}

/// Whether a Service selects a pod; somebody else may make the endpoints of one without a selector.
fn selects(service: &Subject<'_>, template: &Template<'_>) -> bool {
    Selector::of_service(service).is_none_or(|selector| selector.takes_pod(template))
}
