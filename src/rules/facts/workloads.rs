//! Workloads: what selects their pods, how many there are, which Service names them, and which resources their
//! containers have.
//!
//! All of these depend on other objects of the set (an autoscaler, a LimitRange), which is why they are not methods
//! of a pod.

use std::collections::BTreeMap;

use super::object_set::ObjectSet;
use super::objects::ObjectTree;
use super::pods::TypedContainer;
use super::selectors::Selector;
use crate::kube::typed::ResourceRequirements;
use crate::yaml::{PackedNode, ValuePath};

/// The labels by which a workload knows its pods; none for objects without a selector. Those of Jobs are generated: the
/// API server makes one of the Job's UID unless `manualSelector` is set, so there is nothing in the manifest to
/// compare.
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
/// such number: a DaemonSet has as many as there are nodes, and the pods of a Job come and go.
pub(crate) fn replicas(set: &ObjectSet<'_>, workload: &ObjectTree<'_>) -> Option<Replicas> {
    match workload.kind() {
        "Pod" => return Some(Replicas { min: 1, max: 1 }),
        "Deployment" | "StatefulSet" | "ReplicaSet" => {}
        _ => return None,
    }
    // The autoscaler sets `spec.replicas` through the subresource `scale`: what the manifest says there holds until
    // it does.
    if let Some(scaler) = set.autoscalers().of(workload) {
        return Some(Replicas { min: scaler.min_replicas(), max: scaler.max_replicas() });
    }
    // The API's default is one.
    let number = written_replicas(workload).unwrap_or(1);
    Some(Replicas { min: number, max: number })
}

/// The written `spec.replicas`; none where the API's default counts.
pub(crate) fn written_replicas(workload: &ObjectTree<'_>) -> Option<i64> {
    workload.spec()?.get("replicas")?.as_i64()
}

/// The name of the Service that gives the pods of a StatefulSet their names in DNS, and the node of that name.
pub(crate) fn governing_service<'s>(workload: &ObjectTree<'s>) -> Option<(&'s str, PackedNode<'s>)> {
    if workload.kind() != "StatefulSet" {
        return None;
    }
    let node = workload.spec()?.get("serviceName")?;
    // An empty name is none: such pods have no names in DNS, which may be meant.
    let name = node.as_str().filter(|name| !name.is_empty())?;
    Some((name, node))
}

/// Where a StatefulSet names that Service.
pub(crate) fn governing_service_path() -> ValuePath {
    ValuePath::keys(&["spec", "serviceName"])
}

/// The two amounts of a resource that a container has.
#[derive(Clone, Copy)]
pub(crate) enum Amount {
    /// What the scheduler keeps free for it. The API server makes one of a limit without a request (`SetDefaults_Pod`).
    Request,
    /// What it may not exceed.
    Limit,
}

/// Whether a container has an amount of a resource (`cpu` or `memory`): its own, its pod's, or one that a LimitRange
/// of the set fills in. LimitRanges that are in the cluster and not in the set are unknown.
pub(crate) fn has_amount(
    set: &ObjectSet<'_>,
    container: &TypedContainer<'_>,
    amount: Amount,
    resource: &str,
) -> bool {
    let own = container.spec.resources.as_ref();
    // Resources of a whole pod (KEP-2837) count for each of its containers.
    let of_pod = container.pod.spec.resources.as_ref();
    own.is_some_and(|own| is_written(own, amount, resource))
        || of_pod.is_some_and(|of_pod| is_written(of_pod, amount, resource))
        || limit_ranges(set, container.pod.object).any(|range| fills_in(range, amount, resource))
}

/// Whether resources, of a container or of a pod, have an amount.
fn is_written(resources: &ResourceRequirements, amount: Amount, resource: &str) -> bool {
    let limit = names(resources.limits.as_ref(), resource);
    match amount {
        Amount::Limit => limit,
        Amount::Request => limit || names(resources.requests.as_ref(), resource),
    }
}

/// Whether amounts name a resource. A zero counts too: it is written on purpose.
fn names<T>(amounts: Option<&BTreeMap<String, T>>, resource: &str) -> bool {
    amounts.is_some_and(|amounts| amounts.contains_key(resource))
}

/// Whether the API server fills an amount in from an item of a LimitRange.
fn fills_in(range: PackedNode<'_>, amount: Amount, resource: &str) -> bool {
    let has = |key: &str| range.get(key).is_some_and(|amounts| amounts.get(resource).is_some());
    // Where a range says less, the API server takes its maximum for the limit, and the limit or the minimum for the
    // request (`SetDefaults_LimitRangeItem`). So a range that only bounds what may be asked for gives defaults all
    // the same.
    let limit = has("default") || has("max");
    match amount {
        Amount::Limit => limit,
        Amount::Request => limit || has("defaultRequest") || has("min"),
    }
}

/// The items of the LimitRanges of an object's namespace that are about containers.
fn limit_ranges<'s>(
    set: &'s ObjectSet<'_>,
    object: &'s ObjectTree<'s>,
) -> impl Iterator<Item = PackedNode<'s>> {
    let here = set.built_in("LimitRange").filter(|range| range.namespace() == object.namespace());
    // An item of the type `Pod` bounds the sum of the containers, and gives none of them a default.
    let items = here.filter_map(|range| range.spec()?.get("limits")?.as_list()).flatten();
    items.filter(|item| item.get("type").and_then(PackedNode::as_str) == Some("Container"))
}
