//! Texts that are split by several threads, with what one thread would make of them.
//!
//! Reading is the most expensive stage, so it is shared out: a long text is cut between documents into chunks
//! ([`yaml::chunks`]) that threads read by themselves. A cut can be wrong, for example inside a block scalar that has a
//! line `---`. So each chunk must be *simple* from end to end; if any is not, its text is read again as a whole by one
//! thread. The cut decides nothing, then, but the time that reading takes.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::document::{Document, PackedDocument, ReadDocument};
use super::split::{Chunk, Split, split_chunk, split_within};
use crate::parallel::in_parallel;
use crate::session::{MergeSources, Outcome, Session};
use crate::source::SourceId;
use crate::yaml::{self, Binding, ParseLimits, Strictness};

/// A text that documents are read from.
#[derive(Clone, Debug)]
pub struct DocumentText<'t> {
    /// What the documents name as their template.
    pub name: Arc<str>,
    /// The text.
    pub source: SourceId,
    /// What its slots stand for, if it was rendered.
    pub bindings: &'t [Binding],
    /// What becomes of a key that stands twice in a map, and of a tag that has no meaning.
    pub strictness: Strictness,
}

impl DocumentText<'_> {
    fn read_whole(&self, session: &Session) -> PackedSplit {
        self.split_whole(session).into()
    }

    /// Reads the objects of the text, on this thread.
    pub fn split_whole(&self, session: &Session) -> Split {
        split_within(session, &self.name, self.source, self.bindings, self.limits(session))
    }

    fn limits(&self, session: &Session) -> ParseLimits {
        ParseLimits { strictness: self.strictness, ..session.limits().into() }
    }
}

/// A [`Split`] whose documents are packed.
#[derive(Debug)]
#[must_use]
pub struct PackedSplit {
    /// The sound ones.
    pub documents: Vec<PackedDocument>,
    /// Whether these are all that the text holds.
    pub complete: Outcome<()>,
}

impl From<Split> for PackedSplit {
    fn from(Split { documents, complete }: Split) -> Self {
        PackedSplit { documents: PackedDocument::pack_all(documents), complete }
    }
}

/// The documents of one text.
#[derive(Debug)]
#[must_use]
pub enum ReadSplit {
    /// Those of a short text.
    Nodes(Split),
    /// Those of a long one.
    Packed(PackedSplit),
}

impl ReadSplit {
    /// Whether these are all that the text holds.
    pub fn complete(&self) -> Outcome<()> {
        match self {
            ReadSplit::Nodes(split) => split.complete,
            ReadSplit::Packed(split) => split.complete,
        }
    }

    /// Changes the documents, one after the other.
    pub fn edit(&mut self, edit: impl FnMut(&mut Document)) {
        match self {
            ReadSplit::Nodes(split) => split.documents.iter_mut().for_each(edit),
            ReadSplit::Packed(split) => PackedDocument::edit_all(&mut split.documents, edit),
        }
    }

    /// The documents, added to others.
    pub fn append_to(self, documents: &mut Vec<ReadDocument>) {
        match self {
            ReadSplit::Nodes(split) => documents.extend(split.documents.into_iter().map(ReadDocument::from)),
            ReadSplit::Packed(split) => documents.extend(split.documents.into_iter().map(ReadDocument::from)),
        }
    }
}

/// Reads the objects of one text, on at most so many threads. Those of a text that is too short to be cut are not packed.
pub fn split_one(session: &Session, threads: usize, text: DocumentText<'_>) -> Option<ReadSplit> {
    if yaml::chunks(&session.source(text.source).text, text.bindings).len() == 1 {
        return Some(ReadSplit::Nodes(text.split_whole(session)));
    }
    split_all(session, threads, &[text]).pop().map(ReadSplit::Packed)
}

/// Reads the objects of each text, in the order of the texts, on at most so many threads.
///
/// A long text is read in chunks by one thread, too: the documents of each are packed before the next one is read.
pub fn split_all(session: &Session, threads: usize, texts: &[DocumentText<'_>]) -> Vec<PackedSplit> {
    // All chunks of all texts in one list, so that threads are busy with many small files as with one large one. How
    // many belong to each text is kept beside it.
    let mut pieces = Vec::new();
    let mut pieces_of_text = Vec::new();
    for text in texts {
        let ranges = yaml::chunks(&session.source(text.source).text, text.bindings);
        pieces_of_text.push(ranges.len());
        match ranges.as_slice() {
            // Nothing was cut, so nothing could be cut wrong.
            [_] => pieces.push(Piece { text, range: None }),
            _ => pieces.extend(ranges.into_iter().map(|range| Piece { text, range: Some(range) })),
        }
    }
    // One piece needs no overlay, as it is read on this thread.
    if let [Piece { text, range: None }] = pieces.as_slice() {
        return vec![text.read_whole(session)];
    }
    let snapshot = session.snapshot();
    let read = in_parallel(pieces, threads, |piece| {
        let overlay = snapshot.overlay();
        let found = piece.read(&overlay);
        (overlay, found)
    });
    let mut read = read.into_iter();
    let mut all = Vec::with_capacity(texts.len());
    for (text, count) in texts.iter().zip(pieces_of_text) {
        let pieces = read.by_ref().take(count).collect();
        all.push(join(session, pieces).unwrap_or_else(|| {
            // As if no chunk had been read.
            text.bindings.iter().for_each(|binding| binding.used.store(false, Ordering::Relaxed));
            text.read_whole(session)
        }));
    }
    all
}

/// Something that one thread reads.
struct Piece<'t> {
    text: &'t DocumentText<'t>,
    /// `None` for the whole text, which need not be simple.
    range: Option<Range<usize>>,
}

impl Piece<'_> {
    /// Its documents; `None` if it is not simple.
    fn read(self, session: &Session) -> Option<PackedChunk> {
        let DocumentText { name, source, bindings, .. } = self.text;
        match self.range {
            None => Some(PackedChunk { split: self.text.read_whole(session), filled: 0 }),
            Some(range) => {
                let read = split_chunk(session, name, *source, range, bindings, self.text.limits(session));
                read.map(|Chunk { split, filled }| PackedChunk { split: split.into(), filled })
            }
        }
    }
}

/// A [`Chunk`] whose documents are packed.
struct PackedChunk {
    split: PackedSplit,
    filled: usize,
}

/// The documents of all pieces of a text, with what was found in them. `None` if it has to be read as a whole: what was
/// found in its chunks is dropped with their overlays then.
fn join(session: &Session, pieces: Vec<(Session, Option<PackedChunk>)>) -> Option<PackedSplit> {
    let several = pieces.len() > 1;
    let mut read = Vec::with_capacity(pieces.len());
    for (overlay, found) in pieces {
        read.push((overlay, found?));
    }
    // Each chunk kept the limits by itself. The text as a whole did not: reading it as a whole says so.
    let limits = ParseLimits::from(session.limits());
    let documents: usize = read.iter().map(|(_, chunk)| chunk.split.documents.len()).sum();
    let filled: usize = read.iter().map(|(_, chunk)| chunk.filled).sum();
    if several && (documents > limits.documents || filled > limits.filled) {
        return None;
    }
    let mut complete = Ok(());
    let mut all = Vec::with_capacity(documents);
    for (overlay, PackedChunk { split, .. }) in read {
        complete = complete.and(split.complete);
        let shift = session.adopt_origins(&overlay);
        session.merge(overlay, MergeSources::Shared, Some);
        let mut documents = split.documents;
        if let Some(shift) = shift {
            documents.iter_mut().for_each(|document| document.node.shift_origins(shift));
        }
        all.extend(documents);
    }
    Some(PackedSplit { documents: all, complete })
}
