//! The values of the Skyflo chart.

mod controller;
mod engine;
mod mcp;
mod rules;
mod secrets;
mod stores;
mod ui;

use k8s_openapi::api::core::v1::LocalObjectReference;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::budget::Budget;
use super::image::Image;
use super::ingress::ClusterIssuer;
use super::network::NetworkPolicy;
use super::placement::Placement;

pub use controller::{Controller, SkyfloAi};
pub use engine::{Engine, EngineConfig};
pub use mcp::{Mcp, McpConfig, McpRbac, RbacLevel};
pub use secrets::{EngineSecrets, ProviderKeys};
pub use stores::{Postgresql, PostgresqlAuth, Redis};
pub use ui::{Proxy, Ui, UiConfig};

/// A name that becomes part of the names of objects; empty means none.
const NAME: &str = "^$|^[a-z]([-a-z0-9]*[a-z0-9])?$";

/// How long it may be, so that with `-controller-rolebinding`, the longest that follows it, it has 63 characters.
const NAME_LENGTH: u32 = 40;

/// The values of the Skyflo chart.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = rules::rules()))]
pub struct Skyflo {
    /// What holds for all components that say nothing else.
    pub global: Option<Global>,
    /// Replaces the chart's name in the names of objects.
    #[schemars(extend("pattern" = NAME), length(max = NAME_LENGTH))]
    pub name_override: Option<String>,
    /// Replaces the start of the names of all objects, which is otherwise made from the release's name.
    #[schemars(extend("pattern" = NAME), length(max = NAME_LENGTH))]
    pub fullname_override: Option<String>,
    /// The Secrets that hold the credentials for private image registries.
    pub image_pull_secrets: Option<Vec<LocalObjectReference>>,
    /// The engine, which runs the agent.
    pub engine: Option<Engine>,
    /// The MCP server, which acts on the cluster for the engine.
    pub mcp: Option<Mcp>,
    /// The user interface and the proxy before it.
    pub ui: Option<Ui>,
    /// The controller of `SkyfloAI` resources.
    pub controller: Option<Controller>,
    /// A `SkyfloAI` resource made from the same values.
    pub skyfloai: Option<SkyfloAi>,
    /// How many pods of each component may be away while nodes are drained.
    pub pod_disruption_budget: Option<Budgets>,
    /// The database, bundled or external.
    pub postgresql: Option<Postgresql>,
    /// The store of sessions and streams, bundled or external.
    pub redis: Option<Redis>,
    /// The image of the init containers that wait for the bundled stores.
    pub wait_image: Option<Image>,
    /// Which traffic is allowed.
    pub network_policy: Option<NetworkPolicy>,
    /// A cert-manager ClusterIssuer.
    pub cluster_issuer: Option<ClusterIssuer>,
}

/// What holds for all components that say nothing else.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Global {
    /// The tag of Skyflo's own images. Empty means `v` and the chart's appVersion.
    pub image_tag: Option<String>,
    /// Where pods run.
    #[serde(flatten)]
    pub placement: Placement,
}

/// The disruption budgets.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Budgets {
    /// The engine's budget.
    pub engine: Option<Budget>,
    /// The MCP server's budget.
    pub mcp: Option<Budget>,
    /// The user interface's budget.
    pub ui: Option<Budget>,
    /// The controller's budget.
    pub controller: Option<Budget>,
}
