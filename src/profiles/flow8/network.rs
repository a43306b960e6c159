//! flow8's ports, who may reach them, and what flow8 may reach.

use k8s_openapi::api::networking::v1::NetworkPolicyEgressRule;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::forms::{Addresses, Port, Ports as PortNumbers};
use crate::profiles::network::{Dns, Egress, Exposure, Peers, exposed_where_it_says};
use crate::profiles::scalar::Text;

/// The ports that flow8 listens at.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Ports {
    /// The port of pages, API and WebSockets; becomes `SERVER_PORT` and `server.port`.
    pub http: Option<Port>,
    /// The port of the MCP server.
    pub mcp: Option<Port>,
    // flow8 opens one port for each active channel. The vendor's default is 7701 to 7799.
    /// The ports that each pod has for channels; becomes `CHANNEL_PORT_RANGE`. At most 100.
    pub channels: Option<ChannelRange>,
}

/// The ports that each pod has for channels.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ChannelRange {
    /// The first port.
    pub start: Option<Port>,
    /// The last port.
    pub end: Option<Port>,
}

/// The Service before the pods.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("allOf" = exposed_where_it_says()))]
pub struct Service {
    /// The port of pages, API and WebSockets. `nodePort` leads to it.
    pub port: Option<Port>,
    /// How it is reachable.
    #[serde(flatten)]
    pub exposure: Exposure,
    // A switch of its own: the original publishes it beside the pages, and never sets the secret that it needs.
    /// The MCP server.
    pub mcp: Option<Publishing>,
    // Bounded, as each number of a range is a port of the Service.
    /// The ports of channels, out of `ports.channels`: numbers such as `7701` and ranges such as `7701-7710`.
    #[schemars(length(max = 100), extend("items" = channel()))]
    pub channels: Option<Vec<Text>>,
}

/// Whether a port is published.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Publishing {
    /// Whether the Service publishes it.
    pub enabled: Option<bool>,
}

/// Which traffic is allowed.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NetworkPolicy {
    /// Whether flow8, and the bundled MongoDB, have policies.
    pub enabled: Option<bool>,
    /// Where the cluster's name server is.
    pub dns: Option<Dns>,
    /// Who may reach flow8's published ports: addresses, CIDRs, and pods as Kubernetes has them (`namespaceSelector`, `podSelector`). Empty means everybody.
    pub ingress_from: Option<Peers>,
    /// Who may reach the MCP server when the Service publishes it, likewise. Empty means the pods of the namespace.
    pub mcp_from: Option<Peers>,
    // Metrics and pages have one port, so whoever reads the ones reaches the others.
    /// Who may read the metrics beside `ingressFrom`, such as the namespace of Prometheus, likewise. Empty means all pods of the cluster with `serviceMonitor` or `podMonitor`, and nobody without.
    pub metrics_from: Option<Peers>,
    /// Whether flow8 may reach everything. If not, it reaches DNS, the database, the API server, `httpsEgress` and `extraEgress`.
    pub allow_all_egress: Option<bool>,
    // A policy knows addresses and few names: of `mongodb.uri`, an address or a Service of the cluster says where it is.
    /// The addresses of a database of your own: one address or CIDR, or a list of them.
    #[serde(rename = "mongodbCIDR")]
    pub mongodb_cidr: Option<Addresses>,
    /// Where a database of your own is besides: addresses, CIDRs, and pods as Kubernetes has them (`namespaceSelector`, `podSelector`).
    pub mongodb_to: Option<Peers>,
    /// Further ports of a database of your own, one or a list, beside those of `mongodb.uri`. Without any of both it is 27017.
    pub mongodb_port: Option<PortNumbers>,
    /// The addresses of the Kubernetes API server: one address or CIDR, or a list of them. Needed when `rbac` lets flow8 use it. `kubectl get endpointslices -n default kubernetes` shows them.
    #[serde(rename = "kubernetesApiServerCIDR")]
    pub kubernetes_api_server_cidr: Option<Addresses>,
    /// The port of the API server, or a list of ports. Its Service is at 443, and it itself mostly at 6443, with minikube at 8443.
    pub kubernetes_api_server_port: Option<PortNumbers>,
    /// Where flow8 reaches object storage, sign-in and whatever its flows call.
    pub https_egress: Option<Egress>,
    /// Further egress, as Kubernetes has it. With it, no other address is asked for.
    pub extra_egress: Option<Vec<NetworkPolicyEgressRule>>,
}

/// What flow8 may read from the Kubernetes API.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Rbac {
    /// Whether rights are rendered, and the pods get a token for the Kubernetes API.
    pub create: Option<bool>,
    // The vendor's role may read every Secret of the cluster, and no page says what for.
    /// Whether they hold for all Services, ConfigMaps and Secrets of the cluster. If not, they hold for the
    /// namespace's Services and for flow8's own ConfigMap and Secrets.
    pub cluster_wide: Option<bool>,
}

/// A port, or a range of ports.
fn channel() -> Value {
    // A number is held to `minimum` and `maximum`, a string to `pattern`. The template checks that a range lies in
    // `ports.channels`, since JSON Schema can't compare two settings.
    json!({
        "type": ["integer", "string"],
        "minimum": 1,
        "maximum": 65535,
        "pattern": "^[1-9][0-9]{0,4}(-[1-9][0-9]{0,4})?$",
        "x-pattern-help": "write a port such as `7701`, or a range such as `7701-7710`",
    })
}
