//! Scalars: their text, how it was written, and what the two laws of plain scalars make of it.
//!
//! An unquoted `0777`, `yes` or `1e3` has no meaning of its own: each reader *resolves* it, by a law of its own. Two laws matter
//! here, and they stand side by side:
//!
//! | file | law | used for |
//! |---|---|---|
//! | `core.rs` | the core schema of YAML 1.2.2, section 10.3.2 | whatever Plimsoll reads |
//! | `yaml_1_1.rs` | YAML 1.1 as Go's yaml package reads it, and then JSON: what `kubectl` does | telling where a cluster would see something else |
//!
//! `number.rs` writes numbers in the one form on which both laws, and JSON, agree.

mod core;
mod number;
mod yaml_1_1;

use std::sync::Arc;

pub use self::core::{Kind, parse_float, resolve_core};
pub(in crate::yaml) use number::canonical_number;
pub(in crate::yaml) use yaml_1_1::may_resolve;
pub use yaml_1_1::{resolve_kubernetes, same_in_yaml_1_1};

/// A scalar, with its lexeme instead of a decoded value.
///
/// The text is kept because decoding loses what people meant: `1.10` as a double is `1.1`, an image tag `007` is 7, and 2^53+1
/// has no double at all. Where the schema wants a string, the text as written is the value; where it wants a
/// number, [`Scalar::as_i64`] and [`Scalar::as_f64`] decode it at that moment.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// The text: as written for plain scalars, unescaped for the others. Shared, so that a value that is used a hundred times
    /// is stored once.
    pub text: Arc<str>,
    /// What YAML 1.2 core (or a wanted type) makes of it.
    pub kind: Kind,
    /// How it was written.
    pub style: Style,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes: the only style whose text is resolved to a [`Kind`].
    Plain,
    /// In single or double quotes.
    Quoted,
    /// A literal (`|`) or folded (`>`) block.
    Block,
}

impl Scalar {
    /// The integer, in decimal, octal (`0o17`) or hexadecimal (`0x1f`), if it fits into 64 bits. None for any other kind.
    pub fn as_i64(&self) -> Option<i64> {
        if self.kind != Kind::Int {
            return None;
        }
        match self.text.get(..2) {
            Some("0o") => i64::from_str_radix(&self.text[2..], 8).ok(),
            Some("0x") => i64::from_str_radix(&self.text[2..], 16).ok(),
            _ => self.text.parse().ok(),
        }
    }

    /// The number, as near as a double can hold it. None for what is no number.
    pub fn as_f64(&self) -> Option<f64> {
        match self.kind {
            Kind::Int => self.as_i64().map(|int| int as f64).or_else(|| parse_float(&self.text)),
            Kind::Float => parse_float(&self.text),
            _ => None,
        }
    }
}
