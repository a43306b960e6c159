//! The values of scaling by load: by CPU, and by the events that wait in Kafka.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::availability::Autoscaling;
use crate::profiles::forms::{Labels, ObjectName, PositiveCount};
use crate::profiles::rule::{Message, any, empty, filled, has, not, rule};

/// Scaling by load. While a component is scaled, its `replicas` is not written.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Scaling {
    // The manual has the setting, and does not say what it may be.
    /// Who counts the events that wait: `keda` (ScaledObjects), `prometheus` (a metrics adapter), or `none`. Unset means `none`.
    pub metrics_provider: Option<MetricsProvider>,
    /// Scaling the ingestion gateway, by CPU and memory.
    pub ingestion_gateway: Option<Autoscaling>,
    /// Scaling the event processor.
    pub event_processor: Option<ConsumerScaling>,
    /// Scaling the delivery workers.
    pub delivery_workers: Option<ConsumerScaling>,
    /// How KEDA asks Kafka.
    pub keda: Option<Keda>,
    /// Which metric the Prometheus adapter has.
    pub prometheus: Option<Prometheus>,
}

/// Who counts the events that wait in Kafka.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum MetricsProvider {
    /// Nobody: CPU and memory alone, by a HorizontalPodAutoscaler.
    None,
    // Never beside a HorizontalPodAutoscaler for the same component: KEDA makes one itself, and its webhook refuses a
    // ScaledObject for a workload that another one scales.
    /// KEDA, by a ScaledObject.
    Keda,
    /// An adapter for Prometheus, by a HorizontalPodAutoscaler with an external metric.
    Prometheus,
}

/// Scaling a component that reads from Kafka.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerScaling {
    /// Scaling by CPU and memory.
    #[serde(flatten)]
    pub autoscaling: Autoscaling,
    /// How many events may wait for each pod. Unset means that waiting events do not count. It needs a `metricsProvider`.
    #[schemars(range(min = 1))]
    pub kafka_lag_threshold: Option<i64>,
    /// Whose waiting events are counted.
    pub kafka: Option<ConsumerGroup>,
}

/// A group of consumers in Kafka.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ConsumerGroup {
    // Delivery workers may read from a topic for each integration, so there is no one name for them.
    /// The topic. Empty means all topics of the group.
    pub topic: Option<String>,
    /// The group's name. The event processor gets it as `KAFKA_CONSUMER_GROUP`.
    pub consumer_group: Option<String>,
}

/// How KEDA asks Kafka.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = both_or_neither()))]
pub struct Keda {
    /// How often KEDA asks, in seconds.
    pub polling_interval: Option<PositiveCount>,
    // KEDA stops at the number of partitions otherwise; Datafly has three by default, and its manual scales to twelve
    // pods.
    /// Whether there may be more pods than partitions; those beyond have nothing to do.
    pub allow_idle_consumers: Option<bool>,
    /// How KEDA says who it is, with an account of its own. Unset means as the services do, by `kafka.sasl`.
    pub sasl: Option<Sasl>,
    // KEDA takes credentials from a TriggerAuthentication alone, which the chart renders for this Secret.
    /// A Secret with the keys `username` and `password` for that account.
    pub authentication_secret: Option<ObjectName>,
}

/// How a client of Kafka says who it is.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Sasl {
    /// Name and password as they are.
    Plaintext,
    /// SCRAM with SHA-256.
    ScramSha256,
    /// SCRAM with SHA-512.
    ScramSha512,
}

/// Which metric the Prometheus adapter has for the events that wait.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Prometheus {
    // The default, `kafka_consumergroup_lag` with `consumergroup` and `topic`, is what the usual exporter has. That of
    // Datafly itself is not documented.
    /// The metric's name.
    #[schemars(length(min = 1))]
    pub metric_name: Option<String>,
    /// The labels that choose the series. Empty means `consumergroup` and `topic` of the component.
    pub selector: Option<Labels>,
}

fn both_or_neither() -> Vec<Value> {
    let secret = Message {
        text: "`sasl` asks for a name and a password, and no Secret is named",
        help: "name a Secret with the keys `username` and `password` in `authenticationSecret`",
        at: "/authenticationSecret",
    };
    let way = Message {
        text: "`authenticationSecret` is named, and not how it is used",
        help: "set `sasl` to `plaintext`, `scram_sha256` or `scram_sha512`",
        at: "/authenticationSecret",
    };
    let named = || filled("authenticationSecret");
    let said = || has("sasl", json!({}));
    let unnamed = any([not(empty("authenticationSecret")), named()]);
    vec![rule(secret, said(), unnamed), rule(way, named(), said())]
}
