//! What the pods of every component have: an image, an environment, probes, a place to run, an identity.

use k8s_openapi::api::core::v1::{
    Affinity, ConfigMapVolumeSource, EmptyDirVolumeSource, EnvFromSource, EnvVar,
    PersistentVolumeClaimVolumeSource, PodSecurityContext, ResourceRequirements, SecretVolumeSource,
    SecurityContext, Toleration, TopologySpreadConstraint, VolumeMount,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::profiles::forms::{
    Annotations, Count, Labels, NodeLabels, ObjectName, PartName, PositiveCount, Variables,
};

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
    /// Further volumes of the pods, for example a certificate authority from a ConfigMap.
    pub extra_volumes: Option<Vec<Volume>>,
    /// Where the main container mounts them.
    pub extra_volume_mounts: Option<Vec<VolumeMount>>,
}

// A type of its own, because the schema of Kubernetes's `Volume` has a definition for each kind of storage there ever
// was.
/// A volume of the kinds that a chart's user adds; Kubernetes has many more.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Volume {
    /// The name that mounts refer to.
    pub name: PartName,
    /// The files of a ConfigMap.
    pub config_map: Option<ConfigMapVolumeSource>,
    /// The files of a Secret.
    pub secret: Option<SecretVolumeSource>,
    /// An empty folder that lives as long as the pod.
    pub empty_dir: Option<EmptyDirVolumeSource>,
    /// A disk that was claimed.
    pub persistent_volume_claim: Option<PersistentVolumeClaimVolumeSource>,
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

// Only the times can be set. What is asked, a path or a port, belongs to the image, and the templates know it.
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
