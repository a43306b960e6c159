//! What a container asks for and may use: by its own fields, its pod's, or what a LimitRange of the set fills in.

use std::collections::BTreeMap;

use super::object_set::ObjectSet;
use super::objects::ObjectTree;
use super::pods::TypedContainer;
use crate::kube::typed::ResourceRequirements;
use crate::yaml::Node;

/// The two amounts of a resource that a container has.
#[derive(Clone, Copy)]
pub(crate) enum Amount {
    /// What the scheduler keeps free for it. The API server makes one of a limit without a request (`SetDefaults_Pod`).
    Request,
    /// What it may not exceed.
    Limit,
}

/// Whether a container has an amount of a resource (`cpu` or `memory`).
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

fn is_written(resources: &ResourceRequirements, amount: Amount, resource: &str) -> bool {
    let limit = names(resources.limits.as_ref(), resource);
    match amount {
        Amount::Limit => limit,
        Amount::Request => limit || names(resources.requests.as_ref(), resource),
    }
}

fn names<T>(amounts: Option<&BTreeMap<String, T>>, resource: &str) -> bool {
    amounts.is_some_and(|amounts| amounts.contains_key(resource))
}

/// Whether the API server fills an amount in from an item of a LimitRange.
fn fills_in(range: &Node, amount: Amount, resource: &str) -> bool {
    let has = |key: &str| range.get(key).is_some_and(|amounts| amounts.get(resource).is_some());
    // Where a range says less, the API server takes its maximum for the limit, and the limit or the minimum for the request
    // (`SetDefaults_LimitRangeItem`).
    let limit = has("default") || has("max");
    match amount {
        Amount::Limit => limit,
        Amount::Request => limit || has("defaultRequest") || has("min"),
    }
}

/// The items of the LimitRanges of an object's namespace that are about containers.
fn limit_ranges<'s>(set: &'s ObjectSet<'_>, object: &'s ObjectTree<'s>) -> impl Iterator<Item = &'s Node> {
    let here = set.built_in("LimitRange").filter(|range| range.namespace() == object.namespace());
    let items = here.filter_map(|range| range.spec()?.get("limits")?.as_list()).flatten();
    items.filter(|item| item.get("type").and_then(Node::as_str) == Some("Container"))
}
