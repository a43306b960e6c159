//! The typed values of the bundled charts; with kube/, the only home of k8s-openapi.
//!
//! Compiled for tests, which make `schemas/*.schema.json`, and with the feature `profiles`: the program needs the
//! schemas alone.
//!
//! ```text
//! datafly, flow8, skillflaw, skyflo     a chart each: `mod.rs` is its values file, a file a part of it, `rules.rs` what spans parts
//!   └─► pod, availability, network      what the charts' components have in common
//!       common                          what all charts have at the top of their values
//!         └─► api                       parts of Kubernetes objects that are passed on as they are
//!             forms                     what a field of the Kubernetes API may be: names, ports, counts, labels
//!               └─► scalar, rule        what may be written in more than one way, secrets; rules between settings
//! schema                                generates the JSON Schema of a chart, and writes it down
//! ```
//!
//! A profile is a struct. Its doc comments are the descriptions that users see, its types say what a value may
//! be, and its rules say in messages which settings need or exclude each other. [`schema`] turns it into the
//! JSON Schema that checks values, completes them in an editor and tells the templates' paths from misspelt ones.
//!
//! Two laws hold for every profile:
//!
//! * Every field is an `Option`, unless its parent means nothing without it. A values file is a layer, and a layer
//!   says only what it changes; what must be there is there in `values/<profile>/defaults.yaml`, or is asked for
//!   by a rule.
//! * A struct that flattens another can't deny unknown fields through serde; the schema closes it.

pub mod api;
pub mod availability;
pub mod common;
pub mod forms;
pub mod network;
pub mod pod;
pub mod rule;
pub mod scalar;

pub mod datafly;
pub mod flow8;
pub mod skillflaw;
pub mod skyflo;

mod schema;

pub use schema::{schema, schema_text};

/// The names of the profiles, as on the command line.
pub const NAMES: [&str; 4] = ["datafly", "flow8", "skillflaw", "skyflo"];

#[cfg(test)]
mod generated_tests;
#[cfg(test)]
mod overview;
#[cfg(test)]
mod tests;
