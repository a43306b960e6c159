//! R223: a rolling update whose new pod waits for the volume of the old one.

use super::claim_users::{shares_a_node, write_once_claims};
use super::workload::replicas;
use super::{Finding, Page, Report, Rule, Set};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::Object;
use crate::kube::typed::IntOrString;
use crate::yaml::ValuePath;

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
    judge,
};

fn judge(set: &Set<'_>, report: &mut Report) {
    for (claim, users) in write_once_claims(set) {
        for user in users {
            let subject = user.pod.subject;
            // Several pods on one such claim are wrong without any update (R203).
            let one = replicas(set, subject).is_some_and(|(_, most)| most == 1);
            if !one || shares_a_node(user.pod.spec) || !surges(&subject.object) {
                continue;
            }
            let message = format!("an update of {} waits for its own volume", subject.document.identity);
            let finding = Finding::new(subject, ValuePath::keys(&["spec", "strategy"]), message);
            let modes = ValuePath::keys(&["spec", "accessModes"]);
            let finding =
                finding.also(subject, user.path(), "the volume").also(claim, modes, "one node at a time");
            report.add(finding.help("write `strategy: {type: Recreate}`"));
        }
    }
}

/// Whether an update starts a pod before it stops one; of one pod, every share is rounded up to one.
fn surges(object: &Object) -> bool {
    let Object::Deployment(deployment) = object else { return false };
    let Some(strategy) = deployment.spec.as_ref().and_then(|spec| spec.strategy.as_ref()) else {
        return true;
    };
    if strategy.type_.as_deref() == Some("Recreate") {
        return false;
    }
    match strategy.rolling_update.as_ref().and_then(|update| update.max_surge.as_ref()) {
        Some(IntOrString::Int(0)) => false,
        Some(IntOrString::String(share)) => share != "0%",
        _ => true,
    }
}
