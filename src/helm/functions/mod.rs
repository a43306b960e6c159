//! The functions of Helm's templates, beside those of Go: Sprig's, and Helm's own.
//!
//! One file a family, each with a table; a function's types are those of the Go function that it stands for, as a value of
//! another type is an error there. What is drawn from chance or the clock comes from the [`Host`](super::host::Host).

pub mod casing;
pub mod certificates;
pub mod codecs;
pub mod convert;
pub mod crypto;
pub mod dates;
pub mod dicts;
pub mod encoding;
pub mod flow;
mod layout;
pub mod lists;
pub mod math;
mod named;
pub mod paths;
pub mod random;
pub mod regexes;
pub mod semver;
pub mod strings;
pub mod templates;
pub mod tomls;
pub mod types;
pub mod urls;

use crate::gotemplate::function::{Function, Methods};

/// All functions, a table for each family.
pub const TABLES: &[&[Function]] = &[
    casing::TABLE,
    certificates::TABLE,
    codecs::TABLE,
    crypto::TABLE,
    dates::TABLE,
    dicts::TABLE,
    encoding::TABLE,
    flow::TABLE,
    lists::TABLE,
    math::TABLE,
    paths::TABLE,
    random::TABLE,
    regexes::TABLE,
    semver::TABLE,
    strings::TABLE,
    templates::TABLE,
    tomls::TABLE,
    types::TABLE,
    urls::TABLE,
];

/// The methods of the types that functions give.
pub const METHODS: &[Methods] =
    &[dates::METHODS, dates::DURATION_METHODS, semver::METHODS, semver::VALUE_METHODS];

#[cfg(test)]
mod tests;
