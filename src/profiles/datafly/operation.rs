//! The values of running it: migrations of the database, and being watched.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::profiles::image::Image;
use crate::profiles::scalar::Text;

/// Bringing the database up to date before the management API starts, in an init container of its pods.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Migrations {
    /// Whether it is done. If not, do it yourself before each upgrade.
    pub enabled: Option<bool>,
    /// The image that has the migrations. An empty tag means that of the release.
    pub image: Option<Image>,
    /// The command. Empty means the image's. It finds the database in `DATABASE_URL`.
    pub command: Option<Vec<String>>,
    /// Its arguments; `$(DATABASE_URL)` stands for the address.
    pub args: Option<Vec<String>>,
}

/// Being watched by Prometheus.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Observability {
    /// The ServiceMonitors of the five services.
    pub service_monitor: Option<ServiceMonitor>,
}

/// The ServiceMonitors, which the Prometheus operator reads.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ServiceMonitor {
    /// Whether they are rendered, with the Services that they need.
    pub enabled: Option<bool>,
    /// How often metrics are read.
    #[schemars(extend(
        "pattern" = "^([0-9]+(ms|s|m|h))+$",
        "x-pattern-help" = "write a time such as `15s` or `1m`"
    ))]
    pub interval: Option<String>,
    /// Further labels, such as those that a Prometheus selects monitors by.
    pub labels: Option<BTreeMap<String, Text>>,
}
