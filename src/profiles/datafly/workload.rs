//! The values that each of the six components has.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{EnvFromSource, EnvVar};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::stores::encryption_key;
use crate::profiles::forms::Count;
use crate::profiles::network::{Exposure, exposed_where_it_says};
use crate::profiles::pod::{self, Image, Probes};
use crate::profiles::rule::{Message, forbid};
use crate::profiles::scalar::{Secret, Text};

/// One of the six components.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
// The six components have two kinds of environments, and each instance of a generic type needs a name of its own in the
// schema.
#[schemars(rename = "WorkloadWith{Env}")]
pub struct Workload<Env> {
    /// How many pods there are, unless `autoscaling` is enabled for the component.
    pub replicas: Option<Count>,
    /// An image of its own. What is empty in it comes from `image` at the top level.
    pub image: Option<Image>,
    /// Further variables, as name and value. They win over the chart's ConfigMap.
    pub env: Option<Env>,
    /// Further variables as Kubernetes has them, for example with `valueFrom`.
    pub extra_env: Option<Vec<EnvVar>>,
    /// Further ConfigMaps and Secrets whose keys become variables.
    pub env_from: Option<Vec<EnvFromSource>>,
    /// The Service before the pods.
    pub service: Option<Service>,
    // No page names a path, only that `PORT` serves health and metrics.
    /// The path that probes ask for. Empty means that the port has to be open, no more.
    #[schemars(extend("pattern" = "^$|^/", "x-pattern-help" = "write a path that begins with `/`"))]
    pub health_path: Option<String>,
    /// The path that the readiness probe asks for, where it is another.
    #[schemars(extend("pattern" = "^$|^/", "x-pattern-help" = "write a path that begins with `/`"))]
    pub readiness_path: Option<String>,
    /// When it has started, lives, and gets traffic. A `path` of theirs wins over the two above.
    #[serde(flatten)]
    pub probes: Probes,
    /// What all components have.
    #[serde(flatten)]
    pub workload: pod::Workload,
}

/// The Service of a component; its name is the component's and `-svc`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("allOf" = exposed_where_it_says()))]
pub struct Service {
    // Whether a component has one by default is as in the manual, except that the identity hub, to which browsers are
    // redirected, has one as well.
    /// Whether it is rendered. A service monitor brings it too.
    pub enabled: Option<bool>,
    /// How it is reachable.
    #[serde(flatten)]
    pub exposure: Exposure,
}

/// Further variables of a component. Those that the chart sets itself are refused, and never shown.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[schemars(extend("allOf" = shared_elsewhere(&[ENCRYPTION_KEY])))]
// Were they not named here, they would be among `variables`, and be shown in clear with the message that refuses them.
pub struct ServiceEnv {
    /// Refused here: write it as `encryptionKey`.
    #[serde(rename = "ENCRYPTION_KEY")]
    pub encryption_key: Option<Secret>,
    /// Refused here: write it as `database.url`.
    #[serde(rename = "DATABASE_URL")]
    pub database_url: Option<Secret>,
    /// Refused here: write it as `jwt.secret`.
    #[serde(rename = "JWT_SECRET")]
    pub jwt_secret: Option<Secret>,
    /// Refused here: write it as `redis.url`.
    #[serde(rename = "REDIS_URL")]
    pub redis_url: Option<Secret>,
    /// The variables.
    #[serde(flatten)]
    pub variables: BTreeMap<String, Text>,
}

// The same as `ServiceEnv` but for one variable: a schema belongs to a type, so rules that differ need two types.
/// Further variables of the identity hub. `ENCRYPTION_KEY` may stand among them, as in the manual.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[schemars(extend("allOf" = shared_elsewhere(&[])))]
pub struct IdentityEnv {
    /// The same as `encryptionKey` at the top level: it is kept in the Secret and given to all services.
    #[serde(rename = "ENCRYPTION_KEY")]
    #[schemars(extend("allOf" = encryption_key()))]
    pub encryption_key: Option<Secret>,
    /// Refused here: write it as `database.url`.
    #[serde(rename = "DATABASE_URL")]
    pub database_url: Option<Secret>,
    /// Refused here: write it as `jwt.secret`.
    #[serde(rename = "JWT_SECRET")]
    pub jwt_secret: Option<Secret>,
    /// Refused here: write it as `redis.url`.
    #[serde(rename = "REDIS_URL")]
    pub redis_url: Option<Secret>,
    /// The variables.
    #[serde(flatten)]
    pub variables: BTreeMap<String, Text>,
}

/// A variable that the chart sets itself, and where its value is written instead.
type Shared = (&'static str, &'static str);

const ENCRYPTION_KEY: Shared = ("ENCRYPTION_KEY", "`encryptionKey`");

const SECRETS: [Shared; 3] =
    [("DATABASE_URL", "`database.url`"), ("JWT_SECRET", "`jwt.secret`"), ("REDIS_URL", "`redis.url`")];

/// A secret in `env` would stand in the Deployment, readable, and for one service alone.
fn shared_elsewhere(more: &[Shared]) -> Vec<Value> {
    let secret = |(name, setting): &Shared| {
        let text = format!("`{name}` is a secret that all services share, not a variable of one of them");
        let help = format!("write it as {setting}, or keep it in an existing Secret");
        let message = Message { text: &text, help: &help, at: &format!("/{name}") };
        forbid(message, json!({ "required": [name] }))
    };
    let port = Message {
        text: "`PORT` is set by the chart, which tells Services and probes the same number",
        help: "remove it",
        at: "/PORT",
    };
    let port = forbid(port, json!({ "required": ["PORT"] }));
    SECRETS.iter().chain(more).map(secret).chain([port]).collect()
}
