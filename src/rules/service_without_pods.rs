//! R101: a Service whose selector fits no pod of the set.

use std::collections::BTreeMap;

use super::{Finding, Page, Report, Rule, Set, Subject};
use crate::config::Level;
use crate::diagnostic::{Code, nearest};
use crate::kube::Object;
use crate::yaml::ValuePath;

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
    judge,
};

fn judge(set: &Set<'_>, report: &mut Report) {
    for subject in &set.subjects {
        let Object::Service(service) = &subject.object else { continue };
        let selector = service.spec.as_ref().and_then(|spec| spec.selector.as_ref());
        // Without a selector somebody else makes the endpoints.
        let Some(selector) = selector.filter(|selector| !selector.is_empty()) else { continue };
        if !set.pods_in(subject.namespace()).any(|pod| pod.has_labels(selector)) {
            report.add(finding(set, subject, selector));
        }
    }
}

fn finding(set: &Set<'_>, subject: &Subject<'_>, selector: &BTreeMap<String, String>) -> Finding {
    let path = ValuePath::root().key("spec").key("selector");
    let wanted: Vec<String> = selector.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let wanted = wanted.join(",");
    let message = format!("no pod has the labels `{wanted}` that this Service selects");
    let finding = Finding::new(subject, path, message);
    let others: Vec<String> = set
        .pods_in(subject.namespace())
        .filter_map(|pod| pod.labels())
        .map(|labels| {
            labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
        })
        .collect();
    match nearest(&wanted, others.iter().map(String::as_str)) {
        Some(near) => finding.help(format!("write the labels of the pods, such as `{near}`")),
        None => finding.help("write the labels of the pods, or leave the Service out"),
    }
}
