//! What the charts' Services, routes and NetworkPolicies have in common, and the issuer of certificates.

use std::borrow::Cow;
use std::collections::BTreeMap;

use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::api::ParentReference;
use crate::profiles::forms::{
    self, Addresses, Annotations, Cidr, HostName, Labels, NodePort, ObjectName, Ports, RequiredName,
};
use crate::profiles::rule::{Message, all, filled, forbid, has, if_present, not, rule, switched, warn};

/// The peers of a policy: addresses, CIDRs, and peers as Kubernetes has them (`namespaceSelector`, `podSelector`,
/// `ipBlock`).
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
pub struct Peers(Vec<Peer>);

/// One of them.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(untagged)]
enum Peer {
    /// An address or a CIDR.
    Address(String),
    /// As Kubernetes has it.
    Kubernetes(Box<NetworkPolicyPeer>),
}

impl JsonSchema for Peers {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Peers".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": forms::peer(generator) })
    }
}

// What an address of the settings says is not asked again: `endpoints` in templates has its ports, and its peers where
// they can be told by the host. This is for what it can't say, above all the addresses behind a name.
/// Where something is that pods reach. `cidr` and `to` add to each other.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Egress {
    /// The addresses: one address or CIDR, or a list of them.
    pub cidr: Option<Addresses>,
    /// The peers: addresses, CIDRs, and pods as Kubernetes has them (`namespaceSelector`, `podSelector`).
    pub to: Option<Peers>,
    // A policy that lets pods reach the internet would let them reach the metadata service of a cloud too, and with it
    // the credentials of the node.
    /// Addresses inside of the CIDRs that stay forbidden, as CIDRs.
    pub except: Option<Vec<Cidr>>,
    /// The port, or a list of ports. Unset means that of the address which the pods are told.
    pub port: Option<Ports>,
}

/// The cluster's name server. Without it no other name resolves.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Dns {
    /// Where it is: addresses, CIDRs, and pods as Kubernetes has them (`namespaceSelector`, `podSelector`).
    pub to: Option<Peers>,
    /// The port of its pods, or a list of ports.
    pub port: Option<Ports>,
}

/// The form of a setting with something in it, be it a text or a list.
pub fn some() -> Value {
    json!({ "minLength": 1, "minItems": 1 })
}

/// The list at the dotted path is there and empty.
pub fn nothing_in(path: &str) -> Value {
    has(path, json!({ "type": "array", "maxItems": 0 }))
}

/// A host of which a template knows the peer by its name: an address, a name without dots, or one of the cluster.
const KNOWN_HOST: &str = "([0-9]{1,3}([.][0-9]{1,3}){3}|\\[?[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*\\]?|[^.:,/?#@]+|[^:,/?#@]+[.][^:,/?#@]+[.]svc([.][^:,/?#@]*)?)";

/// The text at the dotted path is a host, or hosts with ports and commas between, whose peers are known by their names.
pub fn known_hosts(path: &str) -> Value {
    has(path, json!({ "type": "string", "pattern": format!("^{}$", known_list()) }))
}

/// The text at the dotted path is a URL to such hosts, or a path without a host.
pub fn known_url(path: &str) -> Value {
    let url = format!("^[A-Za-z0-9+.-]+://([^/?#]*@)?({})?([/?#]|$)", known_list());
    has(path, json!({ "type": "string", "pattern": url }))
}

fn known_list() -> String {
    format!("{KNOWN_HOST}(:[0-9]+)?(, *{KNOWN_HOST}(:[0-9]+)?)*")
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

/// How a Service is reachable. Its ports are each chart's own.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Exposure {
    /// Where it is reachable from: the cluster, each node, or a load balancer.
    #[serde(rename = "type")]
    pub kind: Option<ServiceType>,
    /// The port of every node that leads to it, for the types `NodePort` and `LoadBalancer`. Unset means that the cluster
    /// chooses one.
    pub node_port: Option<NodePort>,
    /// Its labels, beside the chart's own.
    pub labels: Option<Labels>,
    /// Its annotations.
    pub annotations: Option<Annotations>,
    /// Who may use its load balancer, as CIDRs. Empty means everybody.
    pub load_balancer_source_ranges: Option<Vec<Cidr>>,
    /// Whether what comes from outside may go on to pods of other nodes. `Local` keeps the address of the client.
    pub external_traffic_policy: Option<TrafficPolicy>,
}

/// A Service that is reachable from the cluster alone.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct InsideService {
    /// Its labels, beside the chart's own.
    pub labels: Option<Labels>,
    /// Its annotations.
    pub annotations: Option<Annotations>,
}

/// Where requests from outside the cluster are led.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[schemars(inline)]
pub enum TrafficPolicy {
    /// To pods of all nodes.
    Cluster,
    /// To pods of the node that was asked.
    Local,
}

/// The rule of a Service with [`Exposure`]: what is only for reachable ones is set of reachable ones alone.
pub fn exposed_where_it_says() -> Vec<Value> {
    let inside = || has("type", json!({ "const": "ClusterIP" }));
    let port = Message {
        text: "`nodePort` is for a Service that is reachable from outside, and this one is not",
        help: "set `type` to `NodePort` or `LoadBalancer`, or remove `nodePort`",
        at: "/nodePort",
    };
    let policy = Message {
        text: "`externalTrafficPolicy` is for a Service that is reachable from outside, and this one is not",
        help: "set `type` to `NodePort` or `LoadBalancer`, or remove `externalTrafficPolicy`",
        at: "/externalTrafficPolicy",
    };
    let ranges = Message {
        text: "`loadBalancerSourceRanges` is for a load balancer, and this Service has none",
        help: "set `type` to `LoadBalancer`, or remove `loadBalancerSourceRanges`",
        at: "/loadBalancerSourceRanges",
    };
    let unbalanced = has("type", json!({ "enum": ["ClusterIP", "NodePort"] }));
    vec![
        forbid(port, all([inside(), has("nodePort", json!({}))])),
        forbid(policy, all([inside(), has("externalTrafficPolicy", json!({}))])),
        forbid(ranges, all([unbalanced, has("loadBalancerSourceRanges", json!({ "minItems": 1 }))])),
    ]
}

/// HTTPRoutes of the Gateway API, for the hosts and paths of the Ingress: beside it, or in its place.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = [needs_a_gateway()]))]
pub struct HttpRoute {
    /// Whether each host gets an HTTPRoute.
    pub enabled: Option<bool>,
    /// The Gateways that they belong to, as `name` and where needed `namespace` and `sectionName`. Certificates are the
    /// Gateway's.
    pub parent_refs: Option<Vec<ParentReference>>,
    /// Their labels, beside the chart's own.
    pub labels: Option<Labels>,
    /// Their annotations.
    pub annotations: Option<Annotations>,
    /// How long a request may take. Empty means what the Gateway says; `0s` means for ever.
    #[schemars(extend("pattern" = "^$|^([0-9]{1,5}(h|m|s|ms)){1,4}$", "x-pattern-help" = "write a duration such as `1h` or `30s`"))]
    pub request_timeout: Option<String>,
}

fn needs_a_gateway() -> Value {
    let message = Message {
        text: "HTTPRoutes are enabled, and no Gateway is named that they belong to",
        help: "name it: `parentRefs: [{name: …, namespace: …}]`",
        at: "/parentRefs",
    };
    rule(message, switched("enabled", true), has("parentRefs", json!({ "minItems": 1 })))
}

/// A certificate of an Ingress.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Tls {
    /// The Secret that holds the certificate. Without it, the controller's default certificate is used.
    pub secret_name: Option<RequiredName>,
    // That they are is checked by the rules of manifests, not here: JSON Schema cannot compare two lists.
    /// The hosts that it is for; each must be one of the Ingress's hosts.
    pub hosts: Option<Vec<HostName>>,
}

// The originals refer to an issuer that has to be made by hand, with the old field `class` of its solver; ours is
// made with `ingressClassName`.
/// A cert-manager ClusterIssuer for ACME. It belongs to the whole cluster, so it is rendered on request only.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = [needs_an_email()]))]
pub struct ClusterIssuer {
    /// Whether the ClusterIssuer is rendered.
    pub enabled: Option<bool>,
    /// Its name.
    pub name: Option<RequiredName>,
    /// The address of the ACME server's directory.
    #[schemars(extend("pattern" = "^https://"))]
    pub server: Option<String>,
    /// Who is told when a certificate is about to end.
    #[schemars(extend("pattern" = "^$|^[^@ ]+@[^@ ]+$", "x-pattern-help" = "write a mail address"))]
    pub email: Option<String>,
    /// The Secret that keeps the account's private key. Empty means the issuer's name.
    pub private_key_secret: Option<ObjectName>,
    /// The class of the Ingresses that answer the ACME challenge.
    pub ingress_class_name: Option<RequiredName>,
}

/// What an Ingress of a group of hosts has otherwise than the others: hosts that the public may see and hosts that it may
/// not have another class, other annotations, another issuer.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct IngressGroup {
    /// The class of the controller that serves it. Unset means that of the Ingress.
    pub class_name: Option<ObjectName>,
    /// Its annotations, merged over those of the Ingress.
    pub annotations: Option<Annotations>,
    /// Its labels, merged over those of the Ingress.
    pub labels: Option<Labels>,
    /// The cert-manager ClusterIssuer that makes its certificates. Unset means that of the Ingress.
    pub cluster_issuer: Option<ObjectName>,
}

/// The groups of an Ingress's hosts, by name: what a host's `group` may be.
pub type IngressGroups = BTreeMap<String, IngressGroup>;

/// The names of groups, which become part of the names of Ingresses.
pub fn group_names() -> Value {
    json!({ "maxLength": 40, "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "x-pattern-help": "write lower-case letters, digits and `-`, with a letter or a digit at both ends" })
}

/// The rule of an Ingress with a list of `hosts`: an enabled one has at least one. The help shows what a host looks like.
pub fn needs_a_host(help: &str) -> Value {
    let message = Message { text: "the Ingress is enabled and has no host", help, at: "/hosts" };
    rule(message, switched("enabled", true), has("hosts", json!({ "minItems": 1 })))
}

/// The warning of an Ingress of the AWS load balancer controller, whose default is to send traffic to nodes.
///
/// `ingress` and `service` are the dotted paths of the two, from where the rule stands.
pub fn alb_reaches_the_service(ingress: &str, service: &str) -> Value {
    let help = format!(
        "add `alb.ingress.kubernetes.io/target-type: ip` to `{ingress}.annotations`, or set `{service}.type` to `NodePort`"
    );
    let at = format!("/{}/className", ingress.replace('.', "/"));
    let message = Message {
        text: "an Ingress of the class `alb` sends traffic to ports of nodes, and the Service has none: its type is `ClusterIP`",
        help: &help,
        at: &at,
    };
    let told = has(
        &format!("{ingress}.annotations"),
        json!({ "required": ["alb.ingress.kubernetes.io/target-type"] }),
    );
    warn(
        message,
        all([
            switched(&format!("{ingress}.enabled"), true),
            has(&format!("{ingress}.className"), json!({ "type": "string", "pattern": "(^|-)alb(-|$)" })),
            has(&format!("{service}.type"), json!({ "const": "ClusterIP" })),
            not(told),
        ]),
    )
}

/// The rule of an Ingress with a `clusterIssuer`: cert-manager makes certificates for the hosts under `tls` alone.
pub fn issuer_needs_tls() -> Value {
    let message = Message {
        text: "`clusterIssuer` is to make certificates, and `tls` names no host to make them for",
        help: "add `tls: [{secretName: …, hosts: […]}]`; cert-manager writes the Secret",
        at: "/tls",
    };
    let condition = all([switched("enabled", true), filled("clusterIssuer")]);
    rule(message, condition, has("tls", json!({ "minItems": 1 })))
}

fn needs_an_email() -> Value {
    // Let's Encrypt refuses an account with an address at a reserved domain, and the defaults of many charts have one.
    let message = Message {
        text: "`clusterIssuer` is enabled and has no `email` of yours",
        help: "write the address of the person who looks after certificates; it can't be one at `example.com`",
        at: "/email",
    };
    // Only a layer that speaks of the address is asked for a good one. That there is one at all is asked of the
    // defaults, where the key is empty.
    let email = json!({ "minLength": 1, "not": { "pattern": "@example[.](com|org|net)$" } });
    rule(message, switched("enabled", true), if_present("email", email))
}
