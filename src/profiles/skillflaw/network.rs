//! The values of the network policies.

use k8s_openapi::api::networking::v1::{NetworkPolicyEgressRule, NetworkPolicyPeer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::profiles::network::HttpsEgress;

/// Which traffic is allowed.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NetworkPolicy {
    /// Whether each component gets a policy.
    pub enabled: Option<bool>,
    /// Who may reach the backend beside the frontend: the Ingress controller's namespace, and clients in the cluster. Empty means everybody.
    pub api_from: Option<Vec<NetworkPolicyPeer>>,
    /// Who may reach the frontend and the documentation. Empty means everybody.
    pub pages_from: Option<Vec<NetworkPolicyPeer>>,
    /// Where PostgreSQL is, on the port `database.port`: pods of the cluster, or addresses as `ipBlock`.
    pub database_to: Option<Vec<NetworkPolicyPeer>>,
    /// Where Redis is, on the port `redis.port`: pods of the cluster, or addresses as `ipBlock`.
    pub redis_to: Option<Vec<NetworkPolicyPeer>>,
    /// Where flows reach language models and other services.
    pub https_egress: Option<HttpsEgress>,
    /// Further egress of the backend, as Kubernetes has it.
    pub extra_egress: Option<Vec<NetworkPolicyEgressRule>>,
}
