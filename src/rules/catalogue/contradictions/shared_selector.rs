//! R218: two workloads that take each other's pods for their own.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, ObjectTree, workload_selector};
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R218,
    name: "shared-selector",
    level: Level::Deny,
    page: Page {
        what: "The selectors of two workloads of one namespace fit the pods of both.",
        why: "Kubernetes warns that controllers with overlapping selectors fight. Services and budgets that use the labels mix both, an autoscaler counts and measures the pods of the other workload, and a ReplicaSet adopts pods that lost their owner.",
        example: "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers: [{name: web, image: nginx:1.29.3}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers: [{name: worker, image: busybox:1.37.0}]",
        instead: "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: shop, part: web}}
  template:
    metadata: {labels: {app: shop, part: web}}
    spec:
      containers: [{name: web, image: nginx:1.29.3}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  selector: {matchLabels: {app: shop, part: worker}}
  template:
    metadata: {labels: {app: shop, part: worker}}
    spec:
      containers: [{name: worker, image: busybox:1.37.0}]",
    },
    checks: &[Check::Set(check)],
};

/// Reports each workload whose selector fits the pods of an earlier one, if the other's fits its pods too.
///
/// Both ways, because a workload that selects by less than another is often meant so: `app: web` beside `app: web,
/// track: canary`. Its controller does not take the other's pods either, as those have an owner already.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    for pod in set.pods().iter() {
        let Some(selector) = workload_selector(&pod.object) else { continue };
        // Without a label to look for, every pod of the namespace would have to be compared with every other.
        if selector.pairs().next().is_none() {
            continue;
        }
        let matching = set.pods().matching(&selector, pod.object.namespace());
        // Pods come in the order of the documents: of each pair, the later one is reported.
        let mut earlier = matching.take_while(|other| other.object.index < pod.object.index);
        // Once more by written labels: what the index finds may also match by a label that a controller adds.
        let rival = earlier.find(|other| {
            let other_selector = workload_selector(&other.object);
            selector.matches_labels(other.labels())
                && other_selector.is_some_and(|other_selector| other_selector.matches_labels(pod.labels()))
        });
        if let Some(rival) = rival {
            report.add(finding(&pod.object, &rival.object));
        }
    }
}

/// The finding at the later selector.
fn finding(workload: &ObjectTree<'_>, rival: &ObjectTree<'_>) -> Finding {
    let path = ValuePath::keys(&["spec", "selector"]);
    let message =
        format!("{} selects the pods of {}, and the other way round", workload.identity(), rival.identity());
    Finding::new(workload, path.clone(), message)
        .also(rival, path, "the other selector")
        .help("give each a label of its own, in its selector and its pod template")
}
