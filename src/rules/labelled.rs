//! The pods of a set by namespace and label, so that a selector finds its own without looking at all.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::template::Template;
use crate::yaml::Map;

/// Where pods are in [`super::ObjectSet::templates`].
#[derive(Debug)]
pub(super) struct Labelled<'d> {
    by_label: Labels,
    /// Only a selector without a label of its own asks for all pods of a namespace.
    by_namespace: OnceCell<HashMap<&'d str, Vec<usize>>>,
}

/// Namespace, key and value.
pub(super) type Label<'l> = (Option<&'l str>, &'l str, &'l str);

/// The labels in a map.
pub(super) fn pairs<'l>(labels: Option<&'l Map>) -> impl Iterator<Item = (&'l str, &'l str)> + use<'l> {
    labels.into_iter().flatten().map(|(key, entry)| (&**key, entry.node.as_str().unwrap_or_default()))
}

/// Who has which label: fingerprints of namespace, key and value, sorted. Two labels may share a fingerprint, so what is
/// found is only a candidate.
#[derive(Debug)]
pub(super) struct Labels {
    seed: RandomState,
    sorted: Vec<(u64, usize)>,
}

impl Labels {
    /// Owners, each with the namespace, the key and the value of a label.
    pub(super) fn new<'l>(owners: impl Iterator<Item = (usize, Label<'l>)>) -> Self {
        let seed = RandomState::new();
        let mut sorted: Vec<(u64, usize)> =
            owners.map(|(owner, label)| (seed.hash_one(label), owner)).collect();
        sorted.sort_unstable();
        Labels { seed, sorted }
    }

    /// Everybody who may have this label, in ascending order.
    pub(super) fn having(&self, label: Label<'_>) -> &[(u64, usize)] {
        let wanted = self.seed.hash_one(label);
        let from = self.sorted.partition_point(|(fingerprint, _)| *fingerprint < wanted);
        let rest = self.sorted.get(from..).unwrap_or_default();
        let count = rest.partition_point(|(fingerprint, _)| *fingerprint == wanted);
        rest.get(..count).unwrap_or_default()
    }
}

impl<'d> Labelled<'d> {
    pub(super) fn new(templates: &[Template<'d>]) -> Self {
        let labels = templates.iter().enumerate().flat_map(|(index, template)| {
            let namespace = template.subject.namespace();
            pairs(template.labels()).map(move |(key, value)| (index, (namespace, key, value)))
        });
        Labelled { by_label: Labels::new(labels), by_namespace: OnceCell::new() }
    }

    /// The pods that may have this label written on them, in the order of the set.
    pub(super) fn with(&self, label: Label<'_>) -> &[(u64, usize)] {
        self.by_label.having(label)
    }

    /// The pods of a namespace, in the order of the set.
    pub(super) fn within(&self, templates: &[Template<'d>], namespace: Option<&str>) -> &[usize] {
        let by_namespace = self.by_namespace.get_or_init(|| {
            let mut found: HashMap<&str, Vec<usize>> = HashMap::new();
            for (index, template) in templates.iter().enumerate() {
                found.entry(template.subject.namespace().unwrap_or_default()).or_default().push(index);
            }
            found
        });
        by_namespace.get(namespace.unwrap_or_default()).map(Vec::as_slice).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_a_label_is_found_in_order() {
        let labels =
            [(0, None, "a", "1"), (1, Some("n"), "a", "1"), (2, None, "a", "1"), (2, None, "b", "1")];
        let labels =
            Labels::new(labels.into_iter().rev().map(|(owner, n, key, value)| (owner, (n, key, value))));
        let having = |label| labels.having(label).iter().map(|(_, owner)| *owner).collect::<Vec<_>>();
        assert_eq!(having((None, "a", "1")), [0, 2]);
        assert_eq!(having((Some("n"), "a", "1")), [1]);
        assert_eq!(having((None, "b", "1")), [2]);
        assert_eq!(having((None, "a1", "")), [0; 0]);
    }
}
