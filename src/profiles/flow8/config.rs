//! What flow8 itself reads: the settings of `config.yml`, under the names that they have in that file, and its keys.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::forms::{ObjectName, Port};
use crate::profiles::rule::{Message, all, filled, forbid, not};
use crate::profiles::scalar::Secret;

/// How a time is written in `config.yml`: a number and a unit.
const DURATION: &str = "^([0-9]+(ms|s|m|h|d|w))+$";

// In snake case, as in the file: they are written into it as they are.
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
    pub port: Option<Port>,
    // ingress-nginx lets 1 MB through unless `proxy-body-size` says more, so the template derives that annotation from
    // this setting: the original has 100 here, and larger uploads than 1 MB failed.
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

/// flow8's keys.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Secrets {
    /// A Secret that holds the keys instead of a rendered one: `ENCRYPTION_KEY`, `ENCRYPTION_KEY_SALT`, and where they
    /// are in use `MONGODB_URI`, `OAUTH2_CLIENT_ID`, `OAUTH2_CLIENT_SECRET` and `MCP_JWT_SECRET`.
    pub existing_secret: Option<ObjectName>,
    // By the vendor's reference flow8 takes keys of exactly this length, and salts of exactly theirs.
    /// Encrypts what is stored, as 256 hexadecimal digits; becomes `ENCRYPTION_KEY`.
    #[schemars(extend(
        "pattern" = "^$|^[0-9a-fA-F]{256}$",
        "x-pattern-help" = "write 256 hexadecimal digits, as `openssl rand -hex 128` prints them",
        "x-generate" = json!({ "bytes": 128, "as": "hex" }),
    ))]
    pub encryption_key: Option<Secret>,
    /// The salt of the encryption, as 64 hexadecimal digits; becomes `ENCRYPTION_KEY_SALT`.
    #[schemars(extend(
        "pattern" = "^$|^[0-9a-fA-F]{64}$",
        "x-pattern-help" = "write 64 hexadecimal digits, as `openssl rand -hex 32` prints them",
        "x-generate" = json!({ "bytes": 32, "as": "hex" }),
    ))]
    pub encryption_key_salt: Option<Secret>,
    /// How users sign in with an account from elsewhere.
    pub oauth2: Option<Oauth2>,
    // The vendor's Service publishes the MCP server and never sets this secret.
    /// Signs the tokens of MCP clients; becomes `MCP_JWT_SECRET`. Needed when the Service publishes MCP.
    #[schemars(extend("x-generate" = json!({ "length": 48, "as": "alphanumeric" })))]
    pub mcp_jwt_secret: Option<Secret>,
    // The manifests and one page say `ENCRYPTION_KEY`; the reference of variables says `ENC_KEY_SECRET`. Which one an
    // image reads cannot be seen from outside, so both can be given.
    /// Under which names flow8 gets its keys: the vendor's pages do not agree.
    pub env_names: Option<EnvNames>,
}

/// How users sign in with an account from elsewhere.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = both_or_none()))]
pub struct Oauth2 {
    /// The client's id; becomes `OAUTH2_CLIENT_ID`.
    pub client_id: Option<String>,
    /// The client's secret; becomes `OAUTH2_CLIENT_SECRET`.
    pub client_secret: Option<Secret>,
}

/// Under which names flow8 gets its keys.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum EnvNames {
    /// `ENCRYPTION_KEY`, `ENCRYPTION_KEY_SALT`, `OAUTH2_CLIENT_ID`, `OAUTH2_CLIENT_SECRET`, as in the vendor's manifests.
    Manifest,
    /// `ENC_KEY_SECRET`, `ENV_KEY_SALT`, `MICROSOFT_CLIENT_ID`, `MICROSOFT_CLIENT_SECRET`, as in the vendor's reference.
    Reference,
    /// All of them.
    Both,
}

fn both_or_none() -> Vec<Value> {
    let secret = Message {
        text: "OAuth has a `clientId` and no `clientSecret`",
        help: "set both, or neither",
        at: "/clientSecret",
    };
    let id = Message { text: "OAuth has a `clientSecret` and no `clientId`", at: "/clientId", ..secret };
    vec![
        forbid(secret, all([filled("clientId"), not(filled("clientSecret"))])),
        forbid(id, all([filled("clientSecret"), not(filled("clientId"))])),
    ]
}
