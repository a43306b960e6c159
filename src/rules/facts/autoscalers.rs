//! Autoscalers: HorizontalPodAutoscalers and KEDA's ScaledObjects, and what they scale.
//!
//! | | HorizontalPodAutoscaler | ScaledObject |
//! |---|---|---|
//! | scales | `spec.scaleTargetRef`, with its kind | the same field; a Deployment if it names no kind |
//! | fewest | `spec.minReplicas`, or 1 | `spec.minReplicaCount`, or 0 |
//! | most | `spec.maxReplicas` | `spec.maxReplicaCount`, or 100 |
//!
//! A ScaledObject counts as an autoscaler itself. KEDA makes a HorizontalPodAutoscaler of it, which is in no manifest.

use std::collections::HashMap;

use super::objects::{ObjectTree, Objects};
use crate::yaml::{PackedNode, ValuePath};

/// An object that sets the replicas of a workload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Autoscaler<'s> {
    /// The autoscaler itself.
    pub(crate) object: ObjectTree<'s>,
    /// The kind of what it scales.
    pub(crate) kind: &'s str,
    /// The name of what it scales, in the autoscaler's own namespace.
    pub(crate) name: &'s str,
}

impl<'s> Autoscaler<'s> {
    /// What an object scales; none if it does not say, or not by name.
    fn read(object: &ObjectTree<'s>) -> Option<Autoscaler<'s>> {
        let target = object.spec()?.get("scaleTargetRef")?;
        // A ScaledObject may leave the kind out. A HorizontalPodAutoscaler must have it.
        let kind = target.get("kind").and_then(PackedNode::as_str).unwrap_or("Deployment");
        let name = target.get("name").and_then(PackedNode::as_str)?;
        Some(Autoscaler { object: *object, kind, name })
    }

    /// Where it names what it scales.
    pub(crate) fn target_path(&self) -> ValuePath {
        ValuePath::keys(&["spec", "scaleTargetRef"])
    }

    /// The fewest replicas: 1 for a HorizontalPodAutoscaler and 0 for a ScaledObject that do not say it.
    pub(crate) fn min_replicas(&self) -> i64 {
        // The defaults of KEDA and of the API.
        let default = if self.is_keda() { 0 } else { 1 };
        self.number(self.min_replicas_key()).unwrap_or(default)
    }

    /// Where the fewest replicas are written.
    pub(crate) fn min_replicas_path(&self) -> ValuePath {
        ValuePath::keys(&["spec", self.min_replicas_key()])
    }

    /// The most replicas: 100 for a ScaledObject that does not say it. A HorizontalPodAutoscaler must.
    pub(crate) fn max_replicas(&self) -> i64 {
        // `maxReplicas` has no default: the API check refuses a HorizontalPodAutoscaler of Kubernetes without it.
        let (key, default) = if self.is_keda() { ("maxReplicaCount", 100) } else { ("maxReplicas", 1) };
        self.number(key).unwrap_or(default)
    }

    /// Whether it is a ScaledObject that takes over a HorizontalPodAutoscaler instead of making one. Then both may be
    /// in the manifests, and one of them scales.
    pub(crate) fn takes_over(&self) -> bool {
        let annotation = "scaledobject.keda.sh/transfer-hpa-ownership";
        let value = self.object.annotations().and_then(|annotations| annotations.get(annotation));
        value.and_then(PackedNode::as_str) == Some("true")
    }

    /// The field of the fewest replicas.
    fn min_replicas_key(&self) -> &'static str {
        if self.is_keda() { "minReplicaCount" } else { "minReplicas" }
    }

    /// Whether it is a ScaledObject.
    fn is_keda(&self) -> bool {
        self.object.kind() == "ScaledObject"
    }

    /// A number of its spec; none if it is absent, or still a text.
    fn number(&self, key: &str) -> Option<i64> {
        self.object.spec()?.get(key)?.as_i64()
    }
}

/// The autoscalers of a set.
#[derive(Debug)]
pub(crate) struct Autoscalers<'d> {
    /// In the order of the documents.
    all: Vec<Autoscaler<'d>>,
    /// The first one of each workload: by kind, namespace and name, to an index into `all`. Only looked into and
    /// never walked, so the random order of the map cannot reach the output.
    first: HashMap<(&'d str, Option<&'d str>, &'d str), usize>,
}

impl<'d> Autoscalers<'d> {
    /// The autoscalers among the objects.
    pub(crate) fn new(objects: &Objects<'d>) -> Self {
        let scalers = objects.of_kinds(&["HorizontalPodAutoscaler", "ScaledObject"]);
        let all: Vec<Autoscaler<'_>> = scalers.into_iter().filter_map(Autoscaler::read).collect();
        let mut first = HashMap::new();
        for (index, scaler) in all.iter().enumerate() {
            // A second autoscaler of a workload is a finding of its own (`two-autoscalers`); one answer is enough here.
            first.entry((scaler.kind, scaler.object.namespace(), scaler.name)).or_insert(index);
        }
        Autoscalers { all, first }
    }

    /// Every autoscaler, in the order of the documents.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Autoscaler<'d>> {
        self.all.iter()
    }

    /// The first autoscaler, in the order of the documents, that sets the replicas of a workload. Of the reference
    /// the kind is compared and not the API version: an old `apps/v1beta1` means the same workload.
    pub(crate) fn of(&self, workload: &ObjectTree<'_>) -> Option<&Autoscaler<'d>> {
        let index = self.first.get(&(workload.kind(), workload.namespace(), workload.name()))?;
        self.all.get(*index)
    }
}
