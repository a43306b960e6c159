//! What facts cannot say: functions, a family of kinds a file. A line `call NAME` in `schemas/validation/` names
//! one, with the type that it is about.

mod admission;
mod cluster;
mod definitions;
mod pods;
mod resource_claims;

pub(super) use admission::*;
pub(super) use cluster::*;
pub(super) use definitions::*;
pub(super) use pods::*;
pub(super) use resource_claims::*;
