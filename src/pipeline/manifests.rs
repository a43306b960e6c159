//! Plain manifests: the second half of the pipeline without the first.

use std::ops::Range;
use std::sync::Arc;

use super::documents::Documents;
use super::judged::{DocumentSet, Judged, Surroundings};
use crate::config::External;
use crate::inputs;
use crate::kube::{self, Api, AppliedText, Target};
use crate::manifest::{self, Document, DocumentText};
use crate::request::Request;
use crate::session::{Outcome, Session};
use crate::source::SourceId;

/// Reads plain manifests as one set, checks them as Kubernetes will read them, and judges them.
///
/// # Errors
/// Everything that is wrong with a text or a document, and else what rules forbid.
pub fn manifests(session: &Session, request: &Request, sources: &[SourceId]) -> Outcome<Vec<Document>> {
    let all = ManifestSet { texts: (0..sources.len()).collect(), is_open: false };
    manifest_sets(session, request, sources, &[all], &[])
}

/// Manifests that are applied together.
#[derive(Clone, Debug, Default)]
pub struct ManifestSet {
    /// The indices of its texts.
    pub texts: Vec<usize>,
    /// Whether more is applied with it that cannot be seen: then nothing is missing.
    pub is_open: bool,
}

/// Reads plain manifests, checks them, and judges each set of them by itself; one text may be in several. That an object is
/// missing is reported only if no set has it, and if it is none of those that are `generated`.
///
/// # Errors
/// As [`manifests`].
pub fn manifest_sets(
    session: &Session,
    request: &Request,
    sources: &[SourceId],
    sets: &[ManifestSet],
    generated: &[External],
) -> Outcome<Vec<Document>> {
    let before = session.errors();
    let mut documents = Vec::new();
    let mut is_complete = true;
    // Which documents came from which text.
    let mut ranges: Vec<Range<usize>> = Vec::with_capacity(sources.len());
    // A CRD that could not be read may have defined the kinds that are unknown then: they are no findings of their own.
    let mut kinds_unread = false;
    let text = |source: &SourceId| {
        let name = Arc::from(session.source(*source).name.as_str());
        DocumentText { name, source: *source, bindings: &[] }
    };
    let texts: Vec<DocumentText<'_>> = sources.iter().map(text).collect();
    for (source, found) in sources.iter().zip(manifest::split_all(session, request.threads, &texts)) {
        kinds_unread |= found.complete.is_err() && kube::may_define_kinds(&session.source(*source).text);
        is_complete &= found.complete.is_ok();
        ranges.push(documents.len()..documents.len() + found.documents.len());
        documents.extend(found.documents);
    }
    let mut api = Api::new();
    kinds_unread |= inputs::learn_crds(session, &documents, request, &mut api).is_err();
    let config = inputs::read_config(session, request)?;
    let target = Target {
        api: Arc::new(api),
        versions: request.versions,
        namespace: request.namespace.as_deref().map(Arc::from),
        applied_text: AppliedText::Verbatim,
        kinds_unread,
        allow_unknown: request.allow_unknown.iter().cloned().collect(),
        ..Target::default()
    };
    let documents = Documents { all: documents, is_complete, errors_before: before };
    let documents = documents.check(session, &target, request.threads);
    let of_set = |set: &ManifestSet| DocumentSet {
        documents: set.texts.iter().flat_map(|text| ranges[*text].clone()).collect(),
        is_open: set.is_open,
    };
    let sets: Vec<DocumentSet> = sets.iter().map(of_set).collect();
    let externals: Vec<External> = config.externals.iter().chain(generated).cloned().collect();
    let surroundings = Surroundings::of_manifests(request, &config, &externals, sources);
    Ok(Judged::judge(session, documents, &surroundings, &sets)?.into_vec())
}
