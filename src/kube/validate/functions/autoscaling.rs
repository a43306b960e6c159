//! Autoscalers.

use super::core::resource_violation;
use crate::diagnostic::Code;
use crate::kube::validate::facts::Fact;
use crate::kube::validate::place::{Place, Step, finding, is_absent, scalar_text};
use crate::yaml::Node;

/// `ValidateAPIVersion` of what is scaled: only a ReplicationController is of the core group.
pub(in crate::kube::validate) fn scale_target_api_version(place: Place<'_>, fact: &Fact) {
    let Some(target) = place.field("scaleTargetRef").filter(|node| node.as_map().is_some()) else { return };
    let text = |field: &str| target.get(field).and_then(scalar_text).unwrap_or("");
    let version = text("apiVersion");
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let valid = version.matches('/').count() <= 1 && version != "/";
    if !valid || (group.is_empty() && text("kind") != "ReplicationController") {
        let finding = finding(Code::K005, "`apiVersion` must be the group and version of what is scaled")
            .help("write it as `apps/v1`");
        place.report_below(fact, &[Step::Key("scaleTargetRef"), Step::Key("apiVersion")], finding);
    }
}

/// The types of metrics, each with the field that describes it.
const SOURCES: &[(&str, &str)] = &[
    ("Object", "object"),
    ("External", "external"),
    ("Pods", "pods"),
    ("Resource", "resource"),
    ("ContainerResource", "containerResource"),
];

/// `validateMetricSpec`: the field of the metric's type and no other, and the target that it needs.
pub(in crate::kube::validate) fn metric_source(place: Place<'_>, fact: &Fact) {
    let metric_type = place.text("type");
    let Some((_, wanted)) = SOURCES.iter().find(|(name, _)| Some(*name) == metric_type) else { return };
    let mut wrong = SOURCES
        .iter()
        .map(|(_, field)| *field)
        .filter(|field| field != wanted && place.field(field).is_some());
    let Some(source) = place.field(wanted) else {
        // The wrong field and the missing one are one fault.
        let message = format!("`{wanted}` is missing, as `type` says so");
        return place.report(fact, wanted, finding(Code::K013, message).help(format!("add `{wanted}`")));
    };
    if let Some(other) = wrong.next() {
        let message = format!("`{other}` cannot stand beside `{wanted}`, which `type` says");
        place.report(fact, other, finding(Code::K013, message).help("remove it"));
    }
    let Some(target) = source.get("target").filter(|node| node.as_map().is_some()) else { return };
    target_of(place, fact, wanted, target);
}

/// `validateObjectSource` and its kin: the values that the target of a metric has.
fn target_of(place: Place<'_>, fact: &Fact, source: &str, target: &Node) {
    let has = |field: &str| target.get(field).is_some_and(|node| !is_absent(node));
    let report = |field: &str, code: Code, message: String, help: String| {
        let steps = [Step::Key(source), Step::Key("target"), Step::Key(field)];
        place.report_below(fact, &steps, finding(code, message).help(help));
    };
    let missing = |field: &str, others: &str| {
        report(field, Code::K013, format!("`{field}` is missing"), format!("add {others}"));
    };
    let both = |field: &str, other: &str| {
        report(
            field,
            Code::K013,
            format!("`{field}` cannot stand beside `{other}`"),
            "keep one of them".to_owned(),
        );
    };
    match source {
        "object" if !has("value") && !has("averageValue") => missing("averageValue", "it, or `value`"),
        "external" if !has("value") && !has("averageValue") => missing("averageValue", "it, or `value`"),
        "external" if has("value") && has("averageValue") => both("value", "averageValue"),
        "pods" if !has("averageValue") => missing("averageValue", "it"),
        "resource" | "containerResource" => match (has("averageUtilization"), has("averageValue")) {
            (false, false) => missing("averageUtilization", "it, or `averageValue`"),
            (true, true) => both("averageValue", "averageUtilization"),
            _ => {}
        },
        _ => {}
    }
}

/// `validateScalingRules`: policies that are written are at least one; those of the defaults are not.
pub(in crate::kube::validate) fn scaling_policies(place: Place<'_>, fact: &Fact) {
    if place.node.get("policies").and_then(Node::as_list).is_some_and(<[Node]>::is_empty) {
        let finding = finding(Code::K002, "`policies` is empty").help("add a policy, or leave it out");
        place.report(fact, "policies", finding);
    }
}

/// `validateContainerResourceSource`: unlike a pod's, the resource of a container is one that containers may have.
pub(in crate::kube::validate) fn container_metric(place: Place<'_>, fact: &Fact) {
    if let Some(message) = place.text("name").and_then(|name| resource_violation(name, true)) {
        place.report(
            fact,
            "name",
            finding(Code::K017, message).help("write a resource such as `cpu` or `memory`"),
        );
    }
}
