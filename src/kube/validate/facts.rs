//! What the API server asks beyond types, as data: a fact about a field, the conditions under which it counts, and the
//! index of facts by type. `schemas/validation/` is where they are written.

use std::marker::PhantomData;

use super::forms::Form;
use crate::diagnostic::Level;
use crate::kube::api::table::{Availability, TypeId};

// `FACTS`, `BY_TYPE`, `POD_TEMPLATE`, and what facts refer to: `TEXT`, `WORDS`, `TYPES`, `CONDITIONS` and `PATHS`, as
// `build.rs` writes them. They refer to each other by numbers: of a table with addresses the loader would have to adjust
// four thousand at each start of the program, whatever it is started for.
include!(concat!(env!("OUT_DIR"), "/validation.rs"));

/// A text of a fact: a range of `TEXT`, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    start: u32,
    end: u32,
}

impl Word {
    pub(super) fn text(self) -> &'static str {
        TEXT.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

/// Some items of the table of all items of a type, one behind the other.
#[derive(Debug)]
pub(super) struct List<T> {
    start: u16,
    end: u16,
    items: PhantomData<T>,
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<T> {}

/// What there are lists of.
pub(super) trait Listed: Sized + 'static {
    /// All items of all lists.
    const TABLE: &'static [Self];
}

impl Listed for Word {
    const TABLE: &'static [Word] = WORDS;
}

impl Listed for TypeId {
    const TABLE: &'static [TypeId] = TYPES;
}

impl Listed for Condition {
    const TABLE: &'static [Condition] = CONDITIONS;
}

impl Listed for Path {
    const TABLE: &'static [Path] = PATHS;
}

impl<T> List<T> {
    /// The items of the table from one position to before another.
    const fn new(start: u16, end: u16) -> Self {
        List { start, end, items: PhantomData }
    }
}

impl<T: Listed> List<T> {
    pub(super) fn items(self) -> &'static [T] {
        T::TABLE.get(usize::from(self.start)..usize::from(self.end)).unwrap_or(&[])
    }
}

impl List<Word> {
    pub(super) fn texts(self) -> impl DoubleEndedIterator<Item = &'static str> + Clone {
        self.items().iter().map(|word| word.text())
    }

    pub(super) fn has(self, text: &str) -> bool {
        self.texts().any(|word| word == text)
    }

    pub(super) fn join(self, separator: &str) -> String {
        self.texts().collect::<Vec<_>>().join(separator)
    }
}

/// One thing that the API server asks of a field, or of an object as a whole.
#[derive(Debug)]
pub(super) struct Fact {
    address: Word,
    field: Word,
    /// The versions of Kubernetes that ask it.
    pub(super) versions: Availability,
    /// What the API server only warns of is a warning.
    pub(super) level: Level,
    /// All of them have to hold.
    pub(super) conditions: List<Condition>,
    /// What is asked.
    pub(super) check: Check,
}

impl Fact {
    /// What people call it by in `plimsoll.yaml` and suppressions: `Container.image`.
    pub(super) fn address(&self) -> &'static str {
        self.address.text()
    }

    /// The field; empty for the object itself.
    pub(super) fn field(&self) -> &'static str {
        self.field.text()
    }
}

/// Something that has to hold for a fact to count.
#[derive(Debug)]
pub(super) enum Condition {
    /// One of these is further up.
    Under(Ancestors),
    /// None of these is further up.
    Outside(Ancestors),
    /// One of these values stands at the path. `absent` stands for no value, `present` for any.
    When(Path, List<Word>),
    /// None of these values stands at the path.
    Unless(Path, List<Word>),
}

/// Objects further up, by type or by the key that they stand under.
#[derive(Debug)]
pub(super) struct Ancestors {
    pub(super) types: List<TypeId>,
    pub(super) keys: List<Word>,
}

/// The way from an object to values: up, and then down through these keys. A list on the way stands for all its items.
#[derive(Debug)]
pub(super) struct Path {
    pub(super) from: From,
    pub(super) keys: List<Word>,
}

/// Where a path begins.
#[derive(Debug)]
pub(super) enum From {
    /// So many objects further up; 0 is the object itself.
    Level(u8),
    /// The nearest object of one of these types, the object itself included.
    Ancestor(List<TypeId>),
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
    RequiredWithin(Word),
    /// If it is written, it is no empty text; for a list, each item. For what is a pointer to the server, and for items.
    Filled,
    /// An item that has no other ones beside it: `*`.
    Alone(Word),
    /// Nothing: where the object is missing, the API server sees an empty one, and holds it against its facts.
    Implied,
    /// A map has an entry.
    NonEmpty,
    /// There is nothing.
    Forbidden,
    /// One of these texts; for a list or a map, each item.
    In(List<Word>),
    /// None of these texts.
    NotIn(List<Word>),
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
    ExactlyOne(List<Word>),
    /// One of these fields or more.
    AtLeastOne(List<Word>),
    /// No two of these fields.
    AtMostOne(List<Word>),
    /// No two items that are the same under these keys; no two same items where there are no keys.
    Unique(List<Word>),
    /// A text that stands at one of the paths.
    Names(List<Path>),
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
    let start = facts.partition_point(|fact| fact.field() < field);
    let count = facts[start..].iter().take_while(|fact| fact.field() == field).count();
    &facts[start..start + count]
}

/// Whether the API server takes an object of this type without a field that the API's description calls required.
pub(in crate::kube) fn is_optional(id: TypeId, field: &str) -> bool {
    facts_of(id)
        .iter()
        .any(|fact| fact.field() == field && matches!(fact.check, Check::Optional | Check::Implied))
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
    FACTS.iter().map(Fact::address)
}
