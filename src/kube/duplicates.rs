//! The same entry twice in a list that Kubernetes reads as a map or as a set.

use std::collections::BTreeMap;

use super::table::{Slice, Unique};
use super::trail::Trail;
use super::walk::Walk;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Location, anchor_span};
use crate::yaml::Node;

/// Reports every item that another one with the same key came before (K006).
pub(super) fn check(walk: &Walk<'_>, unique: Unique, items: &[Node], trail: &Trail<'_>) {
    if items.len() < 2 || unique == Unique::No {
        return;
    }
    let mut seen: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        let Some(key) = key_of(walk, unique, item) else { continue };
        if let Some(first) = seen.get(&key) {
            report(walk, unique, (*first, index), items, trail);
        } else {
            seen.insert(key, index);
        }
    }
}

/// What tells an item from the others; none where a part of it is missing, which is reported elsewhere.
fn key_of<'n>(walk: &Walk<'_>, unique: Unique, item: &'n Node) -> Option<Vec<&'n str>> {
    match unique {
        Unique::No => None,
        Unique::Item => item.as_scalar().map(|scalar| vec![&*scalar.text]),
        Unique::Keys(keys) => walk.api.table.words(keys).map(|key| part(item, key)).collect(),
    }
}

fn part<'n>(item: &'n Node, key: &str) -> Option<&'n str> {
    match item.get(key) {
        Some(node) => node.as_scalar().map(|scalar| &*scalar.text),
        None if key == "protocol" => Some("TCP"),
        None => None,
    }
}

fn report(
    walk: &Walk<'_>,
    unique: Unique,
    (first, second): (usize, usize),
    items: &[Node],
    trail: &Trail<'_>,
) {
    let Some((earlier, item)) = items.get(first).zip(items.get(second)) else { return };
    let name = trail.name();
    let message = match keys(walk, unique) {
        Some(keys) => format!("`{name}[{second}]` has the same {keys} as `{name}[{first}]`"),
        None => format!("`{name}[{second}]` is the same as `{name}[{first}]`"),
    };
    let finding = Diagnostic::error(Code::K006, message)
        .also(walk.session.resolve(anchor_span(earlier)), "the first")
        .help("keep one of them: Kubernetes tells the items of this list apart by that");
    walk.report(finding, Location::value(item), &trail.index(second));
}

fn keys(walk: &Walk<'_>, unique: Unique) -> Option<String> {
    let Unique::Keys(keys @ Slice { .. }) = unique else { return None };
    let names: Vec<String> = walk.api.table.words(keys).map(|key| format!("`{key}`")).collect();
    Some(names.join(" and "))
}
