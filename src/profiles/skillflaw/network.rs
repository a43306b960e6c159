//! The values of what is reachable, and from where: Services, the Ingress, and the NetworkPolicies.

use k8s_openapi::api::networking::v1::NetworkPolicyEgressRule;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::profiles::forms::{Addresses, Annotations, Labels, ObjectName, OptionalHostName, Port};
use crate::profiles::network::{Dns, Egress, Exposure, Peers, Tls, exposed_where_it_says, issuer_needs_tls};
use crate::profiles::rule::{Message, any, filled, rule, switched};

/// A Service.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("allOf" = exposed_where_it_says()))]
pub struct Service {
    /// Its port.
    pub port: Option<Port>,
    /// How it is reachable.
    #[serde(flatten)]
    pub exposure: Exposure,
}

/// The Ingress before the backend, the frontend and the documentation.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = [needs_a_host(), issuer_needs_tls()]))]
pub struct Ingress {
    /// Whether the Ingress is rendered.
    pub enabled: Option<bool>,
    /// The class of the controller that serves it. Empty means the cluster's default; `nginx` and `traefik` are known.
    pub class_name: Option<ObjectName>,
    /// Its annotations. They win over those that the chart adds for the class.
    pub annotations: Option<Annotations>,
    /// Its labels, beside the chart's own.
    pub labels: Option<Labels>,
    /// The hosts, each of one component.
    pub hosts: Option<Hosts>,
    // The vendor's page on security asks for the public paths to be routed one by one.
    /// What the API's host serves of the backend; all else is not found. Each entry is a prefix of paths.
    #[schemars(inner(regex(pattern = "^/[^?#]*$")), length(min = 1), extend("uniqueItems" = true))]
    pub api_paths: Option<Vec<String>>,
    /// The certificates, each for some of the hosts.
    pub tls: Option<Vec<Tls>>,
    /// The cert-manager ClusterIssuer that makes the certificates. Empty means that their Secrets exist.
    pub cluster_issuer: Option<ObjectName>,
}

/// The hosts of the Ingress. Empty means that a component is not exposed.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Hosts {
    /// The host of the API.
    pub api: Option<OptionalHostName>,
    /// The host of the pages; needs `frontend.enabled`.
    pub app: Option<OptionalHostName>,
    /// The host of the documentation; needs `docs.enabled`.
    pub docs: Option<OptionalHostName>,
}

/// Here the hosts are settings of their own, one a component, and not a list.
fn needs_a_host() -> Value {
    let message = Message {
        text: "the Ingress is enabled and has no host",
        help: "name the host that clients call: `hosts: {api: …}`",
        at: "/hosts/api",
    };
    let one = any([filled("hosts.api"), filled("hosts.app"), filled("hosts.docs")]);
    rule(message, switched("enabled", true), one)
}

/// Which traffic is allowed.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NetworkPolicy {
    /// Whether each component gets a policy.
    pub enabled: Option<bool>,
    /// Where the cluster's name server is.
    pub dns: Option<Dns>,
    /// Who may reach the backend beside the frontend, such as the Ingress controller's namespace: addresses, CIDRs, and pods as Kubernetes has them (`namespaceSelector`, `podSelector`). Empty means everybody.
    pub api_from: Option<Peers>,
    /// Who may reach the frontend and the documentation, likewise. Empty means everybody.
    pub pages_from: Option<Peers>,
    /// Who may read the backend's metrics while a monitor has them scraped, likewise. Empty means all pods of the cluster.
    pub metrics_from: Option<Peers>,
    // A policy knows addresses and few names: of `database.url` and `database.host`, an address or a Service of the
    // cluster says where it is.
    /// The addresses of PostgreSQL: one address or CIDR, or a list of them. The port is that of `database`.
    #[serde(rename = "databaseCIDR")]
    pub database_cidr: Option<Addresses>,
    /// Where PostgreSQL is besides: addresses, CIDRs, and pods as Kubernetes has them (`namespaceSelector`, `podSelector`).
    pub database_to: Option<Peers>,
    /// The addresses of Redis: one address or CIDR, or a list of them. The port is that of `redis`.
    #[serde(rename = "redisCIDR")]
    pub redis_cidr: Option<Addresses>,
    /// Where Redis is besides: addresses, CIDRs, and pods as Kubernetes has them (`namespaceSelector`, `podSelector`).
    pub redis_to: Option<Peers>,
    /// Where flows reach language models and other services.
    pub https_egress: Option<Egress>,
    /// Further egress of the backend, as Kubernetes has it. With it, no address above is asked for.
    pub extra_egress: Option<Vec<NetworkPolicyEgressRule>>,
}
