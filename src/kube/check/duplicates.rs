//! The same item twice in a list that Kubernetes reads as a map or as a set (K006).
//!
//! The table says of each list what tells its items apart (`x-kubernetes-list-type`):
//!
//! | list type | two items are the same if | for example |
//! |---|---|---|
//! | `atomic`, or none | never | `args: [-v, -v]` |
//! | `set` | they are the same scalar | `finalizers` |
//! | `map` | their values under all keys of the list are the same | `ports`: `containerPort` and `protocol` |
//!
//! The check is made when all items have been checked, so that their scalars are in the one form that Kubernetes sees.
//! The texts are what is compared. Sets of maps or lists are not looked at: no built-in kind has one, only a CRD might.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::diagnostic::{Code, Diagnostic};
use crate::kube::api::table::{ListType, Shape, TypeId};
use crate::kube::context::Position;
use crate::manifest::{Location, anchor_span};
use crate::yaml::Node;

/// Reports every item whose key an earlier one has. The position is that of the list.
pub(super) fn check_duplicates(
    position: Position<'_>,
    list_type: ListType,
    of_items: TypeId,
    items: &[Node],
) {
    // Most lists of that kind have one item: one container, one port.
    if items.len() < 2 || list_type == ListType::Atomic {
        return;
    }
    let list = CheckedList { position, list_type, of_items, items };
    let mut seen: BTreeMap<Vec<Cow<'_, str>>, usize> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        let Some(key) = list.key_of(item) else { continue };
        match seen.get(&key) {
            // Always the first one is named, also for a third: it is the one to keep.
            Some(first) => list.report_duplicate(*first, index),
            None => {
                seen.insert(key, index);
            }
        }
    }
}

/// A list whose items have to differ.
struct CheckedList<'l> {
    position: Position<'l>,
    list_type: ListType,
    of_items: TypeId,
    items: &'l [Node],
}

impl<'l> CheckedList<'l> {
    /// What tells an item from the others; none where a part of it is missing, which is reported elsewhere.
    fn key_of(&self, item: &'l Node) -> Option<Vec<Cow<'l, str>>> {
        match self.list_type {
            ListType::Atomic => None,
            ListType::Set => item.as_scalar().map(|scalar| vec![Cow::Borrowed(&*scalar.text)]),
            ListType::Keyed(keys) => {
                let keys = self.position.context.table().words(keys);
                let value = |key| list_key_value(item, key).map(Cow::Borrowed);
                keys.map(|key| value(key).or_else(|| self.default_of(item, key).map(Cow::Owned))).collect()
            }
        }
    }

    /// The default of a key that an item does not have: the API server writes it in before it compares.
    fn default_of(&self, item: &Node, key: &str) -> Option<String> {
        let api = &self.position.context.target.api;
        let table = &api.table;
        let Shape::Object { fields, .. } = table.get(self.of_items).shape else { return None };
        if item.as_map()?.contains_key(key) {
            return None;
        }
        let field = table.field(fields, key)?;
        let rest = api.rest.get(table, table.constraints(table.get(field.type_id)).rest?);
        match rest.get("default")? {
            Json::String(text) => Some(text.clone()),
            default => Some(default.to_string()),
        }
    }

    /// Reports the item with the index `second`, which is the same as that with the index `first`.
    fn report_duplicate(&self, first: usize, second: usize) {
        let Position { context, path } = self.position;
        let name = self.position.name();
        let message = match self.list_type {
            ListType::Keyed(keys) => {
                // With the values: an index says little of a list that several templates and settings went into.
                let shown = |key: &str| {
                    let value = list_key_value(&self.items[second], key).map(|value| format!(" `{value}`"));
                    format!("`{key}`{}", value.unwrap_or_default())
                };
                let keys: Vec<String> = context.table().words(keys).map(shown).collect();
                format!("`{name}[{second}]` has the same {} as `{name}[{first}]`", keys.join(" and "))
            }
            ListType::Set | ListType::Atomic => {
                format!("`{name}[{second}]` is the same as `{name}[{first}]`")
            }
        };
        let finding = Diagnostic::error(Code::K006, message)
            .also(context.session.resolve(anchor_span(&self.items[first])), "the first")
            .help("keep one of them: Kubernetes tells the items of this list apart by that");
        // Where one key tells them apart, its value is what to change.
        let item = &self.items[second];
        let of_item = path.index(second);
        let mut keys = match self.list_type {
            ListType::Keyed(keys) => context.table().words(keys).collect::<Vec<&str>>(),
            ListType::Set | ListType::Atomic => Vec::new(),
        };
        let key = keys.pop().filter(|_| keys.is_empty());
        match key.and_then(|key| Some((key, item.as_map()?.get(key)?))) {
            Some((key, entry)) => {
                let path = of_item.key(key, entry.key_span);
                self.report(self.position.at_path(&path), finding, Location::value(&entry.node));
            }
            None => self.report(self.position.at_path(&of_item), finding, Location::value(item)),
        }
    }

    /// In kinds of its own the API server merges lists by these keys, and refuses the same item twice in some of them
    /// alone, which is for validation to say. In custom resources it refuses it everywhere.
    fn report(&self, position: Position<'_>, finding: Diagnostic, location: Location) {
        if position.context.custom {
            position.report(finding, location);
        } else {
            position.report_accepted(finding, location);
        }
    }
}

/// The value of an item under one key of its list; none for an item that is no map, or has no scalar there.
pub fn list_key_value<'n>(item: &'n Node, key: &str) -> Option<&'n str> {
    match item.as_map()?.get(key) {
        Some(entry) => entry.node.as_scalar().map(|scalar| &*scalar.text),
        // The `protocol` of ports has a default, which the API server writes in before it compares. The table has no
        // defaults, so it stands here. The other optional keys that people write are names of references, and without
        // one they refer to nothing.
        None if key == "protocol" => Some("TCP"),
        None => None,
    }
}
