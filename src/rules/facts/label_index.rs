//! An index from labels to whoever has them.

use std::hash::{BuildHasher, RandomState};

use crate::yaml::Map;

/// A label in a namespace: the namespace, the key and the value.
pub(crate) type Label<'l> = (Option<&'l str>, &'l str, &'l str);

/// Who has which label.
///
/// A vector of the labels' hashes, each with its owner, sorted: one allocation for a whole set, where a map of lists would have
/// one a label. Two labels may share a hash, so whoever is found is only a candidate, and the labels themselves have to be
/// compared. The hash is the standard library's SipHash with a random key: no manifest can be made to collide, and the order
/// of the vector never reaches output.
#[derive(Debug)]
pub(crate) struct LabelIndex {
    hasher: RandomState,
    /// Hash and owner.
    sorted: Vec<(u64, usize)>,
}

impl LabelIndex {
    /// The index of owners (numbers of the caller's own), each with one of its labels.
    pub(crate) fn new<'l>(owners: impl Iterator<Item = (usize, Label<'l>)>) -> Self {
        let hasher = RandomState::new();
        let mut sorted: Vec<(u64, usize)> =
            owners.map(|(owner, label)| (hasher.hash_one(label), owner)).collect();
        sorted.sort_unstable();
        LabelIndex { hasher, sorted }
    }

    /// Everybody who may have this label, in ascending order: the second of each pair is the owner.
    pub(crate) fn candidates(&self, label: Label<'_>) -> &[(u64, usize)] {
        let wanted = self.hasher.hash_one(label);
        let start = self.sorted.partition_point(|(hash, _)| *hash < wanted);
        let rest = &self.sorted[start..];
        let len = rest.partition_point(|(hash, _)| *hash == wanted);
        &rest[..len]
    }
}

/// The labels in a map. A value that is no string, which the API check refuses, counts as empty.
pub(crate) fn label_pairs<'l>(labels: Option<&'l Map>) -> impl Iterator<Item = (&'l str, &'l str)> + use<'l> {
    labels.into_iter().flatten().map(|(key, entry)| (&**key, entry.node.as_str().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_a_label_is_found_in_order() {
        let labels =
            [(0, None, "a", "1"), (1, Some("n"), "a", "1"), (2, None, "a", "1"), (2, None, "b", "1")];
        let labels = LabelIndex::new(
            labels.into_iter().rev().map(|(owner, namespace, key, value)| (owner, (namespace, key, value))),
        );
        let owners = |label| labels.candidates(label).iter().map(|(_, owner)| *owner).collect::<Vec<_>>();
        assert_eq!(owners((None, "a", "1")), [0, 2]);
        assert_eq!(owners((Some("n"), "a", "1")), [1]);
        assert_eq!(owners((None, "b", "1")), [2]);
        assert_eq!(owners((None, "a1", "")), [0; 0]);
    }
}
