//! The settings of `config.yml`, under the names that they have in that file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a time is written in `config.yml`: a number and a unit.
const DURATION: &str = "^([0-9]+(ms|s|m|h|d|w))+$";

/// The settings of `config.yml`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct AppConfig {
    /// What the HTTP server accepts.
    pub server: Option<Server>,
    /// How flow8 talks to the database.
    pub mongodb: Option<MongodbPool>,
    /// How what is stored is encrypted.
    pub encryption: Option<Encryption>,
    /// Sessions and their cookie.
    pub session: Option<Session>,
    /// What is deleted, and when.
    pub retention: Option<Retention>,
}

/// What the HTTP server accepts.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// The port. It is `ports.http`; where it is written here too, it must be the same.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<i32>,
    /// The largest request, in megabytes. The Ingress lets requests of this size through.
    #[schemars(range(min = 1))]
    pub max_request_size_mb: Option<i32>,
    /// How long reading a request may take, in seconds.
    #[schemars(range(min = 1))]
    pub read_timeout_seconds: Option<i32>,
}

/// How flow8 talks to the database.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct MongodbPool {
    /// How many connections each pod keeps at most.
    #[schemars(range(min = 1))]
    pub max_pool_size: Option<i32>,
}

/// How what is stored is encrypted.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Encryption {
    /// How the key is derived from `secrets.encryptionKey`.
    #[schemars(length(min = 1))]
    pub algorithm: Option<String>,
}

/// Sessions and their cookie.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// How long a session lives, in hours.
    #[schemars(range(min = 1))]
    pub ttl_hours: Option<i32>,
    /// Whether browsers send the cookie over TLS alone.
    pub cookie_secure: Option<bool>,
    /// Whether scripts can't read the cookie.
    pub cookie_http_only: Option<bool>,
    /// Whether browsers send the cookie when another site leads to flow8. `strict` can end a sign-in with OAuth.
    pub cookie_same_site: Option<SameSite>,
}

/// When browsers send a cookie along with a request that comes from another site.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum SameSite {
    /// Never.
    Strict,
    /// When a link leads here.
    Lax,
    /// Always.
    None,
}

/// What is deleted, and when.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// How often old entries are looked for, such as `2m`.
    #[schemars(extend("pattern" = DURATION, "x-pattern-help" = "write a time such as `2m` or `30d`"))]
    pub cleanup_interval: Option<String>,
    /// How long entries are kept, by their kind, such as `audit_logs`.
    pub policies: Option<BTreeMap<String, Policy>>,
}

/// How long entries of a kind are kept.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// How long, such as `30d`.
    #[schemars(extend("pattern" = DURATION, "x-pattern-help" = "write a time such as `2m` or `30d`"))]
    pub cadence: Option<String>,
    /// The shortest time that anybody may set, such as `14d`.
    #[schemars(extend("pattern" = DURATION, "x-pattern-help" = "write a time such as `2m` or `30d`"))]
    pub enforced_minimum: Option<String>,
}
