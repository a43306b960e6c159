//! Workloads as rules see them: what selects their pods, and how many there are.

use super::selector::Selector;
use super::{ObjectSet, Subject};
use crate::kube::is_decoded;

/// By which labels a workload knows its pods; none for objects without a selector.
pub(super) fn selector_of<'d>(subject: &Subject<'d>) -> Option<Selector<'d>> {
    const KINDS: &[&str] = &["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"];
    let of = KINDS.contains(&subject.kind()) && is_decoded(&subject.document.identity);
    subject.spec().filter(|_| of)?.get("selector").map(Selector::read)
}

/// The written `spec.replicas`.
pub(super) fn written_replicas(subject: &Subject<'_>) -> Option<i64> {
    subject.spec()?.get("replicas")?.as_i64()
}

/// How many pods a workload has: the written number or, with an autoscaler, its fewest and its most. None for
/// kinds that have no such number.
pub(super) fn replicas(set: &ObjectSet<'_>, subject: &Subject<'_>) -> Option<(i64, i64)> {
    match subject.kind() {
        "Pod" => return Some((1, 1)),
        "Deployment" | "StatefulSet" | "ReplicaSet" => {}
        _ => return None,
    }
    if let Some(scaler) = set.autoscalers().of(subject) {
        return Some((scaler.fewest(), scaler.most()));
    }
    let replicas = written_replicas(subject).unwrap_or(1);
    Some((replicas, replicas))
}
