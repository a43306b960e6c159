//! `Types`: a set of JSON types, as a schema's `type` keyword gives them.

use serde::Serialize;

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

    /// The set with these bits: the reverse of its serialized form, for `build.rs`.
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

    /// Whether a non-null scalar there can only be a string: then plain scalars are the text as written.
    pub fn only_string(self) -> bool {
        self.and(Types::SCALARS) == Types::STRING
    }

    /// Whether a non-null scalar there can only be a boolean.
    pub fn only_boolean(self) -> bool {
        self.and(Types::SCALARS) == Types::BOOLEAN
    }
}
