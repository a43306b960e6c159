//! Pods as trees: what a workload makes its pods from, of custom kinds too.

use super::Subject;
use crate::kube::is_decoded;
use crate::manifest::{Document, Identity};
use crate::yaml::{Map, Node, ValuePath};

/// What has the `metadata` and the `spec` of a pod.
#[derive(Clone, Copy, Debug)]
pub(super) struct Template<'s> {
    /// The pod, or what makes it.
    pub(super) subject: Subject<'s>,
    node: &'s Node,
    /// The `spec` of the pod.
    pub(super) spec: &'s Node,
    /// The keys from the object's root to what has `metadata` and `spec`.
    above: &'static [&'static str],
}

/// A container of a template.
#[derive(Clone, Copy, Debug)]
pub(super) struct TemplateContainer<'s> {
    /// The container.
    pub(super) node: &'s Node,
    above: &'static [&'static str],
    list: &'static str,
    index: usize,
}

/// The lists of containers: those that run first, and the others.
pub(super) const LISTS: [&str; 2] = ["initContainers", "containers"];

/// The pod of an object, if it is or makes one.
pub(super) fn template_of<'d>(subject: &Subject<'d>) -> Option<Template<'d>> {
    let above: &'static [&'static str] = match subject.kind() {
        "Pod" => &[],
        "CronJob" => &["spec", "jobTemplate", "spec", "template"],
        "ScaledJob" => &["spec", "jobTargetRef", "template"],
        _ => &["spec", "template"],
    };
    let node = above.iter().try_fold(&subject.document.node, |node, key| node.get(key))?;
    let spec = node.get("spec")?;
    // Other kinds have templates too, of Certificates for example.
    spec.get("containers")?.as_list()?;
    Some(Template { subject: *subject, node, spec, above })
}

impl<'s> Template<'s> {
    /// The object that it is in.
    pub(super) fn identity(&self) -> &'s Identity {
        let document: &'s Document = self.subject.document;
        &document.identity
    }

    /// Whether it is a pod of Kubernetes' own, or a workload of its own makes it.
    pub(super) fn is_built_in(&self) -> bool {
        const KINDS: &[&str] =
            &["Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"];
        KINDS.contains(&self.subject.kind()) && is_decoded(self.identity())
    }

    /// The path of its spec.
    pub(super) fn path(&self) -> ValuePath {
        ValuePath::keys(self.above).and_key("spec")
    }

    /// The path of its metadata.
    pub(super) fn metadata_path(&self) -> ValuePath {
        ValuePath::keys(self.above).and_key("metadata")
    }

    /// Its labels as they are written; controllers add others.
    pub(super) fn labels(&self) -> Option<&'s Map> {
        self.node.get("metadata")?.get("labels")?.as_map()
    }

    /// The items of one of the lists of its spec.
    pub(super) fn list(&self, key: &str) -> &'s [Node] {
        self.spec.get(key).and_then(Node::as_list).unwrap_or_default()
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
    pub(super) fn containers(&self) -> impl Iterator<Item = TemplateContainer<'s>> + use<'s> {
        let (spec, above) = (self.spec, self.above);
        LISTS.into_iter().flat_map(move |list| {
            let items = spec.get(list).and_then(Node::as_list).unwrap_or_default().iter().enumerate();
            items.map(move |(index, node)| TemplateContainer { node, above, list, index })
        })
    }
}

impl<'s> TemplateContainer<'s> {
    /// Its name.
    pub(super) fn name(&self) -> &'s str {
        self.node.get("name").and_then(Node::as_str).unwrap_or_default()
    }

    /// Its path.
    pub(super) fn path(&self) -> ValuePath {
        ValuePath::keys(self.above).and_key("spec").and_key(self.list).and_index(self.index)
    }

    /// Whether it runs beside the others: not an init container, unless that is a sidecar.
    pub(super) fn stays(&self) -> bool {
        self.list == "containers" || self.node.get("restartPolicy").and_then(Node::as_str) == Some("Always")
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

/// Whether controllers write this label, with a value that may be known.
pub(super) fn may_be_made(key: &str) -> bool {
    let made = [
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "job-name",
        "batch.kubernetes.io/job-name",
    ];
    made.contains(&key) || is_made(key)
}
