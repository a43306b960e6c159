//! The values of the Datafly chart.

pub mod autoscaling;
pub mod network;
mod rules;
pub mod stores;
pub mod workload;

use autoscaling::Scaling;
use k8s_openapi::api::core::v1::LocalObjectReference;
use network::{Ingress, NetworkPolicy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use stores::{Database, Jwt, Kafka, Redis, encryption_key};
use workload::{IdentityEnv, ServiceEnv, Workload};

use crate::profiles::availability::Budget;
use crate::profiles::common::{Common, Monitor, scraped_once};
use crate::profiles::forms::{Annotations, Count, Namespace, ObjectName, Seconds};
use crate::profiles::network::HttpRoute;
use crate::profiles::pod::{Environment, Image, Placement, Pod, PullPolicy};
use crate::profiles::scalar::Secret;

/// The values of the Datafly chart.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("allOf" = rules::rules()))]
pub struct Datafly {
    // The examples of the vendor's manual can be read both ways, as settings of `global` or beside it, so files of both
    // forms are taken. A setting that is in both places is refused (`one_place` in `rules.rs`).
    /// The customer's namespace and existing Secret, and what holds for all components that say nothing else.
    pub global: Option<Global>,
    /// Where the images of the six components come from.
    pub image: Option<Release>,
    /// The Secrets that hold the credentials for private image registries.
    pub image_pull_secrets: Option<Vec<LocalObjectReference>>,
    /// The Kafka that events travel through.
    pub kafka: Option<Kafka>,
    /// The Redis that keeps what is needed quickly.
    pub redis: Option<Redis>,
    /// The PostgreSQL that keeps the customer's data.
    pub database: Option<Database>,
    /// How sessions are signed.
    pub jwt: Option<Jwt>,
    /// Encrypts what vendors' credentials are kept as; becomes `ENCRYPTION_KEY`. 32 bytes as 64 hexadecimal digits.
    #[schemars(extend("allOf" = encryption_key(), "x-generate" = json!({ "bytes": 32, "as": "hex" })))]
    pub encryption_key: Option<Secret>,
    /// How much the services log; becomes `LOG_LEVEL`.
    pub log_level: Option<LogLevel>,
    /// Takes the events of browsers.
    pub ingestion_gateway: Option<Workload<ServiceEnv>>,
    /// Turns raw events into deliveries.
    pub event_processor: Option<Workload<ServiceEnv>>,
    /// Send events to vendors.
    pub delivery_workers: Option<Workload<ServiceEnv>>,
    /// Knows visitors again, on a host of its own.
    pub identity_hub: Option<Workload<IdentityEnv>>,
    /// The API that customers manage their set-up with.
    pub management_api: Option<Workload<ServiceEnv>>,
    /// The pages that customers manage their set-up with.
    pub management_ui: Option<Workload<ServiceEnv>>,
    /// The Ingress, with several hosts and paths to several Services.
    pub ingress: Option<Ingress>,
    /// Scaling by load.
    pub autoscaling: Option<Scaling>,
    /// How many pods of each component may be away while nodes are drained.
    pub pod_disruption_budget: Option<Budgets>,
    /// Which traffic is allowed.
    pub network_policy: Option<NetworkPolicy>,
    /// Bringing the database up to date before the services are upgraded.
    pub migrations: Option<Migrations>,
    /// Being watched by Prometheus.
    pub observability: Option<Observability>,
    /// HTTPRoutes of the Gateway API, for the hosts and paths of the Ingress: beside it, or in its place.
    pub http_route: Option<HttpRoute>,
    /// What all charts have.
    #[serde(flatten)]
    pub common: Common,
}

/// The customer's namespace and existing Secret, and what holds for all components that say nothing else.
///
/// `image`, `kafka`, `redis`, `database` and `jwt` may stand here too, or at the top level.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Global {
    // All objects have fixed names, the same for every customer, so a namespace holds one customer; the namespace
    // stands in the values to keep a file from being rendered into another one.
    /// The customer's namespace. Empty means that of the command. A `--namespace` must agree with it.
    pub namespace: Option<Namespace>,
    // One Secret for all services: the vendor's older pages give the encryption key to the identity hub alone, and the
    // newer ones to all, with the same value.
    /// A Secret that holds `DATABASE_URL`, `JWT_SECRET` and `ENCRYPTION_KEY`, instead of a rendered one.
    pub existing_secret: Option<ObjectName>,
    /// The same as `image` at the top level.
    pub image: Option<Release>,
    /// The same as `kafka` at the top level.
    pub kafka: Option<Kafka>,
    /// The same as `redis` at the top level.
    pub redis: Option<Redis>,
    /// The same as `database` at the top level.
    pub database: Option<Database>,
    /// The same as `jwt` at the top level.
    pub jwt: Option<Jwt>,
    /// Where pods run.
    #[serde(flatten)]
    pub placement: Placement,
}

/// Where the images of the six components come from: `<registry>/<component>:<tag>`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Release {
    /// The registry and the path in it. Empty means `ghcr.io/datafly`.
    pub registry: Option<String>,
    /// The tag. Empty means `v` and the chart's appVersion.
    pub tag: Option<String>,
    /// When the images are pulled. Unset means once a node.
    pub pull_policy: Option<PullPolicy>,
}

/// How much the services log.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum LogLevel {
    /// Everything.
    Debug,
    /// What happens.
    Info,
    /// What might go wrong.
    Warn,
    /// What went wrong.
    Error,
}

/// The disruption budgets.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Budgets {
    /// The ingestion gateway's budget.
    pub ingestion_gateway: Option<Budget>,
    /// The event processor's budget.
    pub event_processor: Option<Budget>,
    /// The delivery workers' budget.
    pub delivery_workers: Option<Budget>,
    /// The identity hub's budget.
    pub identity_hub: Option<Budget>,
    /// The management API's budget.
    pub management_api: Option<Budget>,
    /// The management UI's budget.
    pub management_ui: Option<Budget>,
}

/// Bringing the database up to date before the services are upgraded, by a Job.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Migrations {
    // Off, as the manual says that migrations never run by themselves. A later chart of the vendor has an init container
    // of the management API, beside which the other services roll.
    /// Whether there is the Job. Apply it, and wait for its end, before the rest; if not, migrate yourself before each upgrade.
    pub enabled: Option<bool>,
    /// The image that has the migrations. An empty tag means that of the release.
    pub image: Option<Image>,
    /// The command. Empty means the image's. It finds the database in `DATABASE_URL`.
    pub command: Option<Vec<String>>,
    /// Its arguments; `$(DATABASE_URL)` stands for the address.
    pub args: Option<Vec<String>>,
    /// The Job's annotations, such as those by which a tool applies it before the rest.
    pub annotations: Option<Annotations>,
    /// How many pods may fail before the Job has failed.
    pub backoff_limit: Option<Count>,
    /// How long the migrations may take, in seconds.
    pub active_deadline_seconds: Option<Seconds>,
    /// Further variables.
    #[serde(flatten)]
    pub environment: Environment,
    /// What all pods have.
    #[serde(flatten)]
    pub pod: Pod,
}

/// Being watched by Prometheus.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = [scraped_once()]))]
pub struct Observability {
    // The manual has Services for three components, and a monitor finds pods by Services.
    /// The ServiceMonitors of the five services, with the Services that they need.
    pub service_monitor: Option<Monitor>,
    /// PodMonitors of the five services, which need no Service.
    pub pod_monitor: Option<Monitor>,
}
