//! Which rule is judged how: the rules' own levels, those of `plimsoll.yaml`, and those of the command line.

use std::collections::BTreeMap;

use super::{RULES, Rule, find_rule};
use crate::config::{Level, RuleLevel};
use crate::diagnostic::{Code, Diagnostic};
use crate::session::Session;

/// The levels of one run.
#[derive(Debug, Default)]
pub struct Levels {
    levels: BTreeMap<&'static str, Level>,
    unknown: Vec<Diagnostic>,
}

/// A level that was chosen on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenLevel {
    /// A rule's name or code, or that of several: `all`, `references`, `contradictions`, `practice`, `versions`.
    pub rule: String,
    /// The level.
    pub level: Level,
}

/// Names that stand for several rules, and how the codes of those begin.
const GROUPS: &[(&str, &str)] =
    &[("all", "R"), ("references", "R1"), ("contradictions", "R2"), ("practice", "R3"), ("versions", "R4")];

impl Levels {
    /// The levels of `plimsoll.yaml`, then those of the command line; later ones win. Within each, a rule's own name wins
    /// over that of several.
    pub(super) fn new(configured: &[RuleLevel], chosen: &[ChosenLevel]) -> Self {
        let mut levels = Levels::default();
        let mut configured: Vec<&RuleLevel> = configured.iter().collect();
        configured.sort_by_key(|level| breadth(&level.rule));
        for RuleLevel { rule, span, level } in configured {
            levels.set(rule, *level, |finding| finding.at(*span, "this name"));
        }
        let mut chosen: Vec<&ChosenLevel> = chosen.iter().collect();
        chosen.sort_by_key(|choice| breadth(&choice.rule));
        for ChosenLevel { rule, level } in chosen {
            levels.set(rule, *level, |finding| finding);
        }
        levels
    }

    /// How a rule is judged.
    pub fn level(&self, rule: &Rule) -> Level {
        self.levels.get(rule.name).copied().unwrap_or(rule.level)
    }

    /// Reports names of rules that do not exist (R003).
    pub fn report_unknown(&self, session: &Session) {
        self.unknown.iter().for_each(|finding| {
            session.report(finding.clone());
        });
    }

    fn set(&mut self, name: &str, level: Level, place: impl FnOnce(Diagnostic) -> Diagnostic) {
        let group = GROUPS.iter().find(|(group, _)| *group == name);
        if let Some((_, prefix)) = group {
            let rules = RULES.iter().filter(|rule| rule.code.id.starts_with(prefix));
            self.levels.extend(rules.map(|rule| (rule.name, level)));
        } else if let Some(rule) = find_rule(name) {
            self.levels.insert(rule.name, level);
        } else {
            self.unknown.push(place(unknown(name)));
        }
    }
}

/// `all` first, then names of several rules, then single ones.
fn breadth(name: &str) -> usize {
    GROUPS.iter().find(|(group, _)| *group == name).map_or(2, |(_, prefix)| prefix.len() - 1)
}

/// The finding about a name that no rule has.
pub(super) fn unknown(name: &str) -> Diagnostic {
    let finding = Diagnostic::error(Code::R003, format!("there is no rule `{name}`"));
    let names = RULES.iter().map(|rule| rule.name).chain(GROUPS.iter().map(|(group, _)| *group));
    finding
        .did_you_mean(name, names)
        .help("`docs/rules.md` lists the rules; `plimsoll explain R101` shows one")
}
