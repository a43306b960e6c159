//! How many pods of a component there are: its autoscaler, and its disruption budget.

use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscalerBehavior;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::forms::PositiveCount;
use crate::profiles::rule::{Message, all, any, forbid, has, if_present, not, rule, switched};
use crate::profiles::scalar::Amount;

// Charts that write both make each `kubectl apply` set the number back, until the autoscaler has corrected it.
/// A HorizontalPodAutoscaler. While it is enabled, `replicas` is not written: the autoscaler owns the number.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Autoscaling {
    /// Whether the component is scaled by its load.
    pub enabled: Option<bool>,
    /// The lowest number of pods.
    pub min_replicas: Option<PositiveCount>,
    /// The highest number of pods; at least `minReplicas`.
    pub max_replicas: Option<PositiveCount>,
    // No upper bound: the percentage is of the requests, and a pod may use more than it has requested. Spelled as Helm
    // charts spell it, with three capitals, which camel case would not give.
    /// The CPU use to aim at, in percent of what the containers request.
    #[serde(rename = "targetCPUUtilizationPercentage")]
    pub target_cpu_utilization_percentage: Option<PositiveCount>,
    /// The memory use to aim at, in percent of what the containers request. Unset means that memory does not count.
    pub target_memory_utilization_percentage: Option<PositiveCount>,
    /// How fast it scales up and down.
    pub behavior: Option<HorizontalPodAutoscalerBehavior>,
}

/// A PodDisruptionBudget: how many pods may be away while nodes are drained.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = [one_bound()]))]
pub struct Budget {
    /// Whether the budget is rendered.
    pub enabled: Option<bool>,
    // A default of 1 is written by the templates and not by the defaults of a chart: `one_bound` would see that one
    // beside the `maxUnavailable` of a values file.
    /// How many pods must stay: a number or a percentage such as `50%`. If neither bound is set, 1.
    pub min_available: Option<Amount>,
    /// How many pods may be away: a number or a percentage such as `50%`.
    pub max_unavailable: Option<Amount>,
}

fn one_bound() -> Value {
    let message = Message {
        text: "a disruption budget has `minAvailable` or `maxUnavailable`, not both",
        help: "keep one of them; `null` removes what a lower layer has set",
        at: "/maxUnavailable",
    };
    // The API server refuses such a budget as well, but only when it is applied.
    forbid(message, json!({ "required": ["minAvailable", "maxUnavailable"] }))
}

/// The rule that a budget of `podDisruptionBudget` leaves room: one that keeps the only pod would hold up every drain.
///
/// `component` is the name of the component's settings, `autoscaling` the path of those of its autoscaler.
pub fn budget_leaves_room(component: &str, autoscaling: &str) -> Value {
    let text =
        format!("the budget of `{component}` keeps its only pod, so that no node under it can be drained");
    let help = format!("set `{component}.replicas` to 2 or more, or the budget's `maxUnavailable` to 1");
    let at = format!("/podDisruptionBudget/{component}/enabled");
    let budget = format!("podDisruptionBudget.{component}");
    // Without a bound the chart says `minAvailable: 1`.
    let keeps = all([
        switched(&format!("{budget}.enabled"), true),
        not(has(&format!("{budget}.maxUnavailable"), json!({}))),
    ]);
    // An autoscaler owns the number of pods: then its lowest number counts, and `replicas` is not written.
    let scaled = format!("{autoscaling}.enabled");
    // `minimum` looks at numbers alone: of a number that was written as a string, its type's message speaks.
    let two = json!({ "minimum": 2 });
    let enough = any([
        all([not(switched(&scaled, true)), if_present(&format!("{component}.replicas"), two.clone())]),
        all([switched(&scaled, true), if_present(&format!("{autoscaling}.minReplicas"), two)]),
    ]);
    rule(Message { text: &text, help: &help, at: &at }, keeps, enough)
}
