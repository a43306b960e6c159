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
use crate::config::Level;
use crate::diagnostic::Diagnostic;
use crate::kube;
use crate::manifest::Soundness;
use crate::parallel::in_parallel;
use crate::rules::facts::{ObjectSet, PodTree, TypedObject, TypedPod};
use crate::session::{MergeSources, Outcome, Session};

/// Runs the rules that are active and asked for, and reports what they find.
///
/// Of documents that an error was reported of, nothing is said: they are there to be found by others.
///
/// # Errors
/// K012 for the first sound document that has no decoded object; then no rule has reported anything.
pub(super) fn run(
    session: &Session,
    table: &RuleTable,
    set: &ObjectSet<'_>,
    levels: &Levels,
    is_asked: impl Fn(&Rule) -> bool,
) -> Outcome<()> {
    let is_run = |rule: &&Rule| {
        is_asked(rule) && levels.is_active(rule) && (set.is_complete() || !rule.needs_all_objects())
    };
    let mut active: Vec<ActiveRule> = table.iter().filter(is_run).map(ActiveRule::new).collect();
    check_objects(session, set, &mut active)?;
    for mut active in active {
        active.check_set(session, set);
        for finding in active.found.into_iter().flatten() {
            session.report(finding);
        }
    }
    Ok(())
}

/// A rule that is run, and what its checks have found so far.
struct ActiveRule {
    rule: &'static Rule,
    /// One list for each of the rule's checks.
    found: Vec<Vec<Diagnostic>>,
}

impl ActiveRule {
    /// A rule that has found nothing yet.
    fn new(rule: &'static Rule) -> Self {
        ActiveRule { rule, found: vec![Vec::new(); rule.checks.len()] }
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
            let mut report = Report::new(set.looks());
            match check {
                Check::Set(_) => set.looks().begin_set(set.objects().len()),
                _ => set.looks().begin_object(),
            }
            run(check, &mut report);
            let Rule { code, name, level, .. } = *self.rule;
            let findings = std::mem::take(&mut report.findings);
            let sound = findings.into_iter().filter(|finding| finding.is_about_sound_objects(set));
            found.extend(sound.map(|finding| finding.into_diagnostic(session, set, code, name, level)));
            // Nothing is wrong with what was not judged, whatever the level of the rule: so these are not found by it,
            // and have its code alone.
            if let Some(place) = set.looks().stopped() {
                let message = format!("the rule `{name}` has stopped: there is too much to compare");
                let stopped =
                    Diagnostic::warning(code, message).at(session.resolve(place), "it came as far as this");
                let help = "give the selectors labels to look for, or check the objects in smaller sets";
                found.push(stopped.help(help));
            } else if let Some(passed_over) = report.of_passed_over() {
                let passed_over = passed_over.into_diagnostic(session, set, code, name, Level::Warn);
                found.push(Diagnostic { name: None, ..passed_over });
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
    let rules: Vec<&'static Rule> = active.iter().map(|active| active.rule).collect();
    // One share for each thread and no smaller ones, as each makes a set of its own, with an index of all objects.
    let share = len.div_ceil(set.threads());
    let shares = (0..len).step_by(share).map(|start| start..len.min(start + share)).collect();
    let checked = in_parallel(shares, set.threads(), |range| {
        let overlay = snapshot.overlay();
        let mut own: Vec<ActiveRule> = rules.iter().copied().map(ActiveRule::new).collect();
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
    for object in set.objects()[range].iter().filter(|object| object.is_sound()) {
        let decoded = match object.document.soundness {
            // What was accepted may be the very thing that cannot be decoded.
            Soundness::Accepted => match kube::try_decode(object.document) {
                Some(decoded) => decoded,
                None => continue,
            },
            _ => kube::decode(session, object.document)?,
        };
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
