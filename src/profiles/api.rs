//! Parts of Kubernetes objects that a chart passes on as they are: containers, volumes, whole objects.
//!
//! ```text
//! sidecars: Option<Vec<Container>>     {"$ref": "#/definitions/io.k8s.api.core.v1.Container"}, which is any map
//! ```
//!
//! Their schema says of which type of the API they are, and no more: what is rendered is held against the API table of the
//! chosen versions, field by field, and a finding there points at the line of the values file. So there is one copy of the
//! API, and every field of it can be set. Types of which a chart has something to say beforehand, such as the names of
//! a Toleration's fields, are `k8s-openapi`'s.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Declares types of the API, each with its name and what it must have.
macro_rules! api_types {
    ($($(#[$meta:meta])* $name:ident = $of:literal $required:tt;)*) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
            pub struct $name(pub BTreeMap<String, Value>);

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    concat!("io.k8s.", $of).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!({ "type": "object", "required": $required })
                }
            }
        )*
    };
}

api_types! {
    /// A container of a pod.
    Container = "api.core.v1.Container" ["name"];
    /// A volume of a pod.
    Volume = "api.core.v1.Volume" ["name"];
    /// What a container does after its start and before its end.
    Lifecycle = "api.core.v1.Lifecycle" [];
    /// An entry of a pod's `/etc/hosts`.
    HostAlias = "api.core.v1.HostAlias" ["ip"];
    /// The name servers, search domains and options of a pod's DNS.
    PodDnsConfig = "api.core.v1.PodDNSConfig" [];
    // A name of its own: of the two that it stands for, `DeploymentStrategy` has a type with fields in some charts.
    /// How new pods replace old ones: of a Deployment, or of a StatefulSet.
    UpdateStrategy = "api.apps.v1.UpdateStrategy" [];
    /// Any object.
    Object = "apimachinery.pkg.runtime.Object" ["apiVersion", "kind", "metadata"];
    /// A Gateway that a route belongs to.
    ParentReference = "gateway.v1.ParentReference" ["name"];
}
