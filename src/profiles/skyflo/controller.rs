//! The values of the controller and of the resource that it watches.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::NAME;
use crate::profiles::env::Environment;
use crate::profiles::image::Image;
use crate::profiles::pod::Pod;
use crate::profiles::probes::ProbeTimes;

/// The controller of `SkyfloAI` resources.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Controller {
    /// Whether the controller, its ServiceAccount and its rights are rendered.
    pub enabled: Option<bool>,
    /// The controller's image.
    pub image: Option<Image>,
    /// How many pods there are; with more than one they elect a leader.
    #[schemars(range(min = 0))]
    pub replicas: Option<i32>,
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

/// A `SkyfloAI` resource made from the same values.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SkyfloAi {
    /// Whether the resource is rendered. It needs the controller.
    pub enabled: Option<bool>,
    /// Its name. Empty means the release's name and `-agent`. It can't be the release's own name, since the controller names Deployments after it.
    #[schemars(extend("pattern" = NAME), length(max = 63))]
    pub name: Option<String>,
}
