//! The catalogue: every rule, one file each with its documentation, and the table of all.
//!
//! The parts are named in plain `mod` lines, and the rules in a table below them. A macro could have made one list of
//! the two, but rustfmt does not follow modules that a macro declares. A rule that is not in the table is a warning
//! of the compiler.
//!
//! A rule uses the engine and the facts, never another rule. What several rules of one part have in common is in a
//! file of that part.

mod contradictions;
mod practice;
mod references;

use crate::rules::engine::RuleTable;

/// Every rule, by code. The order is that of findings: `rules::check` reports rule by rule.
pub static RULES: RuleTable = RuleTable::new(&[references::RULES, contradictions::RULES, practice::RULES]);
