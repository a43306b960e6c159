//! From texts to objects: rendered templates and plain YAML files become documents, each with its identity.
//!
//! ```text
//! text ─► split ─► Document { node, identity, template } ─► checks and rules ─► Location ─► labels of a finding
//! ```

mod document;
mod location;
mod split;
#[cfg(test)]
mod tests;

pub use document::{Document, Identity, refuse_duplicates};
pub use location::{Location, anchor_span, label_finding};
pub use split::{Split, split, split_chunk};
