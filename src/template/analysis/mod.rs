//! What is known of templates before anything is rendered: syntax trees, paths, and the plan that the engine compiles by.
//!
//! ```text
//! text ─parse─► syntax tree ─┬─ check       held against the values schema; setting_reads: which settings are read
//!                            ├─ aliases     what `set`, `with`, `for` and macro parameters may stand for
//!                            ├─ expression  what each printed expression is ──► expression_table
//!                            └─ instrument  what is put into the text ──► insertions
//!                                                        all of it together: plan, precompiled
//! ```
//!
//! Everything here depends on the templates and the schema alone, never on values. That is why the plan of a bundled chart can be
//! made when the program is built (`precompiled/`), and why one plan serves any number of renders.
//!
//! minijinja's syntax tree is an unstable interface of the engine (`unstable_machinery`), which is why its version is pinned.

mod aliases;
mod check;
mod expression;
mod expression_table;
mod insertions;
mod instrument;
mod parse;
mod plan;
mod precompiled;
mod routes;
mod setting_reads;
mod value_uses;
mod visitor;

pub(crate) use check::KnownNames;
pub(crate) use expression::{Expression, PathExpr, PathRead, PathStep};
pub(crate) use expression_table::ExpressionTable;
pub(crate) use insertions::InsertionTable;
pub(crate) use instrument::{BIND_FILTER, COUNT_TEXT_FUNCTION, MEASURE_FILTER, REPORT_FAIL_FUNCTION};
pub(crate) use parse::syntax;
pub(crate) use plan::{Plan, make_plan};
pub use precompiled::fingerprint;
pub(crate) use precompiled::{bundled_plan, plan_fingerprint, plan_from_bundled, plan_to_json};
pub(crate) use routes::{Descend, follow};
pub use setting_reads::SettingReads;
pub use value_uses::ValueUse;
pub(crate) use value_uses::{value_uses, variable_definitions};
