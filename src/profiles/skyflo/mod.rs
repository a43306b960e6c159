//! The values of the Skyflo chart.

pub mod cluster;
pub mod engine;
mod rules;
pub mod stores;
pub mod ui;

use cluster::{Controller, Mcp, SkyfloAi};
use engine::Engine;
use k8s_openapi::api::core::v1::LocalObjectReference;
use k8s_openapi::api::networking::v1::NetworkPolicyEgressRule;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stores::{Postgresql, Redis};
use ui::Ui;

use crate::profiles::availability::Budget;
use crate::profiles::common::{Common, Monitor};
use crate::profiles::forms::{Addresses, Namespace, Ports};
use crate::profiles::network::{ClusterIssuer, Dns, Egress, HttpRoute, Peers};
use crate::profiles::pod::{Image, Placement};
use crate::profiles::scalar::NAME;

// The original cuts the name at 63 and adds suffixes then, so objects could have names that Kubernetes refuses.
/// How long it may be, so that with `-controller-rolebinding`, the longest that follows it, it has 63 characters.
const NAME_LENGTH: u32 = 40;

/// The values of the Skyflo chart.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
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
    /// HTTPRoutes of the Gateway API, for the hosts of `ui.ingress`: beside it, or in its place.
    pub http_route: Option<HttpRoute>,
    /// What has Prometheus scrape the controller's pods.
    pub pod_monitor: Option<Monitor>,
    /// What all charts have.
    #[serde(flatten)]
    pub common: Common,
}

/// What holds for all components that say nothing else.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Global {
    /// The namespace of all objects. Empty means that of the command; a `--namespace` must agree with it.
    pub namespace: Option<Namespace>,
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

/// Which traffic is allowed.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NetworkPolicy {
    /// Whether there are policies: one that lets the engine alone reach the MCP server, which acts on the cluster, and with `allComponents` one for each component.
    pub enabled: Option<bool>,
    /// Where the cluster's name server is.
    pub dns: Option<Dns>,
    /// Whether the MCP server may reach everything. If not, it reaches DNS, the API server and `extraEgress`.
    pub allow_all_egress: Option<bool>,
    // The original asks the cluster for the address while it is installed. Offline it falls back to a label of API
    // servers and port 443, which cuts the MCP server off from most of them.
    /// The addresses of the Kubernetes API server: one address or CIDR, or a list of them. `kubectl get endpointslices -n default kubernetes` shows them.
    #[serde(rename = "kubernetesApiServerCIDR")]
    pub kubernetes_api_server_cidr: Option<Addresses>,
    /// The port of the API server, or a list of ports. Its Service is at 443, and it itself mostly at 6443, with minikube at 8443.
    pub kubernetes_api_server_port: Option<Ports>,
    // The original's policy blocks Helm repositories and Jenkins, which tools of the MCP server call.
    /// Further egress of the MCP server, as Kubernetes has it: Helm repositories, Jenkins, and so on.
    pub extra_egress: Option<Vec<NetworkPolicyEgressRule>>,
    // Opt-in: the manual's own policy for the engine forgets DNS, the language model and stores outside of the cluster,
    // and those addresses have to be given.
    /// Whether all other components get a policy too.
    pub all_components: Option<bool>,
    /// Who may reach the user interface when all components have policies: addresses, CIDRs, and pods as Kubernetes has them (`namespaceSelector`, `podSelector`). Empty means everybody.
    pub ui_ingress_from: Option<Peers>,
    /// Who may read the controller's metrics when all components have policies, likewise. Empty means all pods of the cluster.
    pub metrics_from: Option<Peers>,
    /// Where the engine reaches the language models when all components have policies. The port is that of `engine.secrets.llmHost`, or 443. A host that is an address or a Service of the cluster is reached without `cidr`.
    pub llm_egress: Option<Egress>,
    /// The addresses of an external PostgreSQL: one address or CIDR, or a list of them. The port is that of `postgresql.external`.
    #[serde(rename = "postgresqlCIDR")]
    pub postgresql_cidr: Option<Addresses>,
    /// Where an external PostgreSQL is besides: addresses, CIDRs, and pods as Kubernetes has them (`namespaceSelector`, `podSelector`).
    pub postgresql_to: Option<Peers>,
    /// The addresses of an external Redis: one address or CIDR, or a list of them. The port is that of `redis.external`.
    #[serde(rename = "redisCIDR")]
    pub redis_cidr: Option<Addresses>,
    /// Where an external Redis is besides: addresses, CIDRs, and pods as Kubernetes has them (`namespaceSelector`, `podSelector`).
    pub redis_to: Option<Peers>,
    /// Further egress of the engine when all components have policies, as Kubernetes has it.
    pub engine_extra_egress: Option<Vec<NetworkPolicyEgressRule>>,
}
