//! The values of what runs: the backend, and what browsers see, the frontend and the documentation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::network::Service;
use crate::profiles::availability::Autoscaling;
use crate::profiles::forms::{Count, Port};
use crate::profiles::pod::{Environment, Image, Probes, Workload};
use crate::profiles::rule::{Message, all, forbid, has};
use crate::profiles::scalar::{Amount, BoolText};

/// The backend, which runs the flows and serves the API.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Backend {
    /// The backend's image.
    pub image: Option<Image>,
    /// How many pods there are, unless `autoscaling` is enabled. More than one asks for shared state: a PostgreSQL,
    /// a Redis cache and a claim that several pods can mount.
    pub replicas: Option<Count>,
    /// Scaling by load.
    pub autoscaling: Option<Autoscaling>,
    // The vendor asks for old pods to stay until new ones are ready: `maxUnavailable: 0`. With a claim that one pod can
    // mount that would be a deadlock, as the new pod waits for the old one's disk.
    /// How a new version replaces the old one while several pods can mount the claim; otherwise the old pod goes first.
    /// `updateStrategy` replaces both.
    pub rolling_update: Option<RollingUpdate>,
    /// The Service before the pods.
    pub service: Option<Service>,
    /// Settings that are not secret: the backend's ConfigMap.
    pub config: Option<BackendConfig>,
    // The root file system is read-only, as in the charts of Langflow, of which SkillFlaw is a fork; the defaults are
    // their four folders.
    /// Folders of the image that the backend writes to, each an empty one of the pod's own.
    #[schemars(inner(regex(pattern = "^/[^:]+$")), extend("uniqueItems" = true))]
    pub scratch_dirs: Option<Vec<String>>,
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

/// The settings of the backend.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BackendConfig {
    /// The folder for the files that the backend keeps, and where the claim is mounted; becomes `SKILLFLAW_CONFIG_DIR`.
    #[schemars(extend("pattern" = "^/[^:]*[^:/]$", "x-pattern-help" = "write an absolute path without a slash at its end"))]
    pub config_dir: Option<String>,
    /// Where the configuration is kept; becomes `SKILLFLAW_CONFIG_MODEL`.
    #[schemars(length(min = 1))]
    pub config_model: Option<String>,
    // `redis` is the vendor's default, although the vendor's page calls Redis optional.
    /// The cache: `redis` is shared by all pods, `async` and `memory` are each pod's own; becomes `SKILLFLAW_CACHE_TYPE`.
    pub cache_type: Option<CacheType>,
    /// The address that the backend listens on; becomes `SKILLFLAW_HOST`.
    #[schemars(length(min = 1))]
    pub host: Option<String>,
    // It is not root, so ports below 1024 are out of reach.
    /// The port that the backend listens on; becomes `SKILLFLAW_PORT`.
    #[schemars(range(min = 1024, max = 65535))]
    pub port: Option<i32>,
    /// Whether the backend opens a browser when it starts; becomes `SKILLFLAW_OPEN_BROWSER`.
    pub open_browser: Option<BoolText>,
    /// How much is logged; becomes `SKILLFLAW_LOG_LEVEL`. Unset means the image's default.
    #[schemars(length(min = 1))]
    pub log_level: Option<String>,
    /// Where API keys come from; becomes `SKILLFLAW_API_KEY_SOURCE`. Unset means the image's default.
    #[schemars(length(min = 1))]
    pub api_key_source: Option<String>,
    /// Whether webhooks need an API key; becomes `SKILLFLAW_WEBHOOK_AUTH_ENABLE`. Unset means the image's default.
    pub webhook_auth_enable: Option<BoolText>,
}

/// A kind of cache.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum CacheType {
    /// In each pod's memory.
    Async,
    /// In each pod's memory, of one thread.
    Memory,
    /// In Redis, shared by all pods.
    Redis,
}

/// How a new version replaces the old one, pod by pod.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = [moves()]))]
pub struct RollingUpdate {
    /// How many pods there may be beyond `replicas`: a number or a percentage.
    pub max_surge: Option<Amount>,
    /// How many of the old pods may go before new ones are ready: a number or a percentage.
    pub max_unavailable: Option<Amount>,
}

fn moves() -> Value {
    let message = Message {
        text: "with `maxSurge` and `maxUnavailable` both zero no pod could be replaced",
        help: "set `maxSurge` to 1, so that old pods stay until new ones are ready",
        at: "/maxSurge",
    };
    let zero = json!({ "enum": [0, "0%"] });
    forbid(message, all([has("maxSurge", zero.clone()), has("maxUnavailable", zero)]))
}

/// The pages for browsers. They hold no state.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Frontend {
    /// Whether the frontend is rendered.
    pub enabled: Option<bool>,
    /// The frontend's image.
    pub image: Option<Image>,
    /// How many pods there are, unless `autoscaling` is enabled.
    pub replicas: Option<Count>,
    /// Scaling by load.
    pub autoscaling: Option<Autoscaling>,
    /// Where the frontend's server reaches the backend; becomes `BACKEND_URL`. A slash at its end is taken off,
    /// since requests would otherwise arrive as `//v1/…`. Empty means the backend's Service.
    #[schemars(extend(
        // Slashes at the end are let through and taken off by the template: the vendor's own example has one.
        "pattern" = "^$|^https?://[^/?#@ ]+/*$",
        "x-pattern-help" = "write scheme and host alone, such as `https://api.example.com`: the path of a request is added to it"
    ))]
    pub backend_url: Option<String>,
    // The vendor's manifest has 80, which needs root or a sysctl; the chart's default is 8080, and below 1024 the
    // template sets the sysctl.
    /// The port that the frontend listens on; becomes `FRONTEND_PORT`.
    pub port: Option<Port>,
    /// The Service before the pods.
    pub service: Option<Service>,
    /// Folders of the image that the frontend writes to, each an empty one of the pod's own.
    #[schemars(inner(regex(pattern = "^/[^:]+$")), extend("uniqueItems" = true))]
    pub scratch_dirs: Option<Vec<String>>,
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

/// The documentation as a site of its own.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Docs {
    /// Whether the documentation is rendered.
    pub enabled: Option<bool>,
    /// The documentation's image.
    pub image: Option<Image>,
    /// How many pods there are.
    pub replicas: Option<Count>,
    // Not documented: the default, 80, is a guess.
    /// The port that the image listens on.
    pub port: Option<Port>,
    /// The Service before the pods.
    pub service: Option<Service>,
    /// Folders of the image that the server writes to, each an empty one of the pod's own.
    #[schemars(inner(regex(pattern = "^/[^:]+$")), extend("uniqueItems" = true))]
    pub scratch_dirs: Option<Vec<String>>,
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
