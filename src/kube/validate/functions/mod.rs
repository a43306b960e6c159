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

pub(super) use admission::*;
pub(super) use autoscaling::*;
pub(super) use cluster::*;
pub(super) use container_resources::*;
pub(super) use core::*;
pub(super) use definitions::*;
pub(super) use expressions::*;
pub(super) use metadata::*;
pub(super) use networking::*;
pub(super) use pods::*;
pub(super) use resource_claims::*;
pub(super) use selectors::*;
pub(super) use services::*;
pub(super) use storage::*;
pub(super) use volumes::*;
pub(super) use workloads::*;
