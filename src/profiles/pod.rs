//! What the pods of every component have: an image, an environment, probes, a place to run, an identity.

use k8s_openapi::api::core::v1::{
    Affinity, EnvFromSource, EnvVar, PodSecurityContext, ResourceRequirements, SecurityContext, Toleration,
    TopologySpreadConstraint, VolumeMount,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::profiles::api::{Container, HostAlias, Lifecycle, PodDnsConfig, UpdateStrategy, Volume};
use crate::profiles::forms::{
    Annotations, Count, Labels, NodeLabels, ObjectName, PositiveCount, Seconds, Variables,
};
use crate::profiles::rule::{Message, all, has, switched, warn};

/// The settings that each component's pods have in common.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Pod {
    /// What the main container asks for, and what it may not exceed.
    pub resources: Option<ResourceRequirements>,
    /// Where the pods run.
    #[serde(flatten)]
    pub spread: Spread,
    /// The class that says which pods go first when there is too little room. Empty means the cluster's default.
    pub priority_class_name: Option<ObjectName>,
    /// Further annotations of the pods.
    pub pod_annotations: Option<Annotations>,
    /// Further labels of the pods. `app` is the selector and stays as it is.
    pub pod_labels: Option<Labels>,
    /// The pods' security context, merged over the default key by key.
    pub pod_security_context: Option<PodSecurityContext>,
    /// The main container's security context, merged over the default key by key.
    pub security_context: Option<SecurityContext>,
    /// The ServiceAccount that the pods run as.
    pub service_account: Option<ServiceAccount>,
    /// Further volumes of the pods, of any kind that Kubernetes has: a ConfigMap, a claim, a CSI driver's.
    pub extra_volumes: Option<Vec<Volume>>,
    /// Where the main container mounts them.
    pub extra_volume_mounts: Option<Vec<VolumeMount>>,
    /// How long a pod may take to finish its work when it is stopped, in seconds.
    pub termination_grace_period_seconds: Option<Seconds>,
    /// Further entries of the pods' `/etc/hosts`.
    pub host_aliases: Option<Vec<HostAlias>>,
    /// Which DNS the pods ask. Unset means the cluster's.
    pub dns_policy: Option<DnsPolicy>,
    /// Name servers, search domains and options of the pods' DNS.
    pub dns_config: Option<PodDnsConfig>,
    /// The class of container runtime, such as a sandbox. Empty means the node's default.
    pub runtime_class_name: Option<ObjectName>,
}

/// The settings of a workload: its pods, what runs in them, and how new ones replace old ones.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Workload {
    /// What the pods have.
    #[serde(flatten)]
    pub pod: Pod,
    /// What runs in them.
    #[serde(flatten)]
    pub process: Process,
    /// What runs beside the main container.
    #[serde(flatten)]
    pub companions: Companions,
    /// How new pods replace old ones.
    #[serde(flatten)]
    pub rollout: Rollout,
}

/// What a main container runs, and how it ends.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Process {
    /// Replaces the entry point of the main container's image.
    pub command: Option<Vec<String>>,
    /// Replaces the arguments of the main container.
    pub args: Option<Vec<String>>,
    /// What the main container does after its start and before its end. A `preStop` of yours replaces the pause.
    pub lifecycle: Option<Lifecycle>,
    // A pod that is stopped goes on to get requests until every node knows that it is away: without a pause each rollout
    // would cost some of them. The kubelet pauses by itself, so that no image needs a program for it.
    /// How long the main container serves on when its pod is stopped, in seconds, while requests are led elsewhere. Unset
    /// means 5 for what serves requests, unless the grace period is less than 10; 0 means not at all.
    pub pre_stop_sleep_seconds: Option<Seconds>,
}

/// What runs beside the main container.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Companions {
    /// Further containers that run before the main one. One with `restartPolicy: Always` runs beside it as well.
    pub init_containers: Option<Vec<Container>>,
    /// Further containers beside the main one.
    pub sidecars: Option<Vec<Container>>,
}

/// How new pods of a workload replace old ones.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Rollout {
    /// How new pods replace old ones, as Kubernetes has it: `type` and `rollingUpdate`. It replaces the chart's own.
    pub update_strategy: Option<UpdateStrategy>,
    /// How many old versions are kept to go back to. Unset means 10.
    pub revision_history_limit: Option<Count>,
    /// How long a new pod must be ready before the next one is replaced, in seconds. Unset means 0.
    pub min_ready_seconds: Option<Count>,
}

/// Which DNS pods ask.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[schemars(inline)]
pub enum DnsPolicy {
    /// The cluster's.
    ClusterFirst,
    /// The cluster's, for pods in the network of their node.
    ClusterFirstWithHostNet,
    /// The node's.
    Default,
    /// What `dnsConfig` says, and nothing else.
    None,
}

/// A container image.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Image {
    /// The repository, with its registry where it is not Docker Hub.
    #[schemars(length(min = 1))]
    pub repository: Option<String>,
    /// The tag. Empty means the one of the chart's version, or of `global.imageTag` where a chart has that.
    pub tag: Option<String>,
    // Two of the originals name the tag `latest`: there a digest is the only way to run the same program in every pod.
    /// The digest, such as `sha256:…`. It wins over the tag and pins the image.
    #[schemars(regex(pattern = "^$|^sha256:[0-9a-f]{64}$"))]
    pub digest: Option<String>,
    /// When the image is pulled.
    pub pull_policy: Option<PullPolicy>,
}

/// The warning of a bundled store whose image is of a version that is known to be too old.
///
/// `store` is the name of the store's settings, `versions` an expression for the major versions that are too old, and
/// `least` says from which on, and why.
pub fn older_than(store: &str, versions: &str, least: &str) -> Value {
    let text = format!("`{store}.image` is older than {least}");
    let help = "take an image of that version or a newer one; the data of a running store has to be migrated with the vendor's tools";
    let at = format!("/{store}/image/tag");
    // A tag begins with the version, mostly: `15.15-alpine`, `v7`.
    let tag = json!({ "type": "string", "pattern": format!("^v?{versions}([.-]|$)") });
    let condition =
        all([switched(&format!("{store}.enabled"), true), has(&format!("{store}.image.tag"), tag)]);
    warn(Message { text: &text, help, at: &at }, condition)
}

/// When an image is pulled.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[schemars(inline)]
pub enum PullPolicy {
    /// At each start of a container.
    Always,
    /// Once a node.
    IfNotPresent,
    /// Never: the node must have it.
    Never,
}

/// What a container's environment has beyond what the chart puts there.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// Further variables, as name and value. They win over the chart's ConfigMap and Secret.
    pub env: Option<Variables>,
    /// Further variables as Kubernetes has them, for example with `valueFrom`.
    pub extra_env: Option<Vec<EnvVar>>,
    /// Further ConfigMaps and Secrets whose keys become variables.
    pub env_from: Option<Vec<EnvFromSource>>,
}

/// A probe of a container that answers by HTTP. What is not set is what the chart and Kubernetes say.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Probe {
    /// The path that is asked for. Empty means the chart's.
    #[schemars(extend("pattern" = "^$|^/[^ ]*$", "x-pattern-help" = "write a path such as `/health`"))]
    pub path: Option<String>,
    /// When it is asked for.
    #[serde(flatten)]
    pub times: ProbeTimes,
}

/// The probes of a container that answers by HTTP.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Probes {
    /// How long the first start may take, before the other probes begin. It asks what `livenessProbe` asks.
    pub startup_probe: Option<Probe>,
    /// When the container is restarted.
    pub liveness_probe: Option<Probe>,
    /// When the container gets traffic.
    pub readiness_probe: Option<Probe>,
}

/// The probes of a container that are answered by a command or a connection.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct TimedProbes {
    /// How long the first start may take, before the other probes begin. It asks what `livenessProbe` asks.
    pub startup_probe: Option<ProbeTimes>,
    /// When the container is restarted.
    pub liveness_probe: Option<ProbeTimes>,
    /// When the container gets traffic.
    pub readiness_probe: Option<ProbeTimes>,
}

/// The times of a probe, in seconds. What is not set is what Kubernetes says.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ProbeTimes {
    /// How long after the start the first probe is sent.
    pub initial_delay_seconds: Option<Count>,
    /// How often.
    pub period_seconds: Option<PositiveCount>,
    /// How long an answer may take.
    pub timeout_seconds: Option<PositiveCount>,
    /// How many failures in a row count.
    pub failure_threshold: Option<PositiveCount>,
}

/// Where pods run, for all components that say nothing else.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Placement {
    // As in Helm charts, where `default` takes an empty map for one that is not set: so a component cannot cancel what
    // is said for all. Values files that were written for the originals count on it.
    /// The labels that a node must have. Empty means what `global.nodeSelector` says.
    pub node_selector: Option<NodeLabels>,
    /// The taints that the pods tolerate. Empty means what `global.tolerations` says.
    pub tolerations: Option<Vec<Toleration>>,
    /// Rules that draw pods to nodes and to each other, or keep them apart. Empty means what `global.affinity` says.
    pub affinity: Option<Affinity>,
}

/// Where a component's pods run, and how they spread.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Spread {
    /// The labels that a node must have, and more.
    #[serde(flatten)]
    pub placement: Placement,
    /// How the pods spread over zones and nodes. An entry without `labelSelector` means this component's pods.
    pub topology_spread_constraints: Option<Vec<TopologySpreadConstraint>>,
}

/// Whether pods of the same workload keep away from each other's nodes.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum AntiAffinity {
    /// Where there is room.
    Preferred,
    /// Always: a pod without a node of its own waits.
    Required,
    /// Not at all.
    None,
}

/// The ServiceAccount that a component's pods run as.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ServiceAccount {
    /// Whether it is rendered. If not, the pods run as `name`, or as the namespace's default when that is empty.
    pub create: Option<bool>,
    /// Its name. Empty means the component's name when it is created.
    pub name: Option<ObjectName>,
    /// Its annotations, for example the cloud role that it stands for.
    pub annotations: Option<Annotations>,
    // Most components never call the Kubernetes API; the originals mount the token everywhere all the same.
    /// Whether the pods get a token for the Kubernetes API.
    pub automount: Option<bool>,
}
