//! R116: the Service that gives the pods of a StatefulSet their names.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{
    ObjectSet, ObjectTree, PodTree, Selector, governing_service, governing_service_path,
};
use crate::yaml::ValuePath;

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
    checks: &[Check::Set(check)],
};

/// Reports each StatefulSet whose Service is missing, or leads to other pods.
///
/// It is not in the table of references, because what the Service selects counts as well.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    // Fast path: many sets have pods and no StatefulSet.
    if set.of_kind("StatefulSet").next().is_none() {
        return;
    }
    for pod in set.pods().iter() {
        let workload = &pod.object;
        let Some((name, name_node)) = governing_service(workload) else { continue };
        match set.find("Service", workload.namespace(), name) {
            Some(service) if !may_select(service, pod) => {
                let message = format!("Service `{name}` does not select the pods of {}", workload.identity());
                let finding = Finding::new(workload, governing_service_path(), message)
                    .also(service, ValuePath::keys(&["spec", "selector"]), "this is what it selects")
                    .help("name the Service that selects these pods");
                report.add(finding);
            }
            Some(_) => {}
            // What a Service elsewhere selects is unknown.
            None if set.is_known_elsewhere("Service", workload.namespace(), name, name_node) => {}
            None => report.add(missing(set, workload, name)),
        }
    }
}

/// The finding about a Service that is not there.
fn missing(set: &ObjectSet<'_>, workload: &ObjectTree<'_>, name: &str) -> Finding {
    let message = format!("there is no Service `{name}`");
    Finding::new(workload, governing_service_path(), message).did_you_mean(
        name,
        set.names("Service", workload.namespace()).iter().copied(),
        "add a Service of this name with `clusterIP: None` that selects these pods",
    )
}

/// Whether a Service may lead to a pod. One without a selector may: its endpoints are made by something else.
fn may_select(service: &ObjectTree<'_>, pod: &PodTree<'_>) -> bool {
    Selector::of_service(service).is_none_or(|selector| selector.may_match_pod(pod))
}
