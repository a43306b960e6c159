//! The values of what acts on the cluster: the MCP server and the controller.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::profiles::availability::Autoscaling;
use crate::profiles::forms::{Annotations, Count, Labels, ObjectName};
use crate::profiles::pod::{Environment, Image, Probes, Workload};
use crate::profiles::scalar::{BoolText, IntText, NAME, NumberText};

/// The MCP server, which acts on the cluster for the engine.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Mcp {
    /// The MCP server's image.
    pub image: Option<Image>,
    /// How many pods there are, unless `autoscaling` is enabled.
    pub replicas: Option<Count>,
    /// Scaling by load.
    pub autoscaling: Option<Autoscaling>,
    /// Settings: the MCP server's ConfigMap.
    pub config: Option<McpConfig>,
    /// What the MCP server may do in the cluster.
    pub rbac: Option<McpRbac>,
    // It has no `type`: the MCP server asks nobody who they are, and may be able to do anything in the cluster.
    /// The Service before the pods. It is never reachable from outside the cluster.
    pub service: Option<McpService>,
    /// Further variables.
    #[serde(flatten)]
    pub environment: Environment,
    /// When it has started, lives, and gets traffic.
    #[serde(flatten)]
    pub probes: Probes,
    /// What all components have.
    #[serde(flatten)]
    pub workload: Workload,
}

/// What the MCP server may do in the cluster.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct McpRbac {
    // The original binds `cluster-admin` and cannot be told otherwise, though its manual speaks of levels. It stays the
    // default, with a warning: what the agent's tools may do is for the user to say.
    /// The cluster role that it is given everywhere in the cluster.
    pub level: Option<RbacLevel>,
}

/// A cluster role that every cluster has.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum RbacLevel {
    /// Everything.
    ClusterAdmin,
    /// Everything in namespaces, with roles.
    Admin,
    /// Everything in namespaces, without roles.
    Edit,
    /// Reading, without Secrets.
    View,
    /// Nothing: bindings are made elsewhere.
    None,
}

/// The Service of the MCP server.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct McpService {
    /// Its labels, beside the chart's own.
    pub labels: Option<Labels>,
    /// Its annotations.
    pub annotations: Option<Annotations>,
    // The server keeps its sessions in memory (FastMCP does so unless told otherwise), and the original has nothing
    // that keeps a client at its pod.
    /// Whether an engine pod keeps talking to the same MCP pod, which its sessions need when there are several.
    pub session_affinity: Option<bool>,
}

/// The settings of the MCP server.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct McpConfig {
    /// The server's name; becomes `APP_NAME`.
    #[schemars(length(min = 1))]
    pub app_name: Option<String>,
    /// The server's description; becomes `APP_DESCRIPTION`.
    #[schemars(length(min = 1))]
    pub app_description: Option<String>,
    /// Whether the server says more than it should in production; becomes `DEBUG`.
    pub debug: Option<BoolText>,
    /// How much is logged; becomes `LOG_LEVEL`.
    pub log_level: Option<String>,
    /// How often a failed call is tried again; becomes `MAX_RETRY_ATTEMPTS`.
    pub max_retry_attempts: Option<IntText>,
    /// The first pause between tries, in seconds; becomes `RETRY_BASE_DELAY`.
    pub retry_base_delay: Option<NumberText>,
    /// The longest pause between tries, in seconds; becomes `RETRY_MAX_DELAY`.
    pub retry_max_delay: Option<NumberText>,
    /// By how much each pause is longer than the one before; becomes `RETRY_EXPONENTIAL_BASE`.
    pub retry_exponential_base: Option<NumberText>,
}

/// The controller of `SkyfloAI` resources.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Controller {
    /// Whether the controller, its ServiceAccount and its rights are rendered.
    pub enabled: Option<bool>,
    /// The controller's image.
    pub image: Option<Image>,
    // The election needs rights on leases, which the original forgets.
    /// How many pods there are; with more than one they elect a leader.
    pub replicas: Option<Count>,
    /// Further variables.
    #[serde(flatten)]
    pub environment: Environment,
    /// When it has started, lives, and gets traffic.
    #[serde(flatten)]
    pub probes: Probes,
    /// What all components have.
    #[serde(flatten)]
    pub workload: Workload,
}

/// A `SkyfloAI` resource made from the same values.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SkyfloAi {
    // The controller that is released registers no reconciler: it answers probes and does nothing with the resource. So
    // nothing of the chart depends on it.
    /// Whether the resource is rendered. It needs the controller.
    pub enabled: Option<bool>,
    /// Its name. Empty means the release's name and `-agent`. It can't be the release's own name, since the controller names Deployments after it.
    #[schemars(extend("pattern" = NAME), length(max = 63))]
    pub name: Option<String>,
    /// The Secret with the kubeconfig of the cluster that the MCP server acts on; becomes `spec.mcp.kubeconfigSecret`. Empty means that it acts on its own.
    pub kubeconfig_secret: Option<ObjectName>,
}
