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
//! A table is flat arrays of small rows, so that it can be kept beside a chart and read back as it is.
//!
//! It stands in `yaml` because `schema` makes it, `values` asks it, and these two must not import each other.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::quality::RandomState;
use serde::{Deserialize, Serialize};

use super::path::{Segment, ValuePath};
use super::serialize_with_length;

/// The expectations of one schema, as a table. The first entry is the root's. Paths at which the same schemas apply
/// share an entry, so the table of a recursive schema is finite.
///
/// The table of the module's page:
///
/// ```text
/// text      "imageports"
/// wants     keys 0..2      keys 2..2    keys 2..2, items 3    keys 2..2
/// keys      (0..5, 1)  (5..10, 2)       "image" -> 1, "ports" -> 2
/// sorted    0  1
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wants {
    /// All keys, one after the other, each once.
    text: String,
    /// The entries; a [`WantId`] is an index.
    wants: Vec<Want>,
    /// The keys of maps; those of one want stand together, in the schema's order.
    keys: Vec<Key>,
    /// For binary search: which key of a want comes at which place when they are sorted, shorter ones first. `keys[start +
    /// sorted[start + at]]`, for the want whose keys begin at `start`, ascend with `at`.
    sorted: Vec<u32>,
    /// The keys that must be there, as ranges of the text.
    required: Vec<Range>,
}

/// Bytes of keys that are compared to see whether a table is sound. Those of a file can overlap, and be many and long.
const MAX_COMPARED: usize = 20_000_000;

/// What is expected at one path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Want {
    types: Types,
    merge: Merge,
    secret: bool,
    generate: Option<Generate>,
    /// A range of [`Wants::keys`] and of [`Wants::sorted`].
    keys: Range,
    /// A range of [`Wants::required`].
    required: Range,
    additional: Option<WantId>,
    items: Option<WantId>,
}

/// A key of a map: a range of the text, and what is wanted there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Key {
    text: Range,
    want: WantId,
}

/// A part of an array or of the text: from its first place up to one past its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u32, u32)", into = "(u32, u32)")]
struct Range(u32, u32);

serialize_with_length!(Range, 0, 1);

impl Range {
    #[inline]
    fn of<T>(self, all: &[T]) -> &[T] {
        &all[self.0 as usize..self.1 as usize]
    }

    #[inline]
    fn len(self) -> usize {
        (self.1 - self.0) as usize
    }
}

impl Wants {
    /// The table of no schema: anything is allowed anywhere.
    pub fn anything() -> Self {
        // One entry, below which lies itself.
        let id = WantId(0);
        let mut builder = WantsBuilder::default();
        builder.push(NewWant { additional: Some(id), items: Some(id), ..NewWant::of_types(Types::ANY) });
        builder.wants
    }

    /// What is expected of the root.
    pub fn root(&self) -> WantRef<'_> {
        self.at(WantId(0))
    }

    /// The entry with an id that this table gave.
    ///
    /// # Panics
    /// For the id of another table, if that is longer.
    #[inline]
    pub fn at(&self, id: WantId) -> WantRef<'_> {
        WantRef { wants: self, id, want: &self.wants[id.0 as usize] }
    }

    /// Whether every index of a table that was read from a file is in bounds, and every key is found. One that was made
    /// here is sound; of one that is not, nothing may be asked.
    pub fn is_sound(&self) -> bool {
        let is_text = |Range(start, end): Range| self.text.get(start as usize..end as usize).is_some();
        let is_entry = |id: WantId| (id.0 as usize) < self.wants.len();
        // Without a gap and without an overlap, so that nothing is long because it is named twice.
        let follow_each_other = |range: fn(&Want) -> Range, length: usize| {
            let mut next = 0;
            self.wants.iter().all(|want| {
                let Range(start, end) = range(want);
                start == std::mem::replace(&mut next, end) && start <= end
            }) && next as usize == length
        };
        !self.wants.is_empty()
            && self.sorted.len() == self.keys.len()
            && follow_each_other(|want| want.keys, self.keys.len())
            && follow_each_other(|want| want.required, self.required.len())
            && self.wants.iter().all(|want| want.additional.into_iter().chain(want.items).all(is_entry))
            && self.keys.iter().all(|key| is_text(key.text) && is_entry(key.want))
            && self.required.iter().all(|range| is_text(*range))
            && self.is_sorted_sound()
    }

    /// Whether the keys of each want ascend in their sorted order, each once: they are searched by halves.
    fn is_sorted_sound(&self) -> bool {
        let mut compared = 0;
        self.wants.iter().all(|want| {
            let keys = want.keys.of(&self.keys);
            let mut before: Option<&str> = None;
            want.keys.of(&self.sorted).iter().all(|at| {
                let Some(key) = keys.get(*at as usize) else { return false };
                let key = self.text(key.text);
                let before = before.replace(key);
                compared += before.map_or(0, |before| before.len().min(key.len()));
                compared <= MAX_COMPARED && before.is_none_or(|before| rank(before) < rank(key))
            })
        })
    }

    /// The key that is this range of the text.
    #[inline]
    fn text(&self, Range(start, end): Range) -> &str {
        &self.text[start as usize..end as usize]
    }
}

/// An entry that is added to a table.
#[derive(Debug)]
pub(crate) struct NewWant<'n> {
    /// The allowed types.
    pub(crate) types: Types,
    /// How lists are merged.
    pub(crate) merge: Merge,
    /// Whether writers must mask it.
    pub(crate) secret: bool,
    /// How `plimsoll secrets` makes one; none when it cannot.
    pub(crate) generate: Option<Generate>,
    /// The known keys of a map, in the schema's order.
    pub(crate) properties: Vec<(&'n str, WantId)>,
    /// The keys that must be there.
    pub(crate) required: Vec<&'n str>,
    /// What is wanted under any other key; none when other keys are refused.
    pub(crate) additional: Option<WantId>,
    /// What is wanted of each item of a list.
    pub(crate) items: Option<WantId>,
}

impl NewWant<'_> {
    /// An entry of which only the types are known: no key and no item is allowed.
    pub(crate) fn of_types(types: Types) -> Self {
        NewWant {
            types,
            merge: Merge::Replace,
            secret: false,
            generate: None,
            properties: Vec::new(),
            required: Vec::new(),
            additional: None,
            items: None,
        }
    }
}

/// A table while it is made. Entries get their ids in the order in which they are added, from 0 on; those that they
/// refer to may follow.
#[derive(Debug)]
pub(crate) struct WantsBuilder<'n> {
    wants: Wants,
    /// Where keys stand in the text.
    texts: HashMap<&'n str, Range, RandomState>,
}

impl Default for WantsBuilder<'_> {
    fn default() -> Self {
        let wants = Wants {
            text: String::new(),
            wants: Vec::new(),
            keys: Vec::new(),
            sorted: Vec::new(),
            required: Vec::new(),
        };
        WantsBuilder { wants, texts: HashMap::default() }
    }
}

impl<'n> WantsBuilder<'n> {
    /// Adds an entry.
    pub(crate) fn push(&mut self, new: NewWant<'n>) {
        let first = self.wants.keys.len();
        for (key, want) in &new.properties {
            let text = self.text(key);
            self.wants.keys.push(Key { text, want: *want });
        }
        self.wants.sorted.extend(0..row(new.properties.len()));
        self.wants.sorted[first..].sort_unstable_by_key(|at| rank(new.properties[*at as usize].0));
        let keys = Range(row(first), row(self.wants.keys.len()));
        let first = self.wants.required.len();
        for key in &new.required {
            let text = self.text(key);
            self.wants.required.push(text);
        }
        self.wants.wants.push(Want {
            types: new.types,
            merge: new.merge,
            secret: new.secret,
            generate: new.generate,
            keys,
            required: Range(row(first), row(self.wants.required.len())),
            additional: new.additional,
            items: new.items,
        });
    }

    /// The table, to which every entry that is referred to has been added.
    pub(crate) fn build(self) -> Wants {
        self.wants
    }

    #[inline]
    fn text(&mut self, key: &'n str) -> Range {
        let text = &mut self.wants.text;
        *self.texts.entry(key).or_insert_with(|| {
            let start = row(text.len());
            text.push_str(key);
            Range(start, row(text.len()))
        })
    }
}

/// The order in which keys are sorted: by their lengths, and those of one length by their texts.
fn rank(key: &str) -> (usize, &str) {
    (key.len(), key)
}

/// An index of the table.
#[expect(clippy::expect_used, reason = "a source has less than 4 GiB, and `schema` cuts tables long before")]
fn row(index: usize) -> u32 {
    u32::try_from(index).expect("a table of less than 4 Gi rows")
}

/// What is expected at one path, and of what lies below it: a cursor into a [`Wants`]. `Copy` and without an
/// allocation, because each step down a values tree takes one with it.
#[derive(Clone, Copy, Debug)]
pub struct WantRef<'w> {
    wants: &'w Wants,
    id: WantId,
    want: &'w Want,
}

impl<'w> WantRef<'w> {
    /// Its index in the table.
    pub fn id(self) -> WantId {
        self.id
    }

    /// The allowed types.
    pub fn types(self) -> Types {
        self.want.types
    }

    /// How lists are merged there. [`Merge::Replace`] where the schema says nothing, or no list may be.
    pub fn merge(self) -> Merge {
        self.want.merge.clone()
    }

    /// Whether writers must mask it.
    pub fn secret(self) -> bool {
        self.want.secret
    }

    /// How `plimsoll secrets` makes one; none when it cannot.
    pub fn generate(self) -> Option<Generate> {
        self.want.generate
    }

    /// What is expected under a key; none when the schema does not allow the key.
    pub fn property(self, key: &str) -> Option<WantRef<'w>> {
        // A key that is named has its own want; what holds for the others does not concern it, as in JSON Schema.
        Some(self.wants.at(self.named(key).or(self.want.additional)?))
    }

    /// What is expected under a key, and whether the schema names it: [`WantRef::property`] and [`WantRef::names`] at once.
    pub fn look_up(self, key: &str) -> (Option<WantRef<'w>>, bool) {
        let named = self.named(key);
        (named.or(self.want.additional).map(|id| self.wants.at(id)), named.is_some())
    }

    /// The names of all secrets of the whole schema, some of them more than once.
    pub fn secret_names(self) -> impl Iterator<Item = &'w str> {
        // Over the table, which has each key once, and not over the settings, which may be endless.
        let keys = self.wants.keys.iter().filter(|key| self.wants.at(key.want).secret());
        keys.map(move |key| self.wants.text(key.text))
    }

    /// Whether the schema names a key.
    pub fn names(self, key: &str) -> bool {
        self.named(key).is_some()
    }

    /// Whether keys are allowed that the schema does not name.
    pub fn is_open(self) -> bool {
        self.want.additional.is_some()
    }

    /// What is expected of an item; none when a list is not allowed at all.
    pub fn item(self) -> Option<WantRef<'w>> {
        Some(self.wants.at(self.want.items?))
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
        Some(self.wants.at(self.want.additional?))
    }

    /// The keys that the schema names, in its order.
    pub fn known_keys(self) -> impl Iterator<Item = &'w str> {
        self.keys().map(|(key, _)| key)
    }

    /// The keys that must be there.
    pub fn required(self) -> impl Iterator<Item = &'w str> {
        let required = self.want.required.of(&self.wants.required).iter();
        required.map(move |range| self.wants.text(*range))
    }

    /// The named keys and what is expected under each, in the schema's order.
    fn keys(self) -> impl Iterator<Item = (&'w str, WantId)> {
        let keys = self.want.keys.of(&self.wants.keys).iter();
        keys.map(move |key| (self.wants.text(key.text), key.want))
    }

    /// What is expected under a key that the schema names.
    fn named(self, name: &str) -> Option<WantId> {
        let keys = self.want.keys.of(&self.wants.keys);
        // The order of the keys stands in the same range as the keys: both arrays have one item for each key.
        let sorted = self.want.keys.of(&self.wants.sorted);
        let found = sorted.binary_search_by(|at| {
            let key = keys[*at as usize].text;
            // Most lengths differ, and then no text has to be looked at.
            key.len().cmp(&name.len()).then_with(|| self.wants.text(key).cmp(name))
        });
        let found = found.ok()?;
        Some(keys[sorted[found] as usize].want)
    }
}

/// A set of JSON types, one bit each. Serialized as the number of its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// Names one entry of a [`Wants`]: its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, PartialOrd, Ord)]
pub struct WantId(pub u32);

#[cfg(test)]
mod tests {
    use super::*;

    /// A map of `b`, `a` and `c`, and below `c` one of `x` and `d`.
    fn wants() -> Wants {
        let mut builder = WantsBuilder::default();
        let leaf = WantId(2);
        let of = |properties| NewWant { properties, ..NewWant::of_types(Types::OBJECT) };
        builder.push(of(vec![("b", leaf), ("a", leaf), ("c", WantId(1))]));
        builder.push(of(vec![("x", leaf), ("d", leaf)]));
        builder.push(NewWant { required: vec!["r"], ..NewWant::of_types(Types::STRING) });
        builder.build()
    }

    /// Of keys in another order some would not be found, and what the schema says of them would not hold.
    #[test]
    fn keys_that_are_not_found_are_refused() {
        assert!(wants().is_sound());
        assert!(Wants::anything().is_sound());
        assert_eq!(wants().sorted, [1, 0, 2, 1, 0]);
        for sorted in [
            [0, 1, 2, 1, 0],
            [1, 2, 0, 1, 0],
            [1, 0, 2, 0, 1],
            [1, 1, 2, 1, 0],
            [1, 0, 0, 1, 0],
            [1, 0, 3, 1, 0],
        ] {
            let mut other = wants();
            other.sorted = sorted.to_vec();
            assert!(!other.is_sound(), "{sorted:?}");
        }
        let mut swapped = wants();
        swapped.keys.swap(0, 1);
        assert!(!swapped.is_sound());
    }

    #[test]
    fn rows_that_several_entries_share_are_refused() {
        for keys in [Range(0, 5), Range(0, 2), Range(1, 3), Range(3, 0)] {
            let mut other = wants();
            other.wants[0].keys = keys;
            assert!(!other.is_sound(), "{keys:?}");
        }
        let mut other = wants();
        other.wants[0].required = Range(0, 1);
        assert!(!other.is_sound());
    }
}
