//! Rules: what is right field by field and wrong as a whole.
//!
//! [`check`] shows an [`ObjectSet`], the objects that one render or one lint has made, to every rule. Most rules see
//! one object at a time, some the set as a whole. They change nothing.
//!
//! A finding is a contradiction that is written down, never a guess at what is missing: a set is mostly a part of
//! what a cluster has. So a rule speaks where the set itself says that something is wrong, and in doubt (another
//! namespace, a selection too large to compare, an object that a controller makes) it says nothing. The comments in
//! the catalogue say for each exception what forces it.
//!
//! * `catalogue` has the rules, one file each with its documentation, and their table, [`RULES`].
//! * `engine` runs a table of rules over a set: levels, suppressions, findings, pages.
//! * `facts` is what rules look at and ask for: pods, selectors, references, autoscalers, ports, …
//!
//! The catalogue uses the engine and the facts, the engine uses the facts, and neither of them knows the catalogue:
//! this file brings the three together.

mod catalogue;
mod engine;
mod facts;
#[cfg(test)]
mod tests;

pub use catalogue::RULES;
pub use engine::{ChosenLevel, Levels, MovedRule, Page, Rule, RuleTable, page};
pub use facts::ObjectSet;

use crate::config::RuleLevel;
use crate::kube::FactChoices;
use crate::session::{Outcome, Session};
use crate::source::SourceId;

/// The levels of one run: those of `plimsoll.yaml`, then those of the command line. Later ones take precedence;
/// within each of the two a rule's own name does over that of several rules.
pub fn levels(configured: &[RuleLevel], chosen: &[ChosenLevel]) -> Levels {
    Levels::new(&RULES, configured, chosen)
}

/// What is chosen for facts of validation: by their addresses, or by the names of rules that have become facts.
pub fn fact_choices(configured: &[RuleLevel], chosen: &[ChosenLevel]) -> FactChoices {
    levels(configured, chosen).of_facts(&RULES)
}

/// Shows a set to every rule and reports what they find, at these levels: rule by rule, in the order of their codes.
/// `written` are the sources that people wrote besides templates (manifests, values files), whose comments may
/// suppress a rule.
///
/// # Errors
/// K012 for the first document that cannot be decoded; then no rule has reported anything. Otherwise when a rule at
/// the level `deny` has found something, or a suppression or a level is wrong.
pub fn check(session: &Session, set: &ObjectSet<'_>, levels: &Levels, written: &[SourceId]) -> Outcome<()> {
    engine::run(session, &RULES, set, levels, written)
}

/// The Markdown table of all rules, as `docs/rules.md` has it.
pub fn table() -> String {
    engine::table(&RULES)
}
