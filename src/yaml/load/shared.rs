//! `Shared`: what all loaders of a text have in common: the limits, the choice of a reader, and a cache of keys.
//!
//! A text with slots may hold fragments, each of which is read by a loader of its own. They share one [`Shared`], so
//! that the limit on fragments counts for all of them together.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use crate::limits::{Limit, Limits};

/// How much of a text is read before it is refused. The numbers come from the run's limits.
#[derive(Clone, Copy, Debug)]
pub struct ParseLimits {
    /// Lists and maps inside each other.
    pub depth: usize,
    /// Nodes that aliases may add to the documents of a text ("billion laughs").
    pub expanded: usize,
    /// Documents in one text.
    pub documents: usize,
    /// Nodes that fragments inside fragments may bring into the documents of one text: a fragment that stands in
    /// another one is read each time that the other one is, so a few of them can double without end.
    pub filled: usize,
    /// What becomes of what Helm and `kubectl` read in a way that hardly anybody means.
    pub strictness: Strictness,
}

/// What becomes of a key that stands twice in a map, and of a tag that has no meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// They are errors (Y002, Y005).
    #[default]
    Strict,
    /// They are warnings, and mean what they mean to Helm and `kubectl`: the last of the keys counts, and behind a tag
    /// stands a text.
    AsHelm,
}

impl Default for ParseLimits {
    fn default() -> Self {
        ParseLimits::from(&Limits::default())
    }
}

impl From<&Limits> for ParseLimits {
    fn from(limits: &Limits) -> Self {
        ParseLimits {
            depth: limits.of(Limit::Nesting),
            expanded: limits.of(Limit::Aliases),
            documents: limits.of(Limit::Documents),
            filled: limits.of(Limit::Fragments),
            strictness: Strictness::Strict,
        }
    }
}

/// Which of the two readers may read a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// The fast path as far as documents are simple, and granit-parser from there on.
    Both,
    /// The fast path alone: the first document that is not simple ends the text, and the caller has to ask
    /// [`Events::are_simple`].
    FastPathOnly,
    /// granit-parser alone: what tests hold the fast path against.
    #[cfg(test)]
    GeneralOnly,
}

/// What the loader of a text has in common with those of the fragments in it.
pub(super) struct Shared {
    pub(super) reader: Reader,
    /// How many nodes fragments may still bring in.
    pub(super) nodes_left: Cell<usize>,
    pub(super) keys: TextCache,
    /// For the scalars of documents. None for other texts: the address of a scalar of the values says which of them was
    /// printed, so no two of those may share a text.
    pub(super) scalars: Option<TextCache>,
}

impl Shared {
    pub(super) fn new(reader: Reader, limits: ParseLimits) -> Self {
        let keys = TextCache::default();
        Shared { reader, nodes_left: Cell::new(limits.filled), keys, scalars: None }
    }
}

/// An intern cache for short texts: the keys of maps, and scalars.
///
/// Objects of Kubernetes have the same few hundred keys over and over again (`metadata`, `name`, `labels`), and a loop
/// prints the same scalars (`Deployment`, `128Mi`). Sharing their texts saves an allocation for nearly every key of a
/// large text, and for many a scalar.
///
/// It keeps the last key of each bucket. A key that falls into the bucket of another one takes its place:
/// there is nothing to evict, and a key that is not asked for again does not stay for long. It is a cache, not
/// a set: the same key may exist twice.
#[derive(Debug, Default)]
pub(super) struct TextCache {
    /// Empty until the first key is asked for: many texts that are read are a word or two. A `RefCell` and not a lock,
    /// as all loaders of a text run on one thread.
    buckets: RefCell<Vec<Option<Arc<str>>>>,
}

/// How many buckets there are. With so many, few of the common keys of Kubernetes meet in one.
const BUCKETS: usize = 512;

/// Longer scalars than this are hardly ever repeated.
const LONGEST_SCALAR: usize = 32;

impl Shared {
    /// The text of a scalar, shared with others of its kind where it may be.
    pub(super) fn scalar(&self, text: &str) -> Arc<str> {
        match &self.scalars {
            Some(scalars) if text.len() <= LONGEST_SCALAR => scalars.get(text),
            _ => Arc::from(text),
        }
    }
}

impl TextCache {
    /// The text of a key, shared with the last one in its bucket if that was the same.
    pub(super) fn get(&self, key: &str) -> Arc<str> {
        let mut buckets = self.buckets.borrow_mut();
        // Nothing is done from the second call on: the length is right already.
        buckets.resize(BUCKETS, None);
        let bucket = &mut buckets[bucket_of(key)];
        match bucket {
            Some(known) if **known == *key => Arc::clone(known),
            _ => Arc::clone(bucket.insert(Arc::from(key))),
        }
    }
}

/// A hash of a key's length and three of its bytes. Hashing all of its bytes would cost more than the allocation that
/// is saved.
fn bucket_of(key: &str) -> usize {
    // Of an empty key there is no last byte: the position wraps round to one that no key has.
    let byte = |at: usize| key.as_bytes().get(at).map_or(0, |byte| usize::from(*byte));
    let first = byte(0);
    let middle = byte(key.len() / 2);
    let last = byte(key.len().wrapping_sub(1));
    (key.len() + 31 * first + 7 * middle + 131 * last) % BUCKETS
}
