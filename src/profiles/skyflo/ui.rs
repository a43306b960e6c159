//! The values of the user interface: the proxy before it, its Service and its Ingress.

use k8s_openapi::api::core::v1::{ResourceRequirements, SecurityContext};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::profiles::availability::Autoscaling;
use crate::profiles::forms::{Annotations, Count, HostName, Labels, ObjectName};
use crate::profiles::network::{Exposure, Tls, exposed_where_it_says, issuer_needs_tls, needs_a_host};
use crate::profiles::pod::{Environment, Image, Probes, Workload};
use crate::profiles::scalar::BoolText;

/// The user interface and the proxy before it, in one pod.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Ui {
    /// The user interface's image.
    pub image: Option<Image>,
    /// The proxy that serves the pages and the API under one address.
    pub proxy: Option<Proxy>,
    /// How many pods there are, unless `autoscaling` is enabled.
    pub replicas: Option<Count>,
    /// Scaling by load.
    pub autoscaling: Option<Autoscaling>,
    // A `ClusterIP` by default. The original opens the proxy and the bare page server on every node, in plain text.
    /// The Service before the pods.
    pub service: Option<ExposedService>,
    /// The Ingress before the Service.
    pub ingress: Option<Ingress>,
    /// Settings: the user interface's ConfigMap.
    pub config: Option<UiConfig>,
    /// Further variables.
    #[serde(flatten)]
    pub environment: Environment,
    /// When it has started, lives, and gets traffic.
    #[serde(flatten)]
    pub probes: Probes,
    /// What all components have.
    #[serde(flatten)]
    pub workload: Workload,
}

/// The proxy that serves the pages and the API under one address.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Proxy {
    /// The proxy's image.
    pub image: Option<Image>,
    /// What the proxy asks for, and what it may not exceed.
    pub resources: Option<ResourceRequirements>,
    /// The proxy's security context, merged over the default key by key.
    pub security_context: Option<SecurityContext>,
    /// When it has started, lives, and gets traffic.
    #[serde(flatten)]
    pub probes: Probes,
}

/// The settings of the user interface. Those that start with `NEXT_PUBLIC_` are also fixed when the image is built.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct UiConfig {
    /// The name that users see; becomes `NEXT_PUBLIC_APP_NAME`.
    pub app_name: Option<String>,
    /// The mode of the page server; becomes `NODE_ENV`.
    pub node_env: Option<String>,
    /// Whether use is measured; becomes `NEXT_PUBLIC_ENABLE_ANALYTICS`.
    pub enable_analytics: Option<BoolText>,
    /// Whether users are asked for feedback; becomes `NEXT_PUBLIC_ENABLE_FEEDBACK`.
    pub enable_feedback: Option<BoolText>,
    /// Where the page server reaches the API; becomes `API_URL`. Empty means the bundled engine.
    pub api_url: Option<String>,
    /// Where browsers reach the API; becomes `NEXT_PUBLIC_API_URL`.
    pub public_api_url: Option<String>,
}

/// A Service that may be reachable from outside the cluster.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("allOf" = exposed_where_it_says()))]
pub struct ExposedService {
    /// How it is reachable.
    #[serde(flatten)]
    pub exposure: Exposure,
}

/// An Ingress to one Service.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = [needs_a_host("name the hosts that users type: `hosts: [{host: …}]`"), issuer_needs_tls()]))]
pub struct Ingress {
    /// Whether the Ingress is rendered.
    pub enabled: Option<bool>,
    /// Its name. Empty means the name of the Service behind it and `-ingress`.
    #[schemars(extend("pattern" = "^$|^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"), length(max = 63))]
    pub name: Option<String>,
    /// The class of the controller that serves it. Empty means the cluster's default.
    pub class_name: Option<ObjectName>,
    // For a class with `nginx` in its name the chart asks for timeouts of an hour and no buffering: answers of the agent are streams, which
    // ingress-nginx would cut after a minute.
    /// Its annotations. They win over those that the chart adds for the class.
    pub annotations: Option<Annotations>,
    /// Its labels, beside the chart's own.
    pub labels: Option<Labels>,
    /// The name of the Service's port that gets the traffic: `http` is the proxy, `ui-http` the page server alone.
    pub service_port_name: Option<PortName>,
    /// The hosts that it answers to. Each gets the path `/`.
    pub hosts: Option<Vec<Host>>,
    /// The certificates, each for some of the hosts.
    pub tls: Option<Vec<Tls>>,
    /// The cert-manager ClusterIssuer that makes the certificates. Empty means that their Secrets exist.
    pub cluster_issuer: Option<ObjectName>,
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
    pub host: HostName,
}
