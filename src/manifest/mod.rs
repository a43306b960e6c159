//! From texts to objects: rendered templates and plain YAML files become documents, each with its identity.
//!
//! ```text
//! text ─► split ─► Document { node, identity, template } ─► checks and rules ─► Location ─► labels of a finding
//! ```
//!
//! A text holds any number of YAML documents, and a document holds one object or a `v1` List of objects; an empty
//! document holds none. Only what makes an object is checked here: `apiVersion`, `kind` and `metadata.name`. Whether
//! such a kind exists is a question for `kube`, which may also write the namespace into the identity.

mod document;
mod duplicates;
mod location;
mod split;
mod substitution;
mod suppressions;
#[cfg(test)]
mod tests;
mod threads;

pub use document::{Document, Identity, PackedDocument, ReadDocument, Soundness, group_of};
pub use duplicates::{Together, Twins, refuse_duplicates, report_duplicates};
pub use location::{LocatedTree, Location, anchor_span, label_finding};
pub use split::{Split, split};
pub use substitution::holds_placeholder;
pub use suppressions::{
    SUPPRESSING_ANNOTATION, SuppressingComment, suppressing_comments, suppression_marker,
};
pub use threads::{DocumentText, PackedSplit, ReadSplit, split_all, split_one};
