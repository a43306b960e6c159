//! The values of the engine.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::EngineSecrets;
use crate::profiles::autoscaling::Autoscaling;
use crate::profiles::env::Environment;
use crate::profiles::image::Image;
use crate::profiles::pod::Pod;
use crate::profiles::probes::ProbeTimes;
use crate::profiles::scalar::{BoolText, IntText};

/// The engine, which runs the agent.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Engine {
    /// The engine's image.
    pub image: Option<Image>,
    /// How many pods there are, unless `autoscaling` is enabled. Each one migrates the database when it starts.
    #[schemars(range(min = 0))]
    pub replicas: Option<i32>,
    /// Scaling by load.
    pub autoscaling: Option<Autoscaling>,
    /// Settings that are no secrets: the engine's ConfigMap.
    pub config: Option<EngineConfig>,
    /// The language model, its keys and the engine's own secrets.
    pub secrets: Option<EngineSecrets>,
    /// Further variables.
    #[serde(flatten)]
    pub environment: Environment,
    /// When the container is restarted.
    pub liveness_probe: Option<ProbeTimes>,
    /// When the container gets traffic.
    pub readiness_probe: Option<ProbeTimes>,
    /// What all components have.
    #[serde(flatten)]
    pub pod: Pod,
}

/// The settings of the engine.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EngineConfig {
    /// The application's name; becomes `APP_NAME`.
    #[schemars(length(min = 1))]
    pub app_name: Option<String>,
    /// The application's description; becomes `APP_DESCRIPTION`.
    #[schemars(length(min = 1))]
    pub app_description: Option<String>,
    /// Whether the engine says more than it should in production; becomes `DEBUG`.
    pub debug: Option<BoolText>,
    /// The path of the API; becomes `API_V1_STR`. Probes, proxy and user interface expect `/api/v1`.
    #[serde(rename = "apiV1Str")]
    #[schemars(extend("const" = "/api/v1"))]
    pub api_v1_str: Option<String>,
    /// How much is logged; becomes `LOG_LEVEL`.
    pub log_level: Option<String>,
    /// Whether requests are limited; becomes `RATE_LIMITING_ENABLED`.
    pub rate_limiting_enabled: Option<BoolText>,
    /// How many requests a client may send each minute; becomes `RATE_LIMIT_PER_MINUTE`.
    pub rate_limit_per_minute: Option<IntText>,
    /// How tokens are signed; becomes `JWT_ALGORITHM`.
    pub jwt_algorithm: Option<String>,
    /// How long an access token lives, in minutes; becomes `JWT_ACCESS_TOKEN_EXPIRE_MINUTES`.
    pub jwt_access_token_expire_minutes: Option<IntText>,
    /// How long a refresh token lives, in days; becomes `JWT_REFRESH_TOKEN_EXPIRE_DAYS`.
    pub jwt_refresh_token_expire_days: Option<IntText>,
    /// How many steps the agent may take for one request; becomes `LLM_MAX_ITERATIONS`.
    pub llm_max_iterations: Option<IntText>,
}
