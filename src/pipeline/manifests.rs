//! Plain manifests: the second half of the pipeline without the first.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::documents::Documents;
use super::judged::{DocumentSet, Judged, Surroundings};
use crate::config::External;
use crate::diagnostic::{Code, Level};
use crate::inputs;
use crate::kube::{self, Api, AppliedText, Completion, Target};
use crate::manifest::{self, DocumentText, PackedDocument, ReadDocument, Together};
use crate::request::Request;
use crate::session::{Outcome, Session};
use crate::source::{SourceId, SourceKind};
use crate::yaml::Strictness;

/// Reads plain manifests as one set, checks them as Kubernetes will read them, and judges them.
///
/// # Errors
/// Everything that is wrong with a text or a document, and else what rules forbid.
pub fn manifests(session: &Session, request: &Request, sources: &[SourceId]) -> Outcome<Vec<PackedDocument>> {
    let all = ManifestSet { texts: (0..sources.len()).map(SetText::of).collect(), ..ManifestSet::default() };
    manifest_sets(session, request, sources, &ManifestSets { sets: vec![all], ..ManifestSets::default() })
}

/// Whether what a text holds are whole objects, by themselves: nothing that Kubernetes demands is missing in them. What is
/// missing may stand in the object that a text is a patch of.
pub fn is_whole(session: &Session, request: &Request, name: &str, text: &str) -> bool {
    let own = session.fresh();
    let source = own.add_source(SourceKind::File, name, text);
    let request = Request { versions: request.versions, prints_nothing: true, ..Request::default() };
    // What is wrong is looked at and dropped: it is reported when the text is linted.
    let _ = manifests(&own, &request, &[source]);
    let is_missing = |code: Code| [Code::K002, Code::K013, Code::M001].contains(&code);
    !own.diagnostics().iter().any(|finding| finding.level == Level::Error && is_missing(finding.code))
}

/// What is known of manifests besides their texts.
#[derive(Clone, Debug, Default)]
pub struct ManifestSets {
    /// Which of them are applied together; one text may be in several sets.
    pub sets: Vec<ManifestSet>,
    /// Objects that are made besides, when they are applied.
    pub generated: Vec<External>,
    /// What is added to the objects of a text, by its index.
    pub completions: BTreeMap<usize, Completion>,
}

/// Manifests that are applied together.
#[derive(Clone, Debug, Default)]
pub struct ManifestSet {
    /// Its texts, in their order.
    pub texts: Vec<SetText>,
    /// Whether more is applied with it that cannot be seen: then nothing is missing.
    pub is_open: bool,
    /// Whether it is a set only because its files lie in one folder, which nobody has named.
    pub is_assumed: bool,
}

/// A text in a set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SetText {
    /// Its index.
    pub index: usize,
    /// The namespace that its objects are moved into.
    pub namespace: Option<Arc<str>>,
}

impl SetText {
    /// A text whose objects are applied as they stand.
    pub fn of(index: usize) -> Self {
        SetText { index, namespace: None }
    }
}

/// Reads plain manifests, checks them, and judges each set of them by itself. That an object is missing is reported only
/// if no set has it, and if it is none of those that are generated.
///
/// # Errors
/// As [`manifests`].
pub fn manifest_sets(
    session: &Session,
    request: &Request,
    sources: &[SourceId],
    sets: &ManifestSets,
) -> Outcome<Vec<PackedDocument>> {
    let before = session.errors();
    let mut documents = Vec::new();
    let mut is_complete = true;
    // Which documents came from which text.
    let mut ranges: Vec<Range<usize>> = Vec::with_capacity(sources.len());
    // A CRD that could not be read may have defined the kinds that are unknown then: they are no findings of their own.
    let mut kinds_unread = false;
    let text = |source: &SourceId| {
        let name = Arc::from(session.source(*source).name.as_str());
        DocumentText { name, source: *source, bindings: &[], strictness: Strictness::Strict }
    };
    let texts: Vec<DocumentText<'_>> = sources.iter().map(text).collect();
    for (source, found) in sources.iter().zip(manifest::split_all(session, request.threads, &texts)) {
        kinds_unread |= found.complete.is_err() && kube::may_define_kinds(&session.source(*source).text);
        is_complete &= found.complete.is_ok();
        ranges.push(documents.len()..documents.len() + found.documents.len());
        documents.extend(found.documents);
    }
    let mut api = Api::new();
    let first = session.findings();
    kinds_unread |= inputs::learn_crds(session, &documents, request, &mut api);
    let config = inputs::read_config(session, request)?;
    let target = Target {
        api: Arc::new(api),
        versions: request.versions,
        namespace: request.namespace.as_deref().map(Arc::from),
        applied_text: AppliedText::Verbatim,
        kinds_unread,
        mutated_groups: kube::mutated_groups(documents.iter()),
        completions: sets.completions.iter().map(|(text, all)| (sources[*text], all.clone())).collect(),
        allow_unknown: request.allow_unknown.iter().cloned().collect(),
        ..Target::default()
    };
    let read = documents.into_iter().map(ReadDocument::from).collect();
    let all = kube::check_all(session, &target, read, request.threads);
    let mut documents = Documents { all, of_helm: BTreeSet::new(), is_complete, errors_before: before };
    drop_unread_crds(session, first);
    let externals: Vec<External> = config.externals.iter().chain(&sets.generated).cloned().collect();
    let sets: Vec<DocumentSet> =
        sets.sets.iter().map(|set| document_set(&target.api, set, &ranges, &mut documents.all)).collect();
    let surroundings = Surroundings::of_manifests(request, &config, &externals, sources);
    Ok(Judged::judge(session, documents, &surroundings, &sets)?.into_applied().0)
}

/// The documents of a set. Those that a kustomization moves into a namespace are copies, which are added to all.
fn document_set(
    api: &Api,
    set: &ManifestSet,
    ranges: &[Range<usize>],
    all: &mut Vec<PackedDocument>,
) -> DocumentSet {
    let of_text = |text: &SetText| {
        let namespace = text.namespace.clone();
        ranges[text.index].clone().map(move |index| (index, namespace.clone()))
    };
    let members: Vec<(usize, Option<Arc<str>>)> = set.texts.iter().flat_map(of_text).collect();
    let mut documents: Vec<usize> = members.iter().map(|(index, _)| *index).collect();
    if members.iter().any(|(_, namespace)| namespace.is_some()) {
        let members: Vec<_> =
            members.into_iter().map(|(index, namespace)| (&all[index], namespace)).collect();
        let moved = kube::moved(api, &members);
        let first = all.len();
        all.extend(PackedDocument::pack_all(moved.iter().flatten().cloned()));
        let added = documents.iter_mut().zip(&moved).filter(|(_, moved)| moved.is_some());
        added.enumerate().for_each(|(at, (document, _))| *document = first + at);
    }
    let together = if set.is_assumed { Together::Perhaps } else { Together::Surely };
    DocumentSet { documents, is_open: set.is_open, together }
}

/// Drops what was said of CRDs that cannot be read (K011) of those that the check has refused for a reason of its own.
fn drop_unread_crds(session: &Session, first: usize) {
    let findings = session.diagnostics();
    let others = findings[first..].iter().filter(|other| other.code != Code::K011);
    let refused: BTreeSet<_> =
        others.filter(|other| other.level == Level::Error).filter_map(|other| other.document).collect();
    session.reword_since(first, |finding| {
        let is_refused = || finding.document.is_some_and(|document| refused.contains(&document));
        (finding.code != Code::K011 || !is_refused()).then_some(finding)
    });
}
