//! Horizontal autoscaling.

use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscalerBehavior;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A HorizontalPodAutoscaler. While it is enabled, `replicas` is not written: the autoscaler owns the number.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Autoscaling {
    /// Whether the component is scaled by its load.
    pub enabled: Option<bool>,
    /// The lowest number of pods.
    #[schemars(range(min = 1))]
    pub min_replicas: Option<i32>,
    /// The highest number of pods; at least `minReplicas`.
    #[schemars(range(min = 1))]
    pub max_replicas: Option<i32>,
    /// The CPU use to aim at, in percent of what the containers request.
    #[serde(rename = "targetCPUUtilizationPercentage")]
    #[schemars(range(min = 1))]
    pub target_cpu_utilization_percentage: Option<i32>,
    /// The memory use to aim at, in percent of what the containers request. Unset means that memory does not count.
    #[schemars(range(min = 1))]
    pub target_memory_utilization_percentage: Option<i32>,
    /// How fast it scales up and down.
    pub behavior: Option<HorizontalPodAutoscalerBehavior>,
}
