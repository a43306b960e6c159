//! The Kubernetes API table, the strict check, validation, and typed decoding.
//!
//! [`Api`] says what Kubernetes and the known CRDs allow, [`check`] holds a document against it, and [`decode`]
//! gives rules a typed object. The types of Kubernetes accept anything, so strictness lives in the table alone.
//!
//! What is asked of a document comes from two places. The API's own description says which kinds, fields and types
//! there are, and it is data: all known versions of Kubernetes in one table, each field with the versions that have it.
//! What the API server asks beyond that stands in its Go code, and is written here by hand with the name of the
//! function that it was taken from.
//!
//! A cluster is never asked. What only it knows (admission webhooks, quotas, objects that are there already) is not
//! checked.
//!
//! ```text
//! api/             the table, what builds it, and questions about it; knows no document
//! documents        both checks over documents, on several threads
//! check/           a document against the table; changes plain scalars and the namespace
//! validate/        what the API server asks beyond types: facts as data, and functions
//! context          what a check has in view, and how it reports
//! string_formats   names, keys, times, encodings
//! cel/             expressions: rules of CRDs, policies
//! json_schema      what schemas of CRDs say beyond types
//! quantity         `100m`, `1.5Gi`
//! decode           typed objects
//! ```

mod api;
mod cel;
mod check;
mod context;
mod decode;
mod documents;
mod json_schema;
mod moved;
mod quantity;
mod string_formats;
#[cfg(test)]
mod tests;
mod validate;

pub use api::{
    Api, CRD, NoType, TypeRef, TypeSchemas, Versions, is_built_in_group, is_built_in_kind, may_define_kinds,
    served, type_schemas,
};
pub use check::{list_key_value, set_namespace};
pub use context::{AppliedText, Completion, PatchTarget, Target, mutated_groups};
pub use decode::{Object, decode, is_decoded, try_decode};
pub use documents::{check, check_all, restore_nulls};
pub use moved::moved;
pub use quantity::quantity_nanos;
pub use validate::{fact_addresses, pod_template_keys};

/// The types of Kubernetes that typed objects are made of, so that rules need not know the crate that they come from.
pub mod typed {
    pub use k8s_openapi::api::autoscaling::v2::*;
    pub use k8s_openapi::api::core::v1::*;
    pub use k8s_openapi::api::networking::v1::*;
    pub use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
    pub use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
    pub use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
}
