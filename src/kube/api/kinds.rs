//! `Api`: the kinds that a run knows, built in or added from CRDs; and `TypeRef`, a view of what it says of one place.
//!
//! The strict check reads the table itself. Other modules ask an [`Api`]: the rules whether there is a better API
//! version, the comparison of documents whether a list is a set. For the latter, a [`TypeRef`] is walked down along
//! with a document:
//!
//! ```text
//! api.type_of(deployment) ─ .key("spec") ─ .key("template") ─ … ─ .key("ports") ─► list_map_keys: containerPort, protocol
//! ```
//!
//! Where the API says nothing of a place there is no view of it, and what is below has none either.

use std::collections::{BTreeMap, BTreeSet};

use super::built_in::built_in;
use super::patterns::Patterns;
use super::rest::Rest;
use super::table::{ListType, ObjectKind, Shape, Table, TypeId};
use super::versions::Versions;
use crate::kube::cel::Rules;
use crate::manifest::{Identity, group_of};

/// What Kubernetes and the known custom resources look like. Making one costs nothing: what is built in is
/// static data, and it is copied only when a CRD is added ([`Api::add_crd`]).
#[derive(Debug)]
pub struct Api {
    pub(in crate::kube) table: Table,
    /// The patterns of the table's CRDs, compiled where they were needed. Beside the table and not in it, as that is
    /// data.
    pub(in crate::kube) patterns: Patterns,
    /// What else the table's CRDs say of values, read where it was needed.
    pub(in crate::kube) rest: Rest,
    /// The rules among it, parsed.
    pub(in crate::kube) rules: Rules,
    /// What CRDs have defined, by API version and kind.
    pub(super) defined: Definitions,
    /// Group and kind of CRDs that could not be read.
    pub(super) unread: BTreeSet<(String, String)>,
}

/// The definitions of custom kinds that a run has met, those that differ, by API version and kind. The first of each is
/// in the table.
pub(super) type Definitions = BTreeMap<(String, String), Vec<Definition>>;

/// One definition of a custom kind.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) kind: ObjectKind,
    /// Of its schema, its scope and its subresources: equal for equal ones.
    pub(super) hash: u64,
    /// Whether it was given for this run: then it counts alone.
    pub(super) is_given: bool,
}

impl Default for Api {
    fn default() -> Self {
        Self::new()
    }
}

impl Api {
    /// The kinds that are built in: those of Kubernetes and the bundled custom resources.
    pub fn new() -> Self {
        Api {
            table: built_in(),
            patterns: Patterns::default(),
            rest: Rest::default(),
            rules: Rules::default(),
            defined: Definitions::new(),
            unread: BTreeSet::new(),
        }
    }

    /// Whether a CRD of the run defines this kind.
    pub(in crate::kube) fn is_defined(&self, api_version: &str, kind: &str) -> bool {
        self.defined.contains_key(&(api_version.to_owned(), kind.to_owned()))
    }

    /// Whether a CRD for this kind was there, and could not be read.
    pub(in crate::kube) fn is_unread(&self, group: &str, kind: &str) -> bool {
        !self.unread.is_empty() && self.unread.contains(&(group.to_owned(), kind.to_owned()))
    }

    /// What else CRDs say of a custom kind, besides what the table has.
    pub(in crate::kube) fn other_definitions(&self, api_version: &str, kind: &str) -> Vec<&ObjectKind> {
        // Nearly no run has any CRD.
        if self.defined.is_empty() {
            return Vec::new();
        }
        let all = self.defined.get(&(api_version.to_owned(), kind.to_owned()));
        all.into_iter().flatten().skip(1).map(|definition| &definition.kind).collect()
    }

    /// Whether every one of the versions has this kind, given as `apps/v1/Deployment` or `v1/Pod`, or a kind of this API
    /// version, given as `apps/v1`: the forms in which templates ask, `kube.has("apps/v1/Deployment")`.
    pub fn has(&self, name: &str, versions: Versions) -> bool {
        let in_all = |known: &ObjectKind| versions.lacking(known.availability).is_empty();
        let kind = name.rsplit_once('/').and_then(|(api_version, kind)| self.table.kind(api_version, kind));
        kind.is_some_and(in_all) || self.table.kinds_of(name).any(in_all)
    }

    /// The API version to write instead of an alpha or beta one of Kubernetes' own, where every one of the versions
    /// serves it. What custom resources serve, they serve as long as they please.
    pub fn successor(&self, api_version: &str, kind: &str, versions: Versions) -> Option<&str> {
        if stability(api_version).stable {
            return None;
        }
        // Of a built-in kind's versions alone: `v1beta1` in a CRD says what its authors promise, which is their affair.
        let own = self.table.versions_of(kind).filter(|known| !known.custom);
        // One that is served by a part of the versions would trade a warning for an error.
        let served = own.filter(|known| versions.lacking(known.availability).is_empty());
        let newest = served
            .map(|known| self.table.name(known.api_version))
            .filter(|name| group_of(name) == group_of(api_version))
            .max_by_key(|name| stability(name))?;
        (stability(newest) > stability(api_version)).then_some(newest)
    }

    /// The type of an object. An unknown version of a known kind is taken for a known one; an unknown kind has none.
    pub fn type_of(&self, object: &Identity) -> Option<TypeRef<'_>> {
        Some(TypeRef { table: &self.table, id: self.kind_of(object)?.type_id })
    }

    /// The type of every object's `metadata`.
    pub fn metadata_type(&self) -> TypeRef<'_> {
        TypeRef { table: &self.table, id: self.table.metadata }
    }

    /// The kind of an object in its own version, or in another one of its group; unlike in the check, where the version
    /// has to be right. Documents that are compared need not be of a version that is known, and most of their fields
    /// are the same in all.
    pub(in crate::kube) fn kind_of(&self, object: &Identity) -> Option<&ObjectKind> {
        let table = &self.table;
        let exact = table.kind(&object.api_version, &object.kind);
        let is_of_group = |kind: &&ObjectKind| group_of(table.name(kind.api_version)) == object.group();
        exact.or_else(|| table.versions_of(&object.kind).find(is_of_group))
    }
}

/// What a cluster serves by itself in every one of the versions: each kind as `apps/v1/Deployment`, and each API version that it
/// has kinds of as `apps/v1`.
pub fn served(versions: Versions) -> BTreeSet<String> {
    let table = built_in();
    let is_served = |kind: &&ObjectKind| !kind.custom && versions.lacking(kind.availability).is_empty();
    let names = table.kinds.iter().filter(is_served).flat_map(|kind| {
        let version = table.name(kind.api_version);
        [version.to_owned(), format!("{version}/{}", table.name(kind.kind))]
    });
    names.collect()
}

/// Whether a cluster serves a kind by itself, or by one of the bundled CRDs; of a group of Kubernetes' own, whether it is
/// such a group.
pub fn is_built_in_kind(api_version: &str, kind: &str) -> bool {
    is_built_in_group(group_of(api_version)) || built_in().kind(api_version, kind).is_some()
}

/// Whether a group is one of Kubernetes' own, with kinds that the API server itself serves. The name alone does not
/// tell: `gateway.networking.k8s.io` and `metrics.k8s.io` are served by what is installed besides.
pub fn is_built_in_group(group: &str) -> bool {
    let table = built_in();
    table.kinds.iter().any(|kind| !kind.custom && group_of(table.name(kind.api_version)) == group)
}

/// How far an API version has come, in the order in which versions are preferred: stable before beta before alpha, then
/// by name, so that `v2` is preferred to `v1`. The derived order compares the fields from top to bottom, and what is
/// preferred is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::kube) struct Stability<'v> {
    pub(in crate::kube) stable: bool,
    at_least_beta: bool,
    name: &'v str,
}

/// The stability of an API version such as `resource.k8s.io/v1beta2`.
pub(in crate::kube) fn stability(api_version: &str) -> Stability<'_> {
    let alpha = api_version.contains("alpha");
    let beta = api_version.contains("beta");
    Stability { stable: !alpha && !beta, at_least_beta: !alpha, name: api_version }
}

/// The type of one place in a document.
#[derive(Clone, Copy, Debug)]
pub struct TypeRef<'a> {
    table: &'a Table,
    id: TypeId,
}

impl<'a> TypeRef<'a> {
    /// The type under a key, if it is known.
    pub fn key(self, key: &str) -> Option<TypeRef<'a>> {
        let id = match self.shape() {
            Shape::Object { fields, .. } => self.table.field(fields, key)?.type_id,
            Shape::Map { values, .. } => values,
            _ => return None,
        };
        Some(TypeRef { id, ..self })
    }

    /// The type of an item, if this is a list.
    pub fn item(self) -> Option<TypeRef<'a>> {
        match self.shape() {
            Shape::List { items, .. } => Some(TypeRef { id: items, ..self }),
            _ => None,
        }
    }

    /// Whether this is a list whose items have no order and occur once: `x-kubernetes-list-type: set`.
    pub fn is_set(self) -> bool {
        matches!(self.shape(), Shape::List { list_type: ListType::Set, .. })
    }

    /// The keys whose values tell the items of this list apart, `name` for example; none where the API knows of none.
    pub fn list_map_keys(self) -> Option<Vec<&'a str>> {
        match self.shape() {
            Shape::List { list_type: ListType::Keyed(keys), .. } => Some(self.table.words(keys).collect()),
            _ => None,
        }
    }

    /// Whether a quantity such as `100m` stands here.
    pub fn is_quantity(self) -> bool {
        self.shape() == Shape::Quantity
    }

    /// Whether null says something else here than nothing at all.
    pub fn keeps_null(self) -> bool {
        let of = self.table.get(self.id);
        of.nullable || matches!(of.shape, Shape::Any)
    }

    /// Whether anything may stand here, so that the author of the object chooses the keys.
    pub fn is_free(self) -> bool {
        matches!(self.shape(), Shape::Any | Shape::FreeMap | Shape::Object { open: true, .. })
    }

    fn shape(self) -> Shape {
        self.table.get(self.id).shape
    }
}
