//! flow8's keys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::rule::{Message, all, filled, forbid, not};
use crate::profiles::scalar::Secret;

/// flow8's keys.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Secrets {
    /// A Secret that holds the keys instead of a rendered one: `ENCRYPTION_KEY`, `ENCRYPTION_KEY_SALT`, and where they
    /// are in use `MONGODB_URI`, `OAUTH2_CLIENT_ID`, `OAUTH2_CLIENT_SECRET` and `MCP_JWT_SECRET`.
    pub existing_secret: Option<String>,
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
    /// Signs the tokens of MCP clients; becomes `MCP_JWT_SECRET`. Needed when the Service publishes MCP.
    #[schemars(extend("x-generate" = json!({ "length": 48, "as": "alphanumeric" })))]
    pub mcp_jwt_secret: Option<Secret>,
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
