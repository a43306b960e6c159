//! Environments of containers.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{EnvFromSource, EnvVar};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::scalar::Text;

/// What a container's environment has beyond what the chart puts there.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// Further variables, as name and value. They win over the chart's ConfigMap and Secret.
    pub env: Option<BTreeMap<String, Text>>,
    /// Further variables as Kubernetes has them, for example with `valueFrom`.
    pub extra_env: Option<Vec<EnvVar>>,
    /// Further ConfigMaps and Secrets whose keys become variables.
    pub env_from: Option<Vec<EnvFromSource>>,
}
