//! The objects of a set by kind, and within a kind by namespace and name.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use super::Subject;

/// Where each object is in [`super::ObjectSet::subjects`].
#[derive(Debug)]
pub(super) struct Index<'d> {
    kinds: BTreeMap<&'d str, OfKind<'d>>,
}

/// The objects of one kind.
#[derive(Debug, Default)]
struct OfKind<'d> {
    /// In the order of the set.
    places: Vec<usize>,
    /// By namespace and name. Of most kinds nobody ever asks for one, so this is made on demand; its order is never seen.
    by_name: OnceCell<HashMap<(&'d str, &'d str), usize>>,
}

impl<'d> Index<'d> {
    pub(super) fn new(subjects: &[Subject<'d>]) -> Self {
        let mut kinds: BTreeMap<&str, OfKind<'_>> = BTreeMap::new();
        for subject in subjects {
            kinds.entry(&subject.document.identity.kind).or_default().places.push(subject.index);
        }
        Index { kinds }
    }

    /// Every kind that is there.
    pub(super) fn kinds(&self) -> impl Iterator<Item = &'d str> {
        self.kinds.keys().copied()
    }

    /// The places of all objects of a kind.
    pub(super) fn of_kind(&self, kind: &str) -> &[usize] {
        self.kinds.get(kind).map(|of| of.places.as_slice()).unwrap_or_default()
    }

    /// The place of an object; of several that share the name, as kinds of two groups may, of the last.
    pub(super) fn find(
        &self,
        subjects: &[Subject<'d>],
        kind: &str,
        (namespace, name): (&str, &str),
    ) -> Option<usize> {
        let of = self.kinds.get(kind)?;
        let named = |place: &usize| {
            let identity = &subjects.get(*place)?.document.identity;
            Some(((identity.namespace.as_deref().unwrap_or_default(), identity.name.as_str()), *place))
        };
        let by_name = of.by_name.get_or_init(|| of.places.iter().filter_map(named).collect());
        by_name.get(&(namespace, name)).copied()
    }
}
