//! Precompiled plans: what the templates of bundled charts come to, worked out when the program is built.
//!
//! The way of a plan, for which `schemas/NAME.templates.json` is the only thing that is kept in the repository:
//!
//! ```text
//! tests/values/prepared.rs ─ plan_to_json ─► schemas/*.templates.json ─ build/plans.rs ─► PackedPlan (static data)
//! a run: bundled_plan ─ same fingerprint? ─► plan_from_bundled ─► unpacked piece by piece, when it is needed
//! ```
//!
//! `packed.rs` and `fingerprint.rs` are compiled into `build.rs` too, so they import nothing of this crate.

mod fingerprint;
pub(super) mod packed;
mod plan_json;
pub(super) mod unpack;

pub use fingerprint::fingerprint;
pub(crate) use plan_json::{bundled_plan, plan_fingerprint, plan_from_bundled, plan_to_json};
