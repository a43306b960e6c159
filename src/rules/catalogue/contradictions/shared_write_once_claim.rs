//! R203: a claim that one node at a time may mount, and several pods that mount it.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{
    ClaimUser, ObjectSet, ObjectTree, WriteOnceClaim, replicas, shares_a_node, write_once_claims,
};
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R203,
    name: "shared-write-once-claim",
    level: Level::Deny,
    page: Page {
        what: "A claim with the access mode `ReadWriteOnce` is mounted by a workload with several pods, by one that an autoscaler makes several pods of, or by several workloads. \
Pods that are bound to one node (`nodeName`, the label `kubernetes.io/hostname`, a required pod affinity to it) are left alone, and so are Jobs, which may run one after the other.",
        why: "The volume can be attached to one node. The scheduler puts the other pods on other nodes, where they wait with `Multi-Attach error` in `ContainerCreating` for ever. On a cluster with one node it works, until there is a second.",
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
  replicas: 2
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
  accessModes: [ReadWriteMany]
  resources: {requests: {storage: 1Gi}}
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
      containers:
        - name: web
          image: nginx:1.29.3
          volumeMounts: [{name: files, mountPath: /files}]
      volumes: [{name: files, persistentVolumeClaim: {claimName: files}}]",
    },
    checks: &[Check::Set(check)],
};

/// Reports each claim that pods of one workload share, or else that two workloads do. The first says more: it is
/// wrong whatever else there is.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    for claim in write_once_claims(set) {
        let users: Vec<&ClaimUser<'_>> = claim
            .users
            .iter()
            .filter(|user| !shares_a_node(&user.pod) && most_pods(set, &user.pod.object) > 0)
            .collect();
        if let Some(user) = users.iter().find(|user| most_pods(set, &user.pod.object) > 1) {
            let message = format!("the several pods of {} mount one volume", user.pod.identity());
            report.add(finding(&claim, user, message));
        } else if let [first, second, ..] = users.as_slice() {
            let message = format!("{} mounts the volume of {}", second.pod.identity(), first.pod.identity());
            let mounted = format!("mounted by {}", first.pod.identity());
            report.add(finding(&claim, second, message).also(&first.pod.object, first.path(), mounted));
        }
    }
}

/// The most pods that a workload may have at a time: 2 for any number above 1, 0 if the workload is not judged.
fn most_pods(set: &ObjectSet<'_>, workload: &ObjectTree<'_>) -> i64 {
    match workload.kind() {
        // One on each node, and one node would need no DaemonSet.
        "DaemonSet" => 2,
        // Its runs come while the other pods are there, so it counts as one beside them. Two runs at a time are rare.
        "CronJob" => 1,
        // A Job may have ended before the others begin.
        "Job" => {
            let parallelism = workload.spec().and_then(|spec| spec.get("parallelism")?.as_i64()).unwrap_or(1);
            if parallelism > 1 { parallelism } else { 0 }
        }
        // A workload without a known number is not judged.
        _ => replicas(set, workload).map_or(0, |replicas| replicas.max),
    }
}

/// The finding where a pod names the claim.
fn finding(claim: &WriteOnceClaim<'_>, user: &ClaimUser<'_>, message: String) -> Finding {
    Finding::new(&user.pod.object, user.path(), message)
        .also(&claim.object, ValuePath::keys(&["spec", "accessModes"]), "one node at a time")
        .help("take a storage class that offers `ReadWriteMany`, give each pod its own claim, or run one pod")
}
