//! Documents: objects as Kubernetes would take them, read out of what templates printed or of plain manifests.
//!
//! Both kinds of text meet here, so this is where the order of findings is settled: first what is wrong with each
//! document, in their order, then what is wrong with several.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::checked::Checked;
use super::merged::Merged;
use super::prepared::Prepared;
use super::printed::{Outputs, PrintedBy};
use crate::kube::{self, AppliedText, Target};
use crate::manifest::{self, Document, DocumentText, PackedDocument, ReadDocument, ReadSplit};
use crate::release;
use crate::session::{Outcome, Session};
use crate::source::SourceId;
use crate::template::{self, RenderedTemplate};
use crate::yaml::{self, Strictness};

/// The documents of one run.
///
/// They promise that each was held against the API, and that what is wrong with one has been reported.
#[derive(Debug)]
pub(super) struct Documents {
    pub(super) all: Vec<PackedDocument>,
    /// The texts of those that templates of Helm printed, among others that ours did.
    pub(super) of_helm: BTreeSet<SourceId>,
    /// Whether none is missing because it could not be read.
    pub(super) is_complete: bool,
    /// The number of errors before the first of them was read.
    pub(super) errors_before: usize,
}

impl Documents {
    /// Reads and checks the documents in what the templates printed, with the chart's CRDs and the Namespace object if
    /// they were asked for.
    ///
    /// # Errors
    /// What is wrong with a template or a CRD, all of it.
    pub(super) fn of_chart(
        session: &Session,
        prepared: &Prepared,
        checked: &Checked,
        outputs: Outputs,
    ) -> Outcome<Documents> {
        checked.tombstones.note_left_out(session, &checked.values);
        checked.at_nulls(session, || Documents::read_and_check(session, prepared, checked, outputs))
    }

    fn read_and_check(
        session: &Session,
        prepared: &Prepared,
        merged: &Merged,
        outputs: Outputs,
    ) -> Outcome<Documents> {
        let before = session.errors();
        let (chart, request) = (merged.chart(), &merged.opened.request);
        let mut bound = Vec::new();
        let mut helm = Vec::new();
        let mut is_complete = true;
        let helm_output = outputs.bind(session, chart, |by, rendered, trace| {
            let documents = if by == PrintedBy::Helm { &mut helm } else { &mut bound };
            match split(session, by, merged.threads, &rendered) {
                Some(mut found) => {
                    is_complete &= found.complete().is_ok();
                    if by == PrintedBy::Helm {
                        found.edit(|document| trace(&mut document.node));
                    }
                    found.append_to(documents);
                }
                None => is_complete = false,
            }
        })?;
        is_complete &= helm_output.as_ref().is_none_or(|output| output.is_complete);
        // Even where they are not rendered: CRDs that are wrong tell nothing of the custom resources that are checked
        // below.
        let crds = prepared.crds()?;
        if !request.skip_crds {
            let (of_charts_off, of_charts_of_helm) = (merged.crds_of_charts_off(), merged.crds_of_helm());
            for crd in crds {
                let source = crd.span().source;
                let is_of_helm = chart.is_helm || of_charts_of_helm.contains(&source);
                // Which of those are rendered is Helm's to say.
                let belongs = match &helm_output {
                    Some(output) if is_of_helm => output.crds.contains(&source),
                    _ => !of_charts_off.contains(&source),
                };
                if belongs {
                    let own = if is_of_helm { &mut helm } else { &mut bound };
                    own.push(crd.clone().into());
                }
            }
        }
        let namespace = release::namespace(chart, &merged.values, request);
        if request.create_namespace {
            // What comes with a chart is of its kind.
            let own = if chart.is_helm { &mut helm } else { &mut bound };
            own.extend(
                release::namespace_document(session, chart, &namespace).into_iter().map(ReadDocument::from),
            );
        }
        let target = Target {
            api: Arc::clone(&prepared.api),
            versions: request.versions,
            namespace: Some(Arc::from(namespace)),
            allow_unknown: request.allow_unknown.iter().cloned().collect(),
            ..Target::default()
        };
        let of_bound = Target { applied_text: AppliedText::Reprinted, ..target.clone() };
        let mut all = kube::check_all(session, &of_bound, bound, merged.threads);
        // What templates of Helm print is what Helm applies.
        let target =
            Target { keeps_nulls: true, others_wrote: true, applied_text: AppliedText::Verbatim, ..target };
        let helm = kube::check_all(session, &target, helm, merged.threads);
        let of_helm = helm.iter().map(|document| document.span().source).collect();
        all.extend(helm);
        Ok(Documents { all, of_helm, is_complete, errors_before: before })
    }

    /// All of them, with what templates of Helm printed as Helm applies it.
    pub(super) fn applied(mut self) -> Vec<Document> {
        as_applied(&mut self.all, &self.of_helm);
        PackedDocument::unpack_all(&self.all)
    }
}

/// What templates of Helm print is read by Kubernetes as it stands, and printed anew here.
pub(super) fn as_applied(documents: &mut [PackedDocument], of_helm: &BTreeSet<SourceId>) {
    let theirs = documents.iter_mut().filter(|document| of_helm.contains(&document.span().source));
    PackedDocument::edit_all(theirs, |document| {
        kube::restore_nulls(document);
        yaml::resolve_scalars(&mut document.node);
    });
}

/// Reads the documents out of what one template printed.
fn split(session: &Session, by: PrintedBy, threads: usize, rendered: &RenderedTemplate) -> Option<ReadSplit> {
    let name = Arc::clone(&rendered.name);
    let strictness = match by {
        PrintedBy::Helm => Strictness::AsHelm,
        PrintedBy::Bound => Strictness::Strict,
    };
    let text = DocumentText { name, source: rendered.source, bindings: &rendered.bindings, strictness };
    let found = manifest::split_one(session, threads, text)?;
    // A value that reached no document is an error, but not while a document is missing that it may belong to.
    if found.complete().is_ok() {
        template::refuse_unused(session, rendered);
    }
    Some(found)
}
