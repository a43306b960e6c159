//! The comparison: objects are matched by identity, and two versions of one are walked down side by side.
//!
//! Maps are compared key by key. Items of a list are matched by their keys where the API or a `name` gives them some,
//! as members where it is a set, and else by aligning both lists. Everything that is found is masked before it is kept.
//!
//! Three things go down with the walk, together in a [`Field`]: the path so far, the type that the API gives to what
//! stands there (none for an unknown kind, and below a field that may hold anything), and what is known of its secrecy.
//! All three follow from the parent and one step, so nothing is looked up twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use similar::DiffOp;

use super::alignment::{Budget, align, differing_lines};
use super::changes::{
    ChangeKind, FieldChange, FieldEdit, FieldPath, MaskedValue, ObjectChange, PathStep, item_keys, under_key,
};
use super::draws::{self, RANDOM};
use super::normalize::{canonical_form, is_absent};
use crate::emit;
use crate::kube::{Api, TypeRef, list_key_value};
use crate::manifest::Document;
use crate::secrets::{Secrecy, hides_shown};
use crate::session::Session;
use crate::source::SourceKind;
use crate::yaml::{Map, Node, Value};

/// The differences from `old` to `new`, in the order in which objects are installed. Neither side may hold one identity
/// twice (`manifest::refuse_duplicates` sees to that): the last one would count.
///
/// `session` is where the spans of both sides have a meaning: what it hides is masked. `api` should know the custom
/// resources of both sides, since it tells how lists are matched. No difference gives an empty list.
pub fn compare(session: &Session, api: &Api, old: &[Document], new: &[Document]) -> Vec<ObjectChange> {
    // The identity has the group and not the version: an object that moves from `v1beta1` to `v1` is one that changed,
    // as it is for the API server, and not one that went and one that came.
    let mut pairs: Pairs<'_> = BTreeMap::new();
    for document in old {
        pairs.entry(document.identity.key()).or_default().old = Some(document);
    }
    for document in new {
        pairs.entry(document.identity.key()).or_default().new = Some(document);
    }
    match_drawn_names(session, &mut pairs);
    let mut pairs: Vec<TwoVersions<'_>> = pairs.into_values().collect();
    pairs.sort_by_cached_key(|pair| pair.newest().map(emit::install_sort_key));
    // One budget for all of them: a thousand texts that are expensive each are as bad as one.
    let context = Context { session, api, budget: &Budget::default() };
    pairs.into_iter().filter_map(|pair| compare_object(context, pair)).collect()
}

/// Objects by what [`Identity::key`](crate::manifest::Identity::key) says of them.
type Pairs<'d> = BTreeMap<(&'d str, &'d str, Option<&'d str>, &'d str), TwoVersions<'d>>;

/// Matches objects with draws in their names with manifests that were rendered before.
fn match_drawn_names(session: &Session, pairs: &mut Pairs<'_>) {
    let is_alone = |pair: &TwoVersions<'_>| pair.old.is_none() != pair.new.is_none();
    let drawn: Vec<_> = pairs.iter().filter(|(key, pair)| key.3.contains(RANDOM) && is_alone(pair)).collect();
    let drawn: Vec<_> = drawn.into_iter().map(|(key, pair)| (*key, *pair)).collect();
    for (key, pair) in drawn {
        let fits = |other: &(&_, &TwoVersions<'_>)| {
            let ((group, kind, namespace, name), there) = (*other.0, other.1);
            (group, kind, namespace) == (key.0, key.1, key.2)
                && is_alone(there)
                && there.old.is_none() == pair.new.is_none()
                && there.newest().is_some_and(|document| !is_rendered(session, document))
                && draws::may_be(key.3, name)
        };
        let Some(other) = pairs.iter().find(fits).map(|(key, _)| *key) else { continue };
        let Some(there) = pairs.remove(&other) else { continue };
        pairs.insert(key, TwoVersions { old: pair.old.or(there.old), new: pair.new.or(there.new) });
    }
}

/// Whether a chart has made it in this run: of what it drew all is known then.
fn is_rendered(session: &Session, document: &Document) -> bool {
    matches!(session.source(document.node.span.source).kind, SourceKind::Derived(_))
}

/// The object as it may be shown: every secret in it is `***`.
pub fn masked(session: &Session, api: &Api, document: &Document) -> Document {
    let Some(map) = document.node.as_map() else { return document.clone() };
    let object = &document.identity;
    let of = api.type_of(object);
    let secrecy = Secrecy::of_object(object.group(), &object.kind);
    let mut node = document.node.clone();
    for (key, entry) in node.as_map_mut().into_iter().flatten() {
        let below = type_below_root(api, of, key);
        entry.node = MaskedValue::new(session, &entry.node, under_key(secrecy, map, of, key), below).node;
    }
    Document { node, with_nulls: None, ..document.clone() }
}

/// The type of what stands under a key at the top of an object: every object has the same metadata, whether its kind is
/// known or not.
fn type_below_root<'a>(api: &'a Api, of: Option<TypeRef<'a>>, key: &str) -> Option<TypeRef<'a>> {
    match (of, key) {
        (None, "metadata") => Some(api.metadata_type()),
        _ => of.and_then(|of| of.key(key)),
    }
}

/// What the comparisons of all objects have in common.
#[derive(Clone, Copy)]
struct Context<'c> {
    session: &'c Session,
    api: &'c Api,
    budget: &'c Budget,
}

/// The two versions of one object, of which at least one is there.
#[derive(Clone, Copy, Default)]
struct TwoVersions<'d> {
    old: Option<&'d Document>,
    new: Option<&'d Document>,
}

impl<'d> TwoVersions<'d> {
    fn newest(&self) -> Option<&'d Document> {
        self.new.or(self.old)
    }
}

/// None if both versions say the same.
fn compare_object(context: Context<'_>, pair: TwoVersions<'_>) -> Option<ObjectChange> {
    let object = pair.newest()?.identity.clone();
    let kind = match (pair.old, pair.new) {
        // Only here are there fields: what came or went as a whole is named and not printed, or the difference to a new
        // chart would be all of it.
        (Some(old), Some(new)) => {
            let fields = compare_fields(context, old, new);
            if fields.is_empty() {
                return None;
            }
            ChangeKind::Changed(fields)
        }
        (None, _) => ChangeKind::Added,
        (_, None) => ChangeKind::Removed,
    };
    Some(ObjectChange { object, kind })
}

/// Everything that differs between two versions of one object, in the order of its fields.
fn compare_fields(context: Context<'_>, old: &Document, new: &Document) -> Vec<FieldChange> {
    let was_rendered_before = is_rendered(context.session, old) != is_rendered(context.session, new);
    let (Some(old), Some(new_root)) = (old.node.as_map(), new.node.as_map()) else { return Vec::new() };
    // The newer version decides on type and secrecy: it is what will be applied.
    let object = &new.identity;
    let of = context.api.type_of(object);
    let secrecy = Secrecy::of_object(object.group(), &object.kind);
    let root = Field { path: FieldPath::default(), of, secrecy };
    let mut comparison = Comparison { context, was_rendered_before, changes: Vec::new() };
    comparison.compare_maps(&root, old, new_root, |key| type_below_root(context.api, of, key));
    comparison.changes
}

/// A field of the object that is compared, before its values are looked at.
#[derive(Clone)]
struct Field<'c> {
    path: FieldPath,
    /// What the API says of it, if it is known.
    of: Option<TypeRef<'c>>,
    secrecy: Secrecy,
}

impl<'c> Field<'c> {
    /// An item of this list; `secrecy` is what is known of it ([`Secrecy::items`]).
    fn item(&self, step: PathStep, secrecy: Secrecy) -> Field<'c> {
        Field { path: self.path.with(step), of: self.of.and_then(TypeRef::item), secrecy }
    }

    /// The canonical forms of the items of this list.
    fn item_forms(&self, items: &[Node]) -> Vec<String> {
        let of = self.of.and_then(TypeRef::item);
        items.iter().map(|node| canonical_form(node, of)).collect()
    }
}

/// The comparison of one object, with what it has found so far.
struct Comparison<'c> {
    context: Context<'c>,
    /// Whether one version is a manifest, which may have been rendered before: what it drew is not known.
    was_rendered_before: bool,
    changes: Vec<FieldChange>,
}

impl<'c> Comparison<'c> {
    /// Compares a field that both versions have.
    fn compare_nodes(&mut self, field: &Field<'c>, old: &Node, new: &Node) {
        match (&old.value, &new.value) {
            (Value::Map(old), Value::Map(new)) => {
                self.compare_maps(field, old, new, |key| field.of.and_then(|of| of.key(key)));
            }
            (Value::List(old), Value::List(new)) => self.compare_lists(field, old, new),
            // Two scalars, or a scalar beside a map or a list: of the latter the canonical forms always differ.
            _ if canonical_form(old, field.of) == canonical_form(new, field.of) => {}
            _ if self.differ_in_draws(old, new) => {}
            _ => self.report_changed(field, old, new),
        }
    }

    /// Whether one value was drawn, and the other may have been.
    fn differ_in_draws(&self, old: &Node, new: &Node) -> bool {
        let (Some(old), Some(new)) = (old.as_scalar(), new.as_scalar()) else { return false };
        self.was_rendered_before
            && (draws::may_be(&old.text, &new.text) || draws::may_be(&new.text, &old.text))
    }

    /// Compares two maps key by key: first the keys of the old one, then those that only the new one has. `type_of`
    /// gives the type of what stands under a key.
    fn compare_maps(
        &mut self,
        field: &Field<'c>,
        old: &Map,
        new: &Map,
        type_of: impl Fn(&str) -> Option<TypeRef<'c>>,
    ) {
        // In the order of the old version, which a reader knows.
        let keys = old.keys().chain(new.keys().filter(|key| !old.contains_key(key)));
        for key in keys {
            let of = type_of(key);
            let before = old.get(key).map(|entry| &entry.node).filter(|node| !is_absent(node, of));
            let after = new.get(key).map(|entry| &entry.node).filter(|node| !is_absent(node, of));
            // What stands beside a value may tell that it is a secret: `{name: DB_PASSWORD, value: …}`. What stands
            // beside the new value counts, or beside the old one where the value is gone.
            let map = if after.is_some() { new } else { old };
            let below = Field {
                path: field.path.with(PathStep::Key(Arc::clone(key))),
                of,
                secrecy: under_key(field.secrecy, map, field.of, key),
            };
            match (before, after) {
                (Some(before), Some(after)) => self.compare_nodes(&below, before, after),
                (Some(before), None) => self.report_removed(below, before),
                (None, Some(after)) => self.report_added(below, after),
                (None, None) => {}
            }
        }
    }

    /// Compares two lists in the first way of the table in `mod.rs` that both of them allow.
    fn compare_lists(&mut self, field: &Field<'c>, old: &[Node], new: &[Node]) {
        if field.of.is_some_and(TypeRef::is_set) {
            return self.compare_sets(field, old, new);
        }
        let keyed = match field.of.and_then(TypeRef::list_map_keys) {
            Some(keys) => KeyedItems::index_both(&keys, old, new),
            // The API knows no key, but what has names is told apart by them.
            None => NAME_KEYS.iter().find_map(|key| KeyedItems::index_both(&[key], old, new)),
        };
        match keyed {
            Some((old_items, new_items)) => self.compare_keyed(field, &old_items, &new_items),
            // Also where two items have the same key: Kubernetes would refuse them, and still they can be compared.
            None => self.compare_aligned(field, old, new),
        }
    }

    /// Compares lists whose items have no order: only members that one version has are reported. A member that changed
    /// is another member.
    fn compare_sets(&mut self, field: &Field<'c>, old: &[Node], new: &[Node]) {
        // By canonical form, so that a member that is only quoted differently is the same one.
        let old_forms = field.item_forms(old);
        let new_forms = field.item_forms(new);
        let had: BTreeSet<&String> = old_forms.iter().collect();
        let has: BTreeSet<&String> = new_forms.iter().collect();
        for (node, form) in old.iter().zip(&old_forms) {
            if !has.contains(form) {
                self.report_removed(self.set_member(field, node), node);
            }
        }
        for (node, form) in new.iter().zip(&new_forms) {
            if !had.contains(form) {
                self.report_added(self.set_member(field, node), node);
            }
        }
    }

    /// A member of a set, which its path names by its value: masked, as paths are shown.
    fn set_member(&self, field: &Field<'c>, node: &Node) -> Field<'c> {
        let masked = MaskedValue::new(self.context.session, node, field.secrecy.item(node), None).node;
        // Members are scalars nearly always. Kubernetes also allows sets of atomic maps and lists, and a whole map is
        // no name.
        let value = masked.as_scalar().map_or_else(|| Arc::from("…"), |scalar| Arc::clone(&scalar.text));
        field.item(PathStep::Member(value), field.secrecy.item(node))
    }

    /// Compares lists whose items have keys: in the order of the old list, then what came, then the order itself.
    fn compare_keyed(&mut self, field: &Field<'c>, old: &KeyedItems<'_>, new: &KeyedItems<'_>) {
        for (key, before) in &old.in_order {
            let item = field.item(PathStep::Item(key.clone()), field.secrecy.item(before));
            match new.by_key.get(key) {
                Some(after) => self.compare_nodes(&item, before, after),
                None => self.report_removed(item, before),
            }
        }
        for (key, after) in &new.in_order {
            if !old.by_key.contains_key(key) {
                let item = field.item(PathStep::Item(key.clone()), field.secrecy.item(after));
                self.report_added(item, after);
            }
        }
        // Kubernetes keeps the order of such lists, and for some it counts: a variable of a container may refer to
        // those before it (`$(HOST)`). What came or went is left out, as it would look like a move of all that stand
        // behind it.
        let old_order = old.keys_that_stay(new);
        let new_order = new.keys_that_stay(old);
        if old_order != new_order {
            let edit = FieldEdit::Reordered(old_order, new_order);
            self.changes.push(FieldChange { path: field.path.clone(), edit });
        }
    }

    /// Compares lists whose items have an order and nothing else. Between two items that stay, the first that went is
    /// compared with the first that came, and so on: most often that is one item that changed.
    fn compare_aligned(&mut self, field: &Field<'c>, old: &[Node], new: &[Node]) {
        // An item may be a secret because of the one before it.
        let (old_secrecy, new_secrecy) = (field.secrecy.items(old), field.secrecy.items(new));
        for op in align(self.context.budget, &field.item_forms(old), &field.item_forms(new)) {
            if matches!(op, DiffOp::Equal { .. }) {
                continue;
            }
            let removed = op.old_range();
            let added = op.new_range();
            // A pair has the index of the new side, which is the file that a reader works on.
            let pairs = removed.len().min(added.len());
            for (i, j) in removed.clone().zip(added.clone()) {
                let secrecy = new_secrecy[j].or(old_secrecy[i]);
                self.compare_nodes(&field.item(PathStep::Index(j), secrecy), &old[i], &new[j]);
            }
            for i in removed.skip(pairs) {
                self.report_removed(field.item(PathStep::Index(i), old_secrecy[i]), &old[i]);
            }
            for j in added.skip(pairs) {
                self.report_added(field.item(PathStep::Index(j), new_secrecy[j]), &new[j]);
            }
        }
    }

    /// A value that only the old version has.
    fn report_removed(&mut self, field: Field<'c>, old: &Node) {
        let edit = FieldEdit::Removed(MaskedValue::new(self.context.session, old, field.secrecy, field.of));
        self.changes.push(FieldChange { path: field.path, edit });
    }

    /// A value that only the new version has.
    fn report_added(&mut self, field: Field<'c>, new: &Node) {
        let edit = FieldEdit::Added(MaskedValue::new(self.context.session, new, field.secrecy, field.of));
        self.changes.push(FieldChange { path: field.path, edit });
    }

    /// Another value. If one of both is a secret, the other may tell too much about it.
    fn report_changed(&mut self, field: &Field<'c>, old: &Node, new: &Node) {
        let hides = |node| hides_shown(self.context.session, field.secrecy, node);
        let secret = hides(old) || hides(new);
        let edit = match (old.as_str(), new.as_str()) {
            // The lines of a secret are not compared, as even their number would tell something.
            (Some(old), Some(new)) if !secret && (old.contains('\n') || new.contains('\n')) => {
                FieldEdit::Text(differing_lines(self.context.budget, old, new))
            }
            _ => {
                let secrecy = if secret { field.secrecy.whole() } else { field.secrecy };
                let masked = |node| MaskedValue::new(self.context.session, node, secrecy, field.of);
                FieldEdit::Changed(masked(old), masked(new))
            }
        };
        self.changes.push(FieldChange { path: field.path.clone(), edit });
    }
}

/// Keys that name items where the API says nothing. Only keys that are usually unique: `name` in custom resources and
/// in lists of Kubernetes that are atomic, `host` in the rules of an Ingress. With a key such as `type` or `port`, two
/// items that differ in it would be said to have come and gone, where one changed.
const NAME_KEYS: &[&str] = &["name", "host"];

/// A key and its value, for each key of a list.
type ItemKey = Vec<(Arc<str>, Arc<str>)>;

/// The items of a list by their keys, which are all different.
struct KeyedItems<'n> {
    in_order: Vec<(ItemKey, &'n Node)>,
    by_key: BTreeMap<ItemKey, &'n Node>,
}

impl<'n> KeyedItems<'n> {
    /// Both versions of a list. None if an item has no value under a key, or shares its values with another one.
    fn index_both(keys: &[&str], old: &'n [Node], new: &'n [Node]) -> Option<(Self, Self)> {
        Some((KeyedItems::index(keys, old)?, KeyedItems::index(keys, new)?))
    }

    /// One version of a list, `[{name: a}, {name: b}]` as `a ─► item 0` and `b ─► item 1`. An empty list has no items
    /// without a key, so it can be compared with any list that has them.
    fn index(keys: &[&str], items: &'n [Node]) -> Option<Self> {
        let mut in_order = Vec::with_capacity(items.len());
        let mut by_key = BTreeMap::new();
        for node in items {
            let mut item_key = ItemKey::with_capacity(keys.len());
            for key in keys {
                // With the API server's defaults, as a rendered port without a protocol and the same port as
                // `kubectl get` prints it are one item.
                item_key.push((Arc::from(*key), Arc::from(list_key_value(node, key)?)));
            }
            if by_key.insert(item_key.clone(), node).is_some() {
                // Two items of one key: pairing by key would compare one of them with the wrong partner.
                return None;
            }
            in_order.push((item_key, node));
        }
        Some(KeyedItems { in_order, by_key })
    }

    /// What the items are called that the other version has too, in order.
    fn keys_that_stay(&self, other: &KeyedItems<'_>) -> Vec<String> {
        let stay = self.in_order.iter().filter(|(key, _)| other.by_key.contains_key(key));
        stay.map(|(key, _)| item_keys(key)).collect()
    }
}
