//! Documents: objects as Kubernetes would take them, read out of what templates printed or of plain manifests.
//!
//! Both kinds of text meet here, so this is where the order of findings is settled: first what is wrong with each
//! document, in their order, then what is wrong with several.

use std::sync::Arc;

use super::checked::Checked;
use super::merged::Merged;
use super::prepared::Prepared;
use super::printed::Outputs;
use crate::chart::Chart;
use crate::kube::{self, Target};
use crate::manifest::{self, Document, DocumentText};
use crate::release;
use crate::rules;
use crate::session::{Outcome, Session};
use crate::template::{self, RenderedTemplate};

/// The documents of one set.
///
/// They promise that each is an object that the chosen versions of Kubernetes take, and that no two are one object.
#[derive(Debug)]
pub(super) struct Documents(Vec<Document>);

impl Documents {
    /// Holds each document against the API, and reports those that are one object. Nothing may have been reported since
    /// `errors_before`, when the first of them was read.
    ///
    /// # Errors
    /// When there are findings. Rules come after it, then: they would miss the objects that could not be read.
    pub(super) fn check(
        session: &Session,
        target: &Target,
        mut documents: Vec<Document>,
        threads: usize,
        errors_before: usize,
    ) -> Outcome<Documents> {
        kube::check_all(session, target, &mut documents, threads);
        // What it reports is counted with the rest.
        let _ = manifest::refuse_duplicates(session, &documents);
        session.clean_since(errors_before)?;
        Ok(Documents(documents))
    }

    /// Reads and checks the documents in what the templates printed, with the chart's CRDs and the Namespace object if
    /// they were asked for.
    ///
    /// # Errors
    /// What is wrong with a template, a CRD or a document, all of it.
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
        outputs.bind(session, |rendered| {
            documents.extend(split(session, chart, request.threads, &rendered));
        })?;
        // Even where they are not rendered: CRDs that are wrong tell nothing of the custom resources that are checked
        // below.
        let crds = prepared.crds()?;
        if !request.skip_crds {
            documents.extend(crds.iter().cloned());
        }
        let namespace = release::namespace(chart, &merged.values, request);
        if request.create_namespace {
            documents.extend(release::namespace_document(session, &namespace));
        }
        let config = prepared.config()?;
        let target = Target {
            facts: Arc::new(rules::fact_choices(&config.levels, &request.levels)),
            api: Arc::clone(&prepared.api),
            versions: request.versions,
            namespace: Some(Arc::from(namespace)),
            allow_unknown: request.allow_unknown.iter().cloned().collect(),
            ..Target::default()
        };
        Documents::check(session, &target, documents, request.threads, before)
    }

    pub(super) fn as_slice(&self) -> &[Document] {
        &self.0
    }

    pub(super) fn into_vec(self) -> Vec<Document> {
        self.0
    }
}

/// Reads the documents out of what one template printed.
fn split(session: &Session, chart: &Chart, threads: usize, rendered: &RenderedTemplate) -> Vec<Document> {
    let name = Arc::from(format!("{}/templates/{}", chart.name, rendered.name));
    let text = DocumentText { name, source: rendered.source, bindings: &rendered.bindings };
    let Some(found) = manifest::split_all(session, threads, &[text]).pop() else { return Vec::new() };
    // A value that reached no document is an error, but not while a document is missing that it may belong to.
    if found.complete.is_ok() {
        template::refuse_unused(session, rendered);
    }
    found.documents
}
