//! The schemas of bundled charts as static data for the fast path: flat arrays of small structs.
//!
//! `build.rs` includes this file and fills the arrays from `schemas/*.schema.json`. A schema refers to its keywords,
//! and a keyword to subschemas, names and constants, by index and never by address:
//!
//! ```text
//! schemas    [ … { keywords: 4..7 } … ]
//! keywords   [ … Types, Required(9..11), Object { named: 20..31, … } … ]
//! properties [ … { name: "image", schema: 12 } … ]           ascending by name, for a binary search
//! ```
//!
//! Data without addresses needs no relocation when the program is loaded, and nothing is unpacked: a page of it is read
//! from the file when a walk first comes there. Equal keywords, names and schemas are stored once.
//!
//! References are gone: a schema that is a `$ref` to another is the id of that one. So is the recursion that they could
//! make; `build/schema_table.rs` refuses recursive schemas, and a walk of the table ends.
//!
//! This file is compiled into the build script too, so it uses nothing of this crate.

/// All schemas that are built in: one table for all charts, as they have the types of Kubernetes in common.
#[derive(Debug)]
pub struct Table {
    /// Every name and string, one after the other.
    pub text: &'static str,
    /// The schemas; a [`SchemaId`] is an index.
    pub schemas: &'static [Schema],
    /// The keywords; those of one schema stand together, in the order in which jsonschema asks them.
    pub keywords: &'static [Keyword],
    /// The properties; those of one schema stand together, ascending by name.
    pub properties: &'static [Property],
    /// The parts of `allOf` and `anyOf`.
    pub parts: &'static [SchemaId],
    /// The values of `enum`.
    pub constants: &'static [Constant],
    /// The names of `required`.
    pub names: &'static [Name],
    /// What authors say.
    pub sentences: &'static [Sentence],
    /// The regular expressions.
    pub patterns: &'static [Pattern],
    /// For each expression, the class of each byte.
    pub classes: &'static [u8],
    /// For each expression, the state that follows on each state and class.
    pub moves: &'static [u16],
}

/// A range of [`Table::text`], in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A range of one of the table's arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slice {
    /// First index.
    pub start: u32,
    /// One past the last index.
    pub end: u32,
}

/// An index into [`Table::schemas`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SchemaId(pub u32);

/// What must hold of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Schema {
    /// A slice of [`Table::keywords`].
    pub keywords: Slice,
    /// What the author says when it does not hold: an index into [`Table::sentences`].
    pub sentence: Option<u32>,
}

/// One keyword with what it asks for. Each asks only values of its own type.
///
/// Only what the bundled schemas use. Numbers are 32 bits wide, as no limit in them is wider and a keyword stays small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Keyword {
    /// The schema `false`.
    Never,
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
    /// `minLength`, in characters.
    MinLength(u32),
    /// `maxLength`, in characters.
    MaxLength(u32),
    /// `minItems`.
    MinItems(u32),
    /// `maxItems`.
    MaxItems(u32),
    /// `required`: a slice of [`Table::names`].
    Required(Slice),
    /// `pattern`: an index into [`Table::patterns`].
    Pattern(u32),
    /// `uniqueItems`.
    Unique,
    /// `properties` where other ones may be anything: a slice of [`Table::properties`].
    Properties(Slice),
    /// `properties` with `additionalProperties`.
    Object {
        /// A slice of [`Table::properties`].
        named: Slice,
        /// What holds of other properties; none when nothing does.
        others: Option<SchemaId>,
    },
    /// `items`, the same for all.
    Items(SchemaId),
    /// `allOf`: a slice of [`Table::parts`].
    AllOf(Slice),
    /// `anyOf`: a slice of [`Table::parts`].
    AnyOf(Slice),
    /// `not`.
    Not(SchemaId),
    /// `if` with `then`.
    If {
        /// When this holds,
        condition: SchemaId,
        /// that must hold.
        then: SchemaId,
    },
}

// Constants and not an enum: sets of types are what is stored and compared, as bits of one byte.

/// The types of [`Keyword::Types`], by the number of their bit. An integer has the bits of [`INTEGER`] and [`NUMBER`],
/// a schema's `number` the latter alone.
pub const TYPES: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];
/// `null`.
pub const NULL: u8 = 1;
/// `boolean`.
pub const BOOLEAN: u8 = 2;
/// `integer`.
pub const INTEGER: u8 = 4;
/// `number`.
pub const NUMBER: u8 = 8;
/// `string`.
pub const STRING: u8 = 16;
/// `array`.
pub const ARRAY: u8 = 32;
/// `object`.
pub const OBJECT: u8 = 64;

/// A value that a schema names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Constant {
    /// `true` or `false`.
    Boolean(bool),
    /// An integer.
    Integer(i32),
    /// A string.
    Text(Name),
}

/// A named property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Property {
    /// Its name.
    pub name: Name,
    /// What must hold of its value.
    pub schema: SchemaId,
}

/// What an author says when a schema does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sentence {
    /// Whether it is a warning (`x-warning`) or an error (`x-message`).
    pub warning: bool,
    /// The sentence.
    pub message: Name,
    /// `x-help`.
    pub help: Option<Name>,
    /// `x-at`.
    pub at: Option<Name>,
    /// `x-code`.
    pub code: Option<Name>,
}

/// A regular expression as a deterministic automaton over bytes. State 0 has failed and state 1 has matched, whatever
/// follows; the state that is begun with is 2.
///
/// ```text
/// ^a+$        classes: `a` → 1, every other byte → 0        width 3: class 0, class 1, end of the text
///
/// state       other   a       end
/// 0 failed    0       0       0
/// 1 matched   1       1       1
/// 2 start     0       3       0
/// 3           0       3       1
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// Where its 256 bytes of [`Table::classes`] begin.
    pub classes: u32,
    /// Where its states begin in [`Table::moves`].
    pub moves: u32,
    /// How many moves a state has: one for each class, and the last for the end of the text.
    pub width: u32,
}

impl Pattern {
    /// The state that has failed.
    pub const FAILED: u16 = 0;
    /// The state that has matched.
    pub const MATCHED: u16 = 1;
    /// The state to begin with.
    pub const START: u16 = 2;
}
