//! What differs between two sets of objects: matched by identity, lists by their keys, as paths with old and new.
//!
//! [`compare`] finds the differences, without a word about how they are shown; [`write_human`], [`write_short`] and
//! [`write_json`] show them. Secrets are masked before they leave [`compare`], so no writer can show one.

mod align;
mod form;
mod human;
mod json;
mod lines;
mod lists;
mod masked_value;
mod path;
mod plain;
#[cfg(test)]
mod tests;
mod walk;

pub use human::{annotations, write_human, write_objects, write_short};
pub use json::{as_json, write_json};
pub use lines::{Side, TextLine};
pub use masked_value::MaskedValue;
pub use path::{FieldPath, PathStep};
pub use plain::read_as_yaml_1_1;

use std::collections::BTreeMap;

use crate::emit;
use crate::kube::Api;
use crate::manifest::{Document, Identity};
use crate::session::Session;

/// An object that is not the same on both sides.
#[derive(Clone, Debug)]
pub struct ObjectChange {
    /// The object, as the new side calls it if it is there.
    pub object: Identity,
    /// What became of it.
    pub kind: ChangeKind,
}

/// What became of an object.
#[derive(Clone, Debug)]
pub enum ChangeKind {
    /// Only the new side has it.
    Added,
    /// Only the old side has it.
    Removed,
    /// Both have it, with these fields changed.
    Changed(Vec<FieldChange>),
}

/// A place in an object that is not the same on both sides.
#[derive(Clone, Debug)]
pub struct FieldChange {
    /// Where.
    pub path: FieldPath,
    /// What became of it.
    pub edit: FieldEdit,
}

/// What became of a place.
#[derive(Clone, Debug)]
pub enum FieldEdit {
    /// Only the new side has it.
    Added(MaskedValue),
    /// Only the old side has it.
    Removed(MaskedValue),
    /// Both sides have it, with other values.
    Changed(MaskedValue, MaskedValue),
    /// Both sides have a text of several lines: those that differ, with some around them.
    Text(Vec<TextLine>),
    /// The same items stand in another order; what they are called, on the old side and on the new.
    Reordered(Vec<String>, Vec<String>),
}

/// The differences from `old` to `new`, in the order in which objects are installed. Neither side may hold one identity
/// twice (`manifest::refuse_duplicates` sees to that): the last one would count.
pub fn compare(session: &Session, api: &Api, old: &[Document], new: &[Document]) -> Vec<ObjectChange> {
    let mut pairs: BTreeMap<_, (Option<&Document>, Option<&Document>)> = BTreeMap::new();
    for document in old {
        pairs.entry(document.identity.key()).or_default().0 = Some(document);
    }
    for document in new {
        pairs.entry(document.identity.key()).or_default().1 = Some(document);
    }
    let budget = align::Budget::default();
    let mut pairs: Vec<_> = pairs.into_values().collect();
    pairs.sort_by_cached_key(|pair| leading(pair).map(emit::install_sort_key));
    pairs.into_iter().filter_map(|pair| change(session, api, &budget, pair)).collect()
}

type Pair<'d> = (Option<&'d Document>, Option<&'d Document>);

fn leading<'d>(pair: &Pair<'d>) -> Option<&'d Document> {
    pair.1.or(pair.0)
}

fn change(session: &Session, api: &Api, budget: &align::Budget, pair: Pair<'_>) -> Option<ObjectChange> {
    let object = leading(&pair)?.identity.clone();
    let kind = match pair {
        (Some(old), Some(new)) => {
            let found = walk::differences(session, api, budget, old, new);
            if found.is_empty() {
                return None;
            }
            ChangeKind::Changed(found)
        }
        (None, _) => ChangeKind::Added,
        (_, None) => ChangeKind::Removed,
    };
    Some(ObjectChange { object, kind })
}
