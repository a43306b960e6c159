//! The values of the stores, PostgreSQL and Redis: bundled ones with their disks, external ones by URL or by fields.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::common::Backup;
use crate::profiles::forms::{ObjectName, Port, Size};
use crate::profiles::network::InsideService;
use crate::profiles::pod::{Image, TimedProbes, Workload};
use crate::profiles::rule::{Message, any, filled, forbid, if_present, pattern, rule};
use crate::profiles::scalar::Secret;

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
    /// Copies of the bundled PostgreSQL, by `pg_dump`.
    pub backup: Option<Backup>,
    /// The Service before the pod.
    pub service: Option<InsideService>,
    /// When it has started, lives, and gets traffic.
    #[serde(flatten)]
    pub probes: TimedProbes,
    /// The database outside the chart, when `enabled` is false.
    pub external: Option<ExternalPostgres>,
    /// What all components have.
    #[serde(flatten)]
    pub workload: Workload,
}

/// Who the bundled PostgreSQL lets in.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PostgresqlAuth {
    /// The user's name; becomes `POSTGRES_USER`.
    #[schemars(length(min = 1), extend("pattern" = "^[!\"$&-.0-9;->A-Z\\\\^-}~]*$", "x-pattern-help" = "use characters of ASCII without spaces and `%`, `:`, `/`, `?`, `#`, `@`, `[`, `]`: the name becomes part of a URL as it is"))]
    pub username: Option<String>,
    /// The user's password, as it is; becomes `POSTGRES_PASSWORD`, and `POSTGRES_PASSWORD_ENCODED` where a URL needs it percent-encoded.
    #[schemars(extend(
        "x-generate" = json!({ "length": 32, "as": "alphanumeric" }),
    ))]
    pub password: Option<Secret>,
    /// The database's name; becomes `POSTGRES_DB`.
    #[schemars(length(min = 1), extend("pattern" = "^[!\"$&->@-}~]*$", "x-pattern-help" = "use characters of ASCII without spaces and `%`, `?`, `#`: the name becomes part of a URL as it is"))]
    pub database: Option<String>,
    // In the original it changes the URL alone, and nothing listens there.
    /// The port of the Service; becomes `POSTGRES_PORT`.
    pub port: Option<Port>,
    /// A Secret that holds `POSTGRES_USER`, `POSTGRES_PASSWORD`, `POSTGRES_DB` and `POSTGRES_PORT`, instead of a rendered one. They become parts of a URL as they are.
    pub existing_secret: Option<ObjectName>,
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
    /// The Service before the pod.
    pub service: Option<InsideService>,
    /// When it has started, lives, and gets traffic.
    #[serde(flatten)]
    pub probes: TimedProbes,
    /// The Redis outside the chart, when `enabled` is false.
    pub external: Option<ExternalRedis>,
    /// What all components have.
    #[serde(flatten)]
    pub workload: Workload,
}

/// The disk of a bundled store.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Persistence {
    /// Whether the data outlives the pod. If not, it is lost with it.
    pub enabled: Option<bool>,
    /// A claim that exists, instead of a rendered one.
    pub existing_claim: Option<ObjectName>,
    /// How much room is claimed.
    pub size: Option<Size>,
    /// The class of the claimed disk. Empty means the cluster's default.
    pub storage_class: Option<ObjectName>,
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
    pub port: Option<Port>,
    /// The database's name, as it is.
    #[schemars(extend("pattern" = "^[!\"$->@-}~]*$", "x-pattern-help" = DATABASE_HELP))]
    pub database: Option<String>,
    /// The user's name, as it is.
    #[schemars(extend("pattern" = "^[!\"$-.0-9;->@-Z\\\\^-}~]*$", "x-pattern-help" = USER_HELP))]
    pub username: Option<String>,
    /// The user's password, as it is: it is percent-encoded for the URL.
    #[schemars(extend("allOf" = [not_from_the_manual()]))]
    pub password: Option<Secret>,
    /// A Secret that holds the password as `POSTGRES_PASSWORD`, percent-encoded, since Kubernetes puts it into the URL as it is.
    pub existing_secret: Option<ObjectName>,
    // Two libraries of the engine read the database's address, and no spelling of TLS suits both: the template writes
    // two variables (`docs/profiles/skyflo.md` has how).
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
    pub port: Option<Port>,
    /// The number of the database.
    #[schemars(range(min = 0))]
    pub database: Option<i32>,
    /// The password, as it is: it is percent-encoded for the URL. Empty means none.
    #[schemars(extend("allOf" = [not_from_the_manual()]))]
    pub password: Option<Secret>,
    /// A Secret that holds the password as `REDIS_PASSWORD`, percent-encoded, since Kubernetes puts it into the URL as it is.
    pub existing_secret: Option<ObjectName>,
    /// Whether the connection is encrypted.
    pub tls: Option<bool>,
}

// The ORM takes what stands in the URL, and would take the name to end at one of these.
const USER_HELP: &str = "use characters of ASCII without spaces and `:`, `/`, `?`, `#`, `[`, `]`: the engine's driver can't be told others in a URL";
const DATABASE_HELP: &str =
    "use characters of ASCII without spaces and `?`, `#`: the engine's driver can't be told others in a URL";

fn external_rules(store: &str, key: &str) -> Vec<Value> {
    let exclusive = format!("{store} is given by `url` or by fields, not both");
    let one_password = format!("{store} has its password inline or in a Secret, not both");
    let needs_host = format!("{store} has its password in a Secret and no `host`");
    let keep_one =
        format!("keep `password`, or put it into the Secret under `{key}` and keep `existingSecret`");
    // A higher layer takes a string back by an empty one, so empty counts as not given throughout.
    let nothing = json!({ "maxLength": 0 });
    let url = Message {
        text: &exclusive,
        help: "keep `url`, or keep `host`, `password`, `existingSecret`; the empty string takes one back",
        at: "/url",
    };
    let password = Message { text: &one_password, help: &keep_one, at: "/existingSecret" };
    let host = Message {
        text: &needs_host,
        help: "name the host, or give the whole address as `url` and leave `existingSecret` empty",
        at: "/host",
    };
    vec![
        forbid(url, json!({ "allOf": [filled("url"), any([filled("host"), filled("password")])] })),
        rule(
            Message { help: "leave `existingSecret` empty, or leave `url` empty and give `host`", ..url },
            filled("url"),
            if_present("existingSecret", nothing.clone()),
        ),
        rule(password, filled("password"), if_present("existingSecret", nothing)),
        rule(host, filled("existingSecret"), any([filled("host"), filled("url")])),
    ]
}

/// The rules of a URL stand on the string itself, so they point at it: their `at` is empty.
fn postgres_url() -> Vec<Value> {
    let scheme = Message {
        text: "the engine does not know this database scheme",
        help: "write `postgres://user:password@host:5432/database`; `postgresql://` and `postgresql+psycopg://` are understood too",
        at: "",
    };
    let two_ways = Message {
        text: "the engine's two drivers read this URL in different ways",
        help: "give `host`, `username`, `password` and `database` as fields; in a URL, leave user and database as they are, and write `%40` for `@` and `%2B` for `+` in the password",
        at: "",
    };
    let sslmode = Message {
        text: "`sslmode` in the URL stops the engine: its driver does not know the parameter",
        help: "remove it and set `tls: true` beside the URL",
        at: "",
    };
    vec![
        // The engine's ORM, Tortoise, knows the others. `postgresql`, which the manual writes, stops it, and of
        // `postgresql+psycopg` the engine itself makes `postgres`: so does the template, of all but `psycopg`.
        pattern(scheme, "^$|^(postgres|postgresql|postgresql[+]psycopg|asyncpg|psycopg)://"),
        // The ORM decodes the password alone, and a `+` in it to a space; the driver of checkpoints decodes all parts,
        // no `+`, and takes the user to end at the first `@`.
        forbid(
            two_ways,
            json!({
                "type": "string",
                "pattern": "://[^:/@]*%|://[^/]*@[^/]*@|://[^/:]*:[^/@]*[+]|://[^/]*/[^?#]*%",
            }),
        ),
        // The parameter becomes an argument of asyncpg's `connect`, which has none of that name.
        forbid(sslmode, json!({ "type": "string", "pattern": "[?&]sslmode=" })),
        not_from_the_manual(),
    ]
}

fn redis_url() -> Vec<Value> {
    let scheme = Message {
        text: "this is not a Redis URL",
        help: "write `redis://host:6379/0`, or `rediss://…` for TLS",
        at: "",
    };
    vec![pattern(scheme, "^$|^(redis|rediss|unix)://"), not_from_the_manual()]
}

/// What the manuals write for the reader to replace is no password and no host.
fn not_from_the_manual() -> Value {
    let message = Message {
        text: "this is the manual's placeholder",
        help: "write your own; or name a Secret that exists",
        at: "",
    };
    forbid(
        message,
        json!({ "type": "string", "pattern": "your-(password|pg-host|redis-host)|^[.]{3}$|<generate:" }),
    )
}
