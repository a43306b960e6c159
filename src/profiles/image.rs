//! Container images.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A container image.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Image {
    /// The repository, with its registry where it is not Docker Hub.
    #[schemars(length(min = 1))]
    pub repository: Option<String>,
    /// The tag. Empty means the one of the chart's version, or of `global.imageTag` where a chart has that.
    pub tag: Option<String>,
    /// The digest, such as `sha256:…`. It wins over the tag and pins the image.
    #[schemars(regex(pattern = "^$|^sha256:[0-9a-f]{64}$"))]
    pub digest: Option<String>,
    /// When the image is pulled.
    pub pull_policy: Option<PullPolicy>,
}

/// When an image is pulled.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[schemars(inline)]
pub enum PullPolicy {
    /// At each start of a container.
    Always,
    /// Once a node.
    IfNotPresent,
    /// Never: the node must have it.
    Never,
}
