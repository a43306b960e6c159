//! R204: a PodDisruptionBudget that lets no pod be evicted.

use super::workload::{replicas, selects};
use super::{Finding, Page, Report, Rule, Set, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::Object;
use crate::kube::typed::IntOrString;
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R204,
    name: "budget-blocks-drain",
    level: Level::Deny,
    page: Page {
        what: "A PodDisruptionBudget wants as many pods available as there are: `minAvailable` reaches the replicas, or `maxUnavailable` is 0. \
Percentages are rounded up, as Kubernetes rounds them; with an autoscaler its fewest replicas count, and a Deployment without `replicas` has one.",
        why: "No pod may ever be evicted. `kubectl drain` waits without end, so nodes can be neither upgraded nor scaled down until somebody deletes the budget.",
        example: "\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec:
  minAvailable: 1
  selector: {matchLabels: {app: web}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: nginx:1.29.3}]",
        instead: "\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec:
  maxUnavailable: 1
  selector: {matchLabels: {app: web}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
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
        let Object::PodDisruptionBudget(budget) = &subject.object else { continue };
        let Some(spec) = &budget.spec else { continue };
        let Some(selector) = &spec.selector else { continue };
        let pods = set.pods_in(subject.namespace()).filter(|pod| selects(selector, pod.labels()));
        let workloads: Vec<&Subject<'_>> = pods.map(|pod| pod.subject).collect();
        // Of Jobs and DaemonSets nobody knows how many pods there are, and a drain leaves the latter alone.
        let counts = workloads.iter().map(|workload| replicas(set, workload));
        let Some(pods) = counts.map(|count| count.map(|(fewest, _)| fewest)).sum::<Option<i64>>() else {
            continue;
        };
        let key = if spec.min_available.is_some() { "minAvailable" } else { "maxUnavailable" };
        let allowed = match (&spec.min_available, &spec.max_unavailable) {
            (Some(least), _) => pods - amount(least, pods),
            (None, Some(most)) => amount(most, pods),
            (None, None) => continue,
        };
        if let Some(workload) = workloads.first().filter(|_| pods > 0 && allowed <= 0) {
            report.add(finding(set, subject, key, workload, pods));
        }
    }
}

/// A number or a share of all pods; Kubernetes rounds shares up, for either key.
fn amount(limit: &IntOrString, pods: i64) -> i64 {
    match limit {
        IntOrString::Int(number) => i64::from(*number),
        IntOrString::String(text) => {
            let percent: i64 = text.trim_end_matches('%').parse().unwrap_or(0);
            percent.saturating_mul(pods).saturating_add(99) / 100
        }
    }
}

fn finding(set: &Set<'_>, budget: &Subject<'_>, key: &str, workload: &Subject<'_>, pods: i64) -> Finding {
    let count = if pods == 1 { "the one pod".to_owned() } else { format!("any of {pods} pods") };
    let message = format!("this budget never lets {count} be evicted");
    let scaler = super::autoscaler::autoscaler_of(set, workload);
    let (other, path) = match &scaler {
        Some(scaler) => (scaler.subject, scaler.fewest_path()),
        None => (workload, ValuePath::keys(&["spec", "replicas"])),
    };
    let here = format!("the replicas of {}", workload.document.identity);
    let help = if pods == 1 {
        "have more than one pod, or leave the budget out"
    } else {
        "write `maxUnavailable: 1`"
    };
    Finding::new(budget, ValuePath::keys(&["spec", key]), message).also(other, path, here).help(help)
}
