//! Judged: documents that nothing is wrong with, one by one and together.

use std::collections::BTreeSet;

use super::checked::Checked;
use super::documents::{Documents, as_applied};
use super::prepared::Prepared;
use crate::config::{Config, External};
use crate::diagnostic::Level;
use crate::inputs;
use crate::manifest::{self, PackedDocument, Soundness, Together};
use crate::request::Request;
use crate::rules::{self, ObjectSet};
use crate::session::{Outcome, Session};
use crate::source::{SourceId, Span};
use crate::values;

/// Documents that can be applied.
///
/// They promise that the chosen versions of Kubernetes take each of them, that no two are one object, and that no rule
/// forbids them. They are in the order in which they were read.
#[derive(Debug)]
pub(super) struct Judged {
    documents: Vec<PackedDocument>,
    /// The texts of those that templates of Helm printed.
    of_helm: BTreeSet<SourceId>,
}

impl Judged {
    /// Judges what the templates of a chart made of some values.
    ///
    /// # Errors
    /// What is wrong with a document or with several, and a `plimsoll.yaml` that could not be read.
    pub(super) fn of_chart(
        session: &Session,
        prepared: &Prepared,
        merged: &Checked,
        documents: Documents,
    ) -> Outcome<Judged> {
        let config = prepared.config()?;
        let layer_sources = values::sources_over_defaults(&merged.layers);
        // Who names an object in a preset, a values file or a flag says that it exists; a chart's defaults do not.
        let mut declaring = layer_sources.clone();
        declaring.extend(merged.edits().iter().map(|edit| edit.node.span.source));
        let surroundings = Surroundings {
            request: &merged.opened.request,
            threads: merged.threads,
            config,
            externals: &inputs::externals(merged.chart(), config),
            declaring,
            sources: &layer_sources,
            is_closed: !merged.chart().is_helm,
            is_release: merged.helm.is_some(),
        };
        let all = DocumentSet {
            documents: (0..documents.all.len()).collect(),
            is_open: false,
            together: Together::Surely,
        };
        Judged::judge(session, documents, &surroundings, &[all])
    }

    /// Holds the documents of each set against each other, and shows those that are sound to the rules.
    ///
    /// # Errors
    /// What is wrong with a document or with several.
    pub(super) fn judge(
        session: &Session,
        documents: Documents,
        around: &Surroundings<'_>,
        sets: &[DocumentSet],
    ) -> Outcome<Judged> {
        let Documents { all: mut documents, of_helm, is_complete, errors_before } = documents;
        let mut twins = Vec::new();
        for set in sets {
            let members = set.documents.iter().map(|index| &documents[*index]);
            twins.extend(manifest::report_duplicates(session, members, set.together));
        }
        let levels = rules::levels(around.config, &around.request.levels);
        let judge = rules::judge(session, levels, &documents, around.sources);
        let judge = judge.lowering_all(around.request.prints_nothing).of_closed_sets(around.is_closed);
        let mut judge = judge.of_release(around.is_release).open_for(of_helm.clone());
        let wrong = refused(session);
        // All that the run has found by now, so that comments count for what is wrong with values, too.
        judge.settle(session, 0);
        let mut refused = refused(session);
        // One finding may be about several pairs.
        let mut alternatives = BTreeSet::new();
        for twins in twins {
            alternatives.extend(twins.alternatives);
            if twins.roots.first().is_some_and(|first| refused.contains(first)) {
                refused.extend(twins.roots);
            }
        }
        for document in &mut documents {
            let root = document.span();
            if refused.contains(&root) {
                document.soundness = Soundness::Refused;
            } else if wrong.contains(&root) {
                document.soundness = Soundness::Accepted;
            }
        }
        let object_set = |set: &DocumentSet| {
            let members = set.documents.iter().map(|index| &documents[*index]);
            ObjectSet::new(session, members, around.externals, around.declaring.clone())
                .for_versions(around.request.versions)
                .on_threads(around.threads)
                .with_all_read(is_complete && !set.is_open)
        };
        let file_of = |index: &usize| documents[*index].span().source;
        let parts: Vec<DocumentSet> =
            sets.iter().flat_map(|set| set.without_alternatives(&alternatives, file_of)).collect();
        match parts.as_slice() {
            [set] => judge.check(session, &object_set(set))?,
            _ => {
                // As they are in the sets: one that is moved into a namespace by each of them is nowhere as it stands.
                let members: BTreeSet<usize> = sets.iter().flat_map(|set| &set.documents).copied().collect();
                let whole = DocumentSet {
                    documents: members.into_iter().collect(),
                    is_open: false,
                    together: Together::Surely,
                };
                let elsewhere = judge.missing(session, &object_set(&whole));
                for set in &parts {
                    judge.check_part(session, &object_set(set), &elsewhere)?;
                }
            }
        }
        judge.finish(session);
        session.clean_since(errors_before)?;
        Ok(Judged { documents, of_helm })
    }

    /// All of them, with what templates of Helm printed as Helm applies it; and the texts of those.
    pub(super) fn into_applied(mut self) -> (Vec<PackedDocument>, BTreeSet<SourceId>) {
        as_applied(&mut self.documents, &self.of_helm);
        (self.documents, self.of_helm)
    }
}

/// The roots of the documents that an error was reported of.
fn refused(session: &Session) -> BTreeSet<Span> {
    let findings = session.diagnostics();
    let errors = findings.into_iter().filter(|finding| finding.level == Level::Error);
    errors.filter_map(|finding| finding.document).collect()
}

/// Documents that are applied together.
#[derive(Clone)]
pub(super) struct DocumentSet {
    /// Their indices.
    pub(super) documents: Vec<usize>,
    /// Whether more is applied with them that cannot be seen.
    pub(super) is_open: bool,
    /// How it is known that they are.
    pub(super) together: Together,
}

impl DocumentSet {
    /// The sets that there are instead if some files are alternatives of each other: each of these with all that is none.
    fn without_alternatives(
        &self,
        alternatives: &BTreeSet<SourceId>,
        file_of: impl Fn(&usize) -> SourceId,
    ) -> Vec<DocumentSet> {
        let files: BTreeSet<SourceId> = match self.together {
            Together::Surely => BTreeSet::new(),
            Together::Perhaps => {
                self.documents.iter().map(&file_of).filter(|file| alternatives.contains(file)).collect()
            }
        };
        if files.is_empty() {
            return vec![self.clone()];
        }
        // With many alternatives beside many other files the time would grow with the product of both.
        let with_others = files.len() <= MOST_ALTERNATIVES;
        let with = |chosen: &SourceId| {
            let is_in = |index: &&usize| {
                let file = file_of(index);
                file == *chosen || (with_others && !files.contains(&file))
            };
            DocumentSet { documents: self.documents.iter().filter(is_in).copied().collect(), ..self.clone() }
        };
        let others = DocumentSet {
            documents: self
                .documents
                .iter()
                .filter(|index| !files.contains(&file_of(index)))
                .copied()
                .collect(),
            ..self.clone()
        };
        let rest = (!with_others && !others.documents.is_empty()).then_some(others);
        rest.into_iter().chain(files.iter().map(with)).collect()
    }
}

/// So many alternatives are each held against what lies beside them.
const MOST_ALTERNATIVES: usize = 16;

/// What rules know besides the documents.
pub(super) struct Surroundings<'s> {
    request: &'s Request,
    /// How many threads may check objects.
    threads: usize,
    config: &'s Config,
    /// Objects that are made by others.
    externals: &'s [External],
    /// Texts that say of an object that it exists by naming it.
    declaring: Vec<SourceId>,
    /// Texts in which rules can be suppressed.
    sources: &'s [SourceId],
    /// Whether the documents say what else there is, as those of a chart of ours do.
    is_closed: bool,
    /// Whether they are a release of Helm.
    is_release: bool,
}

impl<'s> Surroundings<'s> {
    /// Those of plain manifests.
    pub(super) fn of_manifests(
        request: &'s Request,
        config: &'s Config,
        externals: &'s [External],
        sources: &'s [SourceId],
    ) -> Self {
        Surroundings {
            request,
            threads: request.threads,
            config,
            externals,
            declaring: Vec::new(),
            sources,
            is_closed: false,
            is_release: false,
        }
    }
}
