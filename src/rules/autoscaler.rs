//! Autoscalers as rules see them: HorizontalPodAutoscalers and KEDA's ScaledObjects, and what they scale.

use super::{Set, Subject};
use crate::yaml::{Node, ValuePath};

/// An object that sets the replicas of a workload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Autoscaler<'s> {
    pub(super) subject: &'s Subject<'s>,
    /// The kind of what it scales.
    pub(super) kind: &'s str,
    /// The name of what it scales.
    pub(super) name: &'s str,
}

/// Every autoscaler of the set.
pub(super) fn autoscalers<'s>(set: &'s Set<'_>) -> impl Iterator<Item = Autoscaler<'s>> {
    set.subjects.iter().filter_map(|subject| read(subject))
}

/// The autoscaler that sets the replicas of a workload.
pub(super) fn autoscaler_of<'s>(set: &'s Set<'_>, workload: &Subject<'_>) -> Option<Autoscaler<'s>> {
    autoscalers(set).find(|scaler| {
        scaler.kind == workload.kind()
            && scaler.name == workload.name()
            && scaler.subject.namespace() == workload.namespace()
    })
}

fn read<'s>(subject: &'s Subject<'s>) -> Option<Autoscaler<'s>> {
    if !matches!(subject.kind(), "HorizontalPodAutoscaler" | "ScaledObject") {
        return None;
    }
    let target = subject.document.node.get("spec")?.get("scaleTargetRef")?;
    // KEDA may leave the kind out; the API asks a HorizontalPodAutoscaler for it.
    let kind = target.get("kind").and_then(Node::as_str).unwrap_or("Deployment");
    Some(Autoscaler { subject, kind, name: target.get("name").and_then(Node::as_str)? })
}

impl<'s> Autoscaler<'s> {
    /// What it scales, if that is in the set.
    pub(super) fn target(&self, set: &'s Set<'_>) -> Option<&'s Subject<'s>> {
        set.find(self.kind, self.subject.namespace(), self.name).map(|subject| subject as &Subject<'_>)
    }

    /// Where it names what it scales.
    pub(super) fn path(&self) -> ValuePath {
        ValuePath::keys(&["spec", "scaleTargetRef"])
    }

    /// The fewest replicas.
    pub(super) fn fewest(&self) -> i64 {
        if self.is_keda() { self.number("minReplicaCount", 0) } else { self.number("minReplicas", 1) }
    }

    /// Where that number is written.
    pub(super) fn fewest_path(&self) -> ValuePath {
        ValuePath::keys(&["spec", if self.is_keda() { "minReplicaCount" } else { "minReplicas" }])
    }

    /// The most replicas.
    pub(super) fn most(&self) -> i64 {
        if self.is_keda() { self.number("maxReplicaCount", 100) } else { self.number("maxReplicas", 1) }
    }

    /// Whether it takes a HorizontalPodAutoscaler over instead of making one.
    pub(super) fn takes_over(&self) -> bool {
        let path = ["metadata", "annotations", "scaledobject.keda.sh/transfer-hpa-ownership"];
        ValuePath::keys(&path).find(&self.subject.document.node).and_then(Node::as_str) == Some("true")
    }

    fn is_keda(&self) -> bool {
        self.subject.kind() == "ScaledObject"
    }

    fn number(&self, key: &str, otherwise: i64) -> i64 {
        let spec = self.subject.document.node.get("spec");
        spec.and_then(|spec| spec.get(key)).and_then(Node::as_i64).unwrap_or(otherwise)
    }
}
