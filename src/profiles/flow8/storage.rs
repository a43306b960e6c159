//! The disk for flow8's files.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::profiles::scalar::Text;

/// The disk for `/app/data`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Storage {
    /// Whether the files outlive the pods. If not, each pod has an empty folder of its own.
    pub enabled: Option<bool>,
    /// How much room is claimed.
    pub size: Option<Quantity>,
    /// The class of the claimed disk. Empty means the cluster's default.
    pub storage_class: Option<String>,
    /// Who may mount the disk. Empty means `ReadWriteMany` when there can be several pods, else `ReadWriteOnce`.
    #[schemars(extend("enum" = ["", "ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod"]))]
    pub access_mode: Option<String>,
    /// A claim that exists, instead of a rendered one.
    pub existing_claim: Option<String>,
    /// Annotations of the rendered claim.
    pub annotations: Option<BTreeMap<String, Text>>,
}
