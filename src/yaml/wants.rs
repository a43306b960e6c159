//! `Wants`: what a schema expects at each path of a tree: types, merge strategies, secrets.
//!
//! `schema/` reads a JSON Schema once and works out this table; the stages behind it ask the table and never see the
//! schema. For each path the table has one *want*: the types that are allowed there, how lists are merged, whether the
//! value is a secret, and which wants lie below its keys and items. Looking a path up is a walk from [`Wants::root`] by
//! [`WantRef::property`] and [`WantRef::item`].
//!
//! ```text
//! id  types   properties                  items      schema
//! 0   object  image -> 1, ports -> 2                 { image: string, ports: [integer] }
//! 1   string
//! 2   array                               3
//! 3   integer
//! ```
//!
//! A table is made at run time from a user's schema ([`Want`]s), or by `build.rs` from the schema of a bundled chart
//! ([`PackedWants`]): constant data, so that a start of the program reads no schema at all. [`WantRef`] hides which of
//! the two it is.
//!
//! It stands in `yaml` because `schema` makes it, `values` asks it, and these two must not import each other.

use std::sync::Arc;

use indexmap::IndexMap;
use serde::{Serialize, Serializer};

use super::path::{Segment, ValuePath};

/// The expectations of one schema, as a table. The first entry is the root's. Paths at which the same schemas apply
/// share an entry, so the table of a recursive schema is finite.
#[derive(Clone, Debug)]
pub struct Wants(Table);

/// Where the entries are.
#[derive(Clone, Debug)]
enum Table {
    /// In memory, made of a user's schema.
    Computed(Vec<Want>),
    /// In the program.
    Packed(&'static PackedWants),
}

impl Wants {
    /// A table that was worked out at run time. It has one entry at least, and no id beyond its end.
    pub(crate) fn new(table: Vec<Want>) -> Self {
        Wants(Table::Computed(table))
    }

    /// A table that is built into the program.
    pub fn packed(packed: &'static PackedWants) -> Self {
        Wants(Table::Packed(packed))
    }

    /// The table of no schema: anything is allowed anywhere.
    pub fn anything() -> Self {
        // One entry, below which lies itself.
        let id = WantId(0);
        let want = Want { types: Types::ANY, additional: Some(id), items: Some(id), ..Want::default() };
        Wants::new(vec![want])
    }

    /// What is expected of the root.
    pub fn root(&self) -> WantRef<'_> {
        self.at(WantId(0))
    }

    /// The entry with an id that this table gave.
    ///
    /// # Panics
    /// For the id of another table, if that is longer.
    pub fn at(&self, id: WantId) -> WantRef<'_> {
        let at = id.0 as usize;
        let want = match &self.0 {
            Table::Computed(table) => Row::Computed(&table[at]),
            Table::Packed(packed) => Row::Packed(packed, &packed.wants[at]),
        };
        WantRef { wants: self, id, want }
    }

    fn len(&self) -> usize {
        match &self.0 {
            Table::Computed(table) => table.len(),
            Table::Packed(packed) => packed.wants.len(),
        }
    }
}

/// As a list of [`Want`]s, whichever form the table has: so tests can compare the packed form with the other.
impl Serialize for Wants {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ids = (0..self.len()).filter_map(|at| u32::try_from(at).ok()).map(WantId);
        serializer.collect_seq(ids.map(|id| self.at(id).to_want()))
    }
}

/// What is expected at one path, and of what lies below it: a cursor into a [`Wants`]. `Copy` and without an
/// allocation, because each step down a values tree takes one with it.
#[derive(Clone, Copy, Debug)]
pub struct WantRef<'w> {
    wants: &'w Wants,
    id: WantId,
    want: Row<'w>,
}

/// The entry that a cursor is at. Looked up once, when the cursor is made: most are asked more than one question.
#[derive(Clone, Copy, Debug)]
enum Row<'w> {
    Computed(&'w Want),
    Packed(&'static PackedWants, &'static PackedWant),
}

impl<'w> WantRef<'w> {
    /// Its index in the table.
    pub fn id(self) -> WantId {
        self.id
    }

    /// The allowed types.
    pub fn types(self) -> Types {
        match self.want {
            Row::Computed(want) => want.types,
            Row::Packed(_, want) => want.types,
        }
    }

    /// How lists are merged there. [`Merge::Replace`] where the schema says nothing, or no list may be.
    pub fn merge(self) -> Merge {
        match self.want {
            Row::Computed(want) => want.merge.clone(),
            // `build/wants.rs` refuses the wants of a bundled schema that merges lists in any other way.
            Row::Packed(..) => Merge::Replace,
        }
    }

    /// Whether writers must mask it.
    pub fn secret(self) -> bool {
        match self.want {
            Row::Computed(want) => want.secret,
            Row::Packed(_, want) => want.secret,
        }
    }

    /// How `plimsoll secrets` makes one; none when it cannot.
    pub fn generate(self) -> Option<Generate> {
        match self.want {
            Row::Computed(want) => want.generate,
            Row::Packed(_, want) => want.generate,
        }
    }

    /// The schema's description of it. None for a schema that is built in, whose descriptions are not packed.
    pub fn description(self) -> Option<&'w str> {
        match self.want {
            Row::Computed(want) => want.description.as_deref(),
            Row::Packed(..) => None,
        }
    }

    /// What is expected under a key; none when the schema does not allow the key.
    pub fn property(self, key: &str) -> Option<WantRef<'w>> {
        // A key that is named has its own want; what holds for the others does not concern it, as in JSON Schema.
        Some(self.wants.at(self.named(key).or(self.other())?))
    }

    /// Whether the schema names a key.
    pub fn names(self, key: &str) -> bool {
        self.named(key).is_some()
    }

    /// Whether keys are allowed that the schema does not name.
    pub fn is_open(self) -> bool {
        self.other().is_some()
    }

    /// What is expected of an item; none when a list is not allowed at all.
    pub fn item(self) -> Option<WantRef<'w>> {
        let item = match self.want {
            Row::Computed(want) => want.items,
            Row::Packed(_, want) => want.items,
        };
        Some(self.wants.at(item?))
    }

    /// What is expected one step down.
    pub fn child(self, segment: &Segment) -> Option<WantRef<'w>> {
        match segment {
            Segment::Key(key) => self.property(key),
            Segment::Index(_) => self.item(),
        }
    }

    /// What is expected at the end of a path from here; none when the schema does not know it.
    pub fn descend(self, path: &ValuePath) -> Option<WantRef<'w>> {
        path.0.iter().try_fold(self, WantRef::child)
    }

    /// What is expected under every key that the schema names, in its order.
    pub fn properties(self) -> impl Iterator<Item = (&'w str, WantRef<'w>)> {
        self.keys().map(move |(key, id)| (key, self.wants.at(id)))
    }

    /// What is expected under keys that the schema does not name; none when it refuses them.
    pub fn additional(self) -> Option<WantRef<'w>> {
        Some(self.wants.at(self.other()?))
    }

    /// The keys that the schema names, in its order.
    pub fn known_keys(self) -> impl Iterator<Item = &'w str> {
        self.keys().map(|(key, _)| key)
    }

    /// The keys that must be there.
    pub fn required(self) -> impl Iterator<Item = &'w str> {
        let (computed, packed) = match self.want {
            Row::Computed(want) => (Some(want.required.iter().map(|key| &**key)), None),
            Row::Packed(table, want) => (None, Some(table.required(want))),
        };
        one_of(computed, packed)
    }

    /// The named keys and what is expected under each, in the schema's order.
    fn keys(self) -> impl Iterator<Item = (&'w str, WantId)> {
        // The two kinds of tables have iterators of two types, and one of them is always none.
        let (computed, packed) = match self.want {
            Row::Computed(want) => (Some(want.properties.iter().map(|(key, id)| (&**key, *id))), None),
            Row::Packed(table, want) => (None, Some(table.keys(want))),
        };
        one_of(computed, packed)
    }

    /// What is expected under a key that the schema names.
    fn named(self, key: &str) -> Option<WantId> {
        match self.want {
            Row::Computed(want) => want.properties.get(key).copied(),
            Row::Packed(table, want) => table.named(want, key),
        }
    }

    /// What is expected under a key that the schema does not name.
    fn other(self) -> Option<WantId> {
        match self.want {
            Row::Computed(want) => want.additional,
            Row::Packed(_, want) => want.additional,
        }
    }

    /// A copy of the entry, in the form that both kinds of tables are compared in.
    fn to_want(self) -> Want {
        Want {
            types: self.types(),
            merge: self.merge(),
            secret: self.secret(),
            generate: self.generate(),
            description: self.description().map(Arc::from),
            properties: self.keys().map(|(key, id)| (Arc::from(key), id)).collect(),
            required: self.required().map(Arc::from).collect(),
            additional: self.other(),
            items: self.item().map(WantRef::id),
        }
    }
}

/// A set of JSON types, one bit each. Serialized as the number of its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Types(u8);

impl Types {
    /// No type at all.
    pub const NONE: Types = Types(0);
    /// `null`.
    pub const NULL: Types = Types(1);
    /// `boolean`.
    pub const BOOLEAN: Types = Types(2);
    /// `integer`.
    pub const INTEGER: Types = Types(4);
    /// `number`, integers included: in JSON Schema every integer is a number.
    pub const NUMBER: Types = Types(8 | 4);
    /// `string`.
    pub const STRING: Types = Types(16);
    /// `array`.
    pub const ARRAY: Types = Types(32);
    /// `object`.
    pub const OBJECT: Types = Types(64);
    /// Everything but lists and maps, `null` aside.
    pub const SCALARS: Types = Types(2 | 4 | 8 | 16);
    /// Every type: nothing is known.
    pub const ANY: Types = Types(127);

    /// The set with these bits: the reverse of its serialized form. `build.rs` writes calls of it into the constant
    /// tables.
    pub const fn from_bits(bits: u8) -> Types {
        Types(bits)
    }

    /// The union of both sets.
    pub fn or(self, other: Types) -> Types {
        Types(self.0 | other.0)
    }

    /// The intersection of both sets.
    pub fn and(self, other: Types) -> Types {
        Types(self.0 & other.0)
    }

    /// Whether one of `other` is allowed.
    pub fn allows(self, other: Types) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether a non-null scalar there can only be a string: then plain scalars are the text as written. Null is left
    /// out of account, as a setting that may be null is meant to be left empty, and not to be the text `null`.
    pub fn only_string(self) -> bool {
        self.and(Types::SCALARS) == Types::STRING
    }

    /// Whether a non-null scalar there can only be a boolean.
    pub fn only_boolean(self) -> bool {
        self.and(Types::SCALARS) == Types::BOOLEAN
    }
}

/// How a list of a higher layer meets the list of a lower one.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub enum Merge {
    /// The higher list replaces the lower.
    #[default]
    Replace,
    /// The higher list's items follow the lower's.
    Append,
    /// Items with the same value under this key are merged; others follow.
    By(Arc<str>),
}

/// How a secret may be made: random text of a given size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Generate {
    /// Letters and digits.
    Alphanumeric {
        /// Characters.
        length: usize,
    },
    /// Random bytes in lower-case hexadecimal digits.
    Hex {
        /// Bytes, before they are written.
        bytes: usize,
    },
    /// Random bytes in standard Base64.
    Base64 {
        /// Bytes, before they are written.
        bytes: usize,
    },
}

/// What is expected at one path.
///
/// Its serialized form, with one letter a field, is what `build.rs` reads of bundled schemas (`schemas/*.wants.json`,
/// by `build/wants.rs`). Descriptions are not in it: they are needed for messages only, which read the schema itself.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Want {
    /// The allowed types.
    #[serde(rename = "t")]
    pub types: Types,
    /// How lists are merged.
    #[serde(rename = "m", skip_serializing_if = "is_default")]
    pub merge: Merge,
    /// Whether writers must mask it.
    #[serde(rename = "s", skip_serializing_if = "is_default")]
    pub secret: bool,
    /// How `plimsoll secrets` makes one; none when it cannot.
    #[serde(rename = "g", skip_serializing_if = "Option::is_none")]
    pub generate: Option<Generate>,
    /// The schema's words for it.
    #[serde(skip)]
    pub description: Option<Arc<str>>,
    /// The known keys of a map, in the schema's order.
    #[serde(rename = "p", skip_serializing_if = "IndexMap::is_empty")]
    pub properties: IndexMap<Arc<str>, WantId>,
    /// The keys that must be there.
    #[serde(rename = "r", skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<Arc<str>>,
    /// What is wanted under any other key; none when other keys are refused.
    #[serde(rename = "a", skip_serializing_if = "Option::is_none")]
    pub additional: Option<WantId>,
    /// What is wanted of each item of a list.
    #[serde(rename = "i", skip_serializing_if = "Option::is_none")]
    pub items: Option<WantId>,
}

/// Names one [`Want`]: its index in its [`Wants`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct WantId(pub u32);

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The table of a schema that is built in, as constant data. `build/wants.rs` writes it as Rust source.
///
/// Its arrays hold ranges and indexes instead of references: in a position-independent program each reference is
/// relocated when the program starts. The table of the module's page, packed:
///
/// ```text
/// text      "imageports"
/// wants     keys 0..2      keys 2..2    keys 2..2, items 3    keys 2..2
/// keys      (0, 5, 1)  (5, 10, 2)       "image" -> 1, "ports" -> 2
/// sorted    0  1
/// ```
#[derive(Debug)]
pub struct PackedWants {
    /// The fingerprint of the text that the table was made of.
    pub fingerprint: &'static str,
    /// All keys, one after the other; a key that is part of the text already is not added again.
    pub text: &'static str,
    /// The entries; a [`WantId`] is an index.
    pub wants: &'static [PackedWant],
    /// The keys of maps; those of one want stand together, in the schema's order.
    pub keys: &'static [PackedKey],
    /// For binary search: which key of a want comes at which place when they are sorted. `keys[start + sorted[start +
    /// at]]`, for the want whose keys begin at `start`, ascend with `at`.
    pub sorted: &'static [u16],
    /// The keys that must be there, as ranges of the text.
    pub required: &'static [(u32, u32)],
}

/// A [`Want`] of [`PackedWants`].
#[derive(Clone, Copy, Debug)]
pub struct PackedWant {
    /// The allowed types.
    pub types: Types,
    /// Whether writers must mask it.
    pub secret: bool,
    /// How a secret is made.
    pub generate: Option<Generate>,
    /// A range of the keys.
    pub keys: (u32, u32),
    /// A range of the required keys.
    pub required: (u32, u32),
    /// What is wanted under any other key.
    pub additional: Option<WantId>,
    /// What is wanted of each item.
    pub items: Option<WantId>,
}

/// A key of a map: a range of the text, and what is wanted there.
#[derive(Clone, Copy, Debug)]
pub struct PackedKey(pub u32, pub u32, pub WantId);

impl PackedWants {
    // Ranges and positions are those that `build/wants.rs` has counted, so what they name is there. A test unpacks the
    // tables of all bundled charts (`tests/values/precomputed.rs`).

    /// The key that is this range of the text.
    fn key(&self, start: u32, end: u32) -> &str {
        &self.text[start as usize..end as usize]
    }

    /// The keys of a want, in the schema's order, and what is wanted under each.
    fn keys<'p>(&'p self, want: &PackedWant) -> impl Iterator<Item = (&'p str, WantId)> {
        let keys = range_of(self.keys, want.keys).iter();
        keys.map(|PackedKey(start, end, id)| (self.key(*start, *end), *id))
    }

    /// The keys that a want cannot be without.
    fn required<'p>(&'p self, want: &PackedWant) -> impl Iterator<Item = &'p str> {
        let required = range_of(self.required, want.required).iter();
        required.map(|(start, end)| self.key(*start, *end))
    }

    /// What is wanted under a key that a want names.
    fn named(&self, want: &PackedWant, key: &str) -> Option<WantId> {
        let keys = range_of(self.keys, want.keys);
        // The order of the keys stands in the same range as the keys: both arrays have one item for each key.
        let sorted = range_of(self.sorted, want.keys);
        let text_of = |at: u16| {
            let PackedKey(start, end, _) = keys[usize::from(at)];
            self.key(start, end)
        };
        let found = sorted.binary_search_by(|at| text_of(*at).cmp(key)).ok()?;
        let PackedKey(.., id) = keys[usize::from(sorted[found])];
        Some(id)
    }
}

fn range_of<T>(all: &[T], (start, end): (u32, u32)) -> &[T] {
    &all[start as usize..end as usize]
}

/// The iterator of the two that is there. Not boxed, because the keys of a map are asked for at each step of a walk.
fn one_of<T>(
    one: Option<impl Iterator<Item = T>>,
    other: Option<impl Iterator<Item = T>>,
) -> impl Iterator<Item = T> {
    one.into_iter().flatten().chain(other.into_iter().flatten())
}
