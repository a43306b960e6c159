//! The API table: every kind, type and field that is known, as flat arrays of small structs.
//!
//! Names and types are referred to by index, never by pointer. So the table of the built-in kinds is constant data that
//! the build writes down as Rust source (`build.rs`), nothing is allocated or parsed to have it, and a table with the
//! CRDs of a run in it is a copy with more behind the end.
//!
//! ```text
//! kinds    [Deployment apps/v1 → type 7, …]            sorted by kind, then API version
//! types    [… 7: Object { fields: 40..45 } …]
//! fields   [… 40: apiVersion → type 1, 41: kind → type 1, 42: metadata → type 9, …]   sorted by name in each object
//! words    [… "ClientIP", "None", …]                   enum values and keys of lists
//! text     "apiVersionkindmetadata…"                   names are ranges of it
//! ```
//!
//! Looking up a kind or a field is a binary search. Nothing is hashed, as a hash table cannot be constant data without
//! a crate of its own, and a search through arrays of this size takes ten steps or fewer.
//!
//! Lookups do not fail. An id or a range that is not of this table gives a type of anything, an empty list or an empty
//! name: the table is made by code that is tested as a whole, and a check that finds too little is better than a
//! program that stops.
//!
//! What bundled CRDs add stands behind that in *segments*, one for each CRD: arrays of its own, which are packed in the
//! program and unpacked when something of them is first looked at. An id, a range or a name of a segment has the highest
//! bit set, then the number of the segment, then the index in its array. So whoever has an id need not know where it
//! leads, and kinds that nobody asks for cost their entry among the kinds.
//!
//! ```text
//! 0 | index, 31 bits                               the arrays of the table
//! 1 | segment, 9 bits | index, 22 bits             those of a segment
//! ```
//!
//! This file, `builder.rs` and `structural_schema.rs` are compiled into the build script too. So they use nothing of
//! the crate but each other.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// All kinds, types and fields that are known.
#[derive(Clone, Debug)]
pub struct Table {
    /// Every name, one after the other.
    pub text: Cow<'static, str>,
    /// Ascending by kind, then by API version.
    pub kinds: Cow<'static, [ObjectKind]>,
    /// The types; a [`TypeId`] is an index.
    pub types: Cow<'static, [Type]>,
    /// The fields; those of one object stand together, ascending by name.
    pub fields: Cow<'static, [Field]>,
    /// Enum values and keys of lists; those of one type stand together.
    pub words: Cow<'static, [Name]>,
    /// Constraints of types; the first one constrains nothing.
    pub constraints: Cow<'static, [Constraints]>,
    /// The type of every object's `metadata`.
    pub metadata: TypeId,
    /// Unpacks the segment of a number, at most once; none where there is no such segment.
    pub segments: fn(usize) -> Option<&'static Segment>,
}

/// What one bundled CRD adds to the table. Ids and ranges in it are those of the whole.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Segment {
    /// As [`Table::text`].
    pub text: String,
    /// As [`Table::types`].
    pub types: Vec<Type>,
    /// As [`Table::fields`].
    pub fields: Vec<Field>,
    /// As [`Table::words`].
    pub words: Vec<Name>,
    /// As [`Table::constraints`].
    pub constraints: Vec<Constraints>,
}

/// The bit that tells the index of a segment from one of the table.
pub const PACKED: u32 = 1 << 31;
/// How many bits of an index of a segment are the index in its array.
pub const INDEX_BITS: u32 = 22;
/// The segment of an index, and the index in its array; none for an index of the table.
#[inline]
fn unpacked(index: u32) -> Option<(usize, usize)> {
    let segment = (index & !PACKED) >> INDEX_BITS;
    (index & PACKED != 0).then_some((segment as usize, (index & ((1 << INDEX_BITS) - 1)) as usize))
}

/// A range of [`Table::text`], in bytes. Equal names of one table need not be equal ranges: a copy that was extended
/// stores a name again if it stood in the built-in table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Name {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A range of one of the table's arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct IndexRange {
    /// First index.
    pub start: u32,
    /// One past the last index.
    pub end: u32,
}

/// An index into [`Table::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TypeId(pub u32);

/// A kind of object in one API version.
#[derive(Clone, Copy, Debug)]
pub struct ObjectKind {
    /// For example `Deployment`.
    pub kind: Name,
    /// For example `apps/v1`.
    pub api_version: Name,
    /// The type of the whole object.
    pub type_id: TypeId,
    /// Whether objects live in a namespace or in the cluster.
    pub namespaced: bool,
    /// Whether it comes from a CRD.
    pub custom: bool,
    /// Whether the API server drops the `status` of an object that is created, before it validates the object: the status
    /// is a resource of its own then.
    pub drops_status: bool,
    /// The Kubernetes versions that serve it.
    pub availability: Availability,
}

/// The Kubernetes minor versions that have a kind or a field: 34 stands for 1.34, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Availability {
    /// The first minor version; 0 for what was there before all that the table knows.
    pub since: u8,
    /// The last minor version; 255 for what is still there.
    pub until: u8,
}

/// A field of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Field {
    /// Its key.
    pub name: Name,
    /// The type of its value.
    pub type_id: TypeId,
    /// Whether it must be there. Not so in a CRD's schema if it has a default, which the API server writes in.
    pub required: bool,
    /// The Kubernetes versions that have it.
    pub availability: Availability,
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Type {
    /// Its form.
    pub shape: Shape,
    /// The only values that are allowed, a range of [`Table::words`]; empty when all are. For texts alone.
    pub allowed: IndexRange,
    /// An index into [`Table::constraints`]: they hold floats, which would keep a type from being a key of the
    /// builder's maps.
    pub constraints: u32,
    /// Whether null is a value.
    pub nullable: bool,
}

/// The forms of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Shape {
    /// Anything at all.
    Any,
    /// A map with anything in it.
    FreeMap,
    /// A map with known fields.
    Object {
        /// A range of [`Table::fields`].
        fields: IndexRange,
        /// Whether other fields are kept (`x-kubernetes-preserve-unknown-fields`).
        open: bool,
    },
    /// A map from any key to values of one type.
    Map {
        /// The type of each value.
        values: TypeId,
        /// The format of each key.
        keys: Format,
    },
    /// A list of values of one type.
    List {
        /// The type of each item.
        items: TypeId,
        /// What tells items apart.
        list_type: ListType,
    },
    /// A string.
    Text(Format),
    /// An integer of so many bits, 32 or 64, with a sign.
    Integer(u8),
    /// A number.
    Number,
    /// A boolean.
    Boolean,
    /// A quantity such as `100m` or `1.5Gi`.
    Quantity,
    /// An integer of 32 bits, or a string of this format.
    IntOrString(Format),
}

/// What tells the items of a list apart: `x-kubernetes-list-type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ListType {
    /// Nothing: the same item may come twice.
    Atomic,
    /// The whole item.
    Set,
    /// The values under these keys, a range of [`Table::words`]: what Kubernetes calls a list of type `map`.
    Keyed(IndexRange),
}

/// The format of a string or of a key. What each of them accepts is in `kube/string_formats.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Format {
    /// Any text.
    AnyText,
    /// A time of RFC 3339.
    DateTime,
    /// The same with six digits of a fraction: `MicroTime`.
    MicroTime,
    /// Base64 with padding.
    Base64,
    /// A DNS label of RFC 1123: lower-case letters, digits and `-`, at most 63.
    Dns1123Label,
    /// A DNS subdomain of RFC 1123: labels with dots between them, at most 253 characters.
    Dns1123Subdomain,
    /// A port's name: as a label, at most 15 characters, with a letter in it.
    PortName,
    /// A whole percentage: `25%`.
    Percent,
    /// A qualified name, as the keys of labels and annotations are: `app`, `example.com/app`.
    QualifiedName,
    /// The key of an annotation: a qualified name, in which upper case counts as lower case.
    AnnotationKey,
    /// A label's value: empty, or at most 63 characters.
    LabelValue,
    /// A key of a ConfigMap or Secret.
    ConfigMapKey,
    /// An environment variable's name.
    EnvVarName,
}

/// Bounds and pattern of a type. The bounds are on a number, on the characters of a string, on the items of a list or
/// on the entries of a map.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constraints {
    /// The least that is allowed.
    pub minimum: Option<f64>,
    /// The most that is allowed.
    pub maximum: Option<f64>,
    /// A regular expression that strings must match.
    pub pattern: Option<Name>,
    /// What else the schema of a CRD says of a value, as JSON: the keywords that have no place in the table, such as
    /// `anyOf` and `multipleOf`.
    pub rest: Option<Name>,
}

impl Availability {
    /// Of what every version has.
    pub const ALWAYS: Availability = Availability { since: 0, until: u8::MAX };
}

impl IndexRange {
    /// The range without elements.
    pub const EMPTY: IndexRange = IndexRange { start: 0, end: 0 };
}

impl Constraints {
    /// No constraints.
    pub const NONE: Constraints = Constraints { minimum: None, maximum: None, pattern: None, rest: None };
}

impl Type {
    /// A type of this form, without constraints.
    pub const fn new(shape: Shape) -> Self {
        Type { shape, allowed: IndexRange::EMPTY, constraints: 0, nullable: false }
    }
}

impl Table {
    /// The text of a name.
    #[inline]
    pub fn name(&self, name: Name) -> &str {
        let Name { start, end } = name;
        let text = match unpacked(start) {
            None => self.text.get(start as usize..end as usize),
            Some((segment, start)) => {
                let length = end.saturating_sub(name.start) as usize;
                (self.segments)(segment).and_then(|segment| segment.text.get(start..start + length))
            }
        };
        text.unwrap_or("")
    }

    /// The type behind an id; anything goes where the id is not of this table.
    #[inline]
    pub fn get(&self, id: TypeId) -> Type {
        let of = match unpacked(id.0) {
            None => self.types.get(id.0 as usize),
            Some((segment, index)) => (self.segments)(segment).and_then(|segment| segment.types.get(index)),
        };
        of.copied().unwrap_or(Type::new(Shape::Any))
    }

    /// The fields of an object, ascending by name.
    #[inline]
    pub fn fields(&self, range: IndexRange) -> &[Field] {
        self.range(range, &self.fields, |segment| &segment.fields)
    }

    /// The elements of a range; none where it is not of this table.
    #[inline]
    fn range<'t, T>(
        &self,
        range: IndexRange,
        own: &'t [T],
        packed: fn(&'static Segment) -> &'static [T],
    ) -> &'t [T] {
        let IndexRange { start, end } = range;
        let found = match unpacked(start) {
            None => own.get(start as usize..end as usize),
            Some((segment, first)) => {
                let length = end.saturating_sub(start) as usize;
                (self.segments)(segment).and_then(|segment| packed(segment).get(first..first + length))
            }
        };
        found.unwrap_or(&[])
    }

    /// The field with this name.
    pub fn field(&self, range: IndexRange, name: &str) -> Option<&Field> {
        let fields = self.fields(range);
        let found = fields.binary_search_by(|field| self.name(field.name).cmp(name)).ok()?;
        fields.get(found)
    }

    /// The words of a range: enum values or keys of a list.
    pub fn words(&self, range: IndexRange) -> impl Iterator<Item = &str> + Clone {
        self.range(range, &self.words, |segment| &segment.words).iter().map(|&word| self.name(word))
    }

    /// The constraints of a type.
    #[inline]
    pub fn constraints(&self, of: Type) -> Constraints {
        let constraints = match unpacked(of.constraints) {
            None => self.constraints.get(of.constraints as usize),
            Some((segment, index)) => {
                (self.segments)(segment).and_then(|segment| segment.constraints.get(index))
            }
        };
        constraints.copied().unwrap_or(Constraints::NONE)
    }

    /// The kind with this name in this API version. For custom kinds too, whose API versions are in groups of their
    /// own.
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<&ObjectKind> {
        let found = self.kinds.binary_search_by(|known| self.compare_kind(known, api_version, kind)).ok()?;
        self.kinds.get(found)
    }

    /// The kinds with this name, in every API version of every group.
    pub fn versions_of<'t>(&'t self, kind: &str) -> impl Iterator<Item = &'t ObjectKind> + use<'t> {
        // Kinds are sorted by kind first, so those of one name stand together. `use<'t>` above says that the iterator
        // borrows the table alone, and not the name.
        let start = self.kinds.partition_point(|known| self.name(known.kind) < kind);
        let end = self.kinds.partition_point(|known| self.name(known.kind) <= kind);
        self.kinds.get(start..end).unwrap_or(&[]).iter()
    }

    /// The kinds of an API version, given as `apps/v1`.
    pub fn kinds_of<'t>(&'t self, api_version: &'t str) -> impl Iterator<Item = &'t ObjectKind> {
        self.kinds.iter().filter(move |known| self.name(known.api_version) == api_version)
    }

    /// How a kind compares to a name in the order of [`Table::kinds`].
    pub fn compare_kind(&self, known: &ObjectKind, api_version: &str, kind: &str) -> Ordering {
        self.name(known.kind).cmp(kind).then_with(|| self.name(known.api_version).cmp(api_version))
    }
}
