//! Which rule is judged how: the rules' own levels, those of `plimsoll.yaml`, and those of the command line.

use std::collections::BTreeMap;

use super::{RULES, Rule, find_rule};
use crate::config::{Level, LevelOf};
use crate::diagnostic::{Code, Diagnostic};
use crate::session::Session;

/// The levels of one run.
#[derive(Debug, Default)]
pub struct Policy {
    levels: BTreeMap<&'static str, Level>,
    unknown: Vec<Diagnostic>,
}

/// A level that was chosen on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// A rule's name or code, or `all`.
    pub rule: String,
    /// The level.
    pub level: Level,
}

impl Policy {
    /// The levels of `plimsoll.yaml`, then those of the command line; later ones win.
    pub fn new(configured: &[LevelOf], chosen: &[Choice]) -> Self {
        let mut policy = Policy::default();
        for LevelOf { rule, span, level } in configured {
            policy.set(rule, *level, |finding| finding.at(*span, "this name"));
        }
        for Choice { rule, level } in chosen {
            policy.set(rule, *level, |finding| finding);
        }
        policy
    }

    /// How a rule is judged.
    pub fn level(&self, rule: &Rule) -> Level {
        self.levels.get(rule.name).copied().unwrap_or(rule.level)
    }

    /// Reports names of rules that do not exist (R003).
    pub fn refuse_unknown(&self, session: &Session) {
        self.unknown.iter().for_each(|finding| {
            session.report(finding.clone());
        });
    }

    fn set(&mut self, name: &str, level: Level, place: impl FnOnce(Diagnostic) -> Diagnostic) {
        if name == "all" {
            self.levels.extend(RULES.iter().map(|rule| (rule.name, level)));
        } else if let Some(rule) = find_rule(name) {
            self.levels.insert(rule.name, level);
        } else {
            self.unknown.push(place(unknown(name)));
        }
    }
}

/// The finding about a name that no rule has.
pub(super) fn unknown(name: &str) -> Diagnostic {
    let finding = Diagnostic::error(Code::R003, format!("there is no rule `{name}`"));
    let names = RULES.iter().map(|rule| rule.name);
    finding
        .did_you_mean(name, names)
        .help("`docs/rules.md` lists the rules; `plimsoll explain R101` shows one")
}
