//! What the Kubernetes API looks like: kinds, fields and types, of which versions, and those that CRDs add.
//!
//! [`Api`] answers by name, [`TypeRef`] walks down the types of one kind, and [`Versions`] is the range of Kubernetes
//! versions that is asked about. All of them read one [`table`]. The table of the built-in kinds is static data, which
//! `build.rs` makes of `schemas/kubernetes.json`; the types of the bundled CRDs, of `schemas/crds/`, are packed.
//!
//! ```text
//! when the program is built                          in a run
//!
//! schemas/kubernetes.json ─┐                         a CRD ─► crd ─► structural_schema ─┐
//!                          ├─► builder ─► Rust source                                   ├─► builder ─► longer table
//! schemas/crds/ ───────────┘   and packed segments    built_in ──────────────────────────┘
//!   (by structural_schema)
//! ```
//!
//! The same code builds the table in both places: `table`, `builder` and `structural_schema` are compiled into the
//! build script as well. That is why they are files of their own, and why they use nothing of the crate but each other.

mod builder;
mod built_in;
mod crd;
mod kinds;
mod patterns;
mod rest;
mod structural_schema;
pub(super) mod table;
mod type_schemas;
mod versions;

pub use crd::{CRD, may_define_kinds};
pub(super) use kinds::stability;
pub use kinds::{Api, TypeRef, is_built_in_group, is_built_in_kind, served};
#[cfg(test)]
pub(super) use patterns::compile;
pub(super) use patterns::{Patterns, UnusablePattern};
pub use type_schemas::{NoType, TypeSchemas, type_schemas};
pub use versions::Versions;
pub(super) use versions::list_minors;
