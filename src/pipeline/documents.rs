//! The second half of the pipeline: from what the templates printed to documents that are checked and judged.

use std::sync::Arc;

use super::{Merged, Prepared};
use crate::chart::Chart;
use crate::inputs;
use crate::kube::{self, Target};
use crate::manifest::{self, Document};
use crate::parallel::in_parallel;
use crate::release;
use crate::rules::{self, ObjectSet};
use crate::session::{MergeSources, Outcome, Session};
use crate::source::SourceId;
use crate::template::{self, Program, RawOutput, RenderContext, RenderedTemplate};
use crate::values::LayerKind;

/// A chart's templates, and one set of values for them.
#[derive(Clone, Copy)]
pub(super) struct Render<'r> {
    pub(super) program: &'r Program,
    pub(super) merged: &'r Merged,
    /// What the templates see of the values.
    pub(super) scene: &'r RenderContext,
}

impl Prepared {
    /// Reads and checks the documents in what the templates printed, with the chart's CRDs and the Namespace object if
    /// they were asked for.
    pub(super) fn documents(
        &self,
        session: &Session,
        Render { program, merged, scene }: Render<'_>,
        printed: impl Iterator<Item = RawOutput>,
    ) -> Outcome<Vec<Document>> {
        let before = session.errors();
        let mut documents = Vec::new();
        template::bind(session, program, scene, printed, |rendered| {
            documents.extend(split(session, &merged.chart, &rendered));
        })?;
        let crds = self.crds.clone()?;
        if !self.request.skip_crds {
            documents.extend(crds);
        }
        let namespace = release::namespace(&merged.chart, &merged.values, &self.request);
        if self.request.create_namespace {
            documents.extend(release::namespace_document(session, &namespace));
        }
        let target = Target {
            api: Arc::clone(&self.api),
            versions: self.request.versions,
            namespace: Some(namespace),
            allow_unknown: self.request.allow_unknown.iter().cloned().collect(),
            ..Target::default()
        };
        check_all(session, &target, &mut documents, 1);
        session.clean_since(before)?;
        Ok(documents)
    }

    /// Shows the documents to the rules, which decode each.
    pub(super) fn judge(&self, session: &Session, merged: &Merged, documents: &[Document]) -> Outcome<()> {
        let config = self.config.as_ref().map_err(|reported| *reported)?;
        let externals = inputs::externals(&merged.chart, config);
        let layers = merged.layers.iter().filter(|layer| layer.kind != LayerKind::Defaults);
        let layer_sources: Vec<SourceId> = layers.map(|layer| layer.root.span.source).collect();
        // Who names an object in a preset, a values file or a flag says that it exists; a chart's defaults do not.
        let mut declaring = layer_sources.clone();
        declaring.extend(merged.edits.iter().map(|edit| edit.node.span.source));
        let set =
            ObjectSet::new(session, documents, &externals, declaring).for_versions(self.request.versions);
        rules::check(session, &set, &rules::levels(&config.levels, &self.request.levels), &layer_sources)
    }
}

/// Reads the documents out of what one template printed.
fn split(session: &Session, chart: &Chart, rendered: &RenderedTemplate) -> Vec<Document> {
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

/// Holds each document against the API, and reports those that are one object. Findings come in the order of the documents,
/// whatever the number of threads.
///
/// Rules come after it, and only if nothing was found: they would miss the objects that could not be read.
pub(super) fn check_all(session: &Session, target: &Target, documents: &mut [Document], threads: usize) {
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
