//! What is known of templates before anything is rendered: from text to plan, and what the engine reads of a plan.
//!
//! ```text
//! text ─ depth ─► syntax_tree ─► tree ─┬─ check        held against the values schema, with what names mean (names)
//!                                      │    └─► setting_reads   which settings are read, where that is asked for
//!                                      ├─ instrument   what is put into the text (insertion), and what is printed
//!                                      ├─ expression   which paths a printed expression reads
//!                                      ├─ shared_imports   which libraries are the same wherever they are imported
//!                                      └─ aliases      what `set`, `with`, `for` and macro parameters may stand for
//!                       analyse goes this way once, and writes all of it into one plan (plan_builder ─► plan)
//!
//! stored plan ─ soundness ─► plan ─► expression_table   expressions by number, as the engine asks for them
//!                                      └─► routes       where below the values a path may lead
//! ```
//!
//! Everything here depends on the templates and the schema alone, never on values. That is why a plan can be stored
//! with a chart ([`Plan`] is data that serde writes and reads), and why one plan serves any number of renders.
//! `value_uses` is the exception: `explain` asks it with values at hand.
//!
//! minijinja's syntax tree is an unstable interface of the engine (`unstable_machinery`), which is why its version is
//! pinned.

mod aliases;
mod analyse;
mod check;
mod depth;
mod expression;
mod expression_table;
mod insertion;
mod instrument;
mod names;
mod plan;
mod plan_builder;
mod range;
mod routes;
mod setting_reads;
mod shared_imports;
mod soundness;
mod syntax;
mod syntax_tree;
mod value_uses;

pub(crate) use analyse::{make_plan, parse_templates, settings_read};
pub(crate) use expression::PathStep;
pub(crate) use expression_table::{Expression, ExpressionTable, PathRead};
pub(crate) use insertion::{
    BACKWARDS_FILTER, BIND_FILTER, COMPARED_LEFT_FILTER, COMPARED_RIGHT_FILTER, COUNT_TEXT_FUNCTION,
    KEEP_LIBRARY_FUNCTION, LIBRARY_FUNCTION, MEASURE_FILTER, OPERAND_FILTER, REPEATED_FILTER, REPEATS_FILTER,
    REPORT_FAIL_FUNCTION, STEP_FILTER, STORE_FILTER, VERSION_AGAINST_FILTER, VERSION_FILTER,
};
pub(crate) use names::KnownNames;
pub use plan::Plan;
pub(crate) use routes::{Descend, fixed_steps, follow};
pub use setting_reads::SettingReads;
pub(crate) use syntax::syntax;
pub use value_uses::ValueUse;
pub(crate) use value_uses::{value_uses, variable_definitions};
