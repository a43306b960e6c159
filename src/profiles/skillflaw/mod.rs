//! The values of the SkillFlaw chart.

pub mod components;
pub mod network;
mod rules;
pub mod stores;

use components::{Backend, Docs, Frontend};
use k8s_openapi::api::core::v1::LocalObjectReference;
use network::{Ingress, NetworkPolicy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stores::{Database, Persistence, Redis, SecretKey, Superuser};

use crate::profiles::availability::Budget;
use crate::profiles::common::{Common, Monitor};
use crate::profiles::forms::Namespace;
use crate::profiles::network::{ClusterIssuer, HttpRoute};
use crate::profiles::pod::Placement;
use crate::profiles::scalar::NAME;

/// How long it may be, so that with `-runtime-secrets`, the longest that follows it, it has 63 characters.
const NAME_LENGTH: u32 = 47;

/// The values of the SkillFlaw chart.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("allOf" = rules::rules()))]
pub struct SkillFlaw {
    /// What holds for all components that say nothing else.
    pub global: Option<Global>,
    /// Replaces the chart's name in the names of objects.
    #[schemars(extend("pattern" = NAME), length(max = NAME_LENGTH))]
    pub name_override: Option<String>,
    /// Replaces the start of the names of all objects, which is otherwise made from the release's name.
    #[schemars(extend("pattern" = NAME), length(max = NAME_LENGTH))]
    pub fullname_override: Option<String>,
    /// The Secrets that hold the credentials for image registries, for example for `ghcr.io/cwinux`.
    pub image_pull_secrets: Option<Vec<LocalObjectReference>>,
    /// The backend, which runs the flows and serves the API.
    pub backend: Option<Backend>,
    /// The PostgreSQL that holds flows and users. It is not bundled.
    pub database: Option<Database>,
    /// The Redis that the backend's pods share as a cache. It is not bundled.
    pub redis: Option<Redis>,
    /// The key that encrypts what is stored, as a file in the backend's pods.
    pub secret_key: Option<SecretKey>,
    /// The first user, who may do everything.
    pub superuser: Option<Superuser>,
    /// The claim for the files that the backend keeps.
    pub persistence: Option<Persistence>,
    /// The pages for browsers.
    pub frontend: Option<Frontend>,
    /// The documentation as a site of its own.
    pub docs: Option<Docs>,
    /// The Ingress before all of them.
    pub ingress: Option<Ingress>,
    /// HTTPRoutes of the Gateway API, for the hosts and paths of the Ingress: beside it, or in its place.
    pub http_route: Option<HttpRoute>,
    /// How many pods may be away while nodes are drained.
    pub pod_disruption_budget: Option<Budgets>,
    /// Which traffic is allowed.
    pub network_policy: Option<NetworkPolicy>,
    /// A cert-manager ClusterIssuer.
    pub cluster_issuer: Option<ClusterIssuer>,
    /// What has Prometheus scrape the backend, by its Service.
    pub service_monitor: Option<Monitor>,
    /// What has Prometheus scrape the backend, by its pods.
    pub pod_monitor: Option<Monitor>,
    /// What all charts have.
    #[serde(flatten)]
    pub common: Common,
}

/// What holds for all components that say nothing else.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Global {
    /// The namespace of all objects. Empty means that of the command; a `--namespace` must agree with it.
    pub namespace: Option<Namespace>,
    /// Where pods run.
    #[serde(flatten)]
    pub placement: Placement,
}

/// The disruption budgets.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Budgets {
    /// The backend's budget.
    pub backend: Option<Budget>,
    /// The frontend's budget.
    pub frontend: Option<Budget>,
}
