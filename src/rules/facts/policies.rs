//! NetworkPolicies: which direction one limits, which pods it governs, and which ports a rule names.

use super::field_pattern::items;
use super::object_set::ObjectSet;
use super::objects::ObjectTree;
use super::pods::PodTree;
use super::selectors::Selector;
use crate::yaml::{PackedList, PackedNode};

/// What a policy limits: what comes in, or what goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Ingress,
    Egress,
}

impl Direction {
    /// As `policyTypes` has it.
    fn name(self) -> &'static str {
        match self {
            Direction::Ingress => "Ingress",
            Direction::Egress => "Egress",
        }
    }

    /// The field of the rules.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Direction::Ingress => "ingress",
            Direction::Egress => "egress",
        }
    }
}

/// A policy that limits one direction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LimitingPolicy<'s> {
    pub(crate) object: ObjectTree<'s>,
    /// None where the field is absent, which the API takes for all pods of the namespace.
    selector: Option<Selector<'s>>,
    /// The items of `ingress` or `egress`: each allows something, and what none allows is forbidden.
    pub(crate) rules: PackedList<'s>,
}

impl<'s> LimitingPolicy<'s> {
    /// The policy, if it limits this direction.
    pub(crate) fn read(object: &ObjectTree<'s>, direction: Direction) -> Option<LimitingPolicy<'s>> {
        let spec = object.spec()?;
        let rules = items(spec, direction.field());
        // Without types, a policy is about ingress, and about egress if it has rules of that kind. An empty list of
        // them then counts as none, though with the type it forbids everything.
        let is_limited = match spec.get("policyTypes").and_then(PackedNode::as_list) {
            Some(types) => types.iter().any(|one| one.as_str() == Some(direction.name())),
            None => direction == Direction::Ingress || !rules.is_empty(),
        };
        let selector = spec.get("podSelector").map(Selector::read);
        is_limited.then_some(LimitingPolicy { object: *object, selector, rules })
    }

    /// The pods that it governs, without those on the host's network: what a policy means for them depends on the
    /// network plugin.
    pub(crate) fn pods<'a, 'd>(
        &'a self,
        set: &'a ObjectSet<'d>,
    ) -> impl Iterator<Item = &'a PodTree<'d>> + use<'a, 'd, 's> {
        let namespace = self.object.namespace();
        let selected = self.selector.iter().flat_map(move |selector| {
            let pods = set.pods().matching(selector, namespace);
            pods.filter(|pod| selector.matches_labels(pod.labels()))
        });
        let all = self.selector.is_none().then(|| set.pods().in_namespace(namespace));
        selected.chain(all.into_iter().flatten()).filter(|pod| {
            let is_on_host = pod.spec.get("hostNetwork").and_then(PackedNode::as_bool) == Some(true);
            !is_on_host && pod.is_built_in()
        })
    }
}

/// Whether a port of a rule, or a range of them, includes a number of a protocol. A port without a protocol is TCP, one
/// without a number means all; behind a name may be any.
pub(crate) fn policy_port_includes(port: PackedNode<'_>, protocol: &str, wanted: i64) -> bool {
    if port.get("protocol").and_then(PackedNode::as_str).unwrap_or("TCP") != protocol {
        return false;
    }
    match port.get("port").and_then(PackedNode::as_i64) {
        Some(first) => {
            let last = port.get("endPort").and_then(PackedNode::as_i64).unwrap_or(first);
            (first..=last).contains(&wanted)
        }
        None => true,
    }
}
