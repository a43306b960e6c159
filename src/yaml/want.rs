//! What is wanted where: the types, merge strategies and secrets that a schema yields by path.

use std::sync::Arc;

use indexmap::IndexMap;
use serde::Serialize;

/// A set of JSON types.
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
    /// `number`, integers included.
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

    /// The set with these bits, as it is serialized.
    pub const fn from_bits(bits: u8) -> Types {
        Types(bits)
    }

    /// Both sets together.
    pub fn or(self, other: Types) -> Types {
        Types(self.0 | other.0)
    }

    /// What both sets have.
    pub fn and(self, other: Types) -> Types {
        Types(self.0 & other.0)
    }

    /// Whether one of `other` is allowed.
    pub fn allows(self, other: Types) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether a non-null scalar there can only be a string: then plain scalars are the text as written.
    pub fn only_string(self) -> bool {
        let scalars = Types::BOOLEAN.or(Types::NUMBER).or(Types::STRING);
        self.and(scalars) == Types::STRING
    }

    /// Whether a non-null scalar there can only be a boolean.
    pub fn only_boolean(self) -> bool {
        let scalars = Types::BOOLEAN.or(Types::NUMBER).or(Types::STRING);
        self.and(scalars) == Types::BOOLEAN
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

/// What is wanted at one place of a tree.
/// Its serialized form, with one letter a field, is what `build.rs` reads of bundled schemas; the words are not in it.
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

/// Names one [`Want`] of its [`Wants`](super::Wants).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct WantId(pub u32);

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
