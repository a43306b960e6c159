//! What a container asks for and may use: its own fields, the pod's, or what a LimitRange of the set fills in.

use std::collections::BTreeMap;

use super::pod::Container;
use super::set::{Set, Subject};
use crate::kube::Object;
use crate::kube::typed::{LimitRangeItem, ResourceRequirements};

/// The two things that are asked for of a container.
#[derive(Clone, Copy)]
pub(super) enum Amount {
    /// What the scheduler keeps free for it. A limit without a request is both.
    Request,
    /// What it may not exceed.
    Limit,
}

/// Whether a container has an amount of a resource (`cpu` or `memory`).
pub(super) fn has(set: &Set<'_>, container: &Container<'_>, amount: Amount, resource: &str) -> bool {
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

fn fills_in(range: &LimitRangeItem, amount: Amount, resource: &str) -> bool {
    // Where a range says less, the API server takes its maximum for the limit, and the limit or the minimum for the request.
    let limit = named(range.default.as_ref(), resource) || named(range.max.as_ref(), resource);
    match amount {
        Amount::Limit => limit,
        Amount::Request => {
            limit || named(range.default_request.as_ref(), resource) || named(range.min.as_ref(), resource)
        }
    }
}

fn named<T>(amounts: Option<&BTreeMap<String, T>>, resource: &str) -> bool {
    amounts.is_some_and(|amounts| amounts.contains_key(resource))
}

/// What the LimitRanges of an object's namespace say of containers.
fn ranges<'s>(set: &'s Set<'_>, subject: &'s Subject<'_>) -> impl Iterator<Item = &'s LimitRangeItem> {
    let here = set.of_kind("LimitRange").filter(|other| other.namespace() == subject.namespace());
    let items = here.filter_map(|other| match &other.object {
        Object::LimitRange(range) => Some(range.spec.as_ref()?.limits.iter()),
        _ => None,
    });
    items.flatten().filter(|item| item.type_ == "Container")
}
