//! What facts cannot say: functions, a family of kinds a file. A line `call NAME` in `schemas/validation/` names
//! one, with the type that it is about.

mod pods;

pub(super) use pods::*;
