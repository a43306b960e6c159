//! The values of the user interface and of the proxy before it.

use k8s_openapi::api::core::v1::{ResourceRequirements, SecurityContext};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::profiles::autoscaling::Autoscaling;
use crate::profiles::env::Environment;
use crate::profiles::image::Image;
use crate::profiles::ingress::Ingress;
use crate::profiles::network::ExposedService;
use crate::profiles::pod::Pod;
use crate::profiles::probes::ProbeTimes;
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
    #[schemars(range(min = 0))]
    pub replicas: Option<i32>,
    /// Scaling by load.
    pub autoscaling: Option<Autoscaling>,
    /// The Service before the pods.
    pub service: Option<ExposedService>,
    /// The Ingress before the Service.
    pub ingress: Option<Ingress>,
    /// Settings: the user interface's ConfigMap.
    pub config: Option<UiConfig>,
    /// Further variables.
    #[serde(flatten)]
    pub environment: Environment,
    /// When the container is restarted.
    pub liveness_probe: Option<ProbeTimes>,
    /// When the container gets traffic.
    pub readiness_probe: Option<ProbeTimes>,
    /// What all components have.
    #[serde(flatten)]
    pub pod: Pod,
}

/// The proxy that serves the pages and the API under one address.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Proxy {
    /// The proxy's image.
    pub image: Option<Image>,
    /// What the proxy asks for, and what it may not exceed.
    pub resources: Option<ResourceRequirements>,
    /// The proxy's security context, merged over the default key by key.
    pub security_context: Option<SecurityContext>,
    /// When the container is restarted.
    pub liveness_probe: Option<ProbeTimes>,
    /// When the container gets traffic.
    pub readiness_probe: Option<ProbeTimes>,
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
