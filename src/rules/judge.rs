//! What a rule looks at, and the one walk over the documents that shows each to all rules of one object.

use std::ops::Range;

use super::pod::{Pod, Typed, pod_of};
use super::template::{Template, template_of};
use super::{ObjectSet, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::Diagnostic;
use crate::kube;
use crate::parallel::in_parallel;
use crate::session::{MergeSources, Outcome, Session};

/// What a rule looks at. All but the last see one object at a time and keep nothing of it; they may ask the set for others.
#[derive(Debug)]
pub(super) enum Judge {
    /// A pod, typed: one of its own, or what a workload of Kubernetes makes its pods from.
    Pod(fn(&ObjectSet<'_>, Pod<'_>, &mut Report)),
    /// A pod as a tree, of custom workloads too.
    Template(fn(&ObjectSet<'_>, &Template<'_>, &mut Report)),
    /// An object, typed where there is a type.
    Object(fn(&ObjectSet<'_>, Typed<'_>, &mut Report)),
    /// An object as a tree.
    Tree(fn(&ObjectSet<'_>, &Subject<'_>, &mut Report)),
    /// All objects together, as trees.
    Set(fn(&ObjectSet<'_>, &mut Report)),
}

/// A rule that is judged, and what its parts have found.
pub(super) struct Judged {
    pub(super) rule: &'static Rule,
    level: Level,
    parts: Vec<Found>,
}

/// Diagnostics, each with the place of the object that it is about.
type Found = Vec<(usize, Diagnostic)>;

impl Judged {
    pub(super) fn new(rule: &'static Rule, level: Level) -> Self {
        Judged { rule, level, parts: vec![Found::new(); rule.judge.len()] }
    }

    /// Takes over what the same rule has found of later objects.
    fn join(&mut self, later: Judged) {
        self.parts.iter_mut().zip(later.parts).for_each(|(part, more)| part.extend(more));
    }

    /// Everything that the rule finds in a set, part by part.
    pub(super) fn finish(
        mut self,
        session: &Session,
        set: &ObjectSet<'_>,
    ) -> impl Iterator<Item = (usize, Diagnostic)> {
        self.look(session, set, |judge, report| {
            if let Judge::Set(judge) = judge {
                judge(set, report);
            }
        });
        self.parts.into_iter().flatten()
    }

    /// Lets every part look, and turns what it reports into diagnostics: then nothing more is asked of the objects.
    fn look(&mut self, session: &Session, set: &ObjectSet<'_>, mut look: impl FnMut(&Judge, &mut Report)) {
        for (judge, part) in self.rule.judge.iter().zip(&mut self.parts) {
            let mut report = Report::default();
            look(judge, &mut report);
            part.extend(
                report.found.into_iter().map(|finding| {
                    (finding.subject, finding.diagnostic(session, set, self.rule, self.level))
                }),
            );
        }
    }
}

/// Decodes each document, shows it to the rules of one object, and lets the typed object go.
///
/// # Errors
/// K012 for the first document that has no typed object.
pub(super) fn see_each(session: &Session, set: &ObjectSet<'_>, judged: &mut [Judged]) -> Outcome<()> {
    let of_one = |judged: &&mut Judged| judged.rule.judge.iter().any(|judge| !matches!(judge, Judge::Set(_)));
    let mut judged: Vec<&mut Judged> = judged.iter_mut().filter(of_one).collect();
    let len = set.subjects.len();
    if set.threads() < 2 || len < MANY {
        return see(session, set, 0..len, &mut judged);
    }
    let (snapshot, seed) = (session.snapshot(), set.seed());
    let rules: Vec<(&'static Rule, Level)> =
        judged.iter().map(|judged| (judged.rule, judged.level)).collect();
    // A share each: every thread makes a set of its own.
    let share = len.div_ceil(set.threads());
    let shares = (0..len).step_by(share).map(|start| start..len.min(start + share)).collect();
    let seen = in_parallel(shares, set.threads(), |share| {
        let overlay = snapshot.overlay();
        let mut own: Vec<Judged> = rules.iter().map(|(rule, level)| Judged::new(rule, *level)).collect();
        let outcome =
            see(&overlay, &seed.clone().set(&overlay), share, &mut own.iter_mut().collect::<Vec<_>>());
        (overlay, own, outcome)
    });
    for (overlay, own, outcome) in seen {
        session.merge(overlay, MergeSources::Shared, Some);
        outcome?;
        judged.iter_mut().zip(own).for_each(|(judged, own)| judged.join(own));
    }
    Ok(())
}

/// So many documents are worth a thread.
const MANY: usize = 64;

/// Shows some of the documents to the rules.
fn see(
    session: &Session,
    set: &ObjectSet<'_>,
    share: Range<usize>,
    judged: &mut [&mut Judged],
) -> Outcome<()> {
    for subject in &set.subjects[share] {
        let object = kube::decode(session, subject.document)?;
        let typed = Typed { subject, object: &object };
        let (pod, template) = (pod_of(typed), template_of(subject));
        for judged in &mut *judged {
            judged.look(session, set, |judge, report| match judge {
                Judge::Pod(judge) => pod.into_iter().for_each(|pod| judge(set, pod, report)),
                Judge::Template(judge) => template.iter().for_each(|pod| judge(set, pod, report)),
                Judge::Object(judge) => judge(set, typed, report),
                Judge::Tree(judge) => judge(set, subject, report),
                Judge::Set(_) => {}
            });
        }
    }
    Ok(())
}
