//! The values of the flow8 chart.

pub mod config;
pub mod ingress;
pub mod mongodb;
pub mod network;
mod rules;

use config::{AppConfig, Secrets};
use ingress::{Ingress, Tls};
use k8s_openapi::api::apps::v1::DeploymentStrategy;
use k8s_openapi::api::core::v1::LocalObjectReference;
use mongodb::Mongodb;
use network::{NetworkPolicy, Ports, Rbac, Service};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::profiles::availability::{Autoscaling, Budget};
use crate::profiles::common::{Common, Monitor};
use crate::profiles::forms::{Annotations, Namespace, ObjectName, PositiveCount, Size};
use crate::profiles::network::{ClusterIssuer, HttpRoute};
use crate::profiles::pod::{AntiAffinity, Environment, Image, Placement, Probes, Workload};
use crate::profiles::scalar::NAME;

/// The values of the flow8 chart.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("allOf" = rules::rules()))]
pub struct Flow8 {
    /// What holds for flow8 and for MongoDB, unless they say something else.
    pub global: Option<Global>,
    /// Replaces the chart's name in the names of objects.
    #[schemars(extend("pattern" = NAME), length(max = 63))]
    pub name_override: Option<String>,
    // 55 and `-secrets` or `-mongodb` are 63, the longest that a label may be.
    /// Replaces the start of the names of objects, which is otherwise made from the release's name. At most 55 characters, so that suffixes fit.
    #[schemars(extend("pattern" = NAME), length(max = 55))]
    pub fullname_override: Option<String>,
    /// The Secrets that hold the credentials for private image registries.
    pub image_pull_secrets: Option<Vec<LocalObjectReference>>,
    /// How many pods there are, unless `autoscaling` is enabled.
    pub replica_count: Option<PositiveCount>,
    /// flow8's image.
    pub image: Option<Image>,
    /// How new pods replace old ones, merged over the default: one by one, or all at once where a disk can't be shared.
    /// `updateStrategy` replaces both.
    pub strategy: Option<DeploymentStrategy>,
    /// Scaling by load.
    pub autoscaling: Option<Autoscaling>,
    /// How many pods may be away while nodes are drained.
    pub pod_disruption_budget: Option<Budget>,
    /// The Service before the pods.
    pub service: Option<Service>,
    /// The ports that flow8 listens at.
    pub ports: Option<Ports>,
    /// The Ingress before the Service.
    pub ingress: Option<Ingress>,
    /// HTTPRoutes of the Gateway API, for the hosts and paths of the Ingress: beside it, or in its place.
    pub http_route: Option<HttpRoute>,
    /// Where the Ingress's certificate comes from; at most one of the three.
    pub tls: Option<Tls>,
    /// A cert-manager ClusterIssuer.
    pub cluster_issuer: Option<ClusterIssuer>,
    /// The disk for `/app/data`.
    pub storage: Option<Storage>,
    /// The database: one of your own by its address, or the bundled replica set.
    pub mongodb: Option<Mongodb>,
    /// flow8's keys.
    pub secrets: Option<Secrets>,
    /// The settings that become `config.yml`, under the names that they have there.
    pub config: Option<AppConfig>,
    // The whole file is not documented. What is known of it is checked in `config`; this lets the rest through.
    /// Further settings of `config.yml` that the chart does not know, merged over `config`.
    pub extra_config: Option<serde_json::Map<String, serde_json::Value>>,
    /// How much is logged; becomes `LOG_LEVEL`.
    #[schemars(extend("enum" = ["debug", "info", "warn", "error"]))]
    pub log_level: Option<String>,
    // The vendor's manifest has 2, which is right for one limit alone.
    /// How many threads run at once; becomes `GOMAXPROCS`. Unset means the container's CPU limit.
    #[schemars(range(min = 1))]
    pub go_max_procs: Option<i32>,
    // Required by the vendor's reference and missing in the vendor's manifest; without it flow8 takes
    // `http://localhost:4454/api/`.
    /// The address of the API as browsers know it; becomes `API_URL`. Empty means the Ingress's first host and `/api/`.
    #[schemars(extend("pattern" = "^$|^https?://[^ ]+$", "x-pattern-help" = "write an address such as `https://flow8.example.org/api/`"))]
    pub api_url: Option<String>,
    /// The address of the pages as browsers know it; becomes `FRONTEND_URL`. Empty means the Ingress's first host.
    #[schemars(extend("pattern" = "^$|^https?://[^ ]+$", "x-pattern-help" = "write an address such as `https://flow8.example.org`"))]
    pub frontend_url: Option<String>,
    /// Which other origins may call the API; becomes `ALLOWED_ORIGINS`, joined by commas.
    pub allowed_origins: Option<Vec<String>>,
    /// The domain of the session's cookie; becomes `COOKIE_DOMAIN`. Empty means the host itself.
    pub cookie_domain: Option<String>,
    // The image has LibreOffice in it, which needs a home that it can write to.
    /// The home directory, which must be writable; becomes `HOME`. Empty means what the image says.
    #[schemars(extend("pattern" = "^$|^/", "x-pattern-help" = "write a path that begins with `/`"))]
    pub home: Option<String>,
    // The image is built on one of linuxserver.io, whose start-up may want to write to `/run`; whether this one does is
    // not documented, so the list can be changed.
    /// The folders that are empty and writable in each pod, since the rest of the file system is read-only.
    #[schemars(extend("items" = json!({ "type": "string", "pattern": "^/.", "x-pattern-help": "write a path that begins with `/`" })))]
    pub writable_paths: Option<Vec<String>>,
    /// Whether pods keep away from each other's nodes, unless `affinity` says more.
    pub anti_affinity: Option<AntiAffinity>,
    // Both at once would scrape each pod twice.
    /// Whether annotations on the pods ask Prometheus to scrape them. A ServiceMonitor replaces them.
    pub prometheus_annotations: Option<bool>,
    /// What has Prometheus scrape flow8, by its Service. It replaces the annotations on the pods, which have the same path.
    pub service_monitor: Option<Monitor>,
    /// What has Prometheus scrape flow8, by its pods. It replaces the annotations on the pods.
    pub pod_monitor: Option<Monitor>,
    /// Which traffic is allowed.
    pub network_policy: Option<NetworkPolicy>,
    /// What flow8 may read from the Kubernetes API.
    pub rbac: Option<Rbac>,
    /// Further variables.
    #[serde(flatten)]
    pub environment: Environment,
    /// When it has started, lives, and gets traffic.
    #[serde(flatten)]
    pub probes: Probes,
    /// What all pods have.
    #[serde(flatten)]
    pub workload: Workload,
    /// What all charts have.
    #[serde(flatten)]
    pub common: Common,
}

/// What holds for flow8 and for MongoDB, unless they say something else.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Global {
    /// The namespace of all objects. Empty means that of the command; a `--namespace` must agree with it.
    pub namespace: Option<Namespace>,
    /// Where pods run.
    #[serde(flatten)]
    pub placement: Placement,
}

/// The disk for `/app/data`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Storage {
    /// Whether the files outlive the pods. If not, each pod has an empty folder of its own.
    pub enabled: Option<bool>,
    /// How much room is claimed.
    pub size: Option<Size>,
    /// The class of the claimed disk. Empty means the cluster's default.
    pub storage_class: Option<ObjectName>,
    // The vendor's manifest has two pods, a rolling update and a claim that one node can mount: a pod on another node
    // waits for the disk.
    /// Who may mount the disk. Empty means `ReadWriteMany` when there can be several pods, else `ReadWriteOnce`; of an existing claim for several pods it must be said.
    #[schemars(extend("enum" = ["", "ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod"]))]
    pub access_mode: Option<String>,
    /// A claim that exists, instead of a rendered one.
    pub existing_claim: Option<ObjectName>,
    /// Annotations of the rendered claim.
    pub annotations: Option<Annotations>,
}
