//! ServiceAccounts.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::scalar::Text;

/// The ServiceAccount that a component's pods run as.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ServiceAccount {
    /// Whether it is rendered. If not, the pods run as `name`, or as the namespace's default when that is empty.
    pub create: Option<bool>,
    /// Its name. Empty means the component's name when it is created.
    pub name: Option<String>,
    /// Its annotations, for example the cloud role that it stands for.
    pub annotations: Option<BTreeMap<String, Text>>,
    /// Whether the pods get a token for the Kubernetes API.
    pub automount: Option<bool>,
}
