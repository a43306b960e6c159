//! R209: a workload whose selector does not fit its own pods.

use super::pod::pod_of;
use super::workload::{selector_of, selects};
use super::{Finding, Page, Report, Rule, Set};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R209,
    name: "selector-mismatch",
    level: Level::Deny,
    page: Page {
        what: "The selector of a Deployment, StatefulSet, DaemonSet or ReplicaSet does not fit the labels of its own pod template, or selects nothing in particular.",
        why: "The API server refuses the workload: it would make pods without end and know none of them.",
        example: "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: wbe}}
    spec:
      containers: [{name: web, image: nginx:1.29.3}]",
        instead: "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: nginx:1.29.3}]",
    },
    judge,
};

fn judge(set: &Set<'_>, report: &mut Report) {
    for subject in &set.subjects {
        let Some(selector) = selector_of(subject) else { continue };
        let Some(pod) = pod_of(subject) else { continue };
        let path = ValuePath::keys(&["spec", "selector"]);
        let empty = selector.match_labels.iter().flatten().next().is_none()
            && selector.match_expressions.iter().flatten().next().is_none();
        if empty {
            let message = format!("the selector of {} names no label", subject.document.identity);
            report.add(Finding::new(subject, path, message).help("select a label of the pod template"));
        } else if !selects(selector, pod.labels()) {
            let message = format!("the selector of {} does not fit its own pods", subject.document.identity);
            let labels = pod.metadata_path().key("labels");
            let finding =
                Finding::new(subject, path, message).also(subject, labels, "the labels of its pods");
            report.add(finding.help("write the same labels in both places"));
        }
    }
}
