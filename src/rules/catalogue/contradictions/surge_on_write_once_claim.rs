//! R223: a rolling update whose new pod waits for the volume of the old one.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, ObjectTree, replicas, shares_a_node, write_once_claims};
use crate::yaml::{PackedNode, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R223,
    name: "surge-on-write-once-claim",
    level: Level::Warn,
    page: Page {
        what: "A Deployment with one pod mounts a claim with the access mode `ReadWriteOnce`, and its update starts the new pod before the old one has gone. That is the default strategy.",
        why: "The new pod lands on another node, cannot have the volume while the old one holds it, and the old one stays until the new one is ready: the update waits for ever.",
        example: "\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: files}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx:1.29.3
          volumeMounts: [{name: files, mountPath: /files}]
      volumes: [{name: files, persistentVolumeClaim: {claimName: files}}]",
        instead: "\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: files}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  strategy: {type: Recreate}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx:1.29.3
          volumeMounts: [{name: files, mountPath: /files}]
      volumes: [{name: files, persistentVolumeClaim: {claimName: files}}]",
    },
    checks: &[Check::Set(check)],
};

/// Reports each Deployment of one pod that mounts such a claim and starts the new pod before the old one has gone.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    for claim in write_once_claims(set) {
        for user in &claim.users {
            let workload = &user.pod.object;
            // Several pods on one such claim are wrong without any update (R203).
            let has_one_pod = replicas(set, workload).is_some_and(|replicas| replicas.max == 1);
            if !has_one_pod || shares_a_node(&user.pod) || !surges(workload) {
                continue;
            }
            let message = format!("an update of {} waits for its own volume", workload.identity());
            let modes = ValuePath::keys(&["spec", "accessModes"]);
            let finding = Finding::new(workload, ValuePath::keys(&["spec", "strategy"]), message)
                .also(workload, user.path(), "the volume")
                .also(&claim.object, modes, "one node at a time")
                .help("write `strategy: {type: Recreate}`");
            report.add(finding);
        }
    }
}

/// Whether an update starts a pod before it stops one. The default is a surge of 25 %, and of one pod every share is
/// rounded up to one.
fn surges(workload: &ObjectTree<'_>) -> bool {
    // A StatefulSet stops a pod before it starts the next one in its place. A ReplicaSet and a Pod have no updates of
    // their own.
    if workload.kind() != "Deployment" {
        return false;
    }
    let Some(strategy) = workload.spec().and_then(|spec| spec.get("strategy")) else { return true };
    if strategy.get("type").and_then(PackedNode::as_str) == Some("Recreate") {
        return false;
    }
    let surge = strategy.get("rollingUpdate").and_then(|update| update.get("maxSurge"));
    // Without a surge the old pod has to go first: the API server then wants `maxUnavailable` above zero.
    surge.is_none_or(|surge| surge.as_i64() != Some(0) && surge.as_str() != Some("0%"))
}
