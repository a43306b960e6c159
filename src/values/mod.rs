//! Layers of values: reading, the `--set` grammar, and the rules of merging.
//!
//! [`read_layer`] reads one values file, [`parse_set`] one flag, and [`merge`] makes one tree of them all.
//! What is wanted by path comes from outside, as [`Wants`](crate::yaml::Wants): this module knows no schema.
//!
//! ```text
//! precedence, low to high      defaults ─► presets ─► derived values ─► files ─► flags
//!                                 └─ Layer ──┴──────────┴───────────────┘       └─ Edit: a path, and what is set there
//!                                       │ LayerStack::lay           │ LayerStack::settle
//!                                       ▼                           ▼
//!                              one tree with nulls ─────────► one tree without, and its tombstones
//! ```
//!
//! A node of the merged tree has the span that it was written at in the layer that won. So a tree remembers its
//! winners, and the tombstones beside it where a `null` took something away
//! ([`Tombstones`](crate::yaml::Tombstones)); who else spoke of a path is found by merging once more and watching
//! ([`history`]).

mod history;
mod layer;
mod merge;
mod nulls;
mod plain_scalars;
mod set;

pub use history::{
    EffectKind, EffectStatus, FlagLayer, LayerEffect, each_node, history, history_with_flags, origins,
};
pub use layer::{Layer, LayerKind, read_layer, sources_over_defaults};
pub use merge::{Edit, LayerStack, PathStep, hide_secrets, merge};
pub use set::{SetKind, parse_set, parse_set_file};
