//! How patient probes are; what they ask is the chart's business.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The times of a probe, in seconds. What is not set is what Kubernetes says.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ProbeTimes {
    /// How long after the start the first probe is sent.
    #[schemars(range(min = 0))]
    pub initial_delay_seconds: Option<i32>,
    /// How often.
    #[schemars(range(min = 1))]
    pub period_seconds: Option<i32>,
    /// How long an answer may take.
    #[schemars(range(min = 1))]
    pub timeout_seconds: Option<i32>,
    /// How many failures in a row count.
    #[schemars(range(min = 1))]
    pub failure_threshold: Option<i32>,
}
