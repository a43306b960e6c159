//! What differs between two sets of objects: matched by identity, lists by their keys, as paths with old and new.
//!
//! [`compare`] finds the differences, without a word about how they are shown; [`write_human`], [`write_short`] and
//! [`write_json`] show them. Secrets are masked before they leave [`compare`], so no writer can show one.
//!
//! ```text
//! old: [Document] ┐                       objects       fields            values
//!                 ├─► pairs by identity ─► compare ─► [ObjectChange] ─► [FieldChange] ─► MaskedValue
//! new: [Document] ┘                                                                       │
//!                                                       write_human, write_short, write_json ◄─┘
//! ```
//!
//! Values are the same if Kubernetes reads them as the same: quotes, the order of keys, `1000m` for `1` and null for a
//! field that is not there make no difference (`normalize`). Sequences are aligned in bounded time (`alignment`).
//!
//! How two versions of a list are matched is decided by what tells its items apart, the surest first:
//!
//! | the list | its items are matched | a path calls an item |
//! |---|---|---|
//! | a set, by the API | by their values | `finalizers[=a.example.com/b]` |
//! | with keys, by the API | by the values under those keys | `ports[containerPort=8080,protocol=TCP]` |
//! | of maps that all have a `name`, or else a `host` | by that | `rules[host=a.example.com]` |
//! | any other, or one with two equal keys | by alignment, as for lines of a text | `args[2]` |
//!
//! A diff of the printed YAML would be simpler, and would show each re-ordered key, each requoted string and each item
//! that moved as a change; and it could not mask a secret without knowing what stands where.

mod alignment;
mod changes;
mod compare;
mod draws;
mod human;
mod json;
mod normalize;
#[cfg(test)]
mod tests;
mod text;

pub use changes::{
    ChangeKind, FieldChange, FieldEdit, FieldPath, MaskedValue, ObjectChange, PathStep, Side, TextLine,
};
pub use compare::{compare, masked};
pub use draws::{mask_draws, may_be};
pub use human::{annotations, write_human, write_objects, write_short};
pub use json::{as_json, write_json};
pub use normalize::read_as_yaml_1_1;
pub use text::unified_diff;
