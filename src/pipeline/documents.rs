//! From printed templates and plain texts to checked documents: for charts and for plain manifests.
//!
//! Both kinds meet here, so this is where the order of findings is settled: by document, whatever the number of
//! threads. A chunk of documents is checked in an overlay of the session, and the overlays are merged in the order of
//! the chunks.

use std::sync::Arc;

use crate::chart::Chart;
use crate::kube::{self, Target};
use crate::manifest::{self, Document};
use crate::parallel::in_parallel;
use crate::session::{MergeSources, Session};
use crate::template::{self, RenderedTemplate};

/// Reads the documents out of what one template printed.
pub(super) fn split(session: &Session, chart: &Chart, rendered: &RenderedTemplate) -> Vec<Document> {
    let name = Arc::from(format!("{}/templates/{}", chart.name, rendered.name));
    let found = manifest::split(session, &name, rendered.source, &rendered.bindings);
    // A value that reached no document is an error, but not while a document is missing that it may belong to.
    if found.complete.is_ok() {
        template::refuse_unused(session, rendered);
    }
    found.documents
}

/// How many documents one thread checks before it takes the next ones: enough that taking them costs nothing beside the
/// check, few enough that threads end at about the same time.
const CHUNK: usize = 32;

/// Holds each document against the API, and reports those that are one object. Findings come in the order of the
/// documents, whatever the number of threads.
///
/// Rules come after it, and only if nothing was found: they would miss the objects that could not be read.
pub(super) fn check_all(session: &Session, target: &Target, documents: &mut [Document], threads: usize) {
    // With less than two full chunks there is too little to share out.
    if threads < 2 || documents.len() < 2 * CHUNK {
        documents.iter_mut().for_each(|document| kube::check(session, target, document));
    } else {
        let snapshot = session.snapshot();
        let overlays = in_parallel(documents.chunks_mut(CHUNK).collect(), threads, |chunk| {
            let overlay = snapshot.overlay();
            chunk.iter_mut().for_each(|document| kube::check(&overlay, target, document));
            overlay
        });
        for overlay in overlays {
            session.merge(overlay, MergeSources::Shared, Some);
        }
    }
    // What it reports is counted with the rest.
    let _ = manifest::refuse_duplicates(session, documents);
}
