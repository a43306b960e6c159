//! What the Kubernetes API looks like: kinds, fields and types, of which versions, and those that CRDs add.
//!
//! [`Api`] answers by name, [`TypeRef`] walks down the types of one kind, and [`Versions`] is the range of Kubernetes
//! versions that is asked about. All of them read one [`table`]. The table of the built-in kinds and of the bundled CRDs is
//! static data, which `build.rs` packs out of `schemas/kubernetes.json` and `schemas/crds/`.

mod builder;
mod built_in;
mod crd;
mod kinds;
mod patterns;
mod structural_schema;
pub(super) mod table;
mod type_ref;
mod versions;

pub use crd::CRD;
pub use kinds::Api;
pub(super) use kinds::stability;
pub(super) use patterns::UnusablePattern;
#[cfg(test)]
pub(super) use patterns::compile;
pub use type_ref::TypeRef;
pub use versions::Versions;
pub(super) use versions::list_minors;
