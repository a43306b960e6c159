//! Rendered text or plain YAML files to documents; object identity.

use std::sync::Arc;

use crate::yaml::Node;

/// One Kubernetes object.
#[derive(Clone, Debug)]
pub struct Document {
    /// The template or file that it came from.
    pub template: Arc<str>,
    /// The object.
    pub node: Node,
    /// Which object it is.
    pub identity: Identity,
}

/// What makes an object one object in a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// For example `apps/v1`.
    pub api_version: String,
    /// For example `Deployment`.
    pub kind: String,
    /// None for cluster-scoped objects.
    pub namespace: Option<String>,
    /// `metadata.name`.
    pub name: String,
}
