//! What facts cannot say: functions, a family of kinds a file. A line `call NAME` in `schemas/validation/` names
//! one, with the type that it is about.

mod admission;
mod storage;
mod services;
mod networking;
mod core;
mod autoscaling;
mod cluster;
mod definitions;
mod pods;
mod resource_claims;

pub(super) use admission::*;
pub(super) use storage::*;
pub(super) use services::*;
pub(super) use networking::*;
pub(super) use core::*;
pub(super) use autoscaling::*;
pub(super) use cluster::*;
pub(super) use definitions::*;
pub(super) use pods::*;
pub(super) use resource_claims::*;
