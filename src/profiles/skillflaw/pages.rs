//! The values of what browsers see: the frontend and the documentation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Service;
use crate::profiles::autoscaling::Autoscaling;
use crate::profiles::env::Environment;
use crate::profiles::image::Image;
use crate::profiles::pod::Pod;
use crate::profiles::probes::ProbeTimes;

/// The pages for browsers. They hold no state.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Frontend {
    /// Whether the frontend is rendered.
    pub enabled: Option<bool>,
    /// The frontend's image.
    pub image: Option<Image>,
    /// How many pods there are, unless `autoscaling` is enabled.
    #[schemars(range(min = 0))]
    pub replicas: Option<i32>,
    /// Scaling by load.
    pub autoscaling: Option<Autoscaling>,
    /// Where the frontend's server reaches the backend; becomes `BACKEND_URL`. A slash at its end is taken off,
    /// since requests would otherwise arrive as `//v1/…`. Empty means the backend's Service.
    #[schemars(extend(
        "pattern" = "^$|^https?://[^/?#@ ]+/*$",
        "x-pattern-help" = "write scheme and host alone, such as `https://api.example.com`: the path of a request is added to it"
    ))]
    pub backend_url: Option<String>,
    /// The port that the frontend listens on; becomes `FRONTEND_PORT`.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<i32>,
    /// The Service before the pods.
    pub service: Option<Service>,
    /// Folders of the image that the frontend writes to, each an empty one of the pod's own.
    #[schemars(inner(regex(pattern = "^/[^:]+$")), extend("uniqueItems" = true))]
    pub scratch_dirs: Option<Vec<String>>,
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

/// The documentation as a site of its own.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Docs {
    /// Whether the documentation is rendered.
    pub enabled: Option<bool>,
    /// The documentation's image.
    pub image: Option<Image>,
    /// How many pods there are.
    #[schemars(range(min = 0))]
    pub replicas: Option<i32>,
    /// The port that the image listens on.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<i32>,
    /// The Service before the pods.
    pub service: Option<Service>,
    /// Folders of the image that the server writes to, each an empty one of the pod's own.
    #[schemars(inner(regex(pattern = "^/[^:]+$")), extend("uniqueItems" = true))]
    pub scratch_dirs: Option<Vec<String>>,
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
