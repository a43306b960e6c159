//! Rendered text or plain YAML files to documents; object identity.

mod identity;
mod location;
mod split;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use identity::{Identity, refuse_duplicates};
pub use location::{Location, anchor_span, label_finding};
pub use split::{Split, split, split_part};

use crate::yaml::Node;

/// One Kubernetes object, as a spanned tree.
#[derive(Clone, Debug)]
pub struct Document {
    /// The template or file that it came from.
    pub template: Arc<str>,
    /// The whole object.
    pub node: Node,
    /// What tells it from other objects.
    pub identity: Identity,
}
