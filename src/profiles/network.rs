//! What the charts' Services, NetworkPolicies and Ingresses have in common, and the issuer of certificates.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::forms::{Cidr, HostName, ObjectName, Port, RequiredName};
use crate::profiles::rule::{Message, all, filled, has, if_present, rule, switched};

/// Egress to addresses outside the cluster.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HttpsEgress {
    /// The addresses, as a CIDR.
    pub cidr: Option<Cidr>,
    // A policy that lets pods reach the internet would let them reach the metadata service of a cloud too, and with it
    // the credentials of the node.
    /// Addresses inside it that stay forbidden, as CIDRs; by default those where clouds keep their credentials.
    pub except: Option<Vec<Cidr>>,
    /// The port.
    pub port: Option<Port>,
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

/// The rule of an Ingress with a list of `hosts`: an enabled one has at least one. The help shows what a host looks like.
pub fn needs_a_host(help: &str) -> Value {
    let message = Message { text: "the Ingress is enabled and has no host", help, at: "/hosts" };
    rule(message, switched("enabled", true), has("hosts", json!({ "minItems": 1 })))
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
        help: "write the address of who looks after certificates; it can't be one at `example.com`",
        at: "/email",
    };
    // Only a layer that speaks of the address is asked for a good one. That there is one at all is asked of the
    // defaults, where the key is empty.
    let email = json!({ "minLength": 1, "not": { "pattern": "@example[.](com|org|net)$" } });
    rule(message, switched("enabled", true), if_present("email", email))
}
