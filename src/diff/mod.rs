//! What differs between two sets of objects: matched by identity, lists by their keys, as paths with old and new.
//!
//! [`compare`] finds the differences, without a word about how they are shown; [`write_human`], [`write_short`] and
//! [`write_json`] show them. Secrets are masked before they leave [`compare`], so no writer can show one.
//!
//! Values are the same if Kubernetes reads them as the same: quotes, the order of keys, `1000m` for `1` and null for a field
//! that is not there make no difference (`normalize`). Sequences are aligned in bounded time (`alignment`).

mod alignment;
mod changes;
mod compare;
mod human;
mod json;
mod normalize;
#[cfg(test)]
mod tests;

pub use changes::{
    ChangeKind, FieldChange, FieldEdit, FieldPath, MaskedValue, ObjectChange, PathStep, Side, TextLine,
};
pub use compare::compare;
pub use human::{annotations, write_human, write_objects, write_short};
pub use json::{as_json, write_json};
pub use normalize::read_as_yaml_1_1;
