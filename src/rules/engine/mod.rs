//! The engine: what a rule is, and how rules are run over a set.
//!
//! It knows the facts of a set, and no single rule: the table is handed to it.
//!
//! ```text
//! run ──► suppressions ──► levels ──► rule ──► report        each file uses those to its right
//! ```
//!
//! One run: the levels say which rules are active; each document is decoded and shown to all active checks of one
//! object; then the checks of the whole set run; at last the findings that no suppression covers are reported, rule
//! by rule. What a rule says of an object is a [`Finding`]: paths and words, without a place in any file. Only the
//! engine knows codes, levels and sources.

mod judge;
mod lacks;
mod levels;
mod report;
mod rule;
mod run;
mod suppressions;

pub use judge::{Judge, Missing};
pub use levels::{ChosenLevel, GROUPS, Levels};
pub(crate) use report::{Finding, Report};
pub(crate) use rule::{Check, page, table};
pub use rule::{MovedRule, Page, Rule, RuleTable};
