//! What the API server asks beyond types, as data: a fact about a field, the conditions under which it counts, and the
//! index of facts by type. `schemas/validation/` is where they are written.

use super::forms::Form;
use crate::diagnostic::Level;
use crate::kube::api::table::{Availability, TypeId};

// `FACTS`, `BY_TYPE` and `POD_TEMPLATE`, as `build.rs` writes them.
include!(concat!(env!("OUT_DIR"), "/validation.rs"));

/// One thing that the API server asks of a field, or of an object as a whole.
#[derive(Debug)]
pub(super) struct Fact {
    /// What people call it by in `plimsoll.yaml` and suppressions: `Container.image`.
    pub(super) address: &'static str,
    /// The field; empty for the object itself.
    pub(super) field: &'static str,
    /// The versions of Kubernetes that ask it.
    pub(super) versions: Availability,
    /// What the API server only warns of is a warning.
    pub(super) level: Level,
    /// All of them have to hold.
    pub(super) conditions: &'static [Condition],
    /// What is asked.
    pub(super) check: Check,
}

/// Something that has to hold for a fact to count.
#[derive(Debug)]
pub(super) enum Condition {
    /// One of these is further up.
    Under(Ancestors),
    /// None of these is further up.
    Outside(Ancestors),
    /// One of these values stands at the path. `absent` stands for no value, `present` for any.
    When(Path, &'static [&'static str]),
    /// None of these values stands at the path.
    Unless(Path, &'static [&'static str]),
}

/// Objects further up, by type or by the key that they stand under.
#[derive(Debug)]
pub(super) struct Ancestors {
    pub(super) types: &'static [u32],
    pub(super) keys: &'static [&'static str],
}

/// The way from an object to values: up, and then down through these keys. A list on the way stands for all its items.
#[derive(Debug)]
pub(super) struct Path {
    pub(super) from: From,
    pub(super) keys: &'static [&'static str],
}

/// Where a path begins.
#[derive(Debug)]
pub(super) enum From {
    /// So many objects further up; 0 is the object itself.
    Level(u8),
    /// The nearest object of one of these types, the object itself included.
    Ancestor(&'static [u32]),
}

/// What a fact asks.
///
/// The API server reads null, an empty text and an empty list as nothing at all, and so do all of these.
#[derive(Debug)]
pub(super) enum Check {
    /// There is something.
    Required,
    /// Nothing: the API's description calls the field required, and the API server takes the object without it.
    Optional,
    /// There is something, as it has to hold this field. For an object that is never absent to the server, so that the
    /// field in it is what is missing.
    RequiredWithin(&'static str),
    /// If it is written, it is no empty text; for a list, each item. For what is a pointer to the server, and for items.
    Filled,
    /// An item that has no other ones beside it: `*`.
    Alone(&'static str),
    /// Nothing: where the object is missing, the API server sees an empty one, and holds it against its facts.
    Implied,
    /// A map has an entry.
    NonEmpty,
    /// There is nothing.
    Forbidden,
    /// One of these texts; for a list or a map, each item.
    In(&'static [&'static str]),
    /// None of these texts.
    NotIn(&'static [&'static str]),
    /// An integer in this range, both ends included.
    Range(i64, i64),
    /// A quantity of this kind.
    Quantity(Amount),
    /// A text of this form; for a list or a map, each item.
    Form(Form),
    /// Keys of this form.
    KeyForm(Form),
    /// So many bytes at most.
    MaxLength(usize),
    /// So many items or entries at most.
    MaxItems(usize),
    /// One of these fields, and no second one.
    ExactlyOne(&'static [&'static str]),
    /// One of these fields or more.
    AtLeastOne(&'static [&'static str]),
    /// No two of these fields.
    AtMostOne(&'static [&'static str]),
    /// No two items that are the same under these keys; no two same items where there are no keys.
    Unique(&'static [&'static str]),
    /// A text that stands at one of the paths.
    Names(&'static [Path]),
    /// A number in this order to that at the path, or to the default where there is none.
    Compare(Order, Path, Option<i64>),
    /// What only code can say: a function, by its index in the table of `functions`.
    Call(usize),
}

/// What is asked of a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Amount {
    /// Not below zero.
    NotNegative,
    /// Above zero.
    Positive,
}

/// How a number has to compare.
#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    AtLeast,
    AtMost,
    Above,
}

/// The facts of one named type.
#[derive(Debug)]
struct TypeFacts {
    start: usize,
    /// Where those begin that are about what is written, in the order of their fields.
    written: usize,
    end: usize,
    /// Whether it, or a type below it, has any.
    below: bool,
}

/// The facts of a type.
fn facts_of(id: TypeId) -> &'static [Fact] {
    let of = BY_TYPE.get(id.0 as usize);
    of.and_then(|of| FACTS.get(of.start..of.end)).unwrap_or(&[])
}

/// The facts of a type about an object as a whole, and about fields that may be missing.
pub(super) fn facts_of_object(id: TypeId) -> &'static [Fact] {
    let of = BY_TYPE.get(id.0 as usize);
    of.and_then(|of| FACTS.get(of.start..of.written)).unwrap_or(&[])
}

/// The facts of a type about a field that is written.
pub(super) fn facts_of_written(id: TypeId, field: &str) -> &'static [Fact] {
    let of = BY_TYPE.get(id.0 as usize);
    let facts = of.and_then(|of| FACTS.get(of.written..of.end)).unwrap_or(&[]);
    let start = facts.partition_point(|fact| fact.field < field);
    let count = facts[start..].iter().take_while(|fact| fact.field == field).count();
    &facts[start..start + count]
}

/// Whether the API server takes an object of this type without a field that the API's description calls required.
pub(in crate::kube) fn is_optional(id: TypeId, field: &str) -> bool {
    facts_of(id)
        .iter()
        .any(|fact| fact.field == field && matches!(fact.check, Check::Optional | Check::Implied))
}

/// Whether a type with fields, or one below it, has facts. Types that have no name, as those of CRDs, have none.
pub(super) fn has_facts_below(id: TypeId) -> bool {
    BY_TYPE.get(id.0 as usize).is_some_and(|of| of.below)
}

/// The type of a pod's template, for those that stand in custom resources.
pub(super) fn pod_template() -> TypeId {
    POD_TEMPLATE
}

/// Every address that there is.
pub fn fact_addresses() -> impl Iterator<Item = &'static str> {
    FACTS.iter().map(|fact| fact.address)
}
