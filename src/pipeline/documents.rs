//! Documents: objects as Kubernetes would take them, read out of what templates printed or of plain manifests.
//!
//! Both kinds of text meet here, so this is where the order of findings is settled: first what is wrong with each
//! document, in their order, then what is wrong with several.

use std::sync::Arc;

use super::checked::Checked;
use super::merged::Merged;
use super::prepared::Prepared;
use super::printed::Outputs;
use crate::kube::{self, AppliedText, Target};
use crate::manifest::{self, DocumentText, PackedDocument, PackedSplit};
use crate::release;
use crate::session::{Outcome, Session};
use crate::template::{self, RenderedTemplate};
use crate::yaml::RepeatedKeys;

/// The documents of one run.
///
/// They promise that each was held against the API, and that what is wrong with one has been reported.
#[derive(Debug)]
pub(super) struct Documents {
    pub(super) all: Vec<PackedDocument>,
    /// Whether none is missing because it could not be read.
    pub(super) is_complete: bool,
    /// The number of errors before the first of them was read.
    pub(super) errors_before: usize,
}

impl Documents {
    /// Holds each document against the API.
    pub(super) fn check(self, session: &Session, target: &Target, threads: usize) -> Documents {
        let mut documents = self;
        kube::check_all(session, target, &mut documents.all, threads);
        documents
    }

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
        let mut documents = Vec::new();
        let mut is_complete = true;
        let is_helm = merged.helm.is_some();
        let helm_output = outputs.bind(session, chart, |rendered, trace| {
            match split(session, is_helm, merged.threads, &rendered) {
                Some(found) => {
                    is_complete &= found.complete.is_ok();
                    let first = documents.len();
                    // The list of a large set is large by itself.
                    if documents.is_empty() {
                        documents = found.documents;
                    } else {
                        documents.extend(found.documents);
                    }
                    if is_helm {
                        let new = documents.iter_mut().skip(first);
                        PackedDocument::edit_all(new, |document| trace(&mut document.node));
                    }
                }
                None => is_complete = false,
            }
        })?;
        is_complete &= helm_output.as_ref().is_none_or(|output| output.is_complete);
        // Even where they are not rendered: CRDs that are wrong tell nothing of the custom resources that are checked
        // below.
        let crds = prepared.crds()?;
        if !request.skip_crds {
            let of_charts_off = merged.crds_of_charts_off();
            let belongs = |crd: &&PackedDocument| match &helm_output {
                Some(output) => output.crds.contains(&crd.span().source),
                None => !of_charts_off.contains(&crd.span().source),
            };
            documents.extend(crds.iter().filter(belongs).cloned());
        }
        let namespace = release::namespace(chart, &merged.values, request);
        if request.create_namespace {
            documents
                .extend(PackedDocument::pack_all(release::namespace_document(session, chart, &namespace)));
        }
        let target = Target {
            api: Arc::clone(&prepared.api),
            versions: request.versions,
            namespace: Some(Arc::from(namespace)),
            allow_unknown: request.allow_unknown.iter().cloned().collect(),
            // What templates of Helm print is what Helm applies.
            keeps_nulls: is_helm,
            others_wrote: is_helm,
            applied_text: if is_helm { AppliedText::Verbatim } else { AppliedText::Reprinted },
            ..Target::default()
        };
        let documents = Documents { all: documents, is_complete, errors_before: before };
        Ok(documents.check(session, &target, merged.threads))
    }
}

/// Reads the documents out of what one template printed.
fn split(
    session: &Session,
    is_helm: bool,
    threads: usize,
    rendered: &RenderedTemplate,
) -> Option<PackedSplit> {
    let name = Arc::clone(&rendered.name);
    let repeated_keys = if is_helm { RepeatedKeys::LastCounts } else { RepeatedKeys::Refused };
    let text = DocumentText { name, source: rendered.source, bindings: &rendered.bindings, repeated_keys };
    let found = manifest::split_all(session, threads, &[text]).pop()?;
    // A value that reached no document is an error, but not while a document is missing that it may belong to.
    if found.complete.is_ok() {
        template::refuse_unused(session, rendered);
    }
    Some(found)
}
