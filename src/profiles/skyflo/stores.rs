//! The values of the database and of the session store.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::profiles::image::Image;
use crate::profiles::pod::Pod;
use crate::profiles::probes::ProbeTimes;
use crate::profiles::secret::Secret;
use crate::profiles::store::{ExternalPostgres, ExternalRedis, Persistence};

/// What may stand in a URL as it is, so that Kubernetes can put it there from a Secret.
const URL_SAFE: &str = "^[A-Za-z0-9._~-]*$";

/// The database. Skyflo needs PostgreSQL 14 or newer.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Postgresql {
    /// Whether the bundled PostgreSQL is rendered. If not, `external` says where the database is.
    pub enabled: Option<bool>,
    /// The bundled PostgreSQL's image.
    pub image: Option<Image>,
    /// Who the bundled PostgreSQL lets in.
    pub auth: Option<PostgresqlAuth>,
    /// The bundled PostgreSQL's disk.
    pub persistence: Option<Persistence>,
    /// When the container is restarted.
    pub liveness_probe: Option<ProbeTimes>,
    /// When the container gets traffic.
    pub readiness_probe: Option<ProbeTimes>,
    /// The database outside the chart, when `enabled` is false.
    pub external: Option<ExternalPostgres>,
    /// What all components have.
    #[serde(flatten)]
    pub pod: Pod,
}

/// Who the bundled PostgreSQL lets in.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PostgresqlAuth {
    /// The user's name; becomes `POSTGRES_USER`.
    #[schemars(length(min = 1), extend("pattern" = URL_SAFE, "x-pattern-help" = "use letters, digits and `.`, `_`, `~`, `-`"))]
    pub username: Option<String>,
    /// The user's password; becomes `POSTGRES_PASSWORD`. It becomes part of a URL as it is.
    #[schemars(extend(
        "pattern" = URL_SAFE,
        "x-pattern-help" = "use letters, digits and `.`, `_`, `~`, `-`: the password becomes part of a URL as it is",
        "x-generate" = json!({ "length": 32, "as": "alphanumeric" }),
    ))]
    pub password: Option<Secret>,
    /// The database's name; becomes `POSTGRES_DB`.
    #[schemars(length(min = 1), extend("pattern" = URL_SAFE, "x-pattern-help" = "use letters, digits and `.`, `_`, `~`, `-`"))]
    pub database: Option<String>,
    /// The port of the Service; becomes `POSTGRES_PORT`.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<i32>,
    /// A Secret that holds `POSTGRES_USER`, `POSTGRES_PASSWORD`, `POSTGRES_DB` and `POSTGRES_PORT`, instead of a rendered one.
    pub existing_secret: Option<String>,
}

/// The store of sessions and streams. Skyflo needs Redis 7 or newer.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Redis {
    /// Whether the bundled Redis is rendered. If not, `external` says where it is.
    pub enabled: Option<bool>,
    /// The bundled Redis's image.
    pub image: Option<Image>,
    /// The bundled Redis's disk.
    pub persistence: Option<Persistence>,
    /// When the container is restarted.
    pub liveness_probe: Option<ProbeTimes>,
    /// When the container gets traffic.
    pub readiness_probe: Option<ProbeTimes>,
    /// The Redis outside the chart, when `enabled` is false.
    pub external: Option<ExternalRedis>,
    /// What all components have.
    #[serde(flatten)]
    pub pod: Pod,
}
