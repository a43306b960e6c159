//! Autoscalers as rules see them: HorizontalPodAutoscalers and KEDA's ScaledObjects, and what they scale.

use std::collections::HashMap;

use super::{ObjectSet, Subject};
use crate::yaml::{Node, ValuePath};

/// An object that sets the replicas of a workload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Autoscaler<'s> {
    pub(super) subject: Subject<'s>,
    /// The kind of what it scales.
    pub(super) kind: &'s str,
    /// The name of what it scales.
    pub(super) name: &'s str,
}

/// The autoscalers of a set.
#[derive(Debug)]
pub(super) struct Autoscalers<'d> {
    /// In the order of the set.
    all: Vec<Autoscaler<'d>>,
    /// The first one of each workload: of a kind, in a namespace, with a name.
    first: HashMap<(&'d str, Option<&'d str>, &'d str), usize>,
}

impl<'d> Autoscalers<'d> {
    pub(super) fn new(set: &ObjectSet<'d>) -> Self {
        let kinds = ["HorizontalPodAutoscaler", "ScaledObject"].into_iter();
        let mut all: Vec<Autoscaler<'_>> =
            kinds.flat_map(|kind| set.of_kind(kind)).filter_map(read).collect();
        all.sort_by_key(|scaler| scaler.subject.index);
        let mut first = HashMap::new();
        for (index, scaler) in all.iter().enumerate() {
            first.entry((scaler.kind, scaler.subject.namespace(), scaler.name)).or_insert(index);
        }
        Autoscalers { all, first }
    }

    /// Every autoscaler of the set.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Autoscaler<'d>> {
        self.all.iter()
    }

    /// The autoscaler that sets the replicas of a workload.
    pub(super) fn of(&self, workload: &Subject<'_>) -> Option<&Autoscaler<'d>> {
        let place = self.first.get(&(workload.kind(), workload.namespace(), workload.name()))?;
        self.all.get(*place)
    }
}

fn read<'d>(subject: &Subject<'d>) -> Option<Autoscaler<'d>> {
    let target = subject.spec()?.get("scaleTargetRef")?;
    // KEDA may leave the kind out; the API asks a HorizontalPodAutoscaler for it.
    let kind = target.get("kind").and_then(Node::as_str).unwrap_or("Deployment");
    Some(Autoscaler { subject: *subject, kind, name: target.get("name").and_then(Node::as_str)? })
}

impl<'s> Autoscaler<'s> {
    /// What it scales, if that is in the set.
    pub(super) fn target(&self, set: &ObjectSet<'s>) -> Option<Subject<'s>> {
        set.find(self.kind, self.subject.namespace(), self.name).copied()
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
        self.subject.spec().and_then(|spec| spec.get(key)).and_then(Node::as_i64).unwrap_or(otherwise)
    }
}
