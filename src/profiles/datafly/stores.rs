//! The values of what is not part of the chart: Kafka, Redis, PostgreSQL, and the secrets that go with them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::forms::ObjectName;
use crate::profiles::rule::{Message, any, filled, pattern, warn};
use crate::profiles::scalar::Secret;

/// The Kafka that events travel through.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Kafka {
    /// Where the brokers are, as `host:port` with commas between them; becomes `KAFKA_BROKERS`.
    #[schemars(extend("pattern" = BROKERS, "x-pattern-help" = "write `host:port`, and a comma before the next"))]
    pub brokers: Option<String>,
    // Three by default, where examples have autoscalers of up to twelve pods.
    /// How many partitions each topic has; becomes `KAFKA_NUM_PARTITIONS`. More pods of one consumer than partitions have nothing to do.
    #[schemars(range(min = 1))]
    pub partitions: Option<i32>,
    /// Encryption on the way to the brokers.
    pub tls: Option<KafkaTls>,
}

const BROKERS: &str = "^$|^[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?:[1-9][0-9]{0,4}(,[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?:[1-9][0-9]{0,4})*$";

/// Encryption on the way to the brokers.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct KafkaTls {
    /// Whether the connection is encrypted; becomes `KAFKA_TLS_ENABLED`.
    pub enabled: Option<bool>,
}

// Only by URL. Fields beside it, as other charts have them, could disagree with it, and the services want a URL anyway.
/// The Redis that keeps what is needed quickly: `url`, or a Secret that holds it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Redis {
    /// The whole address, `redis://:password@host:6379/0`, or `rediss://…` for TLS; becomes `REDIS_URL`.
    #[schemars(extend("allOf" = redis_url()))]
    pub url: Option<Secret>,
    /// A Secret that holds the address as `REDIS_URL` instead.
    pub existing_secret: Option<ObjectName>,
}

/// The PostgreSQL that keeps the customer's data.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Database {
    /// The whole address, `postgresql://user:password@host:5432/database?sslmode=require`; becomes `DATABASE_URL`.
    #[schemars(extend("allOf" = database_url()))]
    pub url: Option<Secret>,
}

/// How sessions are signed.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Jwt {
    /// Signs the sessions' tokens; becomes `JWT_SECRET`. At least 32 characters.
    #[schemars(extend("allOf" = jwt_secret(), "x-generate" = json!({ "length": 48, "as": "alphanumeric" })))]
    pub secret: Option<Secret>,
}

fn redis_url() -> Vec<Value> {
    let scheme = Message {
        text: "this is no Redis URL",
        help: "write `redis://host:6379/0`, or `rediss://…` for TLS",
        at: "",
    };
    let plain = Message {
        text: "the way to Redis is not encrypted",
        help: "write `rediss://…` if your Redis offers TLS",
        at: "",
    };
    vec![
        pattern(scheme, "^$|^rediss?://[^/]"),
        warn(plain, json!({ "type": "string", "pattern": "^redis://" })),
    ]
}

fn database_url() -> Vec<Value> {
    let scheme = Message {
        text: "this is no PostgreSQL URL",
        help: "write `postgresql://user:password@host:5432/database?sslmode=require`",
        at: "",
    };
    let plain = Message {
        text: "the way to PostgreSQL may not be encrypted: the URL does not say `sslmode`",
        help: "add `?sslmode=require`, or `?sslmode=disable` if that is what you mean",
        at: "",
    };
    vec![
        pattern(scheme, "^$|^postgres(ql)?://[^/]"),
        // Only of a URL with the right scheme: one finding is enough for a wrong one.
        warn(
            plain,
            json!({ "type": "string", "pattern": "^postgres(ql)?://[^/]", "not": { "pattern": "[?&]sslmode=" } }),
        ),
    ]
}

fn jwt_secret() -> Vec<Value> {
    let short = Message {
        text: "the secret has less than 32 characters, and the services ask for 256 bits",
        help: "make one with `plimsoll secrets datafly > secrets.yaml` and add `-f secrets.yaml`",
        at: "",
    };
    vec![
        // The manual's example is shorter. It passes with a warning, so that the manual's file renders.
        // 256 bits are 32 bytes; the secret is counted in characters, of which each is a byte at least.
        pattern(short, "^$|^your-256-bit-jwt-secret$|^.{32,}$"),
        from_the_manual("^your-256-bit-jwt-secret$"),
    ]
}

/// What an encryption key looks like; the manual's example passes with a warning, so that the manual's file renders.
pub(super) fn encryption_key() -> Vec<Value> {
    let form = Message {
        text: "the encryption key is not 32 bytes as 64 hexadecimal digits",
        help: "make one with `plimsoll secrets datafly > secrets.yaml` and add `-f secrets.yaml`",
        at: "",
    };
    vec![
        pattern(form, "^$|^your-32-byte-encryption-key-hex$|^[0-9A-Fa-f]{64}$"),
        from_the_manual("^your-32-byte-encryption-key-hex$"),
    ]
}

fn from_the_manual(pattern: &str) -> Value {
    let message = Message {
        text: "this is the manual's example: everybody knows it, and it has not the form that the services ask for",
        help: "make one with `plimsoll secrets datafly > secrets.yaml` and add `-f secrets.yaml`",
        at: "",
    };
    warn(message, json!({ "type": "string", "pattern": pattern }))
}

/// The string is there and not empty, at the top level or under `global`.
pub(super) fn given(path: &str) -> Value {
    any([filled(path), filled(&format!("global.{path}"))])
}
