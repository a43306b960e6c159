//! A schema as a table: what the fast path walks.
//!
//! Flat arrays of small structs. A schema refers to its keywords, and a keyword to subschemas, names and constants,
//! by index:
//!
//! ```text
//! schemas    [ … { keywords: 4..7 } … ]
//! keywords   [ … Types, Required(9..11), Object { named: 20..31, … } … ]
//! properties [ … { name: "image", schema: 12 } … ]           ascending by name, for a binary search
//! ```
//!
//! The table is made of a chart's schema when the chart is opened (`table_builder.rs`), or it was kept beside the
//! chart. Arrays without references are written and read as they are, and to read one costs a few instructions a row.

use serde::{Deserialize, Serialize};

use super::pattern::LazyPattern;
use crate::yaml::serialize_with_length;

/// A schema. Every index in it was given by the builder; a table that was read from a file may be damaged, so each
/// look-up can fail.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Table {
    /// Every name and string, one after the other.
    pub(super) text: String,
    /// The whole schema.
    pub(super) root: SchemaId,
    /// The schemas; a [`SchemaId`] is an index.
    pub(super) schemas: Vec<Schema>,
    /// The keywords; those of one schema stand together, in the order in which jsonschema asks them.
    pub(super) keywords: Vec<Keyword>,
    /// The properties; those of one schema stand together, ascending by name.
    pub(super) properties: Vec<Property>,
    /// The parts of `patternProperties`: an expression, and what must hold where it is found in a name.
    pub(super) pattern_properties: Vec<(u32, SchemaId)>,
    /// The parts of `allOf`, `anyOf` and `oneOf`.
    pub(super) parts: Vec<SchemaId>,
    /// The values of `enum`.
    pub(super) constants: Vec<Constant>,
    /// The names of `required`.
    pub(super) names: Vec<Name>,
    /// What authors say.
    pub(super) sentences: Vec<Sentence>,
    /// The regular expressions.
    pub(super) patterns: Vec<Pattern>,
}

/// A range of [`Table::text`], in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "(u32, u32)", into = "(u32, u32)")]
pub(super) struct Name {
    /// First byte.
    pub(super) start: u32,
    /// One past the last byte.
    pub(super) end: u32,
}

serialize_with_length!(Name, start, end);

/// A range of one of the table's arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "(u32, u32)", into = "(u32, u32)")]
pub(super) struct Slice {
    /// First index.
    pub(super) start: u32,
    /// One past the last index.
    pub(super) end: u32,
}

serialize_with_length!(Slice, start, end);

/// An index into [`Table::schemas`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct SchemaId(pub(super) u32);

/// What must hold of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Schema {
    /// A slice of [`Table::keywords`].
    pub(super) keywords: Slice,
    /// What the author says when it does not hold: an index into [`Table::sentences`].
    pub(super) sentence: Option<u32>,
}

/// One keyword with what it asks for. Each asks only values of its own type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Keyword {
    /// The schema `false`.
    Never,
    /// A keyword, or a value of one, that only jsonschema judges.
    Unknown,
    /// `type`, as a set of the bits below.
    Types(u8),
    /// `const`.
    Const(Constant),
    /// `enum`: a slice of [`Table::constants`].
    Enum(Slice),
    /// `minimum`.
    Minimum(i32),
    /// `maximum`.
    Maximum(i32),
    /// `exclusiveMinimum`.
    Above(i32),
    /// `exclusiveMaximum`.
    Below(i32),
    /// `minLength`, in characters.
    MinLength(u32),
    /// `maxLength`, in characters.
    MaxLength(u32),
    /// `minItems`.
    MinItems(u32),
    /// `maxItems`.
    MaxItems(u32),
    /// `minProperties`.
    MinProperties(u32),
    /// `maxProperties`.
    MaxProperties(u32),
    /// `required`: a slice of [`Table::names`].
    Required(Slice),
    /// `pattern`: an index into [`Table::patterns`].
    Pattern(u32),
    /// `uniqueItems`.
    Unique,
    /// `properties` where other ones may be anything: a slice of [`Table::properties`].
    Properties(Slice),
    /// `properties`, `patternProperties` and `additionalProperties`.
    Object {
        /// A slice of [`Table::properties`].
        named: Slice,
        /// A slice of [`Table::pattern_properties`].
        patterns: Slice,
        /// What holds of properties that neither of both is about; none when nothing does.
        others: Option<SchemaId>,
    },
    /// `items`, the same for all.
    Items(SchemaId),
    /// `allOf`, and `$ref`: a slice of [`Table::parts`].
    AllOf(Slice),
    /// `anyOf`: a slice of [`Table::parts`].
    AnyOf(Slice),
    /// `oneOf`: a slice of [`Table::parts`].
    OneOf(Slice),
    /// `not`.
    Not(SchemaId),
    /// `if` with `then` and `else`.
    If {
        /// When this holds,
        condition: SchemaId,
        /// that must hold,
        then: SchemaId,
        /// and otherwise that.
        otherwise: SchemaId,
    },
    /// `propertyNames`: what holds of each key, as a string.
    PropertyNames(SchemaId),
}

/// The types of [`Keyword::Types`], by bit.
pub(super) const TYPES: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];
/// `null`.
pub(super) const NULL: u8 = 1;
/// `boolean`.
pub(super) const BOOLEAN: u8 = 2;
/// `integer`.
pub(super) const INTEGER: u8 = 4;
/// `number`.
pub(super) const NUMBER: u8 = 8;
/// `string`.
pub(super) const STRING: u8 = 16;
/// `array`.
pub(super) const ARRAY: u8 = 32;
/// `object`.
pub(super) const OBJECT: u8 = 64;

/// A value that a schema names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Constant {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// An integer.
    Integer(i32),
    /// A string.
    Text(Name),
}

/// A named property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Property {
    /// Its name.
    pub(super) name: Name,
    /// What must hold of its value.
    pub(super) schema: SchemaId,
}

/// What an author says when a schema does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Sentence {
    /// Whether it is a warning (`x-warning`) or an error (`x-message`).
    pub(super) warning: bool,
    /// The sentence.
    pub(super) message: Name,
    /// `x-help`.
    pub(super) help: Option<Name>,
    /// `x-at`.
    pub(super) at: Option<Name>,
    /// `x-code`.
    pub(super) code: Option<Name>,
}

/// A regular expression of a schema.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Pattern {
    /// As it is written in the schema.
    pub(super) expression: Name,
    #[serde(skip)]
    pub(super) compiled: LazyPattern,
}

impl Table {
    /// Whether an expression finds something in a text. None if only jsonschema knows.
    pub(super) fn finds(&self, pattern: u32, text: &str) -> Option<bool> {
        let pattern = self.patterns.get(pattern as usize)?;
        pattern.compiled.finds(self.name(pattern.expression)?, text)
    }

    pub(super) fn schema(&self, id: SchemaId) -> Option<Schema> {
        self.schemas.get(id.0 as usize).copied()
    }

    #[inline]
    pub(super) fn name(&self, name: Name) -> Option<&str> {
        self.text.get(name.start as usize..name.end as usize)
    }
}

impl Slice {
    /// A part of one of the table's arrays; nothing of it if the range is damaged.
    pub(super) fn of<T>(self, all: &[T]) -> Option<&[T]> {
        all.get(self.start as usize..self.end as usize)
    }
}
