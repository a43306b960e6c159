//! Skeletons: texts whose tokens are kept, since the same text is read many times with other values in its slots.
//!
//! With `render --each` a template prints, up to its slots, the same text for nearly each of a thousand values files. Its
//! tokens are the same then, and what is left of reading it is to build a tree.

use std::ops::Range;
use std::sync::OnceLock;

use super::fast_path::{FastPath, Token};

/// What is kept of a text besides the text itself. It is filled when the text is first read, and threads can share it.
#[derive(Debug, Default)]
pub struct Skeleton {
    /// None in it for a text that is not simple from end to end.
    tokens: OnceLock<Option<KnownTokens>>,
}

/// The tokens of all documents of a text.
#[derive(Debug)]
pub(super) struct KnownTokens {
    documents: Vec<KnownDocument>,
    /// So many collections were allowed inside each other.
    max_depth: usize,
}

/// The tokens of a document, as [`FastPath`] has them.
#[derive(Debug)]
struct KnownDocument {
    start: usize,
    tokens: Vec<Token>,
    texts: Vec<String>,
}

impl Skeleton {
    /// The tokens of `text`, which is the skeleton's, with its last line break. None if the fast path alone cannot read it
    /// with so many collections inside each other.
    pub(super) fn tokens(&self, text: &str, max_depth: usize) -> Option<&KnownTokens> {
        let known = self.tokens.get_or_init(|| KnownTokens::of(text, max_depth));
        // A macro may be called further inside than when it was first read, which nothing else depends on.
        known.as_ref().filter(|known| known.max_depth == max_depth)
    }
}

impl KnownTokens {
    fn of(text: &str, max_depth: usize) -> Option<Self> {
        let mut reader = FastPath::new(text, 0, max_depth)?;
        let mut documents = Vec::new();
        while reader.document()? {
            documents.push(KnownDocument {
                start: reader.start,
                tokens: std::mem::take(&mut reader.tokens),
                texts: std::mem::take(&mut reader.texts),
            });
        }
        Some(KnownTokens { documents, max_depth })
    }
}

/// Goes through known tokens.
pub(super) struct Replay<'i> {
    known: &'i KnownTokens,
    /// The document, counted from 1; 0 before the first.
    document: usize,
    /// The next token of it.
    next: usize,
}

/// A part of a text whose tokens are known.
pub(super) enum Replayed<'i> {
    /// A document begins.
    Document,
    /// A token, and the texts that it may name.
    Token(Token, &'i [String]),
    End,
}

impl<'i> Replay<'i> {
    pub(super) fn new(known: &'i KnownTokens) -> Self {
        Replay { known, document: 0, next: 0 }
    }

    /// The next part and the bytes that it covers.
    pub(super) fn next(&mut self) -> (Replayed<'i>, Range<usize>) {
        let present = self.document.checked_sub(1).and_then(|at| self.known.documents.get(at));
        if let Some((document, token)) =
            present.and_then(|document| Some((document, *document.tokens.get(self.next)?)))
        {
            self.next += 1;
            let range = token.start as usize..token.end as usize;
            return (Replayed::Token(token, &document.texts), range);
        }
        self.next = 0;
        let place = |document: &KnownDocument| document.start..document.start;
        match self.known.documents.get(self.document) {
            Some(document) => {
                self.document += 1;
                (Replayed::Document, place(document))
            }
            None => (Replayed::End, present.map_or(0..0, place)),
        }
    }
}
