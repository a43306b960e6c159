//! The judge of one run: the levels and suppressions that count, applied to what all stages have found.
//!
//! A stage reports what it finds, and does not know what a repository thinks of it. The judge goes over the findings
//! before a run is stopped by them: what a suppression covers is dropped, what has another level gets it.
//!
//! ```text
//! check, validation ─► settle ─► sound documents ─► rules ─► settle ─► finish: suppressions without use
//! ```

use std::collections::BTreeSet;

use super::lacks;
use super::levels::Levels;
use super::rule::{Rule, RuleTable};
use super::run;
use super::suppressions::Suppressions;
use crate::config::Level;
use crate::diagnostic::{self, Diagnostic};
use crate::manifest::{PackedDocument, holds_placeholder};
use crate::rules::facts::ObjectSet;
use crate::session::{Outcome, Session};
use crate::source::{SourceId, Span};

/// Levels and suppressions of one run.
#[derive(Debug)]
pub struct Judge<'t> {
    table: &'t RuleTable,
    levels: Levels,
    suppressions: Suppressions,
    /// Whether errors may be lowered that are about no document: those say that something was not read at all, so only
    /// what prints no manifests may go on without it.
    lowers_all: bool,
    /// Whether what is judged says what else there is.
    is_closed: bool,
    /// Texts whose objects do not say what else there is, although the others do.
    open: BTreeSet<SourceId>,
    /// Whether an object of the run makes others that cannot be seen: a chart of Helm that Flux installs.
    has_deployer: bool,
}

/// Kinds whose objects stand for others that are made of them in the cluster, by group.
const DEPLOYERS: &[(&str, &[&str])] = &[
    ("argoproj.io", &["Application", "ApplicationSet"]),
    ("helm.cattle.io", &["HelmChart"]),
    ("helm.toolkit.fluxcd.io", &["HelmRelease"]),
    ("kappctrl.k14s.io", &["App"]),
    ("kustomize.toolkit.fluxcd.io", &["Kustomization"]),
    ("operators.coreos.com", &["Subscription"]),
    ("packaging.carvel.dev", &["PackageInstall"]),
];

fn is_deployer(document: &PackedDocument) -> bool {
    let identity = &document.identity;
    DEPLOYERS.iter().any(|(group, kinds)| *group == identity.group() && kinds.contains(&&*identity.kind))
}

/// Where something is missing in a whole run.
#[derive(Debug)]
pub struct Missing(BTreeSet<(&'static str, Span)>);

/// What a finding is about: its code, and the place to edit.
fn place(finding: &Diagnostic) -> Option<(&'static str, Span)> {
    Some((finding.code.id, finding.primary()?.span))
}

fn is_substituted(session: &Session, finding: &Diagnostic) -> bool {
    finding.primary().is_some_and(|label| holds_placeholder(&session.text(label.span)))
}

impl<'t> Judge<'t> {
    /// A judge with these levels; names among them that nothing has are reported. `documents` and `written` (manifests, values files) are where suppressions stand, besides
    /// rendered texts.
    pub(crate) fn new<'d>(
        session: &Session,
        table: &'t RuleTable,
        levels: Levels,
        documents: impl IntoIterator<Item = &'d PackedDocument> + Clone,
        written: &[SourceId],
    ) -> Self {
        levels.report_unknown(session);
        let has_deployer = documents.clone().into_iter().any(is_deployer);
        let suppressions = Suppressions::collect(session, table, documents, written);
        let is_closed = !session.derived().is_empty();
        Judge {
            table,
            levels,
            suppressions,
            lowers_all: false,
            is_closed,
            open: BTreeSet::new(),
            has_deployer,
        }
    }

    /// The same judge, for a run that prints no manifests: there every error can be lowered.
    #[must_use]
    pub fn lowering_all(self, lowers_all: bool) -> Self {
        Judge { lowers_all, ..self }
    }

    /// The same judge, for sets that are closed or not: a chart of ours says what else there is, and all others do not.
    #[must_use]
    pub fn of_closed_sets(self, is_closed: bool) -> Self {
        Judge { is_closed, ..self }
    }

    /// The same judge, where the objects of some texts do not say what else there is: a chart of Helm among ours.
    #[must_use]
    pub fn open_for(self, open: BTreeSet<SourceId>) -> Self {
        Judge { open, ..self }
    }

    /// The same judge, for what may be a release of Helm: other releases, and operators, make what it refers to.
    #[must_use]
    pub fn of_release(self, is_release: bool) -> Self {
        Judge { has_deployer: self.has_deployer || is_release, ..self }
    }

    /// Drops what is suppressed of the findings since `first`, and gives the others their levels.
    pub fn settle(&mut self, session: &Session, first: usize) {
        session.reword_since(first, |finding| self.settled(session, finding));
    }

    /// As [`Judge::settle`], for a run that ended with errors, before or after its documents were judged: what rules have
    /// found has its level already, by what was known of the set.
    pub fn settle_rest(&mut self, session: &Session) {
        session.reword_since(0, |finding| {
            let is_of_rule = finding.name.is_some_and(|name| self.table.find(name).is_some());
            if is_of_rule { Some(finding) } else { self.settled(session, finding) }
        });
    }

    /// Shows a set to every rule and reports what they find: rule by rule, in the order of their codes.
    ///
    /// # Errors
    /// K012 for the first document that cannot be decoded; then no rule has reported anything.
    pub fn check(&mut self, session: &Session, set: &ObjectSet<'_>) -> Outcome<()> {
        let first = session.findings();
        let outcome = run::run(session, self.table, set, &self.levels, |_| true);
        self.settle(session, first);
        lacks::join(session, first);
        outcome
    }

    /// Where rules report something that is not there in all objects of a run together.
    ///
    /// A part of them may refer to what another part has: see [`Judge::check_part`].
    pub fn missing(&self, session: &Session, whole: &ObjectSet<'_>) -> Missing {
        // In a session that is dropped: each part reports what it lacks itself.
        let overlay = session.snapshot().overlay();
        let whole = whole.input().into_set(&overlay);
        // What cannot be decoded is reported by the part that has it.
        let _ = run::run(&overlay, self.table, &whole, &self.levels, Rule::needs_all_objects);
        Missing(overlay.diagnostics().iter().filter_map(place).collect())
    }

    /// As [`Judge::check`], for a set that is a part of what is judged together: that something is not there is reported
    /// only if it is nowhere.
    ///
    /// # Errors
    /// As [`Judge::check`].
    pub fn check_part(&mut self, session: &Session, set: &ObjectSet<'_>, missing: &Missing) -> Outcome<()> {
        let first = session.findings();
        let outcome = run::run(session, self.table, set, &self.levels, |_| true);
        let table = self.table;
        session.reword_since(first, |finding| {
            let rule = finding.name.and_then(|name| table.find(name));
            let is_there = || {
                rule.is_some_and(Rule::needs_all_objects)
                    && place(&finding).is_some_and(|place| !missing.0.contains(&place))
            };
            (!is_there()).then_some(finding)
        });
        self.settle(session, first);
        lacks::join(session, first);
        outcome
    }

    /// Reports suppressions that are wrong, and those that nothing needed.
    pub fn finish(mut self, session: &Session) {
        // A rule that was not run has found nothing, so its suppressions are not reported as unused.
        for rule in self.table.iter().filter(|rule| !self.levels.is_active(rule)) {
            self.suppressions.forget(rule);
        }
        let first = session.findings();
        self.suppressions.report_unused(session);
        let levels = &self.levels;
        session.reword_since(first, |finding| levels.apply(session, finding, None));
    }

    fn settled(&mut self, session: &Session, finding: Diagnostic) -> Option<Diagnostic> {
        let is_error = finding.level == diagnostic::Level::Error;
        let rule = finding.name.and_then(|name| self.table.find(name));
        if is_error && !self.lowers_all && rule.is_none() && finding.document.is_none() {
            return Some(finding);
        }
        if self.suppressions.cover(session, &finding) {
            return None;
        }
        let is_open = finding.document.is_some_and(|document| self.open.contains(&document.source));
        let is_closed = self.is_closed && !is_open;
        let is_about_missing = rule.is_some_and(Rule::needs_all_objects);
        // What it leads to is filled in before the manifest is applied.
        if is_about_missing && !is_closed && is_substituted(session, &finding) {
            return None;
        }
        let own_level: Option<Level> = rule.map(|rule| match rule.level {
            Level::Deny if !is_closed && self.table.is_of_closed_sets(rule) => Level::Warn,
            Level::Deny if !is_closed && self.has_deployer && is_about_missing => Level::Warn,
            level => level,
        });
        self.levels.apply(session, finding, own_level)
    }
}
