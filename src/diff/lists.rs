//! Two versions of a list: items are matched by their keys where they have some, else by what stays the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::PathStep;
use super::align::{Op, align};
use super::form::form;
use super::masked_value::MaskedValue;
use super::path::item;
use super::walk::{At, Walk};
use crate::kube::TypeRef;
use crate::yaml::Node;

/// What differs between two versions of a list.
pub(super) fn compare<'w>(walk: &mut Walk<'w>, at: &At<'w>, old: &[Node], new: &[Node]) {
    if at.of.is_some_and(TypeRef::is_set) {
        return members(walk, at, old, new);
    }
    let keyed = match at.of.and_then(TypeRef::list_map_keys) {
        Some(keys) => Keyed::of(&keys, old, new),
        // The API knows no key, but what has names is told apart by them.
        None => NAMES.iter().find_map(|name| Keyed::of(&[name], old, new)),
    };
    match keyed {
        Some(keyed) => keyed.compare(walk, at, old, new),
        None => sequence(walk, at, old, new),
    }
}

/// Keys that name items where the API says nothing.
const NAMES: &[&str] = &["name", "host"];

/// A key and its value, for each key of a list.
type Name = Vec<(Arc<str>, Arc<str>)>;

/// The names of all items of both versions, each of them once.
struct Keyed {
    old: BTreeMap<Name, usize>,
    new: BTreeMap<Name, usize>,
}

impl Keyed {
    /// None if an item has no name or shares it with another one.
    fn of(keys: &[&str], old: &[Node], new: &[Node]) -> Option<Self> {
        Some(Keyed { old: names(keys, old)?, new: names(keys, new)? })
    }

    fn compare<'w>(&self, walk: &mut Walk<'w>, at: &At<'w>, old: &[Node], new: &[Node]) {
        let by_place = |names: &BTreeMap<Name, usize>| -> Vec<Name> {
            let mut names: Vec<_> = names.iter().collect();
            names.sort_by_key(|(_, place)| **place);
            names.into_iter().map(|(name, _)| name.clone()).collect()
        };
        let (before, after) = (by_place(&self.old), by_place(&self.new));
        for name in before.iter().chain(after.iter().filter(|name| !self.old.contains_key(*name))) {
            let below = below(at, PathStep::Item(name.clone()));
            match (self.old.get(name), self.new.get(name)) {
                (Some(i), Some(j)) => walk.both(&below, &old[*i], &new[*j]),
                (Some(i), None) => walk.removed(below, &old[*i]),
                (None, Some(j)) => walk.added(below, &new[*j]),
                (None, None) => {}
            }
        }
        let stay = |names: &[Name], other: &BTreeMap<Name, usize>| -> Vec<String> {
            names.iter().filter(|name| other.contains_key(*name)).map(|name| item(name)).collect()
        };
        let (before, after) = (stay(&before, &self.new), stay(&after, &self.old));
        if before != after {
            walk.reordered(at, before, after);
        }
    }
}

fn names(keys: &[&str], items: &[Node]) -> Option<BTreeMap<Name, usize>> {
    let mut names = BTreeMap::new();
    for (place, node) in items.iter().enumerate() {
        let name = keys.iter().map(|key| Some((Arc::from(*key), part(node, key)?))).collect::<Option<_>>()?;
        if names.insert(name, place).is_some() {
            return None;
        }
    }
    Some(names)
}

/// A part of a name. Kubernetes writes `TCP` where there is no protocol.
fn part(item: &Node, key: &str) -> Option<Arc<str>> {
    match item.as_map()?.get(key) {
        Some(entry) => entry.node.as_scalar().map(|scalar| Arc::clone(&scalar.text)),
        None if key == "protocol" => Some(Arc::from("TCP")),
        None => None,
    }
}

fn below<'w>(at: &At<'w>, step: PathStep) -> At<'w> {
    At { path: at.path.with(step), of: at.of.and_then(TypeRef::item), secrecy: at.secrecy.item() }
}

/// Items without an order: what only one version has.
fn members<'w>(walk: &mut Walk<'w>, at: &At<'w>, old: &[Node], new: &[Node]) {
    let (before, after) = (forms(at, old), forms(at, new));
    let (had, has): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), after.iter().collect());
    for (node, _) in old.iter().zip(&before).filter(|(_, form)| !has.contains(form)) {
        walk.removed(member(walk, at, node), node);
    }
    for (node, _) in new.iter().zip(&after).filter(|(_, form)| !had.contains(form)) {
        walk.added(member(walk, at, node), node);
    }
}

fn member<'w>(walk: &Walk<'w>, at: &At<'w>, node: &Node) -> At<'w> {
    let shown = MaskedValue::new(walk.session, node, at.secrecy.item(), None).node;
    let value = shown.as_scalar().map_or_else(|| Arc::from("…"), |scalar| Arc::clone(&scalar.text));
    below(at, PathStep::Member(value))
}

fn forms(at: &At<'_>, items: &[Node]) -> Vec<String> {
    let of = at.of.and_then(TypeRef::item);
    items.iter().map(|node| form(node, of)).collect()
}

/// Items in order. Between two that stay the same, the first that went is held against the first that came, and so on.
fn sequence<'w>(walk: &mut Walk<'w>, at: &At<'w>, old: &[Node], new: &[Node]) {
    let ops = align(walk.budget, &forms(at, old), &forms(at, new));
    for gap in ops.split(|op| matches!(op, Op::Keep(..))) {
        let removed = gap.iter().filter_map(|op| if let Op::Remove(i) = op { Some(*i) } else { None });
        let added = gap.iter().filter_map(|op| if let Op::Add(j) = op { Some(*j) } else { None });
        let (removed, added): (Vec<usize>, Vec<usize>) = (removed.collect(), added.collect());
        let pairs = removed.len().min(added.len());
        for (i, j) in removed.iter().zip(&added) {
            walk.both(&below(at, PathStep::Index(*j)), &old[*i], &new[*j]);
        }
        removed[pairs..].iter().for_each(|i| walk.removed(below(at, PathStep::Index(*i)), &old[*i]));
        added[pairs..].iter().for_each(|j| walk.added(below(at, PathStep::Index(*j)), &new[*j]));
    }
}
