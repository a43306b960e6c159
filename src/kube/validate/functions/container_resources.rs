//! What containers and pods ask of their nodes: `ValidateContainerResourceRequirements`, `validatePodResources`.

use std::collections::BTreeMap;

use crate::diagnostic::Code;
use crate::kube::quantity::quantity_nanos;
use crate::kube::string_formats::is_qualified_name;
use crate::kube::validate::facts::Fact;
use crate::kube::validate::place::{Place, Step, finding, scalar_text};
use crate::yaml::{Map, Node};

const UNIT: i128 = 1_000_000_000;

/// The amount that a node says, in billionths; null is zero to the API server.
pub(super) fn amount(node: &Node) -> Option<i128> {
    if node.is_null() { Some(0) } else { quantity_nanos(scalar_text(node)?) }
}

fn amount_of(resources: &Node, list: &str, name: &str) -> Option<i128> {
    resources.get(list)?.get(name).and_then(amount)
}

fn map_of<'p>(place: Place<'p>, list: &str) -> Option<&'p Map> {
    place.field(list).and_then(Node::as_map)
}

/// `IsNativeResource`: those of Kubernetes itself.
fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

pub(super) fn is_huge_page(name: &str) -> bool {
    name.starts_with("hugepages-")
}

/// `IsOvercommitAllowed`: whether a limit may be above the request.
pub(super) fn may_be_above_request(name: &str) -> bool {
    is_native(name) && !is_huge_page(name)
}

/// `IsExtendedResourceName`: those of devices.
pub(super) fn is_extended(name: &str) -> bool {
    !is_native(name) && !name.starts_with("requests.") && is_qualified_name(&format!("requests.{name}"))
}

/// Whether a container may ask for a resource of this name: `validateContainerResourceName`.
pub(super) fn is_of_containers(name: &str) -> bool {
    if !name.contains('/') {
        return ["cpu", "memory", "ephemeral-storage"].contains(&name)
            || (is_huge_page(name) && is_qualified_name(name));
    }
    is_qualified_name(name) && (is_native(name) || is_extended(name))
}

/// What the amount of a resource must be, if it is not: `ValidateResourceQuantityValue`,
/// `IsHugePageResourceValueDivisible`.
fn wrong_amount(name: &str, amount: i128) -> Option<&'static str> {
    if amount < 0 {
        return Some("zero or more");
    }
    if let Some(size) = name.strip_prefix("hugepages-") {
        let size = quantity_nanos(size).filter(|size| *size > 0 && *size % UNIT == 0);
        // `Quantity.Value` rounds up.
        let whole = (amount + UNIT - 1) / UNIT * UNIT;
        return size.is_none_or(|size| whole % size != 0).then_some("a multiple of the size of its pages");
    }
    (!is_native(name) && amount % UNIT != 0).then_some("a whole number")
}

/// Holds the names and amounts of a list against what a container may have.
fn hold_list(place: Place<'_>, fact: &Fact, list: &str) {
    let Some(map) = map_of(place, list) else { return };
    for (name, entry) in map {
        if !is_of_containers(name) {
            let finding = finding(Code::K017, format!("a container cannot ask for `{name}`"))
                .did_you_mean(name, ["cpu", "memory", "ephemeral-storage"])
                .help("write `cpu`, `memory`, `ephemeral-storage`, `hugepages-2Mi` or `example.com/gpu` of a device");
            place.report_entry(fact, list, name, true, finding);
        } else if let Some(must_be) = amount(&entry.node).and_then(|amount| wrong_amount(name, amount)) {
            let finding = finding(Code::K014, format!("`{name}` must be {must_be}"));
            place.report_entry(fact, list, name, false, finding.help("write another amount"));
        }
    }
}

/// The resources of a container: known ones, amounts that can be, and requests that the limits allow.
pub(in crate::kube::validate) fn container_resources(place: Place<'_>, fact: &Fact) {
    hold_list(place, fact, "limits");
    hold_list(place, fact, "requests");
    hold_requests(place, fact);
    hold_huge_pages(place, fact);
}

/// The overhead of a pod's runtime, in a pod and in a class: `validateOverhead`.
pub(in crate::kube::validate) fn overhead(place: Place<'_>, fact: &Fact) {
    hold_list(place, fact, fact.field());
}

/// No request is above its limit, and one of what cannot be shared is the same.
fn hold_requests(place: Place<'_>, fact: &Fact) {
    let Some(requests) = map_of(place, "requests") else { return };
    let limits = map_of(place, "limits");
    for (name, entry) in requests {
        let shared = may_be_above_request(name);
        let Some(limit) = limits.and_then(|limits| limits.get(name)) else {
            if !shared {
                let finding = finding(Code::K017, format!("`{name}` is requested without a limit"))
                    .help("set the limit to the request: the resource cannot be shared");
                place.report_missing_entry(fact, "limits", name, &entry.node, finding);
            }
            continue;
        };
        let of_limit = &limit.node;
        let (Some(request), Some(limit)) = (amount(&entry.node), amount(of_limit)) else { continue };
        if request > limit {
            let message = format!("the request of `{name}` is above its limit");
            let finding = finding(Code::K015, message).help("lower the request, or raise the limit");
            place.report_entry(fact, "requests", name, false, place.also(finding, of_limit, "the limit"));
        } else if request != limit && !shared {
            let message = format!("the request of `{name}` must be the same as its limit");
            let finding = finding(Code::K015, message)
                .help("set both to the same amount: the resource cannot be shared");
            place.report_entry(fact, "requests", name, false, place.also(finding, of_limit, "the limit"));
        }
    }
}

/// Huge pages go with processor time or memory.
fn hold_huge_pages(place: Place<'_>, fact: &Fact) {
    let mut names = ["limits", "requests"]
        .into_iter()
        .filter_map(|list| map_of(place, list))
        .flat_map(|map| map.keys().map(|name| &**name));
    let has_pages = names.clone().any(is_huge_page);
    if has_pages && !names.any(|name| name == "cpu" || name == "memory") {
        let finding = finding(Code::K017, "huge pages are asked for without `cpu` or `memory`");
        place.report(fact, "", finding.help("add a limit or a request of one of them"));
    }
}

/// The resources of a pod as a whole: those that can be shared out, and no less than its containers ask for.
pub(in crate::kube::validate) fn pod_resources(place: Place<'_>, fact: &Fact) {
    let Some(resources) = place.field("resources") else { return };
    if resources.get("claims").is_some_and(|claims| claims.as_list().is_some_and(|list| !list.is_empty())) {
        let finding = finding(Code::K017, "a pod as a whole has no `claims`");
        let steps = [Step::Key("resources"), Step::Key("claims")];
        place.report_below(fact, &steps, finding.help("give them to its containers"));
    }
    for list in ["limits", "requests"] {
        let Some(map) = resources.get(list).and_then(Node::as_map) else { continue };
        for (name, entry) in map {
            let steps = [Step::Key("resources"), Step::Key(list), Step::Key(name)];
            let is_shared_out = ["cpu", "memory"].contains(&&**name) || is_huge_page(name);
            if !is_shared_out {
                let finding = finding(Code::K017, format!("a pod as a whole cannot ask for `{name}`"));
                place.report_below(fact, &steps, finding.help("write `cpu`, `memory` or `hugepages-2Mi`"));
            } else if let Some(must_be) = amount(&entry.node).and_then(|amount| wrong_amount(name, amount)) {
                let finding = finding(Code::K014, format!("`{name}` must be {must_be}"));
                place.report_below(fact, &steps, finding.help("write another amount"));
            }
        }
    }
    hold_pod_requests(place, fact, resources);
}

/// No request of the pod is above its limit, or below what its containers request together.
fn hold_pod_requests(place: Place<'_>, fact: &Fact, resources: &Node) {
    let of_containers = requests_of_containers(place);
    // What the pod does not request, its containers do.
    for (name, entry) in resources.get("limits").and_then(Node::as_map).into_iter().flatten() {
        let is_requested = resources.get("requests").is_some_and(|requests| requests.get(name).is_some());
        let (Some(wanted), Some(limit)) = (of_containers.get(&**name), amount(&entry.node)) else { continue };
        if !is_requested && *wanted > limit {
            let message = format!("the containers of the pod request more of `{name}` than its limit");
            let finding = finding(Code::K015, message).help("raise the limit of the pod");
            place.report_below(
                fact,
                &[Step::Key("resources"), Step::Key("limits"), Step::Key(name)],
                finding,
            );
        }
    }
    hold_container_limits(place, fact, resources);
    for (name, entry) in resources.get("requests").and_then(Node::as_map).into_iter().flatten() {
        let Some(request) = amount(&entry.node) else { continue };
        let steps = [Step::Key("resources"), Step::Key("requests"), Step::Key(name)];
        if amount_of(resources, "limits", name).is_some_and(|limit| request > limit) {
            let message = format!("the request of `{name}` is above its limit");
            let finding = finding(Code::K015, message).help("raise the limit, or lower the request");
            place.report_below(fact, &steps, finding);
        } else if of_containers.get(&**name).is_some_and(|wanted| *wanted > request) {
            let message = format!("the containers of the pod request more of `{name}` than the pod");
            let finding = finding(Code::K015, message).help("raise the request of the pod");
            place.report_below(fact, &steps, finding);
        }
    }
}

/// No container has a higher limit than its pod: `validatePodResourceConsistency`.
fn hold_container_limits(place: Place<'_>, fact: &Fact, resources: &Node) {
    for (index, container) in place.items("containers").iter().enumerate() {
        let limits = container.get("resources").and_then(|resources| resources.get("limits"));
        for (name, entry) in limits.and_then(Node::as_map).into_iter().flatten() {
            let (Some(own), Some(of_pod)) = (amount(&entry.node), amount_of(resources, "limits", name))
            else {
                continue;
            };
            if own > of_pod {
                let steps = [
                    Step::Key("containers"),
                    Step::Index(index),
                    Step::Key("resources"),
                    Step::Key("limits"),
                    Step::Key(name),
                ];
                let message = format!("the limit of `{name}` is above that of the pod");
                place.report_below(
                    fact,
                    &steps,
                    finding(Code::K015, message).help("lower it, or raise that of the pod"),
                );
            }
        }
    }
}

/// What the containers of a pod request at most at one time: `AggregateContainerRequests`. Init containers run one
/// after the other, beside those that keep running.
fn requests_of_containers<'p>(place: Place<'p>) -> BTreeMap<&'p str, i128> {
    // Without a request, the limit is one.
    let requests = |container: &'p Node| -> BTreeMap<&'p str, i128> {
        let Some(resources) = container.get("resources") else { return BTreeMap::new() };
        let mut found = BTreeMap::new();
        for list in ["limits", "requests"] {
            for (name, entry) in resources.get(list).and_then(Node::as_map).into_iter().flatten() {
                if let Some(amount) = amount(&entry.node) {
                    found.insert(&**name, amount);
                }
            }
        }
        found
    };
    let add = |sum: &mut BTreeMap<&'p str, i128>, more: &BTreeMap<&'p str, i128>| {
        for (name, amount) in more {
            let total = sum.entry(name).or_insert(0);
            *total = total.saturating_add(*amount);
        }
    };
    let mut sum = BTreeMap::new();
    for container in place.items("containers") {
        add(&mut sum, &requests(container));
    }
    let mut running = BTreeMap::new();
    let mut most: BTreeMap<&str, i128> = BTreeMap::new();
    for container in place.items("initContainers") {
        let of_container = requests(container);
        let mut at_once = running.clone();
        add(&mut at_once, &of_container);
        if container.get("restartPolicy").and_then(scalar_text) == Some("Always") {
            add(&mut sum, &of_container);
            add(&mut running, &of_container);
        }
        for (name, amount) in at_once {
            let largest = most.entry(name).or_insert(0);
            *largest = amount.max(*largest);
        }
    }
    for (name, amount) in most {
        let total = sum.entry(name).or_insert(0);
        *total = amount.max(*total);
    }
    sum
}
