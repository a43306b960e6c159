//! The run of the rules over a set.
//!
//! The documents are walked once. Each is decoded, shown to all checks of one object, and the decoded object is
//! dropped before the next one is made, so that a set of a hundred thousand objects has one of them at a time (or one
//! a thread). Then the checks of the whole set run, which see trees alone.
//!
//! Findings are kept by rule and check, and reported rule by rule. So their order does not depend on what a rule
//! looks at, nor on how many threads there are.

use std::ops::Range;

use super::levels::Levels;
use super::report::Report;
use super::rule::{Check, Rule, RuleTable};
use super::suppressions::Suppressions;
use crate::config::Level;
use crate::diagnostic::Diagnostic;
use crate::kube;
use crate::parallel::in_parallel;
use crate::rules::facts::{ObjectSet, PodTree, TypedObject, TypedPod};
use crate::session::{MergeSources, Outcome, Session};
use crate::source::SourceId;

/// Runs every rule that is not allowed, and reports what they find at their levels, unless it is suppressed.
///
/// `written` are the sources that people wrote besides templates (manifests, values files): their comments may
/// suppress a rule.
///
/// # Errors
/// K012 for the first document that has no decoded object; then no rule has reported anything. Otherwise when a
/// finding is an error.
pub(crate) fn run(
    session: &Session,
    table: &RuleTable,
    set: &ObjectSet<'_>,
    levels: &Levels,
    written: &[SourceId],
) -> Outcome<()> {
    let errors_before = session.errors();
    let mut active: Vec<ActiveRule> = Vec::new();
    let mut allowed: Vec<&Rule> = Vec::new();
    for rule in table.iter() {
        match levels.of(rule) {
            Level::Allow => allowed.push(rule),
            level => active.push(ActiveRule::new(rule, level)),
        }
    }
    check_objects(session, set, &mut active)?;
    // From here on nothing fails: everything that is wrong is reported, and the errors are counted at the end.
    // Only now, because a document that cannot be decoded is to be the only finding of its run.
    levels.report_unknown(session);
    let mut suppressions = Suppressions::collect(session, table, set, written);
    // A rule that was not run has found nothing, so its suppressions are not reported as unused.
    for rule in allowed {
        suppressions.forget(rule);
    }
    for mut active in active {
        active.check_set(session, set);
        let rule = active.rule;
        for Found { object, diagnostic } in active.found.into_iter().flatten() {
            if !suppressions.cover(session, rule, object, &diagnostic) {
                session.report(diagnostic);
            }
        }
    }
    suppressions.report_unused(session, set);
    session.clean_since(errors_before)
}

/// A rule that is run, and what its checks have found so far.
struct ActiveRule {
    rule: &'static Rule,
    level: Level,
    /// One list for each of the rule's checks.
    found: Vec<Vec<Found>>,
}

/// What a check has found in an object.
#[derive(Clone)]
struct Found {
    /// The place of the object in the set.
    object: usize,
    diagnostic: Diagnostic,
}

impl ActiveRule {
    /// A rule that has found nothing yet.
    fn new(rule: &'static Rule, level: Level) -> Self {
        ActiveRule { rule, level, found: vec![Vec::new(); rule.checks.len()] }
    }

    /// Whether any of its checks is of one object.
    fn checks_objects(&self) -> bool {
        self.rule.checks.iter().any(|check| !matches!(check, Check::Set(_)))
    }

    /// Runs the checks of the whole set.
    fn check_set(&mut self, session: &Session, set: &ObjectSet<'_>) {
        self.run(session, set, |check, report| {
            if let Check::Set(check) = check {
                check(set, report);
            }
        });
    }

    /// Hands each check to a function that runs it, and makes diagnostics of what it reports. That is done at once,
    /// while what the findings point at is at hand: overlays of the session differ in their sources.
    fn run(&mut self, session: &Session, set: &ObjectSet<'_>, mut run: impl FnMut(&Check, &mut Report)) {
        for (check, found) in self.rule.checks.iter().zip(&mut self.found) {
            let mut report = Report::default();
            run(check, &mut report);
            for finding in report.findings {
                let object = finding.object;
                let diagnostic = finding.into_diagnostic(session, set, self.rule.code, self.level);
                found.push(Found { object, diagnostic });
            }
        }
    }

    /// Takes over what the same rule has found in later objects. Check by check, because all findings of a rule's
    /// first check come before those of its second.
    fn append(&mut self, later: ActiveRule) {
        for (found, more) in self.found.iter_mut().zip(later.found) {
            found.extend(more);
        }
    }
}

/// Fewer documents than this are not worth a second thread: each thread makes an index of the whole set before it
/// checks its first object.
const MIN_FOR_THREADS: usize = 64;

/// Runs the checks of one object on every document, on as many threads as the set allows.
///
/// # Errors
/// K012 for the first document, in their order, that has no decoded object.
fn check_objects(session: &Session, set: &ObjectSet<'_>, active: &mut [ActiveRule]) -> Outcome<()> {
    let mut active: Vec<&mut ActiveRule> = active.iter_mut().filter(|rule| rule.checks_objects()).collect();
    let len = set.objects().len();
    if set.threads() < 2 || len < MIN_FOR_THREADS {
        return check_range(session, set, 0..len, &mut active);
    }
    // Threads share nothing that can change: each has an overlay of the session to report into, and a set of its own.
    let snapshot = session.snapshot();
    let input = set.input();
    let rules: Vec<(&'static Rule, Level)> =
        active.iter().map(|active| (active.rule, active.level)).collect();
    // One share for each thread and no smaller ones, as each makes a set of its own, with an index of all objects.
    let share = len.div_ceil(set.threads());
    let shares = (0..len).step_by(share).map(|start| start..len.min(start + share)).collect();
    let checked = in_parallel(shares, set.threads(), |range| {
        let overlay = snapshot.overlay();
        let mut own: Vec<ActiveRule> =
            rules.iter().map(|(rule, level)| ActiveRule::new(rule, *level)).collect();
        let outcome = {
            let own_set = input.clone().into_set(&overlay);
            check_range(&overlay, &own_set, range, &mut own.iter_mut().collect::<Vec<_>>())
        };
        (overlay, own, outcome)
    });
    // In the order of the documents, so that what is reported does not depend on which thread was first. Nothing is
    // taken over from the shares after one that has failed.
    for (overlay, own, outcome) in checked {
        session.merge(overlay, MergeSources::Shared, Some);
        outcome?;
        for (active, later) in active.iter_mut().zip(own) {
            active.append(later);
        }
    }
    Ok(())
}

/// Runs the checks of one object on some of the documents. Checks of the whole set among the active rules are passed
/// over.
///
/// # Errors
/// K012 for the first document that has no decoded object.
fn check_range(
    session: &Session,
    set: &ObjectSet<'_>,
    range: Range<usize>,
    active: &mut [&mut ActiveRule],
) -> Outcome<()> {
    for object in &set.objects()[range] {
        let decoded = kube::decode(session, object.document)?;
        let typed = TypedObject { object, typed: &decoded };
        let pod = TypedPod::of(typed);
        // Both views are made once for all rules. They borrow, so making them allocates nothing.
        let pod_tree = PodTree::of(object);
        for rule in &mut *active {
            rule.run(session, set, |check, report| match check {
                Check::Pod(check) => {
                    if let Some(pod) = pod {
                        check(set, pod, report);
                    }
                }
                Check::PodTree(check) => {
                    if let Some(pod) = &pod_tree {
                        check(set, pod, report);
                    }
                }
                Check::Object(check) => check(set, typed, report),
                Check::ObjectTree(check) => check(set, object, report),
                Check::Set(_) => {}
            });
        }
    }
    Ok(())
}
