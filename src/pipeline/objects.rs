//! The second half of the way: what the engine made, read, checked and shown to the rules.

use std::sync::Arc;

use super::{Prepared, Settled};
use crate::chart::Chart;
use crate::inputs;
use crate::kube::{self, Target};
use crate::manifest::{self, Document};
use crate::parallel::in_parallel;
use crate::release;
use crate::rules::{self, ObjectSet};
use crate::session::{Outcome, Session};
use crate::source::SourceId;
use crate::template::{self, Program, RawOutput, RenderContext, RenderedTemplate};
use crate::values::LayerKind;

/// A chart's templates, and one set of values for them.
#[derive(Clone, Copy)]
pub(super) struct Render<'r> {
    pub(super) program: &'r Program,
    pub(super) settled: &'r Settled,
    /// What the templates see of the values.
    pub(super) scene: &'r RenderContext,
}

impl Prepared {
    /// Reads and checks the objects that the engine made.
    pub(super) fn documents(
        &self,
        session: &Session,
        Render { program, settled, scene }: Render<'_>,
        printed: impl Iterator<Item = RawOutput>,
    ) -> Outcome<Vec<Document>> {
        let before = session.errors();
        let mut documents = Vec::new();
        template::bind(session, program, scene, printed, |rendered| {
            documents.extend(split(session, &settled.chart, &rendered));
        })?;
        let crds = self.crds.clone()?;
        if !self.request.skip_crds {
            documents.extend(crds);
        }
        let namespace = release::namespace(&settled.chart, &settled.values, &self.request);
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
        refuse_wrong(session, &target, &mut documents, 1);
        session.clean_since(before)?;
        Ok(documents)
    }

    /// Shows the documents to the rules, which decode each.
    pub(super) fn judge(&self, session: &Session, settled: &Settled, documents: &[Document]) -> Outcome<()> {
        let config = self.config.as_ref().map_err(|reported| *reported)?;
        let externals = inputs::externals(&settled.chart, config);
        let above = settled.layers.iter().filter(|layer| layer.kind != LayerKind::Defaults);
        let of_layers: Vec<SourceId> = above.map(|layer| layer.root.span.source).collect();
        let of_flags = settled.edits.iter().map(|edit| edit.node.span.source);
        let declaring = of_layers.iter().copied().chain(of_flags).collect();
        let set =
            ObjectSet::new(session, documents, &externals, declaring).for_versions(self.request.versions);
        rules::check(session, &set, &rules::levels(&config.levels, &self.request.levels), &of_layers)
    }
}

/// Reads the documents out of what a template printed.
fn split(session: &Session, chart: &Chart, rendered: &RenderedTemplate) -> Vec<Document> {
    let name = Arc::from(format!("{}/templates/{}", chart.name, rendered.name));
    let found = manifest::split(session, &name, rendered.source, &rendered.bindings);
    if found.complete.is_ok() {
        template::refuse_unused(session, rendered);
    }
    found.documents
}

/// What is wrong with each document, and which of them are one object. Rules come after it, and only if nothing is: they
/// would miss the objects that could not be read.
pub(super) fn refuse_wrong(session: &Session, target: &Target, documents: &mut [Document], threads: usize) {
    if threads < 2 || documents.len() < 2 * SHARE {
        documents.iter_mut().for_each(|document| kube::check(session, target, document));
    } else {
        let trunk = session.trunk();
        let checked = in_parallel(documents.chunks_mut(SHARE).collect(), threads, |share| {
            let branch = trunk.branch();
            share.iter_mut().for_each(|document| kube::check(&branch, target, document));
            branch
        });
        checked.iter().for_each(|branch| session.join(branch));
    }
    let _ = manifest::refuse_duplicates(session, documents);
}

/// How many documents one thread checks before it takes the next ones.
const SHARE: usize = 32;
