//! The facts that rules ask for: the objects of a set, and what can be found out about them.
//!
//! Nothing here knows a rule. The files build on each other, from the bottom:
//!
//! ```text
//!   workloads  ports  claims  policies         what rules compute from a set
//!                   │
//!              object_set                      the set: objects, and lazily what is below
//!                   │
//! references  implied_objects  autoscalers  services   cluster_objects
//!     │                                        │
//! reference_fields                         selectors   label selectors; the index of pods by label
//!     │                                        │
//! field_pattern                              pods      the pods that an object is or makes
//!                                              │
//!                                           objects    one object; the index by kind and name
//! ```
//!
//! What a rule looks for is found by kind and name ([`ObjectSet::find`]), by labels ([`PodIndex::matching`]) or by
//! what it names ([`ObjectSet::references_to`]), and not by comparing all objects with all. So the time for a set grows
//! with its size and no faster.

mod autoscalers;
mod claims;
mod cluster_objects;
mod field_pattern;
mod implied_objects;
mod looks;
mod object_set;
mod objects;
mod pods;
mod policies;
mod ports;
mod reference_fields;
mod references;
mod selectors;
mod services;
mod workloads;

pub(crate) use autoscalers::Autoscaler;
pub(crate) use claims::{ClaimUser, WriteOnceClaim, shares_a_node, write_once_claims};
pub(crate) use field_pattern::{FieldPattern, items, path_to, scalar_text};
pub(crate) use looks::Looks;
pub use object_set::ObjectSet;
pub(crate) use objects::{ObjectTree, TypedObject};
pub(crate) use pods::{ContainerTree, PodTree, TypedContainer, TypedPod};
pub(crate) use policies::{Direction, LimitingPolicy, policy_port_includes};
pub(crate) use ports::{
    MAX_SELECTED, SelectedContainers, each_probe_port, has_port_name, has_port_number, list_names,
    list_numbers,
};
pub(crate) use reference_fields::Target;
pub(crate) use references::Reference;
// Rules reach it through the set; only documentation names it.
#[cfg(doc)]
pub(crate) use selectors::PodIndex;
pub(crate) use selectors::Selector;
pub(crate) use services::{backend_ports, is_external_name, is_headless, service_port_path, service_ports};
pub(crate) use workloads::{
    Amount, governing_service, governing_service_path, has_amount, replicas, workload_selector,
    written_replicas,
};
