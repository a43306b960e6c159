//! `TypeRef`: a read-only view of what the API table says of a place, for those who compare documents.
//!
//! It is walked down along with a document: `type_of(deployment)`, `.key("spec")`, `.key("replicas")`. Where the API says
//! nothing of a place there is no view of it, and what is below has none either.

use super::kinds::Api;
use super::table::{ListType, Shape, Table, TypeId};
use crate::manifest::Identity;

/// The type of one place in a document.
#[derive(Clone, Copy, Debug)]
pub struct TypeRef<'a> {
    table: &'a Table,
    id: TypeId,
}

impl Api {
    /// The type of an object. An unknown version of a known kind is taken for a known one; an unknown kind has none.
    pub fn type_of(&self, object: &Identity) -> Option<TypeRef<'_>> {
        Some(TypeRef { table: &self.table, id: self.kind_of(object)?.type_id })
    }

    /// The type of every object's `metadata`.
    pub fn metadata_type(&self) -> TypeRef<'_> {
        TypeRef { table: &self.table, id: self.table.metadata }
    }
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
