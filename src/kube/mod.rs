//! The Kubernetes API table, the strict check, and typed decoding.
//!
//! [`Api`] says what Kubernetes and the known CRDs allow, [`check`] holds a document against it, and [`decode`]
//! gives rules a typed object. The types of Kubernetes accept anything, so strictness lives in the table alone.

mod api;
mod builder;
mod check;
mod decode;
mod duplicates;
mod format;
mod kinds;
mod metadata;
mod pattern;
mod quantity;
mod requirement;
mod scalar;
mod structural;
mod table;
#[cfg(test)]
mod tests;
mod trail;
mod type_ref;
mod versions;
mod walk;
mod written;

pub use api::Api;
pub use check::{Target, check};
pub use decode::{decode, is_decoded};
pub use kinds::Object;
pub use metadata::set_namespace;
pub use quantity::quantity_nanos;
pub use type_ref::{Items, TypeRef};
pub use versions::Versions;
pub use written::AppliedText;

/// The kind of objects that define other kinds.
pub const CRD: &str = "CustomResourceDefinition";

/// The types of Kubernetes that typed objects are made of.
pub mod typed {
    pub use k8s_openapi::api::autoscaling::v2::*;
    pub use k8s_openapi::api::core::v1::*;
    pub use k8s_openapi::api::networking::v1::*;
    pub use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
    pub use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
    pub use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
}
