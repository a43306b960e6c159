//! Which schemas apply to a place, and to each property below it: borrowed from the schema's tree.
//!
//! Nearly every place has one schema, and nearly every map has the properties of one schema. Both cases are a
//! reference into the tree, which is copied for nothing. Only what several schemas say together is put together, and
//! shared from then on.

use std::rc::Rc;

use indexmap::IndexMap;

use crate::yaml::{Map, Node};

/// The schemas of a property or an item, in conjunctive normal form: every group holds, and of each group at least one
/// schema. No group: nothing is known.
///
/// ```text
/// allOf: [{ properties: { a: S1 } }, { anyOf: [{ properties: { a: S2 } }, { properties: { a: S3 } }] }]
///
/// groups of a    [[S1], [S2, S3]]        S1 and (S2 or S3)
/// ```
///
/// Lists of schemas, instead of one combined schema, because the nodes are borrowed from the schema's tree: a new
/// schema would have to be made and kept somewhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Groups<'n> {
    /// No group.
    #[default]
    Unknown,
    /// One group of one schema.
    One(&'n Node),
    /// Any others.
    Several(Rc<Vec<Vec<&'n Node>>>),
}

impl<'n> Groups<'n> {
    /// These groups.
    pub(super) fn new(groups: Vec<Vec<&'n Node>>) -> Self {
        match groups.as_slice() {
            [] => Groups::Unknown,
            [group] if group.len() == 1 => Groups::One(group[0]),
            _ => Groups::Several(Rc::new(groups)),
        }
    }

    /// One group, of which at least one schema holds. No schema: nothing is known.
    pub(super) fn any_of(schemas: Vec<&'n Node>) -> Self {
        if schemas.is_empty() { Groups::Unknown } else { Groups::new(vec![schemas]) }
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Groups::Unknown)
    }

    /// The groups, each as the schemas of which at least one holds.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[&'n Node]> {
        let (one, several): (_, &[Vec<&'n Node>]) = match self {
            Groups::Unknown => (None, &[]),
            Groups::One(schema) => (Some(std::slice::from_ref(schema)), &[]),
            Groups::Several(groups) => (None, groups),
        };
        one.into_iter().chain(several.iter().map(Vec::as_slice))
    }

    /// Every schema that may apply.
    pub(super) fn schemas(&self) -> impl Iterator<Item = &'n Node> {
        self.iter().flatten().copied()
    }

    /// All of both. Two ways through a schema often lead to one definition, and if that is recursive, its groups
    /// would double with each step down: no two places would be the same, and the table of [`wants`](super::wants)
    /// would never end. So none is added twice.
    pub(super) fn and(self, other: &Groups<'n>) -> Self {
        match (&self, other) {
            (_, Groups::Unknown) => return self,
            (Groups::Unknown, _) => return other.clone(),
            (Groups::One(own), Groups::One(other)) if std::ptr::eq(*own, *other) => return self,
            _ => {}
        }
        let mut groups: Vec<Vec<&'n Node>> = self.iter().map(<[_]>::to_vec).collect();
        for group in other.iter() {
            if !groups.iter().any(|known| is_same_group(known, group)) {
                groups.push(group.to_vec());
            }
        }
        Groups::new(groups)
    }

    /// One group that allows what either allows.
    ///
    /// A side that says nothing gives way. By the letter, `anyOf: [{ properties: { a: S } }, { … }]` says nothing
    /// about `a`, as the second alternative may hold. But who sets `a` means the alternative that names it, and to
    /// know its type, its secrets and its description is worth more.
    pub(super) fn or(self, other: &Groups<'n>) -> Self {
        if self.is_empty() || other.is_empty() {
            return if self.is_empty() { other.clone() } else { self };
        }
        let mut group: Vec<&'n Node> = Vec::new();
        for schema in self.schemas().chain(other.schemas()) {
            if !group.iter().any(|known| std::ptr::eq(*known, schema)) {
                group.push(schema);
            }
        }
        Groups::any_of(group)
    }
}

/// Whether two groups are the same schemas in the same order. By address: to compare the trees
/// would take time and find no more.
fn is_same_group(a: &[&Node], b: &[&Node]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| std::ptr::eq(*a, *b))
}

/// The properties of a map with the schemas of each, in the order of the schema, which is that of documentation.
#[derive(Clone, Debug)]
pub(super) enum Properties<'n> {
    /// Those of one schema's `properties`, if it has any.
    Own(Option<&'n Map>),
    /// Those of several.
    Joined(Rc<IndexMap<&'n str, Groups<'n>>>),
}

impl<'n> Properties<'n> {
    pub(super) fn len(&self) -> usize {
        match self {
            Properties::Own(map) => map.map_or(0, Map::len),
            Properties::Joined(joined) => joined.len(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The schemas of a property; none if it is not named.
    pub(super) fn get(&self, key: &str) -> Option<Groups<'n>> {
        match self {
            Properties::Own(map) => (*map)?.get(key).map(|entry| Groups::One(&entry.node)),
            Properties::Joined(joined) => joined.get(key).cloned(),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'n str, Groups<'n>)> {
        let (own, joined) = match self {
            Properties::Own(map) => (*map, None),
            Properties::Joined(joined) => (None, Some(joined)),
        };
        let own = own.into_iter().flatten().map(|(key, entry)| (&**key, Groups::One(&entry.node)));
        own.chain(
            joined.into_iter().flat_map(|joined| joined.iter()).map(|(key, groups)| (*key, groups.clone())),
        )
    }

    /// Adds those of another schema; what both name is combined. Where one side has none, nothing is copied.
    pub(super) fn join(&mut self, other: &Self, combine: fn(Groups<'n>, &Groups<'n>) -> Groups<'n>) {
        if other.is_empty() {
            return;
        }
        if self.is_empty() {
            *self = other.clone();
            return;
        }
        let mut joined = self.take_joined();
        for (key, groups) in other.iter() {
            let known = joined.entry(key).or_default();
            *known = combine(std::mem::take(known), &groups);
        }
        *self = Properties::Joined(Rc::new(joined));
    }

    /// Adds one that is not there.
    pub(super) fn insert(&mut self, key: &'n str, groups: Groups<'n>) {
        let mut joined = self.take_joined();
        joined.insert(key, groups);
        *self = Properties::Joined(Rc::new(joined));
    }

    /// All of them, in a map that may be changed. None are left.
    fn take_joined(&mut self) -> IndexMap<&'n str, Groups<'n>> {
        match std::mem::replace(self, Properties::Own(None)) {
            Properties::Joined(joined) => Rc::unwrap_or_clone(joined),
            own => own.iter().collect(),
        }
    }
}
