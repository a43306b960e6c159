//! R209: a workload whose selector does not fit its own pods.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, PodTree, workload_selector};
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
    checks: &[Check::PodTree(check)],
};

/// Reports a workload whose selector names no label, or one that its own pods do not have.
///
/// The API server refuses both (`ValidateDeploymentSpec`, `ValidatePodTemplateSpecForStatefulSet` and their like).
fn check(_: &ObjectSet<'_>, pod: &PodTree<'_>, report: &mut Report) {
    let workload = &pod.object;
    let Some(selector) = workload_selector(workload) else { return };
    // By the written labels alone: what controllers add they add afterwards, and the validation does not see it.
    let path = || ValuePath::keys(&["spec", "selector"]);
    if selector.is_empty() {
        let message = format!("the selector of {} names no label", workload.identity());
        report.add(Finding::new(workload, path(), message).help("select a label of the pod template"));
    } else if !selector.matches_labels(pod.labels()) {
        let message = format!("the selector of {} does not fit its own pods", workload.identity());
        let labels = pod.metadata_path().and_key("labels");
        let finding = Finding::new(workload, path(), message)
            .also(workload, labels, "the labels of its pods")
            .help("write the same labels in both places");
        report.add(finding);
    }
}
