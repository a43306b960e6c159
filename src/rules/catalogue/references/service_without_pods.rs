//! R101: a Service whose selector fits no pod of the set.

use super::unmatched_selector::no_pod_matches;
use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, Selector};

pub(super) const RULE: Rule = Rule {
    code: Code::R101,
    name: "service-without-pods",
    level: Level::Deny,
    page: Page {
        what: "The selector of a Service fits the labels of no pod in its namespace, among the objects that are rendered or linted together.",
        why: "Kubernetes accepts the Service and gives it no endpoints. Every connection to it is refused, and nothing says why.",
        example: "\
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: wbe}
  ports: [{port: 80}]
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3}]",
        instead: "\
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80}]
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3}]",
    },
    checks: &[Check::Set(check)],
};

/// Reports each Service that leads to no pod. Labels that controllers add count: a Service for one pod of a
/// StatefulSet selects by its name.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    for service in set.of_kind("Service") {
        // The endpoints of a Service without a selector are made by something else.
        let Some(selector) = Selector::of_service(service) else { continue };
        if set.pods().matching(&selector, service.namespace()).next().is_none() {
            report.add(no_pod_matches(set, service, &selector, "this Service selects"));
        }
    }
}
