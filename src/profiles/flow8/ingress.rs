//! The Ingress before flow8, and where its certificate comes from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::forms::{Annotations, HostName, Labels, ObjectName, RequiredName};
use crate::profiles::network::{IngressGroups, Tls as Certificate, group_names, needs_a_host};
use crate::profiles::rule::{Message, all, any, filled, forbid, has, rule, switched};
use crate::profiles::scalar::Secret;

/// The Ingress before the Service.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = ingress_rules()))]
pub struct Ingress {
    /// Whether the Ingress is rendered.
    pub enabled: Option<bool>,
    /// The class of the controller that serves it. Empty means the cluster's default.
    pub class_name: Option<ObjectName>,
    /// Its annotations. They win over those that the chart adds for the class `nginx`.
    pub annotations: Option<Annotations>,
    /// Its labels, beside the chart's own.
    pub labels: Option<Labels>,
    /// The hosts that it answers to, each with its paths.
    pub hosts: Option<Vec<RoutedHost>>,
    // One Ingress has one class and one set of annotations: what is public and what is not need two.
    /// The groups of hosts that have an Ingress of their own, by name, which is added to the Ingress's.
    #[schemars(extend("propertyNames" = group_names()))]
    pub groups: Option<IngressGroups>,
    // Helm charts have the list here, and so has the vendor's manifest; `tls` of the chart is the shorter way.
    /// The certificates, where one for all hosts (`tls`) will not do. They must cover every host.
    pub tls: Option<Vec<Certificate>>,
    // The vendor's manifest has an annotation that does not exist, `rate-limit`, beside `limit-rps: 10`.
    /// How much one client address may ask for, for the class `nginx`.
    pub rate_limit: Option<RateLimit>,
    // ingress-nginx closes a silent connection after 60 seconds, and a WebSocket is silent most of the time.
    /// How long a connection may be silent, in seconds, for the class `nginx`; for WebSockets.
    #[schemars(range(min = 1))]
    pub timeout_seconds: Option<i32>,
}

/// A host of an Ingress.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RoutedHost {
    /// The host's name, in lower case; the first label may be `*`.
    pub host: HostName,
    /// The group of `groups` that it belongs to. Unset means the Ingress itself.
    pub group: Option<String>,
    /// The paths that lead to flow8. Without any, all do.
    pub paths: Option<Vec<Route>>,
}

/// A path of a host.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Route {
    /// The path.
    #[schemars(extend("pattern" = "^/", "x-pattern-help" = "begin the path with `/`"))]
    pub path: String,
    /// How the path is compared; `Prefix` if it is not said.
    pub path_type: Option<PathType>,
}

/// How an Ingress compares paths.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[schemars(inline)]
pub enum PathType {
    /// The path and all below it.
    Prefix,
    /// This path alone.
    Exact,
    /// As the controller sees fit.
    ImplementationSpecific,
}

/// How much one client address may ask for. Unset means no limit.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RateLimit {
    /// How many requests each second; becomes `limit-rps`.
    #[schemars(range(min = 1))]
    pub requests_per_second: Option<i32>,
    /// How many requests each minute; becomes `limit-rpm`.
    #[schemars(range(min = 1))]
    pub requests_per_minute: Option<i32>,
    // With the 5 of ingress-nginx, 10 requests a second are 50 at once, which is tight for pages that load many files;
    // the chart's default is 10.
    /// How many times the rate may come at once; becomes `limit-burst-multiplier`. ingress-nginx says 5.
    #[schemars(range(min = 1))]
    pub burst_multiplier: Option<i32>,
    /// How many connections at once; becomes `limit-connections`. Each WebSocket is one.
    #[schemars(range(min = 1))]
    pub connections: Option<i32>,
}

/// Where the Ingress's certificate comes from; at most one of the three.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = tls_rules()))]
pub struct Tls {
    /// The name of the Secret that cert-manager writes, or that is rendered from `cert` and `key`. Empty means the release's name and `-tls`.
    pub secret_name: Option<ObjectName>,
    /// A Secret that exists and holds `tls.crt` and `tls.key`.
    pub existing_secret: Option<ObjectName>,
    /// The certificate and its chain, as PEM; with `key`.
    #[schemars(extend("pattern" = "^$|-----BEGIN CERTIFICATE-----", "x-pattern-help" = "write PEM, for example with `--set-file tls.cert=tls.crt`"))]
    pub cert: Option<String>,
    /// The certificate's private key, as PEM.
    #[schemars(extend("pattern" = "^$|-----BEGIN [A-Z ]*PRIVATE KEY-----", "x-pattern-help" = "write PEM, for example with `--set-file tls.key=tls.key`"))]
    pub key: Option<Secret>,
    /// cert-manager makes the certificate and renews it.
    pub cert_manager: Option<CertManager>,
}

/// cert-manager as the source of a certificate.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CertManager {
    /// Whether cert-manager makes the certificate.
    pub enabled: Option<bool>,
    /// The ClusterIssuer that it asks.
    pub issuer: Option<RequiredName>,
}

fn ingress_rules() -> Vec<Value> {
    let unknown = Message {
        text: "ingress-nginx knows no annotation `nginx.ingress.kubernetes.io/rate-limit`, so it limits nothing",
        help: "set `ingress.rateLimit.requestsPerSecond` or `requestsPerMinute`, and remove the annotation",
        at: "/annotations/nginx.ingress.kubernetes.io~1rate-limit",
    };
    vec![
        needs_a_host("name the hosts that users type: `hosts: [{host: …}]`"),
        forbid(
            unknown,
            has("annotations", json!({ "required": ["nginx.ingress.kubernetes.io/rate-limit"] })),
        ),
    ]
}

fn tls_rules() -> Vec<Value> {
    let twice = Message {
        text: "cert-manager is to make the certificate, and `tls.existingSecret` names one that exists",
        help: "set `tls.certManager.enabled` to false, or leave `existingSecret` empty",
        at: "/existingSecret",
    };
    let overwritten = Message {
        text: "cert-manager is to make the certificate, and `tls.cert` and `tls.key` give one",
        help: "set `tls.certManager.enabled` to false, or leave `cert` and `key` empty",
        at: "/cert",
    };
    let inline = Message {
        text: "the certificate is given inline, and `tls.existingSecret` names one that exists",
        help: "leave `cert` and `key` empty, or leave `existingSecret` empty",
        at: "/existingSecret",
    };
    let no_key = Message {
        text: "`tls.cert` has no `tls.key`",
        help: "give both, for example `--set-file tls.cert=tls.crt --set-file tls.key=tls.key`",
        at: "/key",
    };
    let no_cert = Message { text: "`tls.key` has no `tls.cert`", at: "/cert", ..no_key };
    let given = || any([filled("cert"), filled("key")]);
    vec![
        forbid(twice, all([switched("certManager.enabled", true), filled("existingSecret")])),
        forbid(overwritten, all([switched("certManager.enabled", true), given()])),
        forbid(inline, all([filled("existingSecret"), given()])),
        rule(no_key, filled("cert"), filled("key")),
        rule(no_cert, filled("key"), filled("cert")),
    ]
}
