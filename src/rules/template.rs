//! Pods as trees: what a workload makes its pods from, of custom kinds too.

use super::trail::Trail;
use crate::manifest::{Document, Identity};
use crate::yaml::{Map, Node};

/// What has the `metadata` and the `spec` of a pod.
#[derive(Clone, Copy, Debug)]
pub(super) struct Template<'s> {
    /// The place of the pod, or of what makes it, in the set.
    pub(super) subject: usize,
    document: &'s Document,
    node: &'s Node,
    trail: Trail,
}

/// A container of a template.
#[derive(Clone, Copy, Debug)]
pub(super) struct TemplateContainer<'s> {
    /// The container.
    pub(super) node: &'s Node,
    /// The way to it.
    pub(super) trail: Trail,
    is_initial: bool,
}

/// The pod of an object, if it is or makes one.
pub(super) fn template_of(subject: usize, document: &Document) -> Option<Template<'_>> {
    let above = match document.identity.kind.as_str() {
        "Pod" => "",
        "CronJob" => "spec.jobTemplate.spec.template",
        "ScaledJob" => "spec.jobTargetRef.template",
        _ => "spec.template",
    };
    let (node, trail) = Trail::ROOT.at(&document.node, above)?;
    // Other kinds have templates too, of Certificates for example.
    node.get("spec")?.get("containers")?.as_list()?;
    Some(Template { subject, document, node, trail })
}

impl<'s> Template<'s> {
    /// Its spec, and the way to it.
    pub(super) fn spec(&self) -> Option<(&'s Node, Trail)> {
        self.trail.at(self.node, "spec")
    }

    /// The object that it is in.
    pub(super) fn identity(&self) -> &'s Identity {
        &self.document.identity
    }

    /// Its labels as they are written; controllers add others.
    pub(super) fn labels(&self) -> Option<&'s Map> {
        self.node.get("metadata")?.get("labels")?.as_map()
    }

    /// Whether its pods have this label. Controllers write some labels themselves.
    pub(super) fn has_label(&self, key: &str, value: &str) -> bool {
        let written = self.labels().and_then(|labels| labels.get(key)).and_then(|entry| entry.node.as_str());
        written == Some(value) || self.may_get_label(key, value)
    }

    /// Whether a controller may write this label onto its pods.
    fn may_get_label(&self, key: &str, value: &str) -> bool {
        let Identity { kind, name, .. } = self.identity();
        match key {
            "statefulset.kubernetes.io/pod-name" => {
                kind == "StatefulSet" && value.strip_prefix(&**name).is_some_and(|rest| rest.starts_with('-'))
            }
            "apps.kubernetes.io/pod-index" => kind == "StatefulSet",
            "job-name" | "batch.kubernetes.io/job-name" => match kind.as_str() {
                "Job" => value == name,
                _ => kind == "CronJob" && value.starts_with(&**name),
            },
            _ => is_made(key),
        }
    }

    /// Init containers, then the others.
    pub(super) fn containers(&self) -> Vec<TemplateContainer<'s>> {
        let mut found = Vec::new();
        let Some((spec, trail)) = self.spec() else { return found };
        for (list, is_initial) in [("initContainers[]", true), ("containers[]", false)] {
            trail.each(spec, list, &mut |node, trail| {
                found.push(TemplateContainer { node, trail, is_initial })
            });
        }
        found
    }
}

impl<'s> TemplateContainer<'s> {
    /// Its name.
    pub(super) fn name(&self) -> &'s str {
        self.node.get("name").and_then(Node::as_str).unwrap_or_default()
    }

    /// Whether it runs beside the others: not an init container, unless that is a sidecar.
    pub(super) fn stays(&self) -> bool {
        !self.is_initial || self.node.get("restartPolicy").and_then(Node::as_str) == Some("Always")
    }

    /// The items of one of its lists.
    pub(super) fn list(&self, key: &str) -> &'s [Node] {
        self.node.get(key).and_then(Node::as_list).unwrap_or_default()
    }
}

/// Labels whose values no manifest can know.
pub(super) fn is_made(key: &str) -> bool {
    let made = [
        "controller-uid",
        "batch.kubernetes.io/controller-uid",
        "controller-revision-hash",
        "pod-template-hash",
    ];
    made.contains(&key)
}
