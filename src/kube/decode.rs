//! Typed objects: from a checked tree to the Rust type of its kind.
//!
//! The types are those of k8s-openapi. They accept any unknown field, so they prove nothing: the strict check comes
//! first. Only the kinds that rules read as typed objects are decoded; one table lists them.
//!
//! ```text
//! Document ─ check ─► Document, of the right types ─ decode ─► Object::Deployment(Box<apps/v1 Deployment>)
//! ```
//!
//! An object is made when a rule is to see it, and dropped afterwards, so that a large set has one of them at a time.

use k8s_openapi::Resource;
use k8s_openapi::api::core::v1::{PodSpec, PodTemplateSpec};
use k8s_openapi::api::{
    apps::v1 as apps, autoscaling::v2 as autoscaling, batch::v1 as batch, core::v1 as core,
    networking::v1 as networking, policy::v1 as policy, rbac::v1 as rbac, scheduling::v1 as scheduling,
    storage::v1 as storage,
};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1 as extensions;

use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Document, Identity};
use crate::session::{Outcome, Session};
use crate::yaml::{DecodeError, Tree};

/// The typed object of a document; [`Object::Other`] for the kinds that are not decoded.
///
/// # Errors
/// K012 where the types of Kubernetes refuse what the check let pass.
pub fn decode(session: &Session, document: &Document<impl Tree>) -> Outcome<Object> {
    let identity = &document.identity;
    decode_as(&identity.api_version, &identity.kind, &document.node).map_err(|error| {
        let message = format!("{identity} cannot be decoded at `{}`: {}", error.path, error.reason);
        // What is missing has no place of its own: then it is the whole object.
        let place = session.resolve(error.span.unwrap_or(document.node.span()));
        let finding =
            Diagnostic::error(Code::K012, message).at(place, "this value").of_document(document.node.span());
        session.report(finding.help("write the value as the Kubernetes API reference describes it"))
    })
}

/// The typed object of a document that may be wrong; none where the types of Kubernetes refuse it.
pub fn try_decode(document: &Document<impl Tree>) -> Option<Object> {
    let identity = &document.identity;
    decode_as(&identity.api_version, &identity.kind, &document.node).ok()
}

/// Whether [`decode`] has a type for objects like this one. The API version counts too: a kind of another group may
/// bear the name of a built-in one.
pub fn is_decoded(object: &Identity) -> bool {
    Object::DECODED
        .iter()
        .any(|(api_version, kind)| *object.kind == **kind && *object.api_version == **api_version)
}

// One list makes the enum, the decoder and the list of names, so that no kind can be in one of them alone.
macro_rules! kinds {
    ($($kind:ident: $group:ident),* $(,)?) => {
        /// A typed Kubernetes object. Each is in a box: the largest type would make every object as large as it is.
        #[derive(Clone, Debug)]
        pub enum Object {
            $(
                #[doc = concat!("A ", stringify!($kind), ".")]
                $kind(Box<$group::$kind>),
            )*
            /// Any other kind, a custom one for example: only its tree is known.
            Other,
        }

        impl Object {
            /// API version and kind of what is decoded.
            pub const DECODED: &[(&str, &str)] =
                &[$((<$group::$kind as Resource>::API_VERSION, <$group::$kind as Resource>::KIND)),*];
        }

        /// Decodes a tree as the type of its kind. The kinds are compared one by one: decoding the object costs far
        /// more.
        fn decode_as(api_version: &str, kind: &str, tree: &impl Tree) -> Result<Object, DecodeError> {
            $(
                if kind == <$group::$kind as Resource>::KIND
                    && api_version == <$group::$kind as Resource>::API_VERSION
                {
                    return tree.decode().map(|object| Object::$kind(Box::new(object)));
                }
            )*
            Ok(Object::Other)
        }

        /// The typed object as JSON again.
        #[cfg(test)]
        pub(super) fn to_json(object: &Object) -> serde_json::Value {
            match object {
                $(Object::$kind(object) => serde_json::to_value(object).unwrap(),)*
                Object::Other => serde_json::Value::Null,
            }
        }
    };
}

kinds! {
    Pod: core,
    Deployment: apps,
    StatefulSet: apps,
    DaemonSet: apps,
    ReplicaSet: apps,
    Job: batch,
    CronJob: batch,
    Service: core,
    Ingress: networking,
    IngressClass: networking,
    NetworkPolicy: networking,
    HorizontalPodAutoscaler: autoscaling,
    PodDisruptionBudget: policy,
    ConfigMap: core,
    Secret: core,
    ServiceAccount: core,
    Namespace: core,
    LimitRange: core,
    ResourceQuota: core,
    PersistentVolume: core,
    PersistentVolumeClaim: core,
    StorageClass: storage,
    PriorityClass: scheduling,
    Role: rbac,
    RoleBinding: rbac,
    ClusterRole: rbac,
    ClusterRoleBinding: rbac,
    CustomResourceDefinition: extensions,
}

impl Object {
    /// The pods that a workload makes, or the pod itself; none for kinds that make none, or where a part of the way to
    /// it is missing.
    pub fn pod_spec(&self) -> Option<&PodSpec> {
        match self {
            Object::Pod(pod) => pod.spec.as_ref(),
            _ => self.pod_template().and_then(|template| template.spec.as_ref()),
        }
    }

    /// The template from which a workload makes its pods; none for a Pod, which has its spec itself. A CronJob has it
    /// below the template of its Jobs.
    pub fn pod_template(&self) -> Option<&PodTemplateSpec> {
        match self {
            Object::Deployment(object) => Some(&object.spec.template),
            Object::StatefulSet(object) => Some(&object.spec.template),
            Object::DaemonSet(object) => Some(&object.spec.template),
            Object::ReplicaSet(object) => object.spec.template.as_ref(),
            Object::Job(object) => Some(&object.spec.as_ref()?.template),
            Object::CronJob(object) => Some(&object.spec.job_template.spec.as_ref()?.template),
            _ => None,
        }
    }
}
