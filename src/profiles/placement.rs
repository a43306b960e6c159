//! Where pods run.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Affinity, Toleration, TopologySpreadConstraint};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where pods run, for all components that say nothing else.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Placement {
    /// The labels that a node must have. Empty means what `global.nodeSelector` says.
    pub node_selector: Option<BTreeMap<String, String>>,
    /// The taints that the pods tolerate. Empty means what `global.tolerations` says.
    pub tolerations: Option<Vec<Toleration>>,
    /// Rules that draw pods to nodes and to each other, or keep them apart. Empty means what `global.affinity` says.
    pub affinity: Option<Affinity>,
}

/// Where a component's pods run, and how they spread.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Spread {
    /// The labels that a node must have, and more.
    #[serde(flatten)]
    pub placement: Placement,
    /// How the pods spread over zones and nodes. An entry without `labelSelector` means this component's pods.
    pub topology_spread_constraints: Option<Vec<TopologySpreadConstraint>>,
}
