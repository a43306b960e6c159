//! What facts cannot say: functions, a family of kinds a file. A line `call NAME` in `schemas/validation/` names
//! one, with the type that it is about.

mod admission;
mod autoscaling;
mod cluster;
mod container_resources;
mod core;
mod definitions;
mod expressions;
mod metadata;
mod networking;
mod pods;
mod resource_claims;
mod selectors;
mod services;
mod storage;
mod volumes;
mod workloads;

use admission::*;
use autoscaling::*;
use cluster::*;
use container_resources::*;
use core::*;
use definitions::*;
use expressions::*;
use metadata::*;
use networking::*;
use pods::*;
use resource_claims::*;
use selectors::*;
use services::*;
use storage::*;
use volumes::*;
use workloads::*;

use super::facts::Fact;
use super::place::Place;

// `FUNCTIONS`, as `build.rs` writes it: in the order of the indices that facts have.
include!(concat!(env!("OUT_DIR"), "/validation_functions.rs"));

/// Calls the function with this index.
pub(super) fn call(index: usize, place: Place<'_>, fact: &Fact) {
    if let Some(function) = FUNCTIONS.get(index) {
        function(place, fact);
    }
}
