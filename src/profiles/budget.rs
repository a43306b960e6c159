//! Disruption budgets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::rule::{Sentence, forbid};
use super::scalar::Amount;

/// A PodDisruptionBudget: how many pods may be away while nodes are drained.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = [one_bound()]))]
pub struct Budget {
    /// Whether the budget is rendered.
    pub enabled: Option<bool>,
    /// How many pods must stay: a number or a percentage such as `50%`. If neither bound is set, 1.
    pub min_available: Option<Amount>,
    /// How many pods may be away: a number or a percentage such as `50%`.
    pub max_unavailable: Option<Amount>,
}

fn one_bound() -> serde_json::Value {
    let sentence = Sentence {
        message: "a disruption budget has `minAvailable` or `maxUnavailable`, not both",
        help: "keep one of them; `null` removes what a lower layer has set",
        at: "/maxUnavailable",
    };
    forbid(sentence, json!({ "required": ["minAvailable", "maxUnavailable"] }))
}
