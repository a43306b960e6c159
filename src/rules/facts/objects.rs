//! The objects of a set, and the index that finds them by kind, namespace and name.
//!
//! ```text
//! all:    [Deployment web, Service web, Deployment api]
//! kinds:  Deployment ──► indices [0, 2]   by_name {("", web): 0, ("", api): 2}   made when first asked for
//!         Service    ──► indices [1]
//! ```

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use crate::kube::{self, is_decoded};
use crate::manifest::{Identity, PackedDocument, Soundness};
use crate::yaml::{PackedMap, PackedNode};

/// One object of a set, as a tree whose nodes know where they were written.
///
/// A handle of two words: it is copied freely.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ObjectTree<'d> {
    /// Its place in [`Objects::all`], which is the order of the documents.
    pub(crate) index: usize,
    /// The document that the object was read from.
    pub(crate) document: &'d PackedDocument,
}

impl<'d> ObjectTree<'d> {
    /// Group, kind, namespace and name. Messages show it as ``Deployment `web` ``.
    pub(crate) fn identity(&self) -> &'d Identity {
        &self.document.identity
    }

    /// Whether no error was reported of it.
    pub(crate) fn is_sound(&self) -> bool {
        self.document.soundness != Soundness::Refused
    }

    /// For example `Deployment`.
    pub(crate) fn kind(&self) -> &'d str {
        &self.identity().kind
    }

    /// None for cluster-scoped objects, and for those that leave the namespace to `kubectl`. Never empty.
    pub(crate) fn namespace(&self) -> Option<&'d str> {
        self.identity().namespace.as_deref()
    }

    /// The value of `metadata.name`.
    pub(crate) fn name(&self) -> &'d str {
        &self.identity().name
    }

    /// Whether Kubernetes itself defines the kind, and not a custom resource that took its name (the `Service` of
    /// Knative).
    pub(crate) fn is_built_in(&self) -> bool {
        is_decoded(self.identity())
    }

    /// The root of the tree.
    pub(crate) fn node(&self) -> PackedNode<'d> {
        self.document.root()
    }

    /// The value of `spec`; none for kinds that have no such field, such as ConfigMap and Role.
    pub(crate) fn spec(&self) -> Option<PackedNode<'d>> {
        self.node().get("spec")
    }

    /// The value of `metadata.labels`: the labels of the object itself, not of the pods that it makes.
    pub(crate) fn labels(&self) -> Option<PackedMap<'d>> {
        self.node().get("metadata")?.get("labels")?.as_map()
    }

    /// The value of `metadata.annotations`.
    pub(crate) fn annotations(&self) -> Option<PackedMap<'d>> {
        self.node().get("metadata")?.get("annotations")?.as_map()
    }
}

/// One object of a set with its decoded form. Decoded objects live only while the rules of one object look at them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TypedObject<'s> {
    /// The object as a tree.
    pub(crate) object: &'s ObjectTree<'s>,
    /// The same object as a Rust type, for kinds that Kubernetes defines. `Object::Other` for the rest.
    pub(crate) typed: &'s kube::Object,
}

/// A namespace as the key of an index: empty for none.
///
/// Kubernetes takes an empty namespace for none, so a reference with `namespace: ""` must find what one without any
/// finds. The identity of an object is cleaned of it when the document is read (`manifest::split`), and the namespace
/// of a reference is not.
pub(crate) fn namespace_key(namespace: Option<&str>) -> &str {
    namespace.unwrap_or("")
}

/// All objects of a set, with an index of them.
#[derive(Debug)]
pub(crate) struct Objects<'d> {
    /// In the order of the documents.
    all: Vec<ObjectTree<'d>>,
    /// By the name of the kind alone: kinds of several groups that share one are together.
    kinds: BTreeMap<&'d str, OfKind<'d>>,
}

/// The objects of one kind.
#[derive(Debug, Default)]
struct OfKind<'d> {
    /// Indices into [`Objects::all`], ascending.
    indices: Vec<usize>,
    /// The same by namespace (empty for none) and name. Lazy, as most kinds are never asked for an object by its
    /// name. The map is only looked into, never walked, so its random order cannot reach the output.
    by_name: OnceCell<HashMap<(&'d str, &'d str), usize>>,
    /// The names by namespace (empty for none), sorted, each once. Lazy, as only a finding asks for them, to find a similar one.
    names: OnceCell<HashMap<&'d str, Vec<&'d str>>>,
}

impl<'d> Objects<'d> {
    /// Indexes objects whose `index` is their place in the list.
    pub(crate) fn new(all: Vec<ObjectTree<'d>>) -> Self {
        // A tree and no hash map, as `kinds` walks them, in the same order each time.
        let mut kinds: BTreeMap<&str, OfKind<'_>> = BTreeMap::new();
        for object in &all {
            // Pushed in the order of the documents, so each list is ascending without a sort.
            kinds.entry(object.kind()).or_default().indices.push(object.index);
        }
        Objects { all, kinds }
    }

    /// Every object, in the order of the documents.
    pub(crate) fn all(&self) -> &[ObjectTree<'d>] {
        &self.all
    }

    /// The object at a place.
    pub(crate) fn get(&self, index: usize) -> Option<&ObjectTree<'d>> {
        self.all.get(index)
    }

    /// Every kind that has objects, sorted.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &'d str> {
        self.kinds.keys().copied()
    }

    /// All objects of a kind, of whatever group, in the order of the documents.
    pub(crate) fn of_kind(&self, kind: &str) -> impl Iterator<Item = &ObjectTree<'d>> + use<'_, 'd> {
        let indices = self.kinds.get(kind).into_iter().flat_map(|of_kind| &of_kind.indices);
        indices.filter_map(|index| self.all.get(*index))
    }

    /// All objects of several kinds, in the order of the documents.
    pub(crate) fn of_kinds(&self, kinds: &[&str]) -> Vec<&ObjectTree<'d>> {
        let mut found: Vec<&ObjectTree<'d>> = kinds.iter().flat_map(|kind| self.of_kind(kind)).collect();
        // They were collected kind by kind.
        found.sort_by_key(|object| object.index);
        found
    }

    /// All objects of a kind of Kubernetes' own, without those of other groups that took its name.
    pub(crate) fn built_in(&self, kind: &str) -> impl Iterator<Item = &ObjectTree<'d>> + use<'_, 'd> {
        self.of_kind(kind).filter(|object| object.is_built_in())
    }

    /// The names of all objects of a kind in a namespace, sorted.
    pub(crate) fn names(&self, kind: &str, namespace: Option<&str>) -> &[&'d str] {
        let Some(of_kind) = self.kinds.get(kind) else { return &[] };
        let names = of_kind.names.get_or_init(|| {
            let mut names: HashMap<&str, Vec<&str>> = HashMap::new();
            for object in of_kind.indices.iter().filter_map(|index| self.all.get(*index)) {
                names.entry(namespace_key(object.namespace())).or_default().push(object.name());
            }
            for names in names.values_mut() {
                // Twice where two groups have a kind of this name.
                names.sort_unstable();
                names.dedup();
            }
            names
        });
        names.get(namespace_key(namespace)).map_or(&[], Vec::as_slice)
    }

    /// The object of this kind and name in a namespace (none for cluster-scoped ones); of several, as the kinds of
    /// two groups may share a name, the last.
    ///
    /// Kinds are told apart by name alone. Where another group has a kind of this name, an object of it is found too:
    /// a rule that asks whether something exists then says nothing.
    pub(crate) fn find(&self, kind: &str, namespace: Option<&str>, name: &str) -> Option<&ObjectTree<'d>> {
        let of_kind = self.kinds.get(kind)?;
        let by_name = of_kind.by_name.get_or_init(|| {
            // The map keeps the last of two objects with the same name.
            let objects = of_kind.indices.iter().filter_map(|index| self.all.get(*index));
            objects.map(|one| ((namespace_key(one.namespace()), one.name()), one.index)).collect()
        });
        self.all.get(*by_name.get(&(namespace_key(namespace), name))?)
    }
}
