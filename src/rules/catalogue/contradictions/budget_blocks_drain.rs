//! R204: a PodDisruptionBudget that lets no pod be evicted.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, ObjectTree, Selector, replicas};
use crate::yaml::{PackedNode, ValuePath};

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
    checks: &[Check::Set(check)],
};

/// Reports each budget that allows no eviction though all of its pods are healthy, as the disruption controller would
/// compute it (`getExpectedPodCount` and `updatePdbStatus`): what is healthy less what must be.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    for budget in set.built_in("PodDisruptionBudget") {
        let Some(spec) = budget.spec() else { continue };
        let Some(selector) = spec.get("selector").map(Selector::read) else { continue };
        let workloads: Vec<&ObjectTree<'_>> = set
            .pods()
            .matching(&selector, budget.namespace())
            // Only by labels that are written: with those that a controller may add, the budget may as well be for
            // others.
            .filter(|pod| selector.matches_labels(pod.labels()) && pod.is_built_in())
            .map(|pod| &pod.object)
            .collect();
        let Some(pods) = fewest_pods(set, &workloads) else { continue };
        // The API server takes only one of the two.
        let (key, evictable) = match (spec.get("minAvailable"), spec.get("maxUnavailable")) {
            (Some(least), _) => ("minAvailable", pods.saturating_sub(amount(least, pods))),
            (None, Some(most)) => ("maxUnavailable", amount(most, pods)),
            (None, None) => continue,
        };
        // Without pods there is nothing to evict, and R111 is about budgets that select none.
        if let Some(workload) = workloads.first().filter(|_| pods > 0 && evictable <= 0) {
            report.add(finding(set, &BlockingBudget { budget, key, workload, pods }));
        }
    }
}

/// How many pods the workloads have at least; none if one of them has no known number, as Jobs and DaemonSets have
/// not. `kubectl drain` does not evict the pods of the latter.
///
/// The fewest, because a budget that blocks at night blocks the upgrade at night.
fn fewest_pods(set: &ObjectSet<'_>, workloads: &[&ObjectTree<'_>]) -> Option<i64> {
    workloads.iter().try_fold(0_i64, |sum, workload| {
        // Saturating: the numbers of a custom autoscaler may be as large as YAML has them.
        Some(sum.saturating_add(replicas(set, workload)?.min))
    })
}

/// A number, or a share of all pods. The disruption controller rounds shares up, whichever of the two keys they are for
/// (`GetScaledValueFromIntOrPercent` with `roundUp`).
fn amount(limit: PackedNode<'_>, pods: i64) -> i64 {
    if let Some(number) = limit.as_i64() {
        return number;
    }
    let share = limit.as_str().and_then(|text| text.trim_end_matches('%').parse::<i64>().ok());
    // What is neither counts as zero: the API server refuses it, so what is said of it matters little.
    let percent = share.unwrap_or(0);
    // Saturating, as a share may be any number of per cent.
    percent.saturating_mul(pods).saturating_add(99) / 100
}

/// A budget that lets no pod be evicted.
struct BlockingBudget<'s> {
    budget: &'s ObjectTree<'s>,
    /// The key that says so: `minAvailable` or `maxUnavailable`.
    key: &'static str,
    /// The first of the workloads that it selects.
    workload: &'s ObjectTree<'s>,
    /// How many pods all of them have, at least one.
    pods: i64,
}

/// The finding at the key of the budget.
fn finding(set: &ObjectSet<'_>, blocking: &BlockingBudget<'_>) -> Finding {
    let BlockingBudget { budget, key, workload, pods } = *blocking;
    let (count, help) = if pods == 1 {
        ("the one pod".to_owned(), "have more than one pod, or leave the budget out")
    } else {
        (format!("any of {pods} pods"), "write `maxUnavailable: 1`")
    };
    // Where an autoscaler has a say, its least number is what makes the budget too tight, and not what the workload
    // writes.
    let (scaled_by, path) = match set.autoscalers().of(workload) {
        Some(scaler) => (&scaler.object, scaler.min_replicas_path()),
        None => (workload, ValuePath::keys(&["spec", "replicas"])),
    };
    let message = format!("this budget never lets {count} be evicted");
    Finding::new(budget, ValuePath::keys(&["spec", key]), message)
        .also(scaled_by, path, format!("the replicas of {}", workload.identity()))
        .help(help)
}
