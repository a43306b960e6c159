//! The values of what is reachable: the Services and the Ingress.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::ingress::Tls;
use crate::profiles::network::ServiceType;
use crate::profiles::rule::{Sentence, all, any, filled, has, rule, switched};
use crate::profiles::scalar::Text;

/// A Service.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Service {
    /// Where it is reachable from: the cluster, each node, or a load balancer.
    #[serde(rename = "type")]
    pub kind: Option<ServiceType>,
    /// Its port.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<i32>,
    /// Its annotations.
    pub annotations: Option<BTreeMap<String, Text>>,
}

/// The Ingress before the backend, the frontend and the documentation.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = [needs_a_host(), issuer_needs_tls()]))]
pub struct Ingress {
    /// Whether the Ingress is rendered.
    pub enabled: Option<bool>,
    /// The class of the controller that serves it. Empty means the cluster's default; `nginx` and `traefik` are known.
    pub class_name: Option<String>,
    /// Its annotations. They win over those that the chart adds for the class.
    pub annotations: Option<BTreeMap<String, Text>>,
    /// Its labels, beside the chart's own.
    pub labels: Option<BTreeMap<String, Text>>,
    /// The hosts, each of one component.
    pub hosts: Option<Hosts>,
    /// What the API's host serves of the backend; all else is not found. Each entry is a prefix of paths.
    #[schemars(inner(regex(pattern = "^/[^?#]*$")), length(min = 1), extend("uniqueItems" = true))]
    pub api_paths: Option<Vec<String>>,
    /// The certificates, each for some of the hosts.
    pub tls: Option<Vec<Tls>>,
    /// The cert-manager ClusterIssuer that makes the certificates. Empty means that their Secrets exist.
    pub cluster_issuer: Option<String>,
}

/// The hosts of the Ingress. Empty means that a component is not exposed.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Hosts {
    /// The host of the API.
    #[schemars(extend("pattern" = HOST, "x-pattern-help" = HOST_HELP))]
    pub api: Option<String>,
    /// The host of the pages; needs `frontend.enabled`.
    #[schemars(extend("pattern" = HOST, "x-pattern-help" = HOST_HELP))]
    pub app: Option<String>,
    /// The host of the documentation; needs `docs.enabled`.
    #[schemars(extend("pattern" = HOST, "x-pattern-help" = HOST_HELP))]
    pub docs: Option<String>,
}

const HOST: &str = r"^$|^([*][.])?[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
const HOST_HELP: &str = "write a host name in lower case, without scheme, port and path";

fn needs_a_host() -> Value {
    let sentence = Sentence {
        message: "the Ingress is enabled and has no host",
        help: "name the host that clients call: `hosts: {api: …}`",
        at: "/hosts/api",
    };
    let one = any([filled("hosts.api"), filled("hosts.app"), filled("hosts.docs")]);
    rule(sentence, switched("enabled", true), one)
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
