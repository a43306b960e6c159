//! R203: a claim that one node at a time may mount, and several pods that mount it.

use super::claim_users::{User, shares_a_node, write_once_claims};
use super::workload::replicas;
use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
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
    judge: &[Judge::Set(judge)],
};

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    for (claim, users) in write_once_claims(set) {
        let users: Vec<User<'_>> = users
            .into_iter()
            .filter(|user| !shares_a_node(&user.pod) && most_pods(set, &user.pod.subject) > 0)
            .collect();
        if let Some(user) = users.iter().find(|user| most_pods(set, &user.pod.subject) > 1) {
            let workload = user.pod.identity();
            report.add(finding(&claim, user, format!("the several pods of {workload} mount one volume")));
        } else if let [first, second, ..] = users.as_slice() {
            let (one, other) = (first.pod.identity(), second.pod.identity());
            let message = format!("{other} mounts the volume of {one}");
            let there = format!("mounted by {one}");
            report.add(finding(&claim, second, message).also(&first.pod.subject, first.path(), there));
        }
    }
}

/// The most pods that a workload may have at a time; two stands for many.
fn most_pods(set: &ObjectSet<'_>, subject: &Subject<'_>) -> i64 {
    match subject.kind() {
        "DaemonSet" => 2,
        "CronJob" => 1,
        // A Job may have ended before the others begin.
        "Job" => {
            let parallel = subject.spec().and_then(|spec| spec.get("parallelism")?.as_i64()).unwrap_or(1);
            if parallel > 1 { parallel } else { 0 }
        }
        _ => replicas(set, subject).map_or(0, |(_, most)| most),
    }
}

fn finding(claim: &Subject<'_>, user: &User<'_>, message: String) -> Finding {
    Finding::new(&user.pod.subject, user.path(), message)
        .also(claim, ValuePath::keys(&["spec", "accessModes"]), "one node at a time")
        .help("take a storage class that offers `ReadWriteMany`, give each pod its own claim, or run one pod")
}
