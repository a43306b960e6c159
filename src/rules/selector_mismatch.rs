//! R209: a workload whose selector does not fit its own pods.

use super::template::Template;
use super::workload::selector_of;
use super::{Finding, Judge, ObjectSet, Page, Report, Rule};
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
    judge: &[Judge::Template(judge)],
};

fn judge(_: &ObjectSet<'_>, pod: &Template<'_>, report: &mut Report) {
    let subject = &pod.subject;
    let Some(selector) = selector_of(subject) else { return };
    let path = || ValuePath::keys(&["spec", "selector"]);
    if selector.is_empty() {
        let message = format!("the selector of {} names no label", subject.document.identity);
        report.add(Finding::new(subject, path(), message).help("select a label of the pod template"));
    } else if !selector.takes(pod.labels()) {
        let message = format!("the selector of {} does not fit its own pods", subject.document.identity);
        let labels = pod.metadata_path().and_key("labels");
        let finding = Finding::new(subject, path(), message).also(subject, labels, "the labels of its pods");
        report.add(finding.help("write the same labels in both places"));
    }
}
