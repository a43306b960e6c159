//! The values of the NetworkPolicies.

use k8s_openapi::api::networking::v1::{NetworkPolicyEgressRule, NetworkPolicyPeer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::profiles::network::{CIDR, HttpsEgress};

/// Which traffic is allowed: a policy for each component.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NetworkPolicy {
    /// Whether the policies are rendered.
    pub enabled: Option<bool>,
    /// Who may reach the components that the Ingress leads to, such as the namespace of its controller. Empty means everybody.
    pub ingress_from: Option<Vec<NetworkPolicyPeer>>,
    /// Who may read the services' metrics, such as the namespace of Prometheus. Empty means nobody.
    pub metrics_from: Option<Vec<NetworkPolicyPeer>>,
    /// Where Kafka is.
    pub kafka: Option<StoreEgress>,
    /// Where Redis is.
    pub redis: Option<StoreEgress>,
    /// Where PostgreSQL is.
    pub database: Option<StoreEgress>,
    /// Where the delivery workers reach vendors.
    pub vendors: Option<HttpsEgress>,
    /// Further egress of the five services, as Kubernetes has it.
    pub extra_egress: Option<Vec<NetworkPolicyEgressRule>>,
}

/// Where a store is.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StoreEgress {
    /// Its addresses, as a CIDR such as `10.20.0.0/16`. Needed when the policies are enabled.
    #[schemars(extend("pattern" = CIDR, "x-pattern-help" = "write a CIDR such as `10.20.0.0/16`"))]
    pub cidr: Option<String>,
    /// Its port.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<i32>,
}
