//! The engine: what a rule is, and how rules are run over a set.
//!
//! It knows the facts of a set, and no single rule: the table is handed to it.
//!
//! ```text
//! run ──► suppressions ──► levels ──► rule ──► report
//! ```

mod levels;
mod report;
mod rule;
mod run;
mod suppressions;

pub use levels::{ChosenLevel, Levels};
pub(crate) use report::{Finding, Report};
pub(crate) use rule::{Check, table};
pub use rule::{Page, Rule, RuleTable, page};
pub(crate) use run::run;
