//! From texts to objects: rendered templates and plain YAML files become documents, each with its identity.
//!
//! ```text
//! text ─► split ─► Document { node, identity, template } ─► checks and rules ─► Location ─► labels of a finding
//! ```
//!
//! A text holds any number of YAML documents, and a document one object or a `v1` List of them; a document of nothing
//! at all is none. What makes an object is asked here and nothing else: `apiVersion`, `kind` and `metadata.name`.
//! Whether such a kind exists is a question for `kube`, which may also write the namespace into the identity.

mod document;
mod location;
mod split;
#[cfg(test)]
mod tests;

pub use document::{Document, Identity, refuse_duplicates};
pub use location::{Location, anchor_span, label_finding};
pub use split::{Split, split, split_chunk};
