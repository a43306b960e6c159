//! The level of each finding: its own, that of `plimsoll.yaml` for all files or for some, or that of the command line.
//!
//! Levels are chosen by name: that of a rule, its code or any other code, the address of a fact of validation, or the
//! name of a group of rules.
//!
//! ```text
//! plimsoll.yaml   all: allow, references: warn, dangling-secret: deny, K005: warn
//!  overrides      samples/**: latest-tag: allow
//! --warn          contradictions
//! R106            deny      its own name is the narrowest in plimsoll.yaml
//! R101            warn      by its group; `all` is wider
//! R201            warn      by the command line, which comes last
//! R301            allow     by `all`
//! Probe.port      warn      by its code, K005
//! ```

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::rule::{Rule, RuleTable};
use crate::config::{Config, Level, Pattern, RuleLevel};
use crate::diagnostic::{self, CODES, Code, Diagnostic, find_code};
use crate::kube;
use crate::session::Session;
use crate::source::{self, SourceKind};

/// The levels of one run.
#[derive(Debug, Default)]
pub struct Levels {
    /// Those of `plimsoll.yaml`.
    configured: ByName,
    /// Those of `plimsoll.yaml` for some files; later ones take precedence.
    overrides: Vec<Override>,
    /// Those of the command line.
    flags: ByName,
    /// The folder of `plimsoll.yaml`, which patterns of files are relative to.
    folder: PathBuf,
    /// What to say of names that nothing has.
    unknown: Vec<Diagnostic>,
}

/// By the name of a rule, the address of a fact, or a code.
type ByName = BTreeMap<&'static str, Level>;

#[derive(Debug)]
struct Override {
    files: Vec<Pattern>,
    levels: ByName,
}

/// A level that was chosen on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenLevel {
    /// A rule's name, a code, a fact's address, or the name of a group: `all`, `references`, `contradictions`,
    /// `practice`, `versions`, `kubernetes`.
    pub rule: String,
    /// The level.
    pub level: Level,
}

/// Names that stand for several rules or codes, and how the codes begin.
///
/// `all` is all rules. `kubernetes` is what the API server would refuse: who lowers it knows better, or prints manifests for a
/// cluster that takes them.
///
/// `versions` is a group of its own and no part of `practice`, though its rules stand in that part of the catalogue:
/// what a newer Kubernetes will refuse is another question than what is wise.
pub const GROUPS: &[(&str, &str)] = &[
    ("all", "R"),
    ("references", "R1"),
    ("contradictions", "R2"),
    ("practice", "R3"),
    ("versions", "R4"),
    ("kubernetes", "K"),
];

impl Levels {
    /// The levels of `plimsoll.yaml`, then those of the command line. Later ones take precedence; within each of the
    /// two a rule's own name does over its group's, and any group's over `all`.
    pub(crate) fn new(table: &RuleTable, config: &Config, chosen: &[ChosenLevel]) -> Self {
        let mut levels = Levels { folder: config.folder.clone(), ..Levels::default() };
        levels.configured = levels.read(table, &config.levels);
        for choice in &config.overrides {
            let of_files = levels.read(table, &choice.levels);
            levels.overrides.push(Override { files: choice.files.clone(), levels: of_files });
        }
        let mut chosen: Vec<&ChosenLevel> = chosen.iter().collect();
        // The sort is stable: of two equal names, the later wins.
        chosen.sort_by_key(|level| precedence(&level.rule));
        for ChosenLevel { rule, level } in chosen {
            // The command line has no source that a finding could point into.
            if !set(&mut levels.flags, table, rule, *level) {
                levels.unknown.push(unknown_name(table, rule));
            }
        }
        levels
    }

    /// Reads levels of `plimsoll.yaml`. What is unknown is kept for later.
    fn read(&mut self, table: &RuleTable, written: &[RuleLevel]) -> ByName {
        // Precedence is the order of setting: what is set later overwrites. So no level has to remember where it came
        // from.
        let mut written: Vec<&RuleLevel> = written.iter().collect();
        written.sort_by_key(|level| precedence(&level.rule));
        let mut levels = ByName::new();
        for RuleLevel { rule, span, level } in written {
            if !set(&mut levels, table, rule, *level) {
                self.unknown.push(unknown_name(table, rule).at(*span, "this name"));
            }
        }
        levels
    }

    /// Whether any finding of a rule is reported.
    pub(crate) fn is_active(&self, rule: &Rule) -> bool {
        let chosen = |levels: &ByName| levels.get(rule.name).copied();
        let everywhere = chosen(&self.flags).or_else(|| chosen(&self.configured)).unwrap_or(rule.level);
        // Flags take precedence over all files, so nothing is asked of some files then.
        let somewhere = self.overrides.iter().filter_map(|some| chosen(&some.levels));
        everywhere != Level::Allow
            || chosen(&self.flags).is_none() && somewhere.into_iter().any(|level| level != Level::Allow)
    }

    /// A finding at the level that was chosen for it and for the file that it points into; none if it is silent.
    /// `own_level` is that of the rule which found it.
    pub(crate) fn apply(
        &self,
        session: &Session,
        finding: Diagnostic,
        own_level: Option<Level>,
    ) -> Option<Diagnostic> {
        let level = match self.chosen(session, &finding).or(own_level) {
            // Nothing was chosen, and no rule is behind it: it has the level that its stage gave it.
            None => return Some(finding),
            Some(Level::Allow) => return None,
            Some(Level::Warn) => diagnostic::Level::Warning,
            Some(Level::Deny) => diagnostic::Level::Error,
        };
        Some(Diagnostic { level, ..finding })
    }

    /// The level that was chosen for a finding.
    fn chosen(&self, session: &Session, finding: &Diagnostic) -> Option<Level> {
        // The narrower name wins.
        let of = |levels: &ByName| {
            let by_name = finding.name.and_then(|name| levels.get(name));
            by_name.or_else(|| levels.get(finding.code.id)).copied()
        };
        of(&self.flags).or_else(|| self.of_file(session, finding, of)).or_else(|| of(&self.configured))
    }

    /// The last level that is chosen for the file which a finding points into.
    fn of_file(
        &self,
        session: &Session,
        finding: &Diagnostic,
        of: impl Fn(&ByName) -> Option<Level>,
    ) -> Option<Level> {
        if self.overrides.is_empty() {
            return None;
        }
        let label = finding.primary().or(finding.labels.first())?;
        let source = session.source(session.resolve(label.span).source);
        // A flag or a built-in template is in no folder.
        if source.kind != SourceKind::File {
            return None;
        }
        let file = source::relative_path(&self.folder, source.name.as_ref())?;
        let mut fitting =
            self.overrides.iter().rev().filter(|some| some.files.iter().any(|files| files.matches(&file)));
        fitting.find_map(|some| of(&some.levels))
    }

    /// Reports names that nothing has (R003).
    pub fn report_unknown(&self, session: &Session) {
        for finding in &self.unknown {
            session.report(finding.clone());
        }
    }
}

/// Sets the level of a rule, a group, a fact or a code. Whether there is something of this name.
fn set(levels: &mut ByName, table: &RuleTable, name: &str, level: Level) -> bool {
    if let Some((_, prefix)) = GROUPS.iter().find(|(group, _)| *group == name) {
        let rules = table.iter().filter(|rule| rule.code.id.starts_with(prefix)).map(|rule| rule.name);
        // Codes that no rule has are names themselves.
        let codes =
            CODES.iter().map(|code| code.id).filter(|id| id.starts_with(prefix) && !id.starts_with('R'));
        levels.extend(rules.chain(codes).map(|name| (name, level)));
        return true;
    }
    let names = named(table, name);
    levels.extend(names.iter().map(|name| (*name, level)));
    !names.is_empty()
}

/// What a name in a suppression or a level stands for: the name of a rule, the addresses of facts, or a code. Empty for
/// a name that nothing has.
pub(crate) fn named(table: &RuleTable, name: &str) -> Vec<&'static str> {
    if let Some(rule) = table.find(name) {
        vec![rule.name]
    } else if let Some(moved) = table.find_moved(name) {
        moved.facts.to_vec()
    } else if let Some(address) = kube::fact_addresses().find(|address| *address == name) {
        vec![address]
    } else {
        find_code(name).map(|code| code.id).into_iter().collect()
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

/// The finding about a name that nothing has (R003).
pub(crate) fn unknown_name(table: &RuleTable, name: &str) -> Diagnostic {
    let names = table.iter().map(|rule| rule.name).chain(GROUPS.iter().map(|(group, _)| *group));
    let names = names.chain(kube::fact_addresses()).chain(CODES.iter().map(|code| code.id));
    Diagnostic::error(Code::R003, format!("there is no rule `{name}`"))
        .did_you_mean(name, names)
        .help("`plimsoll list` has the rules; `plimsoll explain R101` shows one")
}
