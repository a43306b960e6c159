//! Disruption budgets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::rule::{Sentence, all, any, forbid, has, lets, not, rule, switched};
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

fn one_bound() -> Value {
    let sentence = Sentence {
        message: "a disruption budget has `minAvailable` or `maxUnavailable`, not both",
        help: "keep one of them; `null` removes what a lower layer has set",
        at: "/maxUnavailable",
    };
    forbid(sentence, json!({ "required": ["minAvailable", "maxUnavailable"] }))
}

/// The rule that a budget of `podDisruptionBudget` leaves room: one that keeps the only pod would hold up every drain.
pub fn leaves_room(component: &str) -> Value {
    let message =
        format!("the budget of `{component}` keeps its only pod, so that no node under it can be drained");
    let help = format!("set `{component}.replicas` to 2 or more, or the budget's `maxUnavailable` to 1");
    let at = format!("/podDisruptionBudget/{component}/enabled");
    let budget = format!("podDisruptionBudget.{component}");
    let keeps = all([
        switched(&format!("{budget}.enabled"), true),
        not(has(&format!("{budget}.maxUnavailable"), json!({}))),
    ]);
    let scaled = format!("{component}.autoscaling.enabled");
    let two = json!({ "minimum": 2 });
    let enough = any([
        all([not(switched(&scaled, true)), lets(&format!("{component}.replicas"), two.clone())]),
        all([switched(&scaled, true), lets(&format!("{component}.autoscaling.minReplicas"), two)]),
    ]);
    rule(Sentence { message: &message, help: &help, at: &at }, keeps, enough)
}
