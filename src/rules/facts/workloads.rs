//! Workloads: what selects their pods, how many there are, and which Service names them.

use super::object_set::ObjectSet;
use super::objects::ObjectTree;
use super::selectors::Selector;
use crate::yaml::{Node, ValuePath};

/// By which labels a workload knows its pods; none for objects without a selector. Those of
/// Jobs are generated.
pub(crate) fn workload_selector<'d>(workload: &ObjectTree<'d>) -> Option<Selector<'d>> {
    const KINDS: &[&str] = &["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"];
    if !KINDS.contains(&workload.kind()) || !workload.is_built_in() {
        return None;
    }
    workload.spec()?.get("selector").map(Selector::read)
}

/// How many pods a workload has at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Replicas {
    /// The fewest that an autoscaler may leave.
    pub(crate) min: i64,
    /// The most that an autoscaler may make.
    pub(crate) max: i64,
}

/// How many pods a workload has: the written number, or what its autoscaler may make of it. None for kinds that have no
/// such number: it depends on the nodes how many a DaemonSet has, and the pods of a Job come and go.
pub(crate) fn replicas(set: &ObjectSet<'_>, workload: &ObjectTree<'_>) -> Option<Replicas> {
    match workload.kind() {
        "Pod" => return Some(Replicas { min: 1, max: 1 }),
        "Deployment" | "StatefulSet" | "ReplicaSet" => {}
        _ => return None,
    }
    if let Some(scaler) = set.autoscalers().of(workload) {
        return Some(Replicas { min: scaler.min_replicas(), max: scaler.max_replicas() });
    }
    // The API's default is one.
    let number = written_replicas(workload).unwrap_or(1);
    Some(Replicas { min: number, max: number })
}

/// The written `spec.replicas`.
pub(crate) fn written_replicas(workload: &ObjectTree<'_>) -> Option<i64> {
    workload.spec()?.get("replicas")?.as_i64()
}

/// The name of the Service that gives the pods of a StatefulSet their names in DNS, and the node of that name.
pub(crate) fn governing_service<'s>(workload: &ObjectTree<'s>) -> Option<(&'s str, &'s Node)> {
    if workload.kind() != "StatefulSet" {
        return None;
    }
    let node = workload.spec()?.get("serviceName")?;
    let name = node.as_str().filter(|name| !name.is_empty())?;
    Some((name, node))
}

/// Where a StatefulSet names that Service.
pub(crate) fn governing_service_path() -> ValuePath {
    ValuePath::keys(&["spec", "serviceName"])
}
