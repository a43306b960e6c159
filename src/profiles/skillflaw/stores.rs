//! The values of what the backend keeps its state in, PostgreSQL, Redis and the claim, and of its secrets.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::forms::{Annotations, DataKey, ObjectName, Port, Size};
use crate::profiles::rule::{Message, any, filled, forbid, if_present, rule};
use crate::profiles::scalar::{Secret, Text};

/// A PostgreSQL, in one of three ways: `url`, or `host` and the other fields, or `existingSecret`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = one_way("database", "the database")))]
pub struct Database {
    /// The whole address, `postgresql://user:password@host:5432/name`, with the password percent-encoded;
    /// or `sqlite:///` and a path, for a single pod. Becomes `SKILLFLAW_DATABASE_URL`.
    #[schemars(extend("allOf" = database_url()))]
    pub url: Option<Secret>,
    /// The host's name or address.
    #[schemars(extend("pattern" = HOST, "x-pattern-help" = HOST_HELP))]
    pub host: Option<String>,
    /// The port.
    pub port: Option<Port>,
    /// The database's name.
    #[schemars(length(min = 1))]
    pub name: Option<String>,
    /// The user's name.
    #[schemars(length(min = 1))]
    pub user: Option<String>,
    /// The user's password, as it is: it is percent-encoded for the URL.
    #[schemars(extend("allOf" = [known_password()]))]
    pub password: Option<Secret>,
    /// Parameters of the connection, as name and value, for example `sslmode: require`.
    pub parameters: Option<BTreeMap<String, Text>>,
    /// A Secret that holds the whole address.
    pub existing_secret: Option<ObjectName>,
    /// The key of the address in that Secret.
    pub existing_secret_key: Option<DataKey>,
}

/// A Redis, in one of three ways: `url`, or `host` and the other fields, or `existingSecret`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = one_way("redis", "Redis")))]
pub struct Redis {
    /// The whole address, `redis://:password@host:6379/0`, or `rediss://…` for TLS; becomes `SKILLFLAW_REDIS_URL`.
    #[schemars(extend("allOf" = [redis_url()]))]
    pub url: Option<Secret>,
    /// The host's name or address; becomes `SKILLFLAW_REDIS_HOST`, unless a password or TLS asks for a URL.
    #[schemars(extend("pattern" = HOST, "x-pattern-help" = HOST_HELP))]
    pub host: Option<String>,
    /// The port; becomes `SKILLFLAW_REDIS_PORT`.
    pub port: Option<Port>,
    /// The number of the database; becomes `SKILLFLAW_REDIS_DB`, unless it is 0.
    #[schemars(range(min = 0))]
    pub database: Option<i32>,
    // The backend has settings for host and port and none for a password: with one, the whole address goes into a
    // Secret.
    /// The password, as it is: it is percent-encoded for the URL. Empty means none.
    pub password: Option<Secret>,
    /// Whether the connection is encrypted.
    pub tls: Option<bool>,
    /// A Secret that holds the whole address.
    pub existing_secret: Option<ObjectName>,
    /// The key of the address in that Secret.
    pub existing_secret_key: Option<DataKey>,
}

/// The claim for the files that the backend keeps in `backend.config.configDir`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Persistence {
    /// Whether the files outlive the pod. If not, they are lost with it.
    pub enabled: Option<bool>,
    /// A claim that exists, instead of a rendered one.
    pub existing_claim: Option<ObjectName>,
    // What an existing claim is cannot be seen without a cluster.
    /// How the claim can be mounted. For an existing claim, say here what it is.
    pub access_mode: Option<AccessMode>,
    /// How much room is claimed.
    pub size: Option<Size>,
    /// The class of the claimed disk. Empty means the cluster's default.
    pub storage_class: Option<ObjectName>,
    /// Annotations of the claim.
    pub annotations: Option<Annotations>,
}

/// How a claim can be mounted.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[schemars(inline)]
pub enum AccessMode {
    /// By pods of one node.
    ReadWriteOnce,
    /// By one pod.
    ReadWriteOncePod,
    /// By pods of all nodes.
    ReadWriteMany,
}

const HOST: &str = "^$|^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?$|^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*$";
const HOST_HELP: &str = "write a host name or an address, without scheme, port and path";

/// A store is given in exactly one way; that one is given at all is asked elsewhere, where it depends on more.
fn one_way(key: &str, store: &str) -> Vec<Value> {
    let text = format!("{store} is given in two ways");
    let url_help = format!("keep `{key}.url`, or keep `{key}.host`; the empty string takes one back");
    let secret_help = format!(
        "the Secret holds the whole address: keep `{key}.existingSecret`, or keep `{key}.url` or `{key}.host`; the empty string takes one back"
    );
    let nothing = json!({ "maxLength": 0 });
    let url = Message { text: &text, help: &url_help, at: "/url" };
    let secret = Message { text: &text, help: &secret_help, at: "/existingSecret" };
    let inline = any([filled("url"), filled("host"), filled("password")]);
    vec![
        forbid(url, json!({ "allOf": [filled("url"), any([filled("host"), filled("password")])] })),
        rule(secret, inline, if_present("existingSecret", nothing)),
    ]
}

fn database_url() -> Vec<Value> {
    let scheme = Message {
        text: "the backend does not know this database scheme",
        help: "write `postgresql://user:password@host:5432/name`; SQLAlchemy does not know `postgres://`",
        at: "",
    };
    // SQLAlchemy has dropped the scheme `postgres`.
    let known = "^$|^postgresql([+](asyncpg|psycopg|psycopg2))?://|^sqlite([+]aiosqlite)?:///";
    let manual = Message { at: "", ..MANUALS_PASSWORD };
    vec![
        rule(scheme, json!({ "type": "string" }), json!({ "pattern": known })),
        forbid(manual, json!({ "type": "string", "pattern": "://skillflaw:skillflaw@" })),
    ]
}

const MANUALS_PASSWORD: Message<'static> = Message {
    text: "this is the manual's password, which everybody knows",
    help: "write your own, or name a Secret that exists",
    at: "",
};

fn known_password() -> Value {
    forbid(MANUALS_PASSWORD, json!({ "enum": ["skillflaw", "changeme", "..."] }))
}

fn redis_url() -> Value {
    let scheme = Message {
        text: "this is not a Redis URL",
        help: "write `redis://host:6379/0`, or `rediss://…` for TLS",
        at: "",
    };
    rule(scheme, json!({ "type": "string" }), json!({ "pattern": "^$|^(redis|rediss|unix)://" }))
}

/// The key that encrypts what is stored. Without it, stored credentials can't be read again.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = [one_key()]))]
pub struct SecretKey {
    /// The key itself, of 32 characters or more.
    #[schemars(extend(
        "pattern" = "^$|^.{32}",
        "x-pattern-help" = "make one with `plimsoll secrets skillflaw > secrets.yaml`",
        // 43 characters of 62 are a little more than 256 bits.
        "x-generate" = json!({ "length": 43, "as": "alphanumeric" }),
    ))]
    pub value: Option<Secret>,
    /// A Secret that holds the key, instead of a rendered one.
    pub existing_secret: Option<ObjectName>,
    /// The key's name in the Secret, and the name of the file.
    pub key: Option<DataKey>,
    // A folder and no `subPath`, which never sees a changed key: the vendor's page mounts a file and asks for rotation.
    /// The folder that the Secret is mounted at; `SKILLFLAW_SECRET_KEY_FILE` is the file in it.
    #[schemars(extend("pattern" = "^/[^:]*[^:/]$", "x-pattern-help" = "write an absolute path without a slash at its end", "allOf" = [folder_of_its_own()]))]
    pub mount_path: Option<String>,
}

/// The first user, who may do everything.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = superuser_rules()))]
pub struct Superuser {
    // The vendor warns against exposing an instance without one; its manifest has none.
    /// The user's name; becomes `SKILLFLAW_SUPERUSER`, once there is a password.
    pub username: Option<String>,
    /// The user's password; becomes `SKILLFLAW_SUPERUSER_PASSWORD`.
    #[schemars(extend("x-generate" = json!({ "length": 24, "as": "alphanumeric" })))]
    pub password: Option<Secret>,
    /// A Secret that holds `SKILLFLAW_SUPERUSER` and `SKILLFLAW_SUPERUSER_PASSWORD`, instead of a rendered one.
    pub existing_secret: Option<ObjectName>,
}

fn one_key() -> Value {
    let message = Message {
        text: "the secret key is given inline and as an existing Secret",
        help: "keep `value`, or keep `existingSecret`; the empty string takes one back",
        at: "/existingSecret",
    };
    rule(message, filled("value"), if_present("existingSecret", json!({ "maxLength": 0 })))
}

/// A mount at a folder hides what else is in it. Kubernetes puts the pod's token under `/var/run/secrets`, and `/var/run` is a link
/// to `/run` in most images.
fn folder_of_its_own() -> Value {
    let message = Message {
        text: "a mount here would hide other files of the container",
        help: "name a folder of its own below it, such as `/run/secrets/skillflaw`",
        at: "",
    };
    let taken =
        "^(/var)?/run(/secrets(/kubernetes[.]io(/.*)?)?)?$|^/(etc|tmp|usr|var|app|bin|lib|dev|proc|sys)$";
    forbid(message, json!({ "type": "string", "pattern": taken }))
}

fn superuser_rules() -> Vec<Value> {
    let either = Message {
        text: "the superuser's password is given inline and as an existing Secret",
        help: "keep `password`, or keep `existingSecret`; the empty string takes one back",
        at: "/existingSecret",
    };
    let named =
        Message { text: "the superuser has a password and no name", help: "set `username`", at: "/username" };
    vec![
        rule(either, filled("password"), if_present("existingSecret", json!({ "maxLength": 0 }))),
        rule(named, filled("password"), if_present("username", json!({ "minLength": 1 }))),
    ]
}
