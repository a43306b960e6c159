//! Workloads as rules see them: what selects their pods, and how many there are.

use std::collections::BTreeMap;

use super::autoscaler::autoscaler_of;
use super::{Set, Subject};
use crate::kube::Object;
use crate::kube::typed::LabelSelector;
use crate::yaml::{Node, ValuePath};

/// By which labels a workload knows its pods; none for objects without a selector.
pub(super) fn selector_of<'s>(subject: &'s Subject<'_>) -> Option<&'s LabelSelector> {
    match &subject.object {
        Object::Deployment(object) => Some(&object.spec.as_ref()?.selector),
        Object::StatefulSet(object) => Some(&object.spec.as_ref()?.selector),
        Object::DaemonSet(object) => Some(&object.spec.as_ref()?.selector),
        Object::ReplicaSet(object) => Some(&object.spec.as_ref()?.selector),
        _ => None,
    }
}

/// Whether a selector fits labels. An empty one fits all.
pub(super) fn selects(selector: &LabelSelector, labels: Option<&BTreeMap<String, String>>) -> bool {
    let value = |key: &String| labels.and_then(|labels| labels.get(key));
    let wanted = selector.match_labels.iter().flatten();
    let conditions = selector.match_expressions.iter().flatten();
    wanted.into_iter().all(|(key, wanted)| value(key) == Some(wanted))
        && conditions.into_iter().all(|condition| {
            let found = value(&condition.key);
            let listed = found.is_some_and(|found| condition.values.iter().flatten().any(|one| one == found));
            match condition.operator.as_str() {
                "In" => listed,
                "NotIn" => !listed,
                "Exists" => found.is_some(),
                _ => found.is_none(),
            }
        })
}

/// The written `spec.replicas`.
pub(super) fn written_replicas(subject: &Subject<'_>) -> Option<i64> {
    ValuePath::keys(&["spec", "replicas"]).find(&subject.document.node).and_then(Node::as_i64)
}

/// How many pods a workload has: the written number or, with an autoscaler, its fewest and its most. None for
/// kinds that have no such number.
pub(super) fn replicas(set: &Set<'_>, subject: &Subject<'_>) -> Option<(i64, i64)> {
    match subject.kind() {
        "Pod" => return Some((1, 1)),
        "Deployment" | "StatefulSet" | "ReplicaSet" => {}
        _ => return None,
    }
    if let Some(scaler) = autoscaler_of(set, subject) {
        return Some((scaler.fewest(), scaler.most()));
    }
    let replicas = written_replicas(subject).unwrap_or(1);
    Some((replicas, replicas))
}
