//! The values of what is reachable: the Ingress with paths to the components, and the NetworkPolicies.

use k8s_openapi::api::networking::v1::NetworkPolicyEgressRule;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::forms::{Addresses, Annotations, HostName, Labels, ObjectName, Ports};
use crate::profiles::network::{
    Dns, Egress, IngressGroups, Peers, Tls, group_names, issuer_needs_tls, needs_a_host,
};
use crate::profiles::rule::{Message, has, if_present, rule};

/// The Ingress, with several hosts and paths to several Services.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = [needs_a_host(HOSTS_HELP), issuer_needs_tls()]))]
pub struct Ingress {
    /// Whether the Ingress is rendered.
    pub enabled: Option<bool>,
    /// The class of the controller that serves it. Empty means the cluster's default.
    pub class_name: Option<ObjectName>,
    /// Its annotations.
    pub annotations: Option<Annotations>,
    /// Its labels, beside the chart's own.
    pub labels: Option<Labels>,
    /// The hosts that it answers to, each with its paths.
    pub hosts: Option<Vec<Host>>,
    // One Ingress has one class and one set of annotations: what is public and what is not need two.
    /// The groups of hosts that have an Ingress of their own, by name; it is called `ingress-` and that name.
    #[schemars(extend("propertyNames" = group_names()))]
    pub groups: Option<IngressGroups>,
    /// The certificates, each for some of the hosts.
    pub tls: Option<Vec<Tls>>,
    /// The cert-manager ClusterIssuer that makes the certificates. Empty means that their Secrets exist.
    pub cluster_issuer: Option<ObjectName>,
}

/// A host of the Ingress.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Host {
    /// The host's name, in lower case; the first label may be `*`.
    pub host: HostName,
    /// The group of `groups` that it belongs to. Unset means the Ingress itself.
    pub group: Option<String>,
    /// What is found at it.
    #[schemars(length(min = 1))]
    pub paths: Vec<Path>,
}

/// A path of a host, and the component behind it.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = PORTS.map(port_of)))]
pub struct Path {
    /// The path; it begins with `/`.
    #[schemars(extend("pattern" = "^/", "x-pattern-help" = "write a path that begins with `/`"))]
    pub path: String,
    // Kubernetes demands a type, and the manual names none.
    /// How the path is compared. Unset means `Prefix`.
    pub path_type: Option<PathType>,
    // The manual writes the component's name where Kubernetes wants the Service's, so that is what values files have.
    /// The component behind it; its Service has the same name and `-svc`.
    pub service: Component,
    // It can be left out, as it can have one value only. It is here because the manual demands it.
    /// The port of its Service. Unset means the one that it has.
    pub port: Option<i32>,
}

/// How a path of an Ingress is compared.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[schemars(inline)]
pub enum PathType {
    /// The path and everything below it.
    Prefix,
    /// The path alone.
    Exact,
    /// As the controller likes.
    ImplementationSpecific,
}

/// A component that an Ingress can lead to.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Component {
    /// Takes the events of browsers.
    IngestionGateway,
    /// The pages.
    ManagementUi,
    /// The API.
    ManagementApi,
    /// Knows visitors again.
    IdentityHub,
}

const HOSTS_HELP: &str = "name the hosts and what is found at them: `hosts: [{host: …, paths: [{path: /, service: ingestion-gateway}]}]`";

// The vendor's pages contradict each other on 8082 to 8084. Each service is told its port in `PORT`, so these numbers
// hold whatever an image has by default.
/// The components that an Ingress can lead to, and the ports of their Services.
const PORTS: [(&str, u16); 4] =
    [("ingestion-gateway", 8080), ("identity-hub", 8083), ("management-api", 8084), ("management-ui", 3000)];

fn port_of((component, port): (&str, u16)) -> Value {
    let text = format!("the Service of `{component}` has port {port}");
    let help = format!("write `port: {port}`, or leave it out");
    let message = Message { text: &text, help: &help, at: "/port" };
    rule(message, has("service", json!({ "const": component })), if_present("port", json!({ "const": port })))
}

/// Which traffic is allowed: a policy for each component.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NetworkPolicy {
    /// Whether the policies are rendered.
    pub enabled: Option<bool>,
    /// Where the cluster's name server is.
    pub dns: Option<Dns>,
    /// Who may reach the components that the Ingress leads to, such as the namespace of its controller: addresses, CIDRs, and pods as Kubernetes has them (`namespaceSelector`, `podSelector`). Empty means everybody.
    pub ingress_from: Option<Peers>,
    /// Who may read the services' metrics, such as the namespace of Prometheus, likewise. Empty means all pods of the cluster with `observability.serviceMonitor`, and nobody without.
    pub metrics_from: Option<Peers>,
    /// Where Kafka is. A broker that is an address or a Service of the cluster is reached without `cidr` and `to`; the ports are those of `kafka.brokers`.
    pub kafka: Option<StoreEgress>,
    /// Where Redis is. A host that is an address or a Service of the cluster is reached without `cidr` and `to`; the port is that of `redis.url`, or 6379.
    pub redis: Option<StoreEgress>,
    /// Where PostgreSQL is. A host that is an address or a Service of the cluster is reached without `cidr` and `to`; the port is that of `database.url`, or 5432.
    pub database: Option<StoreEgress>,
    /// Where the delivery workers reach vendors.
    pub vendors: Option<Egress>,
    /// Further egress of the five services and of the migrations, as Kubernetes has it. With it, no address of a store is asked for.
    pub extra_egress: Option<Vec<NetworkPolicyEgressRule>>,
}

/// Where a store is. `cidr` and `to` add to each other.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StoreEgress {
    /// Its addresses: one address or CIDR, or a list of them.
    pub cidr: Option<Addresses>,
    /// Its peers: addresses, CIDRs, and pods as Kubernetes has them (`namespaceSelector`, `podSelector`).
    pub to: Option<Peers>,
    /// Further ports, one or a list: those that a Secret keeps to itself, or that brokers name when they are asked.
    pub port: Option<Ports>,
}
