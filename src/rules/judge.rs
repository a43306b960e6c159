//! What a rule looks at, and the one walk over the documents that shows each to all rules of one object.

use super::pod::{Pod, Typed, pod_of};
use super::template::{Template, template_of};
use super::{Finding, Report, Rule, Set, Subject};
use crate::config::Level;
use crate::kube;
use crate::session::{Outcome, Session};

/// What a rule looks at. All but the last see one object at a time and keep nothing of it; they may ask the set for others.
#[derive(Debug)]
pub(super) enum Judge {
    /// A pod, typed: one of its own, or what a workload of Kubernetes makes its pods from.
    Pod(fn(&Set<'_>, Pod<'_>, &mut Report)),
    /// A pod as a tree, of custom workloads too.
    Template(fn(&Set<'_>, &Template<'_>, &mut Report)),
    /// An object, typed where there is a type.
    Object(fn(&Set<'_>, Typed<'_>, &mut Report)),
    /// An object as a tree.
    Tree(fn(&Set<'_>, &Subject<'_>, &mut Report)),
    /// All objects together, as trees.
    Set(fn(&Set<'_>, &mut Report)),
}

/// A rule that is judged, and what its parts have found.
pub(super) struct Judged {
    pub(super) rule: &'static Rule,
    pub(super) level: Level,
    reports: Vec<Report>,
}

impl Judged {
    pub(super) fn new(rule: &'static Rule, level: Level) -> Self {
        let reports = rule.judge.iter().map(|_| Report::default()).collect();
        Judged { rule, level, reports }
    }

    /// Everything that the rule finds in a set, part by part.
    pub(super) fn findings(self, set: &Set<'_>) -> impl Iterator<Item = Finding> {
        let Judged { rule, mut reports, .. } = self;
        for (judge, report) in rule.judge.iter().zip(&mut reports) {
            if let Judge::Set(judge) = judge {
                judge(set, report);
            }
        }
        reports.into_iter().flat_map(|report| report.found)
    }

    fn see(
        &mut self,
        set: &Set<'_>,
        typed: Typed<'_>,
        pod: Option<Pod<'_>>,
        template: Option<&Template<'_>>,
    ) {
        for (judge, report) in self.rule.judge.iter().zip(&mut self.reports) {
            match judge {
                Judge::Pod(judge) => pod.into_iter().for_each(|pod| judge(set, pod, report)),
                Judge::Template(judge) => template.into_iter().for_each(|pod| judge(set, pod, report)),
                Judge::Object(judge) => judge(set, typed, report),
                Judge::Tree(judge) => judge(set, typed.subject, report),
                Judge::Set(_) => {}
            }
        }
    }
}

/// Decodes each document, shows it to the rules of one object, and lets the typed object go.
///
/// # Errors
/// K012 for a document that has no typed object.
pub(super) fn see_each(session: &Session, set: &Set<'_>, judged: &mut [Judged]) -> Outcome<()> {
    for subject in &set.subjects {
        let object = kube::decode(session, subject.document)?;
        let typed = Typed { subject, object: &object };
        let (pod, template) = (pod_of(typed), template_of(subject));
        judged.iter_mut().for_each(|judged| judged.see(set, typed, pod, template.as_ref()));
    }
    Ok(())
}
