//! The level of each rule: its own, that of `plimsoll.yaml`, or that of the command line.
//!
//! ```text
//! plimsoll.yaml   all: allow, references: warn, dangling-secret: deny
//! --warn          contradictions
//! R106            deny      its own name is the narrowest in plimsoll.yaml
//! R101            warn      by its group; `all` is wider
//! R201            warn      by the command line, which comes last
//! R301            allow     by `all`
//! ```

use std::collections::BTreeMap;

use super::rule::{Rule, RuleTable};
use crate::config::{Level, RuleLevel};
use crate::diagnostic::{self, Code, Diagnostic};
use crate::kube::{self, FactChoices};
use crate::session::Session;

/// The levels of one run.
#[derive(Debug, Default)]
pub struct Levels {
    /// By the name of the rule; rules that are not in it have their own level.
    chosen: BTreeMap<&'static str, Level>,
    /// Of facts of validation, by their addresses.
    facts: BTreeMap<String, Level>,
    /// What to say of names that no rule has.
    unknown: Vec<Diagnostic>,
}

/// A level that was chosen on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenLevel {
    /// A rule's name or code, or the name of a group: `all`, `references`, `contradictions`, `practice`, `versions`.
    pub rule: String,
    /// The level.
    pub level: Level,
}

/// Names that stand for several rules, and how the codes of these begin.
///
/// `versions` is a group of its own and no part of `practice`, though its rules stand in that part of the catalogue:
/// what a newer Kubernetes will refuse is another question than what is wise.
const GROUPS: &[(&str, &str)] =
    &[("all", "R"), ("references", "R1"), ("contradictions", "R2"), ("practice", "R3"), ("versions", "R4")];

impl Levels {
    /// The levels of `plimsoll.yaml`, then those of the command line. Later ones take precedence; within each of the
    /// two a rule's own name does over its group's, and any group's over `all`.
    pub(crate) fn new(table: &RuleTable, configured: &[RuleLevel], chosen: &[ChosenLevel]) -> Self {
        // Precedence is the order of setting: what is set later overwrites. So no level has to remember where it came
        // from.
        let mut levels = Levels::default();
        let mut configured: Vec<&RuleLevel> = configured.iter().collect();
        // The sort is stable: of two equal names, the later wins.
        configured.sort_by_key(|level| precedence(&level.rule));
        for RuleLevel { rule, span, level } in configured {
            levels.set(table, rule, *level, |finding| finding.at(*span, "this name"));
        }
        let mut chosen: Vec<&ChosenLevel> = chosen.iter().collect();
        chosen.sort_by_key(|level| precedence(&level.rule));
        for ChosenLevel { rule, level } in chosen {
            // The command line has no source that a finding could point into.
            levels.set(table, rule, *level, |finding| finding);
        }
        levels
    }

    /// The level of a rule.
    pub(crate) fn of(&self, rule: &Rule) -> Level {
        self.chosen.get(rule.name).copied().unwrap_or(rule.level)
    }

    /// The levels that were chosen for facts of validation.
    pub fn of_facts(&self, table: &RuleTable) -> FactChoices {
        let level = |level: &Level| match level {
            Level::Allow => None,
            Level::Warn => Some(diagnostic::Level::Warning),
            Level::Deny => Some(diagnostic::Level::Error),
        };
        let names =
            table.moved().iter().flat_map(|rule| [(rule.name, rule.facts), (rule.code.id, rule.facts)]);
        FactChoices {
            levels: self.facts.iter().map(|(address, of)| (address.clone(), level(of))).collect(),
            names: names.collect(),
        }
    }

    /// Reports names that no rule has (R003). They are kept until then, because a document that cannot be decoded is to
    /// be the only finding of its run.
    pub fn report_unknown(&self, session: &Session) {
        for finding in &self.unknown {
            session.report(finding.clone());
        }
    }

    /// Sets the level of a rule or a group; `locate` adds to the finding about an unknown name where that was written.
    fn set(
        &mut self,
        table: &RuleTable,
        name: &str,
        level: Level,
        locate: impl FnOnce(Diagnostic) -> Diagnostic,
    ) {
        if let Some((_, prefix)) = GROUPS.iter().find(|(group, _)| *group == name) {
            let rules = table.iter().filter(|rule| rule.code.id.starts_with(prefix));
            self.chosen.extend(rules.map(|rule| (rule.name, level)));
        } else if let Some(rule) = table.find(name) {
            self.chosen.insert(rule.name, level);
        } else if let Some(moved) = table.find_moved(name) {
            self.facts.extend(moved.facts.iter().map(|fact| ((*fact).to_owned(), level)));
        } else if kube::fact_addresses().any(|address| address == name) {
            self.facts.insert(name.to_owned(), level);
        } else {
            self.unknown.push(locate(unknown_rule(table, name)));
        }
    }
}

/// The order in which levels are set: 0 for `all`, 1 for the other groups, 2 for single rules, so that the narrower
/// name wins.
fn precedence(name: &str) -> usize {
    match GROUPS.iter().find(|(group, _)| *group == name) {
        // Every code of a rule begins with `R`, so this is `all`.
        Some((_, "R")) => 0,
        Some(_) => 1,
        None => 2,
    }
}

/// The finding about a name that no rule has (R003).
pub(crate) fn unknown_rule(table: &RuleTable, name: &str) -> Diagnostic {
    let names = table.iter().map(|rule| rule.name).chain(GROUPS.iter().map(|(group, _)| *group));
    let names = names.chain(kube::fact_addresses());
    Diagnostic::error(Code::R003, format!("there is no rule `{name}`"))
        .did_you_mean(name, names)
        .help("`docs/rules.md` lists the rules; `plimsoll explain R101` shows one")
}
