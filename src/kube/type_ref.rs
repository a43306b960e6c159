//! A read-only view of what the API table says of a place, for those who compare documents.

use super::Api;
use super::table::{Kind, Shape, Table, TypeId, Unique};
use crate::manifest::Identity;

/// The type of one place in a document.
#[derive(Clone, Copy, Debug)]
pub struct TypeRef<'a> {
    table: &'a Table,
    id: TypeId,
}

/// What tells the items of a list apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Items<'a> {
    /// Their places.
    Sequence,
    /// Themselves; their order says nothing.
    Set,
    /// The values under these keys.
    Keyed(Vec<&'a str>),
}

impl Api {
    /// The type of an object. An unknown version of a known kind is taken for a known one; an unknown kind has none.
    pub fn type_of(&self, object: &Identity) -> Option<TypeRef<'_>> {
        Some(TypeRef { table: &self.table, id: self.kind_of(object)?.shape })
    }

    /// The type of every object's `metadata`.
    pub fn metadata(&self) -> TypeRef<'_> {
        TypeRef { table: &self.table, id: self.table.metadata }
    }

    /// A kind in the object's own version, or in another one of its group.
    pub(super) fn kind_of(&self, object: &Identity) -> Option<&Kind> {
        let table = &self.table;
        let group =
            |kind: &Kind| table.name(kind.api_version).rsplit_once('/').map_or("", |(group, _)| group);
        let exact = table.kind(&object.api_version, &object.kind);
        exact.or_else(|| table.versions_of(&object.kind).find(|kind| group(kind) == object.group()))
    }
}

impl<'a> TypeRef<'a> {
    /// The type under a key, if it is known.
    pub fn key(self, key: &str) -> Option<TypeRef<'a>> {
        let id = match self.table.get(self.id).shape {
            Shape::Object { fields, .. } => self.table.field(fields, key)?.shape,
            Shape::Map { values, .. } => values,
            _ => return None,
        };
        Some(TypeRef { id, ..self })
    }

    /// The type of an item, if this is a list.
    pub fn item(self) -> Option<TypeRef<'a>> {
        match self.table.get(self.id).shape {
            Shape::List { items, .. } => Some(TypeRef { id: items, ..self }),
            _ => None,
        }
    }

    /// What tells the items of this list apart.
    pub fn items(self) -> Items<'a> {
        match self.table.get(self.id).shape {
            Shape::List { unique: Unique::Item, .. } => Items::Set,
            Shape::List { unique: Unique::Keys(keys), .. } => Items::Keyed(self.table.words(keys).collect()),
            _ => Items::Sequence,
        }
    }

    /// Whether an amount such as `100m` stands here.
    pub fn is_quantity(self) -> bool {
        self.table.get(self.id).shape == Shape::Quantity
    }

    /// Whether null says something else here than nothing at all.
    pub fn keeps_null(self) -> bool {
        let of = self.table.get(self.id);
        of.nullable || matches!(of.shape, Shape::Any)
    }

    /// Whether anything may stand here, so that keys are of somebody's own naming.
    pub fn is_free(self) -> bool {
        matches!(self.table.get(self.id).shape, Shape::Any | Shape::Free | Shape::Object { open: true, .. })
    }
}
