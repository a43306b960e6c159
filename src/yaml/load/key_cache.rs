//! `KeyCache`: an intern cache for the keys of maps.
//!
//! Objects of Kubernetes have the same few hundred keys over and over again (`metadata`, `name`, `labels`). Sharing their texts
//! saves an allocation for nearly every key of a large text.

use std::cell::RefCell;
use std::sync::Arc;

/// The last key of each bucket. A key that falls into the bucket of another one takes its place: there is nothing to evict, and no key
/// that nobody asks for twice stays for long. It is a cache, not a set: the same key may exist twice.
#[derive(Debug, Default)]
pub(super) struct KeyCache {
    /// Empty until the first key is asked for: many texts that are read are a word or two.
    buckets: RefCell<Vec<Option<Arc<str>>>>,
}

/// How many buckets there are. With so many, few of the common keys of Kubernetes meet in one.
const BUCKETS: usize = 512;

impl KeyCache {
    /// The text of a key, shared with the last one in its bucket if that was the same.
    pub(super) fn get(&self, key: &str) -> Arc<str> {
        let mut buckets = self.buckets.borrow_mut();
        buckets.resize(BUCKETS, None);
        let Some(bucket) = buckets.get_mut(bucket_of(key)) else { return Arc::from(key) };
        match bucket {
            Some(known) if **known == *key => Arc::clone(known),
            _ => Arc::clone(bucket.insert(Arc::from(key))),
        }
    }
}

/// A hash of a key's length and three of its bytes. Hashing all of its bytes would cost more than the allocation that is saved.
fn bucket_of(key: &str) -> usize {
    let byte = |at: usize| key.as_bytes().get(at).map_or(0, |byte| usize::from(*byte));
    let first = byte(0);
    let middle = byte(key.len() / 2);
    let last = byte(key.len().wrapping_sub(1));
    (key.len() + 31 * first + 7 * middle + 131 * last) % BUCKETS
}
