//! What is known of templates before anything is rendered: syntax trees, paths, and the plan that the engine compiles
//! by.
//!
//! ```text
//! text ─ syntax_tree ─► tree ─┬─ check        held against the values schema, with what names mean (names)
//!                             │    └─► setting_reads   which settings are read
//!                             ├─ aliases      what `set`, `with`, `for` and macro parameters may stand for
//!                             ├─ expression   what each printed expression is
//!                             ├─ shared_imports   which libraries are the same wherever they are imported
//!                             └─ instrument   what is put into the text
//!                                                  all of it together: plan
//! bundled_plan ◄─ packed_plan ◄─ build.rs ◄─ JSON ◄┘
//! ```
//!
//! Everything here depends on the templates and the schema alone, never on values. That is why the plan of a bundled
//! chart can be made when the program is built (`bundled_plan.rs`), and why one plan serves any number of renders.
//! `value_uses` is the exception: `explain` asks it with values at hand.
//!
//! minijinja's syntax tree is an unstable interface of the engine (`unstable_machinery`), which is why its version is
//! pinned.

mod aliases;
mod bundled_plan;
mod check;
mod expression;
mod instrument;
mod names;
mod packed_plan;
mod plan;
mod setting_reads;
mod shared_imports;
mod syntax_tree;
mod value_uses;

pub(crate) use aliases::{Descend, follow};
pub(crate) use bundled_plan::bundled_plan;
pub(crate) use expression::{Expression, PathExpr, PathRead, PathStep};
pub(crate) use instrument::{
    BIND_FILTER, COUNT_TEXT_FUNCTION, InsertionTable, MEASURE_FILTER, REPORT_FAIL_FUNCTION,
};
pub(crate) use names::KnownNames;
pub use packed_plan::fingerprint;
pub(crate) use plan::{ExpressionTable, Plan, make_plan, plan_fingerprint, plan_from_bundled, plan_to_json};
pub use setting_reads::SettingReads;
pub(crate) use shared_imports::{KEEP_LIBRARY_FUNCTION, LIBRARY_FUNCTION};
pub(crate) use syntax_tree::syntax;
pub use value_uses::ValueUse;
pub(crate) use value_uses::{value_uses, variable_definitions};
