//! R204: a PodDisruptionBudget that lets no pod be evicted.

use super::selector::Selector;
use super::workload::replicas;
use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::yaml::{Node, ValuePath};

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
    judge: &[Judge::Set(judge)],
};

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    for budget in set.built_in("PodDisruptionBudget") {
        let Some(spec) = budget.spec() else { continue };
        let Some(selector) = spec.get("selector").map(Selector::read) else { continue };
        let pods = selector.pods(set, budget.namespace()).filter(|pod| selector.takes(pod.labels()));
        let workloads: Vec<&Subject<'_>> =
            pods.filter(|pod| pod.is_built_in()).map(|pod| &pod.subject).collect();
        // Of Jobs and DaemonSets nobody knows how many pods there are, and a drain leaves the latter alone.
        let counts = workloads.iter().map(|workload| replicas(set, workload));
        let Some(pods) = counts.map(|count| count.map(|(fewest, _)| fewest)).sum::<Option<i64>>() else {
            continue;
        };
        let (key, allowed) = match (spec.get("minAvailable"), spec.get("maxUnavailable")) {
            (Some(least), _) => ("minAvailable", pods - amount(least, pods)),
            (None, Some(most)) => ("maxUnavailable", amount(most, pods)),
            (None, None) => continue,
        };
        if let Some(workload) = workloads.first().filter(|_| pods > 0 && allowed <= 0) {
            report.add(finding(set, budget, key, workload, pods));
        }
    }
}

/// A number or a share of all pods; Kubernetes rounds shares up, for either key.
fn amount(limit: &Node, pods: i64) -> i64 {
    limit.as_i64().unwrap_or_else(|| {
        let text = limit.as_str().unwrap_or_default();
        let percent: i64 = text.trim_end_matches('%').parse().unwrap_or(0);
        percent.saturating_mul(pods).saturating_add(99) / 100
    })
}

fn finding(
    set: &ObjectSet<'_>,
    budget: &Subject<'_>,
    key: &str,
    workload: &Subject<'_>,
    pods: i64,
) -> Finding {
    let count = if pods == 1 { "the one pod".to_owned() } else { format!("any of {pods} pods") };
    let message = format!("this budget never lets {count} be evicted");
    let scaler = set.autoscalers().of(workload);
    let (other, path) = match scaler {
        Some(scaler) => (&scaler.subject, scaler.fewest_path()),
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
