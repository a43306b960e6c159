//! The walk down two versions of an object.

use std::sync::Arc;

use super::align::Budget;
use super::form::{form, is_absent};
use super::masked_value::{MaskedValue, under_key};
use super::{FieldChange, FieldEdit, FieldPath, PathStep, lines, lists};
use crate::kube::{Api, TypeRef};
use crate::manifest::Document;
use crate::secrets::Secrecy;
use crate::session::Session;
use crate::yaml::{Map, Node, Value};

/// What the walk over one object has in view, and what it has found.
pub(super) struct Walk<'w> {
    pub(super) session: &'w Session,
    pub(super) budget: &'w Budget,
    found: Vec<FieldChange>,
}

/// A place that both versions have.
#[derive(Clone)]
pub(super) struct At<'w> {
    pub(super) path: FieldPath,
    /// What the API says of it, if it is known.
    pub(super) of: Option<TypeRef<'w>>,
    pub(super) secrecy: Secrecy,
}

/// Everything that differs between two versions of one object, in the order of its fields.
pub(super) fn differences(
    session: &Session,
    api: &Api,
    budget: &Budget,
    old: &Document,
    new: &Document,
) -> Vec<FieldChange> {
    let mut walk = Walk { session, budget, found: Vec::new() };
    let of = api.type_of(&new.identity);
    let root = At {
        path: FieldPath::default(),
        of,
        secrecy: Secrecy::of_object(new.identity.group(), &new.identity.kind),
    };
    let (Some(old), Some(new)) = (old.node.as_map(), new.node.as_map()) else { return walk.found };
    walk.maps(&root, old, new, |key| match (of, key) {
        (None, "metadata") => Some(api.metadata_type()),
        _ => of.and_then(|of| of.key(key)),
    });
    walk.found
}

impl<'w> Walk<'w> {
    /// What differs at a place that both versions have.
    pub(super) fn both(&mut self, at: &At<'w>, old: &Node, new: &Node) {
        match (&old.value, &new.value) {
            (Value::Map(old), Value::Map(new)) => {
                self.maps(at, old, new, |key| at.of.and_then(|of| of.key(key)));
            }
            (Value::List(old), Value::List(new)) => lists::compare(self, at, old, new),
            _ if form(old, at.of) == form(new, at.of) => {}
            _ => self.changed(at, old, new),
        }
    }

    /// A value that only the old version has.
    pub(super) fn removed(&mut self, at: At<'w>, old: &Node) {
        let shown = MaskedValue::new(self.session, old, at.secrecy, at.of);
        self.found.push(FieldChange { path: at.path, edit: FieldEdit::Removed(shown) });
    }

    /// A value that only the new version has.
    pub(super) fn added(&mut self, at: At<'w>, new: &Node) {
        let shown = MaskedValue::new(self.session, new, at.secrecy, at.of);
        self.found.push(FieldChange { path: at.path, edit: FieldEdit::Added(shown) });
    }

    /// Items in another order.
    pub(super) fn reordered(&mut self, at: &At<'w>, old: Vec<String>, new: Vec<String>) {
        self.found.push(FieldChange { path: at.path.clone(), edit: FieldEdit::Reordered(old, new) });
    }

    fn maps(&mut self, at: &At<'w>, old: &Map, new: &Map, type_of: impl Fn(&str) -> Option<TypeRef<'w>>) {
        let of_old = |key: &str| old.get(key).map(|entry| &entry.node);
        let of_new = |key: &str| new.get(key).map(|entry| &entry.node);
        let keys = old.keys().chain(new.keys().filter(|key| !old.contains_key(key)));
        for key in keys {
            let of = type_of(key);
            let there = |node: &&Node| !is_absent(node, of);
            let (before, after) = (of_old(key).filter(there), of_new(key).filter(there));
            let secrecy = under_key(at.secrecy, if after.is_some() { new } else { old }, at.of, key);
            let below = At { path: at.path.with(PathStep::Key(Arc::clone(key))), of, secrecy };
            match (before, after) {
                (Some(before), Some(after)) => self.both(&below, before, after),
                (Some(before), None) => self.removed(below, before),
                (None, Some(after)) => self.added(below, after),
                (None, None) => {}
            }
        }
    }

    /// Another value. If one of both is a secret, the other may tell too much about it.
    fn changed(&mut self, at: &At<'w>, old: &Node, new: &Node) {
        let secret = at.secrecy.hides(self.session, old) || at.secrecy.hides(self.session, new);
        let edit = match (old.as_str(), new.as_str()) {
            (Some(old), Some(new)) if !secret && (old.contains('\n') || new.contains('\n')) => {
                FieldEdit::Text(lines::differences(self.budget, old, new))
            }
            _ => {
                let secrecy = if secret { at.secrecy.whole() } else { at.secrecy };
                let shown = |node| MaskedValue::new(self.session, node, secrecy, at.of);
                FieldEdit::Changed(shown(old), shown(new))
            }
        };
        self.found.push(FieldChange { path: at.path.clone(), edit });
    }
}
