//! The same item twice in a list that Kubernetes reads as a map or as a set (K006).

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::kube::api::table::ListType;
use crate::kube::context::{Context, PathStack};
use crate::manifest::{Location, anchor_span};
use crate::yaml::Node;

/// Reports every item that another one with the same key came before.
pub(super) fn check_duplicates(
    context: &Context<'_>,
    list_type: ListType,
    items: &[Node],
    path: &PathStack<'_>,
) {
    // Most lists of that kind have one item: one container, one port.
    if items.len() < 2 || list_type == ListType::Atomic {
        return;
    }
    let mut seen: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        let Some(key) = key_of(context, list_type, item) else { continue };
        match seen.get(&key) {
            Some(first) => report_duplicate(context, list_type, items, *first, index, path),
            None => {
                seen.insert(key, index);
            }
        }
    }
}

/// What tells an item from the others; none where a part of it is missing, which is reported elsewhere.
fn key_of<'n>(context: &Context<'_>, list_type: ListType, item: &'n Node) -> Option<Vec<&'n str>> {
    match list_type {
        ListType::Atomic => None,
        ListType::Set => item.as_scalar().map(|scalar| vec![&*scalar.text]),
        ListType::Keyed(keys) => context.table().words(keys).map(|key| key_part(item, key)).collect(),
    }
}

fn key_part<'n>(item: &'n Node, key: &str) -> Option<&'n str> {
    match item.get(key) {
        Some(node) => node.as_scalar().map(|scalar| &*scalar.text),
        // It has a default, which the API server writes in first.
        None if key == "protocol" => Some("TCP"),
        None => None,
    }
}

fn report_duplicate(
    context: &Context<'_>,
    list_type: ListType,
    items: &[Node],
    first: usize,
    second: usize,
    path: &PathStack<'_>,
) {
    let name = path.name();
    let message = match list_type {
        ListType::Keyed(keys) => {
            let keys: Vec<String> = context.table().words(keys).map(|key| format!("`{key}`")).collect();
            format!("`{name}[{second}]` has the same {} as `{name}[{first}]`", keys.join(" and "))
        }
        ListType::Set | ListType::Atomic => {
            format!("`{name}[{second}]` is the same as `{name}[{first}]`")
        }
    };
    let finding = Diagnostic::error(Code::K006, message)
        .also(context.session.resolve(anchor_span(&items[first])), "the first")
        .help("keep one of them: Kubernetes tells the items of this list apart by that");
    context.report(finding, Location::value(&items[second]), &path.index(second));
}
