//! Validation: what the API server asks of an object beyond its types.
//!
//! The API's description says which fields there are and of which types. What the server asks besides stands in its Go
//! code, and no schema has it: that a probe has one handler, that a mount names a volume of its pod, that `maxSurge` and
//! `maxUnavailable` are not both 0. Here it is data where it can be: a line a fact in `schemas/validation/`, by type
//! and field, so that what is said of a PodSpec holds in all kinds that have one. What is left are functions.
//!
//! ```text
//! walk        the document beside the types of the table; each object against the facts of its type
//! facts       a fact, its conditions, the index by type; the build makes them of the text
//! checks      one object against one fact, and the wording
//! forms       the forms of texts; `addresses` and `cron` are two of them
//! functions/  what facts cannot say
//! place       an object, what is further up, and how it reports
//! ```
//!
//! It comes after the strict check, and takes the tree as that has left it. Null, an empty text and an empty list are
//! nothing at all to the server, and so they are here. A node of a wrong type was reported, and is passed over.

mod addresses;
mod checks;
mod cron;
mod facts;
mod forms;
mod functions;
mod place;
mod walk;

pub use facts::fact_addresses;

pub(super) use facts::is_optional;

use place::Place;

use super::api::table::{ObjectKind, TypeId};
use super::context::{Context, PathStack};
use crate::yaml::Node;

/// The id of no type: whatever is of it may be anything.
const UNKNOWN_TYPE: TypeId = TypeId(u32::MAX);

/// Holds an object that was checked against what the API server asks beyond types, and reports every finding.
///
/// In custom resources it is their metadata, and the template of a pod where there is one: what makes pods of it hands it
/// on to the API server, which refuses it then.
pub(super) fn validate(context: &Context<'_>, kind: &ObjectKind, node: &Node) {
    let within = context.within(kind.availability);
    walk::walk(&within, &PathStack::ROOT, kind.type_id, node, None);
}

/// Holds the template of a pod in a custom resource against what the API server asks of such templates.
pub(super) fn validate_pod_template(context: &Context<'_>, node: &Node) {
    let keys = pod_template_keys(&context.object.kind);
    let [first, second] = keys[..] else { return };
    let Some(outer) = node.as_map().and_then(|map| map.get(first)) else { return };
    let Some(template) = outer.node.as_map().and_then(|map| map.get(second)) else { return };
    // Other kinds have a `spec.template` too that is no pod. A pod has containers.
    let has_containers = || template.node.get("spec")?.get("containers")?.as_list();
    if has_containers().is_none() {
        return;
    }
    let path_of_outer = PathStack::ROOT.key(first, outer.key_span);
    let path = path_of_outer.key(second, template.key_span);
    // Of what stands around the template nothing is known but the volumes that are made for each pod, as a StatefulSet has
    // them.
    let node = &outer.node;
    let outer = Place { context, node, path: &path_of_outer, type_id: UNKNOWN_TYPE, parent: None };
    let parent = outer.field("volumeClaimTemplates").is_some().then_some(&outer);
    walk::walk(context, &path, facts::pod_template(), &template.node, parent);
}

/// The keys from an object's root to what has the `metadata` and the `spec` of a pod. Custom workloads follow the
/// built-in ones: any kind with a pod at `spec.template` is taken for one.
pub fn pod_template_keys(kind: &str) -> &'static [&'static str] {
    match kind {
        "Pod" => &[],
        "CronJob" => &["spec", "jobTemplate", "spec", "template"],
        "ScaledJob" => &["spec", "jobTargetRef", "template"],
        _ => &["spec", "template"],
    }
}
