//! Keys that were read before: objects of Kubernetes have the same few hundred over and over again, and share their texts.

use std::cell::RefCell;
use std::sync::Arc;

/// The last key of each of a few hundred sorts.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: RefCell<Vec<Option<Arc<str>>>>,
}

/// How many sorts there are.
const SORTS: usize = 512;

impl Names {
    /// The text of a key, shared with the last one that was the same.
    pub(super) fn get(&self, key: &str) -> Arc<str> {
        let mut known = self.known.borrow_mut();
        known.resize(SORTS, None);
        let Some(slot) = known.get_mut(sort(key)) else { return Arc::from(key) };
        match slot {
            Some(name) if **name == *key => Arc::clone(name),
            _ => Arc::clone(slot.insert(Arc::from(key))),
        }
    }
}

/// The sort of a key: by its length and three of its bytes.
fn sort(key: &str) -> usize {
    let byte = |at: usize| key.as_bytes().get(at).map_or(0, |byte| usize::from(*byte));
    let (first, middle, last) = (byte(0), byte(key.len() / 2), byte(key.len().wrapping_sub(1)));
    (key.len() + 31 * first + 7 * middle + 131 * last) % SORTS
}
