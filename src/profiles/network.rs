//! NetworkPolicies and Services.

use std::collections::BTreeMap;

use k8s_openapi::api::networking::v1::{NetworkPolicyEgressRule, NetworkPolicyPeer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::scalar::Text;

/// What a CIDR looks like, IPv4 or IPv6; empty means that none is set.
pub const CIDR: &str =
    "^$|^[0-9]{1,3}([.][0-9]{1,3}){3}/[0-9]{1,2}$|^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*/[0-9]{1,3}$";

/// Which traffic is allowed.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NetworkPolicy {
    /// Whether the MCP server, which acts on the cluster, is reachable from the engine alone.
    pub enabled: Option<bool>,
    /// Whether the MCP server may reach everything. If not, it reaches DNS, the API server and `extraEgress`.
    pub allow_all_egress: Option<bool>,
    /// The addresses of the Kubernetes API server, as a CIDR such as `10.0.0.1/32`. `kubectl get endpointslices -n default kubernetes` shows them.
    #[serde(rename = "kubernetesApiServerCIDR")]
    #[schemars(extend("pattern" = CIDR, "x-pattern-help" = "write a CIDR such as `10.0.0.1/32`"))]
    pub kubernetes_api_server_cidr: Option<String>,
    /// Further egress of the MCP server, as Kubernetes has it: Helm repositories, Jenkins, and so on.
    pub extra_egress: Option<Vec<NetworkPolicyEgressRule>>,
    /// Whether all other components get a policy too.
    pub all_components: Option<bool>,
    /// Who may reach the user interface when all components have policies. Empty means everybody.
    pub ui_ingress_from: Option<Vec<NetworkPolicyPeer>>,
    /// Where the engine reaches the language models when all components have policies.
    pub llm_egress: Option<HttpsEgress>,
    /// The addresses of an external PostgreSQL, as a CIDR. Needed when all components have policies.
    #[serde(rename = "postgresqlCIDR")]
    #[schemars(extend("pattern" = CIDR, "x-pattern-help" = "write a CIDR such as `10.0.0.1/32`"))]
    pub postgresql_cidr: Option<String>,
    /// The addresses of an external Redis, as a CIDR. Needed when all components have policies.
    #[serde(rename = "redisCIDR")]
    #[schemars(extend("pattern" = CIDR, "x-pattern-help" = "write a CIDR such as `10.0.0.1/32`"))]
    pub redis_cidr: Option<String>,
}

/// Egress to addresses outside the cluster.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HttpsEgress {
    /// The addresses, as a CIDR.
    #[schemars(extend("pattern" = CIDR, "x-pattern-help" = "write a CIDR such as `0.0.0.0/0`"), length(min = 1))]
    pub cidr: Option<String>,
    /// Addresses inside it that stay forbidden, as CIDRs; by default those where clouds keep their credentials.
    pub except: Option<Vec<String>>,
    /// The port.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<i32>,
}

/// A Service that may be reachable from outside the cluster.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ExposedService {
    /// Where it is reachable from: the cluster, each node, or a load balancer.
    #[serde(rename = "type")]
    pub kind: Option<ServiceType>,
    /// Its annotations.
    pub annotations: Option<BTreeMap<String, Text>>,
    /// The node's port when the type is `NodePort` or `LoadBalancer`. Unset means that Kubernetes picks one.
    #[schemars(range(min = 1, max = 65535))]
    pub node_port: Option<i32>,
    /// The client addresses that a load balancer lets in, as CIDRs.
    pub load_balancer_source_ranges: Option<Vec<String>>,
}

/// Where a Service is reachable from.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[schemars(inline)]
pub enum ServiceType {
    /// From the cluster alone.
    ClusterIP,
    /// From each node's addresses.
    NodePort,
    /// From a load balancer.
    LoadBalancer,
}
