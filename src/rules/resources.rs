//! What a container asks for and may use: its own fields, the pod's, or what a LimitRange of the set fills in.

use std::collections::BTreeMap;

use super::pod::Container;
use super::set::{ObjectSet, Subject};
use crate::kube::typed::ResourceRequirements;
use crate::yaml::Node;

/// The two things that are asked for of a container.
#[derive(Clone, Copy)]
pub(super) enum Amount {
    /// What the scheduler keeps free for it. A limit without a request is both.
    Request,
    /// What it may not exceed.
    Limit,
}

/// Whether a container has an amount of a resource (`cpu` or `memory`).
pub(super) fn has(set: &ObjectSet<'_>, container: &Container<'_>, amount: Amount, resource: &str) -> bool {
    let said = |of: Option<&ResourceRequirements>| of.is_some_and(|of| names(of, amount, resource));
    said(container.spec.resources.as_ref())
        || said(container.pod.spec.resources.as_ref())
        || ranges(set, container.pod.subject).any(|range| fills_in(range, amount, resource))
}

fn names(of: &ResourceRequirements, amount: Amount, resource: &str) -> bool {
    match amount {
        Amount::Limit => named(of.limits.as_ref(), resource),
        Amount::Request => named(of.requests.as_ref(), resource) || named(of.limits.as_ref(), resource),
    }
}

fn fills_in(range: &Node, amount: Amount, resource: &str) -> bool {
    let has = |key: &str| range.get(key).is_some_and(|amounts| amounts.get(resource).is_some());
    // Where a range says less, the API server takes its maximum for the limit, and the limit or the minimum for the request.
    let limit = has("default") || has("max");
    match amount {
        Amount::Limit => limit,
        Amount::Request => limit || has("defaultRequest") || has("min"),
    }
}

fn named<T>(amounts: Option<&BTreeMap<String, T>>, resource: &str) -> bool {
    amounts.is_some_and(|amounts| amounts.contains_key(resource))
}

/// What the LimitRanges of an object's namespace say of containers.
fn ranges<'s>(set: &'s ObjectSet<'_>, subject: &'s Subject<'_>) -> impl Iterator<Item = &'s Node> {
    let here = set.built_in("LimitRange").filter(|other| other.namespace() == subject.namespace());
    let items = here.filter_map(|other| other.spec()?.get("limits")?.as_list()).flatten();
    items.filter(|item| item.get("type").and_then(Node::as_str) == Some("Container"))
}
