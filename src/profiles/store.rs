//! Stores: bundled ones with their disks, and external ones by URL or by fields.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::rule::{Sentence, any, filled, forbid, lets, rule};
use super::secret::Secret;

/// The disk of a bundled store.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Persistence {
    /// Whether the data outlives the pod. If not, it is lost with it.
    pub enabled: Option<bool>,
    /// How much room is claimed.
    pub size: Option<k8s_openapi::apimachinery::pkg::api::resource::Quantity>,
    /// The class of the claimed disk. Empty means the cluster's default.
    pub storage_class: Option<String>,
}

/// A PostgreSQL outside the chart: `url`, or `host` and the other fields.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = external_rules("the external PostgreSQL", "POSTGRES_PASSWORD")))]
pub struct ExternalPostgres {
    /// The whole address, `postgres://user:password@host:5432/database`. The password is percent-encoded in it.
    #[schemars(extend("allOf" = postgres_url()))]
    pub url: Option<Secret>,
    /// The host's name or address.
    pub host: Option<String>,
    /// The port.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<i32>,
    /// The database's name.
    pub database: Option<String>,
    /// The user's name.
    pub username: Option<String>,
    /// The user's password, as it is: it is percent-encoded for the URL.
    #[schemars(extend("allOf" = [not_from_the_manual()]))]
    pub password: Option<Secret>,
    /// A Secret that holds the password as `POSTGRES_PASSWORD`, percent-encoded, since Kubernetes puts it into the URL as it is.
    pub existing_secret: Option<String>,
    /// Whether the connection is encrypted and the server's certificate is verified.
    pub tls: Option<bool>,
}

/// A Redis outside the chart: `url`, or `host` and the other fields.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = external_rules("the external Redis", "REDIS_PASSWORD")))]
pub struct ExternalRedis {
    /// The whole address, `redis://:password@host:6379/0`, or `rediss://…` for TLS.
    #[schemars(extend("allOf" = redis_url()))]
    pub url: Option<Secret>,
    /// The host's name or address.
    pub host: Option<String>,
    /// The port.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<i32>,
    /// The number of the database.
    #[schemars(range(min = 0))]
    pub database: Option<i32>,
    /// The password, as it is: it is percent-encoded for the URL. Empty means none.
    #[schemars(extend("allOf" = [not_from_the_manual()]))]
    pub password: Option<Secret>,
    /// A Secret that holds the password as `REDIS_PASSWORD`, percent-encoded, since Kubernetes puts it into the URL as it is.
    pub existing_secret: Option<String>,
    /// Whether the connection is encrypted.
    pub tls: Option<bool>,
}

fn external_rules(store: &str, key: &str) -> Vec<Value> {
    let exclusive = format!("{store} is given by `url` or by fields, not both");
    let one_password = format!("{store} has its password inline or in a Secret, not both");
    let needs_host = format!("{store} has its password in a Secret and no `host`");
    let keep_one =
        format!("keep `password`, or put it into the Secret under `{key}` and keep `existingSecret`");
    let nothing = json!({ "maxLength": 0 });
    let url = Sentence {
        message: &exclusive,
        help: "keep `url`, or keep `host`, `password`, `existingSecret`; the empty string takes one back",
        at: "/url",
    };
    let password = Sentence { message: &one_password, help: &keep_one, at: "/existingSecret" };
    let host = Sentence {
        message: &needs_host,
        help: "name the host, or give the whole address as `url` and leave `existingSecret` empty",
        at: "/host",
    };
    vec![
        forbid(url, json!({ "allOf": [filled("url"), any([filled("host"), filled("password")])] })),
        rule(
            Sentence { help: "leave `existingSecret` empty, or leave `url` empty and give `host`", ..url },
            filled("url"),
            lets("existingSecret", nothing.clone()),
        ),
        rule(password, filled("password"), lets("existingSecret", nothing)),
        rule(host, filled("existingSecret"), any([filled("host"), filled("url")])),
    ]
}

fn postgres_url() -> Vec<Value> {
    let scheme = Sentence {
        message: "the engine does not know this database scheme",
        help: "write `postgres://user:password@host:5432/database`; `postgresql://` is understood too",
        at: "",
    };
    let sslmode = Sentence {
        message: "`sslmode` in the URL stops the engine: its driver does not know the parameter",
        help: "remove it and set `tls: true` beside the URL",
        at: "",
    };
    vec![
        said_pattern(scheme, "^$|^(postgres|postgresql|asyncpg|psycopg)://"),
        forbid(sslmode, json!({ "type": "string", "pattern": "[?&]sslmode=" })),
        not_from_the_manual(),
    ]
}

fn redis_url() -> Vec<Value> {
    let scheme = Sentence {
        message: "this is no Redis URL",
        help: "write `redis://host:6379/0`, or `rediss://…` for TLS",
        at: "",
    };
    vec![said_pattern(scheme, "^$|^(redis|rediss|unix)://"), not_from_the_manual()]
}

fn said_pattern(sentence: Sentence<'_>, pattern: &str) -> Value {
    rule(sentence, json!({ "type": "string" }), json!({ "pattern": pattern }))
}

/// What the manuals write for the reader to replace is no password and no host.
fn not_from_the_manual() -> Value {
    let sentence = Sentence {
        message: "this is the manual's placeholder",
        help: "write your own; or name a Secret that exists",
        at: "",
    };
    forbid(
        sentence,
        json!({ "type": "string", "pattern": "your-(password|pg-host|redis-host)|^[.]{3}$|<generate:" }),
    )
}
