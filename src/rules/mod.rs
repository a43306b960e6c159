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
pub use engine::{ChosenLevel, GROUPS, Judge, Levels, Missing, MovedRule, Page, Rule, RuleTable};
pub use facts::ObjectSet;

use crate::config::Config;
use crate::manifest::PackedDocument;
use crate::session::{Outcome, Session};
use crate::source::SourceId;

/// The levels of one run: those of `plimsoll.yaml`, then those of the command line. Later ones take precedence;
/// within each of the two a rule's own name does over that of several rules.
pub fn levels(config: &Config, chosen: &[ChosenLevel]) -> Levels {
    Levels::new(&RULES, config, chosen)
}

/// The judge of one run. `documents` and `written`, the sources that people wrote besides templates (manifests, values
/// files), are where suppressions stand.
pub fn judge<'d>(
    session: &Session,
    levels: Levels,
    documents: impl IntoIterator<Item = &'d PackedDocument> + Clone,
    written: &[SourceId],
) -> Judge<'static> {
    Judge::new(session, &RULES, levels, documents, written)
}

/// Shows one set to every rule and reports what they find, at these levels: rule by rule, in the order of their codes.
///
/// # Errors
/// K012 for the first document that cannot be decoded; then no rule has reported anything. Otherwise when a rule at
/// the level `deny` has found something, or a suppression or a level is wrong.
pub fn check(session: &Session, set: &ObjectSet<'_>, levels: Levels, written: &[SourceId]) -> Outcome<()> {
    let before = session.errors();
    let mut judge = judge(session, levels, set.documents(), written);
    judge.check(session, set)?;
    judge.finish(session);
    session.clean_since(before)
}

/// The Markdown page of a rule, as `plimsoll explain` prints it and `docs/codes/` has it: title, what, why, example
/// and alternative.
pub fn page(rule: &Rule) -> String {
    engine::page(&RULES, rule)
}

/// The Markdown table of all rules, as `docs/rules.md` has it.
pub fn table() -> String {
    engine::table(&RULES)
}
