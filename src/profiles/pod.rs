//! What every component's pods have in common, written once.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    ConfigMapVolumeSource, EmptyDirVolumeSource, PersistentVolumeClaimVolumeSource, PodSecurityContext,
    ResourceRequirements, SecretVolumeSource, SecurityContext, VolumeMount,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::placement::Spread;
use super::scalar::Text;
use super::service_account::ServiceAccount;

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
    pub priority_class_name: Option<String>,
    /// Further annotations of the pods.
    pub pod_annotations: Option<BTreeMap<String, Text>>,
    /// Further labels of the pods. `app` is the selector and stays as it is.
    pub pod_labels: Option<BTreeMap<String, Text>>,
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

/// A volume of the kinds that a chart's user adds; Kubernetes has many more.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Volume {
    /// The name that mounts refer to.
    pub name: String,
    /// The files of a ConfigMap.
    pub config_map: Option<ConfigMapVolumeSource>,
    /// The files of a Secret.
    pub secret: Option<SecretVolumeSource>,
    /// An empty folder that lives as long as the pod.
    pub empty_dir: Option<EmptyDirVolumeSource>,
    /// A disk that was claimed.
    pub persistent_volume_claim: Option<PersistentVolumeClaimVolumeSource>,
}
