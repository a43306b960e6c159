//! Plain manifests: the second half of the pipeline without the first, on several threads where there are many of them.
//!
//! Reading is the most expensive stage, so it is shared out too: a long text is cut between documents into chunks
//! ([`yaml::chunks`]) that threads read by themselves. A cut can be wrong, for example inside a block scalar that has a
//! line `---`. So each chunk must be *simple* from end to end; if any is not, its text is read again as a whole by one
//! thread. The cut decides nothing, then, but the time that reading takes.

use std::ops::Range;
use std::sync::Arc;

use super::documents::Documents;
use super::judged::Judged;
use crate::inputs;
use crate::kube::{self, Api, AppliedText, Target};
use crate::manifest::{self, Document, Split};
use crate::parallel::in_parallel;
use crate::request::Request;
use crate::session::{MergeSources, Outcome, Session};
use crate::source::SourceId;
use crate::yaml;

/// Reads plain manifests as one set, checks them as Kubernetes will read them, and judges them.
///
/// # Errors
/// Everything that is wrong with a text or a document, and else what rules forbid.
pub fn manifests(session: &Session, request: &Request, sources: &[SourceId]) -> Outcome<Vec<Document>> {
    let before = session.errors();
    let mut documents = Vec::new();
    // A CRD that could not be read may have defined the kinds that are unknown then: they are no findings of their own.
    let mut kinds_unread = false;
    for (source, found) in sources.iter().zip(read_all(session, request.threads, sources)) {
        kinds_unread |= found.complete.is_err() && session.source(*source).text.contains(kube::CRD);
        documents.extend(found.documents);
    }
    let mut api = Api::new();
    kinds_unread |= inputs::learn_crds(session, &documents, request, &mut api).is_err();
    let target = Target {
        api: Arc::new(api),
        versions: request.versions,
        namespace: request.namespace.clone(),
        applied_text: AppliedText::Verbatim,
        kinds_unread,
        allow_unknown: request.allow_unknown.iter().cloned().collect(),
        ..Target::default()
    };
    let documents = Documents::check(session, &target, documents, request.threads, before)?;
    Ok(Judged::of_manifests(session, request, documents, sources)?.into_vec())
}

/// The documents of each source, in the order of the sources.
fn read_all(session: &Session, threads: usize, sources: &[SourceId]) -> Vec<Split> {
    if threads < 2 {
        return sources.iter().map(|source| read_whole(session, *source)).collect();
    }
    // All chunks of all texts in one list, so that threads are busy with many small files as with one large one. How
    // many belong to each text is kept beside it.
    let mut chunks = Vec::new();
    let mut chunks_of_source = Vec::new();
    for source in sources {
        let ranges = yaml::chunks(&session.source(*source).text);
        chunks_of_source.push(ranges.len());
        match ranges.as_slice() {
            // Nothing was cut, so nothing could be cut wrong.
            [_] => chunks.push(Chunk { source: *source, range: None }),
            _ => chunks.extend(ranges.into_iter().map(|range| Chunk { source: *source, range: Some(range) })),
        }
    }
    let snapshot = session.snapshot();
    let read = in_parallel(chunks, threads, |chunk| {
        let overlay = snapshot.overlay();
        let found = chunk.read(&overlay);
        (overlay, found)
    });
    let mut read = read.into_iter();
    let mut all = Vec::with_capacity(sources.len());
    for (source, count) in sources.iter().zip(chunks_of_source) {
        let chunks = read.by_ref().take(count).collect();
        all.push(join_chunks(session, chunks).unwrap_or_else(|| read_whole(session, *source)));
    }
    all
}

/// Something that one thread reads.
struct Chunk {
    source: SourceId,
    /// `None` for the whole text, which need not be simple.
    range: Option<Range<usize>>,
}

impl Chunk {
    /// Its documents; `None` if it is not simple.
    fn read(self, session: &Session) -> Option<Split> {
        match self.range {
            None => Some(read_whole(session, self.source)),
            Some(range) => manifest::split_chunk(session, &name(session, self.source), self.source, range),
        }
    }
}

fn read_whole(session: &Session, source: SourceId) -> Split {
    manifest::split(session, &name(session, source), source, &[])
}

fn name(session: &Session, source: SourceId) -> Arc<str> {
    Arc::from(session.source(source).name.as_str())
}

/// The documents of all chunks of a source, with what was found in them. `None` if it has to be read as a whole: what
/// was found in its chunks is dropped with their overlays then.
fn join_chunks(session: &Session, chunks: Vec<(Session, Option<Split>)>) -> Option<Split> {
    let several = chunks.len() > 1;
    let mut overlays = Vec::with_capacity(chunks.len());
    let mut all = Split { documents: Vec::new(), complete: Ok(()) };
    for (overlay, found) in chunks {
        let found = found?;
        all.documents.extend(found.documents);
        all.complete = all.complete.and(found.complete);
        overlays.push(overlay);
    }
    // Each chunk kept the limit by itself. The text as a whole did not: reading it as a whole says so.
    if several && all.documents.len() > yaml::ParseLimits::from(session.limits()).documents {
        return None;
    }
    for overlay in overlays {
        session.merge(overlay, MergeSources::Shared, Some);
    }
    Some(all)
}
