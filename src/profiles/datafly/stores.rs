//! The values of what is not part of the chart: Kafka, Redis, PostgreSQL, and the secrets that go with them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::forms::{DataKey, ObjectName};
use crate::profiles::rule::{Message, all, any, filled, forbid, has, not, pattern, rule, warn};
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
    // Mostly it follows from the two below; here it can be said outright, as brokers' documentation does.
    /// How the brokers are talked to; becomes `KAFKA_SECURITY_PROTOCOL`. Unset means what `tls.enabled` and `sasl.mechanism` come to.
    pub security_protocol: Option<SecurityProtocol>,
    /// Encryption on the way to the brokers.
    pub tls: Option<KafkaTls>,
    /// How the services, and KEDA, say who they are.
    pub sasl: Option<KafkaSasl>,
    // The vendor's pages name `KAFKA_BROKERS`, `KAFKA_NUM_PARTITIONS` and `KAFKA_TLS_ENABLED`, and none of these.
    /// The names of the variables that no page of the vendor names, where an image reads others.
    pub variables: Option<KafkaVariables>,
}

/// How brokers are talked to, by Kafka's names.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[schemars(inline)]
pub enum SecurityProtocol {
    /// In plain text, and nobody says who he is.
    #[serde(rename = "PLAINTEXT")]
    Plaintext,
    /// Encrypted.
    #[serde(rename = "SSL")]
    Ssl,
    /// In plain text, with `sasl`.
    #[serde(rename = "SASL_PLAINTEXT")]
    SaslPlaintext,
    /// Encrypted, with `sasl`.
    #[serde(rename = "SASL_SSL")]
    SaslSsl,
}

/// How the services, and KEDA, say who they are to the brokers.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("allOf" = sasl_rules()))]
pub struct KafkaSasl {
    /// The mechanism; becomes `KAFKA_SASL_MECHANISM`. Unset means that nobody says who he is.
    pub mechanism: Option<Mechanism>,
    /// The name; becomes `KAFKA_SASL_USERNAME`.
    pub username: Option<String>,
    /// The password; becomes `KAFKA_SASL_PASSWORD`.
    pub password: Option<Secret>,
    /// A Secret that holds name and password instead of a rendered one.
    pub existing_secret: Option<ObjectName>,
    /// The key of the name in that Secret.
    pub username_key: Option<DataKey>,
    /// The key of the password in that Secret.
    pub password_key: Option<DataKey>,
    /// The region of an MSK cluster, for `AWS_MSK_IAM`; becomes `AWS_REGION`. The services' ServiceAccounts, and KEDA's, stand for roles that may use it.
    #[schemars(extend("pattern" = "^$|^[a-z]{2}(-[a-z]+)+-[0-9]$", "x-pattern-help" = "write a region such as `eu-central-1`"))]
    pub region: Option<String>,
}

/// A way to say who one is, by Kafka's names.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[schemars(inline)]
pub enum Mechanism {
    /// Name and password as they are.
    #[serde(rename = "PLAIN")]
    Plain,
    /// SCRAM with SHA-256.
    #[serde(rename = "SCRAM-SHA-256")]
    ScramSha256,
    /// SCRAM with SHA-512.
    #[serde(rename = "SCRAM-SHA-512")]
    ScramSha512,
    /// A role of AWS, for Amazon MSK.
    #[serde(rename = "AWS_MSK_IAM")]
    AwsMskIam,
}

/// The names of the variables that no page of the vendor names.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct KafkaVariables {
    /// That of the security protocol.
    #[schemars(extend("pattern" = VARIABLE))]
    pub security_protocol: Option<String>,
    /// That of the mechanism.
    #[schemars(extend("pattern" = VARIABLE))]
    pub mechanism: Option<String>,
    /// That of the name.
    #[schemars(extend("pattern" = VARIABLE))]
    pub username: Option<String>,
    /// That of the password.
    #[schemars(extend("pattern" = VARIABLE))]
    pub password: Option<String>,
    /// That of the file with the certificate authority.
    #[schemars(extend("pattern" = VARIABLE))]
    pub ca_file: Option<String>,
}

const VARIABLE: &str = "^[A-Za-z_][A-Za-z0-9_]*$";

const BROKERS: &str = "^$|^[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?:[1-9][0-9]{0,4}(,[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?:[1-9][0-9]{0,4})*$";

/// Encryption on the way to the brokers.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct KafkaTls {
    /// Whether the connection is encrypted; becomes `KAFKA_TLS_ENABLED`.
    pub enabled: Option<bool>,
    /// A Secret with the certificate of the authority that signed the brokers' certificates, where that is not a public one. It is mounted, and `KAFKA_TLS_CA_FILE` says where.
    pub ca_secret: Option<ObjectName>,
    /// The key of the certificate in that Secret.
    pub ca_key: Option<DataKey>,
}

fn sasl_rules() -> Vec<Value> {
    let mechanism = |name: &str| has("mechanism", json!({ "const": name }));
    let by_password = has("mechanism", json!({ "enum": ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] }));
    let missing = Message {
        text: "`sasl.mechanism` asks for a name and a password, and there are none",
        help: "name a Secret that holds them in `sasl.existingSecret`, or set `sasl.username` and `sasl.password`",
        at: "/existingSecret",
    };
    let twice = Message {
        text: "name and password for Kafka are given inline and by an existing Secret",
        help: "keep `sasl.existingSecret`, or keep `sasl.username` and `sasl.password`",
        at: "/existingSecret",
    };
    let unused = Message {
        text: "name and password for Kafka are given, and not how they are used",
        help: "set `sasl.mechanism` to `PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`",
        at: "/mechanism",
    };
    let by_role = Message {
        text: "`AWS_MSK_IAM` knows roles, and no name and password",
        help: "leave `username`, `password` and `existingSecret` empty; the services' ServiceAccounts stand for the role",
        at: "/mechanism",
    };
    let region = Message {
        text: "`AWS_MSK_IAM` needs the cluster's region",
        help: "set `sasl.region`, for example `eu-central-1`",
        at: "/region",
    };
    let inline = || any([filled("username"), filled("password")]);
    let given = || any([inline(), filled("existingSecret")]);
    let enough = any([filled("existingSecret"), all([filled("username"), filled("password")])]);
    vec![
        rule(missing, by_password, enough),
        forbid(twice, all([filled("existingSecret"), inline()])),
        forbid(unused, all([given(), not(has("mechanism", json!({})))])),
        forbid(by_role, all([mechanism("AWS_MSK_IAM"), given()])),
        rule(region, mechanism("AWS_MSK_IAM"), filled("region")),
    ]
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
        text: "this is not a Redis URL",
        help: "write `redis://host:6379/0`, or `rediss://…` for TLS",
        at: "",
    };
    let plain = Message {
        text: "the connection to Redis is not encrypted",
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
        text: "this is not a PostgreSQL URL",
        help: "write `postgresql://user:password@host:5432/database?sslmode=require`",
        at: "",
    };
    let plain = Message {
        text: "the connection to PostgreSQL may not be encrypted: the URL does not say `sslmode`",
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
        text: "this is the manual's example: everybody knows it, and it does not have the form that the services ask for",
        help: "make one with `plimsoll secrets datafly > secrets.yaml` and add `-f secrets.yaml`",
        at: "",
    };
    warn(message, json!({ "type": "string", "pattern": pattern }))
}

/// The string is there and not empty, at the top level or under `global`.
pub(super) fn given(path: &str) -> Value {
    any([filled(path), filled(&format!("global.{path}"))])
}
