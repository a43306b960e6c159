//! Ingresses and the certificate issuers behind them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::rule::{Sentence, filled, has, lets, rule, switched};
use super::scalar::Text;

/// An Ingress to one Service.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = [needs_a_host(), issuer_needs_tls()]))]
pub struct Ingress {
    /// Whether the Ingress is rendered.
    pub enabled: Option<bool>,
    /// Its name. Empty means the name of the Service behind it and `-ingress`.
    #[schemars(extend("pattern" = "^$|^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"), length(max = 63))]
    pub name: Option<String>,
    /// The class of the controller that serves it. Empty means the cluster's default.
    pub class_name: Option<String>,
    /// Its annotations. They win over those that the chart adds for the class.
    pub annotations: Option<BTreeMap<String, Text>>,
    /// Its labels, beside the chart's own.
    pub labels: Option<BTreeMap<String, Text>>,
    /// The name of the Service's port that gets the traffic: `http` is the proxy, `ui-http` the page server alone.
    pub service_port_name: Option<PortName>,
    /// The hosts that it answers to. Each gets the path `/`.
    pub hosts: Option<Vec<Host>>,
    /// The certificates, each for some of the hosts.
    pub tls: Option<Vec<Tls>>,
    /// The cert-manager ClusterIssuer that makes the certificates. Empty means that their Secrets exist.
    pub cluster_issuer: Option<String>,
}

/// A port of the Service behind an Ingress.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum PortName {
    /// The proxy, which serves the pages and the API.
    Http,
    /// The page server alone.
    UiHttp,
}

/// A host of an Ingress.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Host {
    /// The host's name, in lower case; the first label may be `*`.
    #[schemars(extend(
        "pattern" = r"^([*][.])?[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        "x-pattern-help" = "write a host name in lower case, without scheme, port and path"
    ))]
    pub host: String,
}

/// A certificate of an Ingress.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Tls {
    /// The Secret that holds the certificate. Without it, the controller's default certificate is used.
    #[schemars(length(min = 1))]
    pub secret_name: Option<String>,
    /// The hosts that it is for; each must be one of the Ingress's hosts.
    pub hosts: Option<Vec<String>>,
}

/// A cert-manager ClusterIssuer for ACME. It belongs to the whole cluster, so it is rendered on request only.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = [needs_an_email()]))]
pub struct ClusterIssuer {
    /// Whether the ClusterIssuer is rendered.
    pub enabled: Option<bool>,
    /// Its name.
    #[schemars(length(min = 1))]
    pub name: Option<String>,
    /// The address of the ACME server's directory.
    #[schemars(extend("pattern" = "^https://"))]
    pub server: Option<String>,
    /// Who is told when a certificate is about to end.
    #[schemars(extend("pattern" = "^$|^[^@ ]+@[^@ ]+$", "x-pattern-help" = "write a mail address"))]
    pub email: Option<String>,
    /// The Secret that keeps the account's private key. Empty means the issuer's name.
    pub private_key_secret: Option<String>,
    /// The class of the Ingresses that answer the ACME challenge.
    #[schemars(length(min = 1))]
    pub ingress_class_name: Option<String>,
}

fn needs_a_host() -> Value {
    let sentence = Sentence {
        message: "the Ingress is enabled and has no host",
        help: "name the hosts that users type: `hosts: [{host: …}]`",
        at: "/hosts",
    };
    rule(sentence, switched("enabled", true), has("hosts", json!({ "minItems": 1 })))
}

fn issuer_needs_tls() -> Value {
    let sentence = Sentence {
        message: "`clusterIssuer` is to make certificates, and `tls` names no host to make them for",
        help: "add `tls: [{secretName: …, hosts: […]}]`; cert-manager writes the Secret",
        at: "/tls",
    };
    let condition = json!({ "allOf": [switched("enabled", true), filled("clusterIssuer")] });
    rule(sentence, condition, has("tls", json!({ "minItems": 1 })))
}

fn needs_an_email() -> Value {
    let sentence = Sentence {
        message: "`clusterIssuer` is enabled and has no `email` of yours",
        help: "write the address of who looks after certificates; it can't be one at `example.com`",
        at: "/email",
    };
    let email = json!({ "minLength": 1, "not": { "pattern": "@example[.](com|org|net)$" } });
    rule(sentence, switched("enabled", true), lets("email", email))
}
