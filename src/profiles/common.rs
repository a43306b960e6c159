//! What every chart has at the top of its values: labels of all objects, further objects, Secrets from elsewhere, and
//! what watches the pods.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ResourceRequirements;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::api::Object;
use crate::profiles::forms::{Annotations, Labels, ObjectName, PositiveCount, RequiredName, Size};
use crate::profiles::rule::{Message, all, forbid, switched};

/// The settings that all charts have.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Common {
    /// Labels of all objects and pods, beside the chart's own.
    pub common_labels: Option<Labels>,
    /// Annotations of all objects; those of pods are `podAnnotations`.
    pub common_annotations: Option<Annotations>,
    /// Further objects, as data: they are checked as the chart's own are, and rendered beside them.
    pub extra_objects: Option<Vec<Object>>,
    /// Secrets that the External Secrets operator writes, to be named where a setting asks for an existing Secret.
    pub external_secrets: Option<ExternalSecrets>,
    /// VerticalPodAutoscalers that recommend requests, and change nothing.
    pub vertical_pod_autoscaler: Option<Recommendation>,
    /// Alerts, as a PrometheusRule.
    pub prometheus_rule: Option<PrometheusRule>,
    /// Backups of the pods' volumes by Velero.
    pub velero: Option<Velero>,
}

/// Backups of the pods' volumes by Velero, which copies the volumes that annotations of pods name.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Velero {
    /// Whether pods have the annotation.
    pub enabled: Option<bool>,
}

/// What a Prometheus scrapes.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Monitor {
    /// Whether it is rendered.
    pub enabled: Option<bool>,
    /// How often. Empty means as Prometheus does by default.
    #[schemars(extend("pattern" = DURATION, "x-pattern-help" = DURATION_HELP))]
    pub interval: Option<String>,
    /// How long an answer may take. Empty means as Prometheus does by default.
    #[schemars(extend("pattern" = DURATION, "x-pattern-help" = DURATION_HELP))]
    pub scrape_timeout: Option<String>,
    /// The path of the metrics.
    #[schemars(extend("pattern" = "^/", "x-pattern-help" = "begin the path with `/`"))]
    pub path: Option<String>,
    /// Further labels, by which a Prometheus finds it.
    pub labels: Option<Labels>,
}

const DURATION: &str = "^$|^([0-9]+(ms|s|m|h))+$";
const DURATION_HELP: &str = "write a time such as `30s`";

/// Copies of a bundled database, made on a schedule and kept on a disk of their own.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Backup {
    /// Whether they are made.
    pub enabled: Option<bool>,
    /// When, as cron has it: minute, hour, day, month, day of the week.
    #[schemars(length(min = 1))]
    pub schedule: Option<String>,
    /// For how many days each is kept.
    pub keep_days: Option<PositiveCount>,
    /// A claim that exists, instead of a rendered one.
    pub existing_claim: Option<ObjectName>,
    /// How much room is claimed.
    pub size: Option<Size>,
    /// The class of the claimed disk. Empty means the cluster's default.
    pub storage_class: Option<ObjectName>,
    /// Annotations of the claim.
    pub annotations: Option<Annotations>,
    /// What the container asks for, and what it may not exceed.
    pub resources: Option<ResourceRequirements>,
}

/// Secrets that the External Secrets operator writes.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ExternalSecrets {
    /// The store that all of them are read from.
    pub store: Option<SecretStore>,
    /// How often they are read. Unset means 1h.
    #[schemars(extend("pattern" = DURATION, "x-pattern-help" = DURATION_HELP))]
    pub refresh_interval: Option<String>,
    /// The Secrets.
    pub secrets: Option<Vec<ExternalSecret>>,
}

/// Where secrets are kept: a SecretStore of the namespace, or a ClusterSecretStore.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SecretStore {
    /// Its name.
    pub name: Option<RequiredName>,
    /// Its kind. Unset means `SecretStore`.
    pub kind: Option<SecretStoreKind>,
}

/// The kind of a store of secrets.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[schemars(inline)]
pub enum SecretStoreKind {
    /// One of the namespace.
    SecretStore,
    /// One of the cluster.
    ClusterSecretStore,
}

/// A Secret that is written from a store: all of one entry, or some keys, each from an entry of its own.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ExternalSecret {
    /// The name of the Secret.
    pub name: RequiredName,
    /// The entry of the store, all of whose properties become keys of the Secret.
    #[schemars(length(min = 1))]
    pub entry: Option<String>,
    /// Keys of the Secret, each with the entry that it is read from.
    pub keys: Option<BTreeMap<String, RemoteKey>>,
}

/// Where a key of a Secret is read from.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RemoteKey {
    /// The entry of the store.
    #[schemars(length(min = 1))]
    pub entry: String,
    /// The property of that entry. Empty means the entry as a whole.
    pub property: Option<String>,
}

/// VerticalPodAutoscalers of the chart's workloads.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Recommendation {
    /// Whether each workload gets one.
    pub enabled: Option<bool>,
}

/// Alerts about the chart's pods, from the metrics of kube-state-metrics and the kubelet.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PrometheusRule {
    /// Whether it is rendered.
    pub enabled: Option<bool>,
    /// Its labels, by which a Prometheus finds it.
    pub labels: Option<Labels>,
    /// Labels of all its alerts, such as the team that they go to.
    pub alert_labels: Option<Labels>,
    /// Further rules of the same group, as Prometheus has them.
    pub extra_rules: Option<Vec<BTreeMap<String, Value>>>,
}

/// The labels by which objects are found; a common label of that name would lead selectors astray.
const FOUND_BY: [&str; 4] =
    ["app", "app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"];

/// The rule of a chart with both kinds of monitors, `serviceMonitor` and `podMonitor`, beside each other: of one path,
/// everything would be counted twice.
pub fn scraped_once() -> Value {
    let message = Message {
        text: "`serviceMonitor` and `podMonitor` are both enabled, and everything would be scraped twice",
        help: "keep one of them",
        at: "/podMonitor/enabled",
    };
    forbid(message, all([switched("serviceMonitor.enabled", true), switched("podMonitor.enabled", true)]))
}

/// The rules of the settings that all charts have.
pub fn common_rules() -> Vec<Value> {
    let message = Message {
        text: "objects are found by this label, and `commonLabels` can't replace it",
        help: "leave out `app`, and `name`, `instance` and `component` of `app.kubernetes.io`; add labels of your own",
        at: "/commonLabels",
    };
    let one_of: Vec<Value> = FOUND_BY.iter().map(|label| json!({ "required": [label] })).collect();
    let labels =
        json!({ "properties": { "commonLabels": { "anyOf": one_of } }, "required": ["commonLabels"] });
    vec![forbid(message, labels)]
}
