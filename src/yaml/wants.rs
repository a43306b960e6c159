//! All wants of a schema: worked out of one that was read, or packed into the program.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::want::{Generate, Merge, Types, Want, WantId};
use super::{Segment, ValuePath};

/// All wants of one schema; the first is the root's. Recursive schemas share ids, so the table is finite.
#[derive(Clone, Debug)]
pub struct Wants(Table);

#[derive(Clone, Debug)]
enum Table {
    Made(Vec<Want>),
    Packed(&'static PackedWants),
}

/// The wants of a schema that is built in, as constant data without a pointer in its arrays. `build.rs` makes it.
#[derive(Debug)]
pub struct PackedWants {
    /// Tells what they were made of from anything else.
    pub fingerprint: &'static str,
    /// All keys, one after the other.
    pub text: &'static str,
    /// The wants; a [`WantId`] is an index.
    pub wants: &'static [PackedWant],
    /// The keys of maps; those of one want stand together, in the schema's order.
    pub keys: &'static [PackedKey],
    /// For each key, the place that it has among the keys of its want when those are sorted: `keys[start + sorted[at]]`
    /// ascend with `at`.
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

impl Wants {
    /// Of a table that was worked out.
    pub(crate) fn new(table: Vec<Want>) -> Self {
        Wants(Table::Made(table))
    }

    /// Of what is built in.
    pub fn packed(packed: &'static PackedWants) -> Self {
        Wants(Table::Packed(packed))
    }

    /// The wants of no schema: anything goes anywhere.
    pub fn anything() -> Self {
        let id = WantId(0);
        let want = Want { types: Types::ANY, additional: Some(id), items: Some(id), ..Want::default() };
        Wants::new(vec![want])
    }

    /// What is wanted of the root.
    pub fn root(&self) -> WantRef<'_> {
        self.at(WantId(0))
    }

    /// What is wanted at a place that was found before.
    pub fn at(&self, id: WantId) -> WantRef<'_> {
        let at = id.0 as usize;
        let want = match &self.0 {
            Table::Made(table) => At::Made(&table[at]),
            Table::Packed(packed) => At::Packed(packed, &packed.wants[at]),
        };
        WantRef { wants: self, id, want }
    }

    fn len(&self) -> usize {
        match &self.0 {
            Table::Made(table) => table.len(),
            Table::Packed(packed) => packed.wants.len(),
        }
    }
}

/// A list of [`Want`]s.
impl Serialize for Wants {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ids = (0..self.len()).filter_map(|at| u32::try_from(at).ok()).map(WantId);
        serializer.collect_seq(ids.map(|id| self.at(id).to_want()))
    }
}

/// What is wanted at one place, with the way further down.
#[derive(Clone, Copy, Debug)]
pub struct WantRef<'w> {
    wants: &'w Wants,
    id: WantId,
    want: At<'w>,
}

#[derive(Clone, Copy, Debug)]
enum At<'w> {
    Made(&'w Want),
    Packed(&'static PackedWants, &'static PackedWant),
}

impl<'w> WantRef<'w> {
    /// Its name in the table.
    pub fn id(self) -> WantId {
        self.id
    }

    /// The allowed types.
    pub fn types(self) -> Types {
        match self.want {
            At::Made(want) => want.types,
            At::Packed(_, want) => want.types,
        }
    }

    /// How lists are merged.
    pub fn merge(self) -> Merge {
        match self.want {
            At::Made(want) => want.merge.clone(),
            At::Packed(..) => Merge::Replace,
        }
    }

    /// Whether writers must mask it.
    pub fn secret(self) -> bool {
        match self.want {
            At::Made(want) => want.secret,
            At::Packed(_, want) => want.secret,
        }
    }

    /// How `plimsoll secrets` makes one; none when it cannot.
    pub fn generate(self) -> Option<Generate> {
        match self.want {
            At::Made(want) => want.generate,
            At::Packed(_, want) => want.generate,
        }
    }

    /// The schema's words for it; those of a schema that is built in are not packed.
    pub fn description(self) -> Option<&'w str> {
        match self.want {
            At::Made(want) => want.description.as_deref(),
            At::Packed(..) => None,
        }
    }

    /// What is wanted under a key; none when the schema does not know it.
    pub fn property(self, key: &str) -> Option<WantRef<'w>> {
        Some(self.wants.at(self.named(key).or(self.other())?))
    }

    /// What is wanted one step down.
    pub fn child(self, segment: &Segment) -> Option<WantRef<'w>> {
        match segment {
            Segment::Key(key) => self.property(key),
            Segment::Index(_) => self.item(),
        }
    }

    /// What is wanted at the end of a path from here; none when the schema does not know it.
    pub fn descend(self, path: &ValuePath) -> Option<WantRef<'w>> {
        path.0.iter().try_fold(self, WantRef::child)
    }

    /// What is wanted under every key that the schema names, in its order.
    pub fn properties(self) -> impl Iterator<Item = (&'w str, WantRef<'w>)> {
        self.keys().map(move |(key, id)| (key, self.wants.at(id)))
    }

    /// What is wanted under keys that the schema does not name; none when it refuses them.
    pub fn additional(self) -> Option<WantRef<'w>> {
        Some(self.wants.at(self.other()?))
    }

    /// Whether the schema names a key.
    pub fn names(self, key: &str) -> bool {
        self.named(key).is_some()
    }

    /// Whether keys are allowed that the schema does not name.
    pub fn is_open(self) -> bool {
        self.other().is_some()
    }

    /// What is wanted of an item; none when a list is not wanted at all.
    pub fn item(self) -> Option<WantRef<'w>> {
        let item = match self.want {
            At::Made(want) => want.items,
            At::Packed(_, want) => want.items,
        };
        Some(self.wants.at(item?))
    }

    /// The keys that the schema names, in its order.
    pub fn known_keys(self) -> impl Iterator<Item = &'w str> {
        self.keys().map(|(key, _)| key)
    }

    /// The keys that must be there.
    pub fn required(self) -> impl Iterator<Item = &'w str> {
        let (made, packed) = match self.want {
            At::Made(want) => (Some(want.required.iter().map(|key| &**key)), None),
            At::Packed(all, want) => {
                (None, Some(slice(all.required, want.required).iter().map(|key| all.key(key.0, key.1))))
            }
        };
        made.into_iter().flatten().chain(packed.into_iter().flatten())
    }

    fn keys(self) -> impl Iterator<Item = (&'w str, WantId)> {
        let (made, packed) = match self.want {
            At::Made(want) => (Some(want.properties.iter().map(|(key, id)| (&**key, *id))), None),
            At::Packed(all, want) => {
                let key = |PackedKey(start, end, id): &PackedKey| (all.key(*start, *end), *id);
                (None, Some(slice(all.keys, want.keys).iter().map(key)))
            }
        };
        made.into_iter().flatten().chain(packed.into_iter().flatten())
    }

    fn named(self, key: &str) -> Option<WantId> {
        match self.want {
            At::Made(want) => want.properties.get(key).copied(),
            At::Packed(all, want) => all.named(want, key),
        }
    }

    fn other(self) -> Option<WantId> {
        match self.want {
            At::Made(want) => want.additional,
            At::Packed(_, want) => want.additional,
        }
    }

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

impl PackedWants {
    fn key(&self, start: u32, end: u32) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    fn named(&self, want: &PackedWant, key: &str) -> Option<WantId> {
        let keys = slice(self.keys, want.keys);
        let of = |at: u16| keys.get(usize::from(at)).copied().unwrap_or(PackedKey(0, 0, WantId(0)));
        let sorted = slice(self.sorted, want.keys);
        let order = |at: &u16| {
            let PackedKey(start, end, _) = of(*at);
            self.key(start, end).cmp(key)
        };
        let at = sorted.binary_search_by(order).ok()?;
        let PackedKey(.., id) = of(*sorted.get(at)?);
        Some(id)
    }
}

fn slice<T>(all: &[T], (start, end): (u32, u32)) -> &[T] {
    all.get(start as usize..end as usize).unwrap_or_default()
}
