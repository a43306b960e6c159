//! Label selectors, and the labels that they have to fit.

use std::collections::BTreeMap;

use crate::diagnostic::Code;
use crate::kube::validate::facts::Fact;
use crate::kube::validate::place::{Place, Step, finding, is_absent, scalar_text};
use crate::yaml::Node;

/// A workload selects the pods that it makes, and not all pods: `ValidateDeploymentSpec`, `ValidateReplicaSetSpec`,
/// `ValidateDaemonSetSpec`, `ValidateStatefulSetSpec`.
pub(in crate::kube::validate) fn selector(place: Place<'_>, fact: &Fact) {
    let Some(selector) = place.field("selector") else { return };
    if is_empty(selector) {
        let finding =
            finding(Code::K002, "`selector` is empty").help("add labels of the pods to `matchLabels`");
        return place.report(fact, "selector", finding);
    }
    hold_template(place, fact, matches(selector, &template_labels(place)));
}

/// A ReplicationController selects the pods that it makes: `ValidateReplicationControllerSpec`. Where it has no
/// selector, the API server takes the labels of its pods for one.
pub(in crate::kube::validate) fn controller_selector(place: Place<'_>, fact: &Fact) {
    let labels = template_labels(place);
    let selector = place.field("selector").and_then(Node::as_map).filter(|map| !map.is_empty());
    match selector {
        Some(map) => {
            let fits = map.iter().all(|(key, entry)| labels.get(&**key).copied() == Some(text(&entry.node)));
            hold_template(place, fact, Some(fits));
        }
        None if labels.is_empty() => {
            let finding = finding(Code::K002, "`selector` is missing, and the pods have no labels");
            place.report(fact, "selector", finding.help("give the pods labels, and select them"));
        }
        None => {}
    }
}

/// The labels that the API server gives to a Job's pods.
const GENERATED: [&str; 4] =
    ["controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"];

/// The selector of a Job, and the labels that it looks for, are made by the API server, unless `manualSelector` is set:
/// `validateGeneratedSelector`.
pub(in crate::kube::validate) fn job_selector(place: Place<'_>, fact: &Fact) {
    if place.parent.is_some_and(|parent| parent.key() == Some("jobTemplate")) {
        return;
    }
    let selector = place.field("selector");
    if place.is_true("manualSelector") {
        let fits = selector.and_then(|selector| matches(selector, &template_labels(place)));
        return hold_template(place, fact, fits);
    }
    let name = place.root().at(&["metadata", "name"]).map(text);
    for (label, value) in template_labels(place) {
        // The identifier of a Job that has not been made is not known.
        let is_other =
            GENERATED.contains(&label) && (label.ends_with("controller-uid") || Some(value) != name);
        if is_other {
            let message = format!("the label `{label}` is that of another Job");
            let steps = [Step::Key("template"), Step::Key("metadata"), Step::Key("labels"), Step::Key(label)];
            place.report_below(
                fact,
                &steps,
                finding(Code::K015, message).help("remove it: the API server adds it"),
            );
        }
    }
    let Some(selector) = selector else { return };
    let of_others = |key: &str| !GENERATED.contains(&key);
    let in_labels = selector.get("matchLabels").and_then(Node::as_map);
    let in_labels = in_labels.is_some_and(|map| map.keys().any(|key| of_others(key)));
    let in_expressions =
        expressions(selector).iter().any(|item| item.get("key").is_some_and(|key| of_others(text(key))));
    if in_labels || in_expressions {
        let message = "`selector` is made by the API server where `manualSelector` is not set";
        place.report(fact, "selector", finding(Code::K015, message).help("remove it"));
    }
}

/// Labels that are put into a selector when pods are made are not in it already:
/// `validateMatchLabelKeysInTopologySpread`, `validateMatchLabelKeysAndMismatchLabelKeys`.
pub(in crate::kube::validate) fn match_label_keys(place: Place<'_>, fact: &Fact) {
    let selector = place.field("labelSelector");
    // The terms of affinity are held against their selector in pods alone, where it has been filled in.
    let is_affinity =
        place.field("mismatchLabelKeys").is_some() || place.field("whenUnsatisfiable").is_none();
    let compares = !is_affinity || &*place.context.object.kind == "Pod";
    for (index, item) in place.items("matchLabelKeys").iter().enumerate() {
        let key = text(item);
        let in_selector = compares && selector.is_some_and(|selector| names(selector, key));
        let in_mismatch = place.items("mismatchLabelKeys").iter().any(|other| text(other) == key);
        let other = match (in_selector, in_mismatch) {
            (true, _) => "labelSelector",
            (false, true) => "mismatchLabelKeys",
            _ => continue,
        };
        let message = format!("`matchLabelKeys[{index}]` is in `{other}` too");
        let finding = finding(Code::K015, message).help("keep it in one of them");
        place.report_item(fact, "matchLabelKeys", index, "", finding);
    }
}

/// Whether a selector says anything about a label.
fn names(selector: &Node, key: &str) -> bool {
    selector.get("matchLabels").is_some_and(|labels| labels.get(key).is_some())
        || expressions(selector).iter().any(|item| item.get("key").is_some_and(|node| text(node) == key))
}

fn hold_template(place: Place<'_>, fact: &Fact, fits: Option<bool>) {
    if fits == Some(false) {
        let finding = finding(Code::K015, "the labels of the pods do not fit `selector`")
            .help("give the pods of `template` the labels that `selector` asks for");
        let finding = match place.field("selector") {
            Some(selector) => place.also(finding, selector, "the selector"),
            None => finding,
        };
        let steps = [Step::Key("template"), Step::Key("metadata"), Step::Key("labels")];
        place.report_below(fact, &steps, finding);
    }
}

/// The labels of the pods that a workload makes.
fn template_labels<'p>(place: Place<'p>) -> BTreeMap<&'p str, &'p str> {
    let labels = place.at(&["template", "metadata", "labels"]).and_then(Node::as_map);
    labels.into_iter().flatten().map(|(key, entry)| (&**key, text(&entry.node))).collect()
}

/// Whether a selector asks for nothing.
fn is_empty(selector: &Node) -> bool {
    let labels = selector.get("matchLabels").and_then(Node::as_map);
    labels.is_none_or(|labels| labels.is_empty()) && expressions(selector).is_empty()
}

/// Whether labels fit a selector; none where the selector is malformed, which is reported elsewhere.
fn matches(selector: &Node, labels: &BTreeMap<&str, &str>) -> Option<bool> {
    let wanted = selector.get("matchLabels").and_then(Node::as_map);
    let mut fits = wanted
        .into_iter()
        .flatten()
        .all(|(key, entry)| labels.get(&**key).copied() == Some(text(&entry.node)));
    for item in expressions(selector) {
        let label = labels.get(text(item.get("key")?)).copied();
        let values = item.get("values").and_then(Node::as_list).unwrap_or(&[]);
        let is_listed = |label: &str| values.iter().any(|value| text(value) == label);
        fits &= match text(item.get("operator")?) {
            "In" if !values.is_empty() => label.is_some_and(is_listed),
            "NotIn" if !values.is_empty() => !label.is_some_and(is_listed),
            "Exists" => label.is_some(),
            "DoesNotExist" => label.is_none(),
            _ => return None,
        };
    }
    Some(fits)
}

fn expressions(selector: &Node) -> &[Node] {
    selector.get("matchExpressions").filter(|node| !is_absent(node)).and_then(Node::as_list).unwrap_or(&[])
}

/// The text of a scalar; nothing for null and for what is none.
fn text(node: &Node) -> &str {
    if node.is_null() { "" } else { scalar_text(node).unwrap_or("") }
}
