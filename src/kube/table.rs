//! The form in which every API is held: flat arrays of small structs, static for what is built in, owned for what a run adds.

use std::borrow::Cow;
use std::cmp::Ordering;

/// All kinds, types and fields that are known. Names and type references are indices, so that a built-in
/// table is constant data without a pointer in it, and a larger one is a copy with more behind the end.
#[derive(Clone, Debug)]
pub struct Table {
    /// Every name, one after the other.
    pub text: Cow<'static, str>,
    /// Ascending by kind, then by API version.
    pub kinds: Cow<'static, [Kind]>,
    /// The types; a [`TypeId`] is an index.
    pub types: Cow<'static, [Type]>,
    /// The fields; those of one object stand together, ascending by name.
    pub fields: Cow<'static, [Field]>,
    /// Allowed values and list keys; those of one type stand together.
    pub words: Cow<'static, [Name]>,
    /// Limits; the first limits nothing.
    pub limits: Cow<'static, [Limits]>,
    /// The type of every object's `metadata`.
    pub metadata: TypeId,
}

/// A range of [`Table::text`], in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A range of one of the table's arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slice {
    /// First index.
    pub start: u32,
    /// One past the last index.
    pub end: u32,
}

/// An index into [`Table::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TypeId(pub u32);

/// A kind of object in one API version.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// For example `Deployment`.
    pub kind: Name,
    /// For example `apps/v1`.
    pub api_version: Name,
    /// The type of the whole object.
    pub shape: TypeId,
    /// Whether objects live in a namespace or in the cluster.
    pub namespaced: bool,
    /// Whether it comes from a CRD.
    pub custom: bool,
    /// The Kubernetes versions that have it.
    pub life: Life,
}

/// The Kubernetes minor versions that have something: 34 stands for 1.34, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Life {
    /// The first minor version.
    pub since: u8,
    /// The last minor version.
    pub until: u8,
}

/// A field of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Field {
    /// Its key.
    pub name: Name,
    /// What stands there.
    pub shape: TypeId,
    /// Whether it must be there.
    pub required: bool,
    /// The Kubernetes versions that have it.
    pub life: Life,
}

/// What may stand at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Type {
    /// Its form.
    pub shape: Shape,
    /// The only values that are allowed, as a slice of [`Table::words`]; empty when all are.
    pub allowed: Slice,
    /// An index into [`Table::limits`].
    pub limits: u32,
    /// Whether null is a value.
    pub nullable: bool,
}

/// The forms of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// Anything at all.
    Any,
    /// A map with anything in it.
    Free,
    /// A map with known fields; an open one keeps fields that nobody knows.
    Object {
        /// A slice of [`Table::fields`].
        fields: Slice,
        /// Whether other fields are kept.
        open: bool,
    },
    /// A map from any key to values of one type.
    Map {
        /// The type of each value.
        values: TypeId,
        /// What keys look like.
        keys: Format,
    },
    /// A list of values of one type.
    List {
        /// The type of each item.
        items: TypeId,
        /// What tells items apart.
        unique: Unique,
    },
    /// A string.
    Text(Format),
    /// An integer of so many bits.
    Integer(u8),
    /// A number.
    Number,
    /// A boolean.
    Boolean,
    /// An amount such as `100m` or `1.5Gi`.
    Quantity,
    /// An integer of 32 bits, or a string of this format.
    IntOrString(Format),
}

/// What tells the items of a list apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unique {
    /// Nothing: the same item may come twice.
    No,
    /// The whole item.
    Item,
    /// The values under these keys, a slice of [`Table::words`].
    Keys(Slice),
}

/// What a string or a key looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Any text.
    Plain,
    /// A time of RFC 3339.
    Time,
    /// Base64 with padding.
    Base64,
    /// A DNS label of RFC 1123: lower-case letters, digits and `-`, at most 63.
    Label,
    /// A DNS subdomain of RFC 1123: labels with dots between them, at most 253 characters.
    Subdomain,
    /// A port's name: as a label, at most 15 characters, with a letter in it.
    PortName,
    /// A whole percentage: `25%`.
    Percent,
    /// A qualified name, as the keys of labels and annotations are: `app`, `example.com/app`.
    QualifiedName,
    /// A label's value: empty, or at most 63 characters.
    LabelValue,
    /// A key of a ConfigMap or Secret.
    FileName,
    /// An environment variable's name.
    Variable,
}

/// Bounds on a number, on the characters of a string, on the items of a list or on the entries of a map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The least that is allowed.
    pub low: Option<f64>,
    /// The most that is allowed.
    pub high: Option<f64>,
    /// A regular expression that strings must match.
    pub pattern: Option<Name>,
}

impl Life {
    /// What every version has.
    pub const ALWAYS: Life = Life { since: 0, until: u8::MAX };
}

impl Slice {
    /// The slice without elements.
    pub const EMPTY: Slice = Slice { start: 0, end: 0 };

    fn of<T>(self, all: &[T]) -> &[T] {
        all.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

impl Limits {
    /// No limits.
    pub const NONE: Limits = Limits { low: None, high: None, pattern: None };
}

impl Type {
    /// A type of this form, without limits.
    pub const fn new(shape: Shape) -> Self {
        Type { shape, allowed: Slice::EMPTY, limits: 0, nullable: false }
    }
}

impl Table {
    /// The text of a name.
    pub fn name(&self, name: Name) -> &str {
        self.text.get(name.start as usize..name.end as usize).unwrap_or_default()
    }

    /// The type behind an id; anything goes where the id is not of this table.
    pub fn get(&self, id: TypeId) -> Type {
        self.types.get(id.0 as usize).copied().unwrap_or(Type::new(Shape::Any))
    }

    /// The fields of an object.
    pub fn fields(&self, slice: Slice) -> &[Field] {
        slice.of(&self.fields)
    }

    /// The field with this name.
    pub fn field(&self, slice: Slice, name: &str) -> Option<&Field> {
        let fields = self.fields(slice);
        let found = fields.binary_search_by(|field| self.name(field.name).cmp(name)).ok()?;
        fields.get(found)
    }

    /// The words of a slice.
    pub fn words(&self, slice: Slice) -> impl Iterator<Item = &str> + Clone {
        slice.of(&self.words).iter().map(|&word| self.name(word))
    }

    /// The limits of a type.
    pub fn limits(&self, of: Type) -> Limits {
        self.limits.get(of.limits as usize).copied().unwrap_or(Limits::NONE)
    }

    /// The kind with this name in this API version.
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<&Kind> {
        let found = self.kinds.binary_search_by(|known| self.compare_kind(known, api_version, kind)).ok()?;
        self.kinds.get(found)
    }

    /// The kinds with this name, in every API version.
    pub fn versions_of<'t>(&'t self, kind: &str) -> impl Iterator<Item = &'t Kind> + use<'t> {
        let start = self.kinds.partition_point(|known| self.name(known.kind) < kind);
        let end = self.kinds.partition_point(|known| self.name(known.kind) <= kind);
        self.kinds.get(start..end).unwrap_or_default().iter()
    }

    /// How a kind stands to a name in the order of [`Table::kinds`].
    pub fn compare_kind(&self, known: &Kind, api_version: &str, kind: &str) -> Ordering {
        self.name(known.kind).cmp(kind).then_with(|| self.name(known.api_version).cmp(api_version))
    }
}
