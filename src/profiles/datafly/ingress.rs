//! The values of the Ingress: hosts, and paths to the components.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::ingress::Tls;
use crate::profiles::rule::{Sentence, all, filled, has, lets, rule, switched};
use crate::profiles::scalar::Text;

/// The Ingress, with several hosts and paths to several Services.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = [needs_a_host(), issuer_needs_tls()]))]
pub struct Ingress {
    /// Whether the Ingress is rendered.
    pub enabled: Option<bool>,
    /// The class of the controller that serves it. Empty means the cluster's default.
    pub class_name: Option<String>,
    /// Its annotations.
    pub annotations: Option<BTreeMap<String, Text>>,
    /// The hosts that it answers to, each with its paths.
    pub hosts: Option<Vec<Host>>,
    /// The certificates, each for some of the hosts.
    pub tls: Option<Vec<Tls>>,
    /// The cert-manager ClusterIssuer that makes the certificates. Empty means that their Secrets exist.
    pub cluster_issuer: Option<String>,
}

/// A host of the Ingress.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Host {
    /// The host's name, in lower case; the first label may be `*`.
    #[schemars(extend(
        "pattern" = r"^([*][.])?[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        "x-pattern-help" = "write a host name in lower case, without scheme, port and path"
    ), length(max = 253))]
    pub host: String,
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
    /// How the path is compared. Unset means `Prefix`.
    pub path_type: Option<PathType>,
    /// The component behind it; its Service has the same name and `-svc`.
    pub service: Component,
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

const PORTS: [(&str, u16); 4] =
    [("ingestion-gateway", 8080), ("identity-hub", 8083), ("management-api", 8084), ("management-ui", 3000)];

fn port_of((component, port): (&str, u16)) -> Value {
    let message = format!("the Service of `{component}` has port {port}");
    let help = format!("write `port: {port}`, or leave it out");
    let sentence = Sentence { message: &message, help: &help, at: "/port" };
    rule(sentence, has("service", json!({ "const": component })), lets("port", json!({ "const": port })))
}

fn needs_a_host() -> Value {
    let sentence = Sentence {
        message: "the Ingress is enabled and has no host",
        help: "name the hosts and what is found at them: `hosts: [{host: …, paths: [{path: /, service: ingestion-gateway}]}]`",
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
    let condition = all([switched("enabled", true), filled("clusterIssuer")]);
    rule(sentence, condition, has("tls", json!({ "minItems": 1 })))
}
