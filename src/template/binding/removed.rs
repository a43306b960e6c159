//! Which settings that a `null` took away a run of a template has read, and which of them a failure is due to.
//!
//! ```text
//! values      {service: {type: NodePort}}       tombstone `service.port`
//! template    {% set port = service.port %}     noted: `service.port`, read as `port`
//!             {{ port + 1 }}                    fails; speaks of `port`, so it is due to that
//! ```
//!
//! The engine asks a value for a key and does not say for which run. A run stays on its thread from its start to its
//! end, so what is noted is kept by thread.

use std::cell::RefCell;
use std::sync::Arc;

use crate::source::Span;
use crate::yaml::{Segment, Tombstone};

thread_local! {
    static READS: RefCell<RemovedReads> = RefCell::default();
}

/// How many of them are kept, the last ones: a loop can read any number of keys below a map that was taken away, and
/// each read looks through what is kept.
const MAX_READS: usize = 100;

/// The removed settings that one run has read, each once, the last one last.
#[derive(Clone, Debug, Default)]
pub(crate) struct RemovedReads {
    reads: Vec<RemovedRead>,
    /// How often one was read.
    count: usize,
}

#[derive(Clone, Debug)]
struct RemovedRead {
    tombstone: Arc<Tombstone>,
    /// The key that was asked for: the removed setting's own, or one below it.
    key: Box<str>,
    /// The count when it was read last.
    at: usize,
}

/// A moment of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment(usize);

/// Runs a template, and gives what it noted besides.
pub(crate) fn watch<T>(run: impl FnOnce() -> T) -> (T, RemovedReads) {
    READS.take();
    let result = run();
    (result, READS.take())
}

/// Notes that a setting was read which is not there because of a `null`.
pub(super) fn note(tombstone: &Arc<Tombstone>, key: &str) {
    READS.with_borrow_mut(|RemovedReads { reads, count }| {
        *count += 1;
        let is_same = |read: &RemovedRead| Arc::ptr_eq(&read.tombstone, tombstone) && *read.key == *key;
        // Once each: a loop may read the same setting a million times.
        let read = match reads.iter().rposition(is_same) {
            Some(at) => reads.remove(at),
            None => RemovedRead { tombstone: Arc::clone(tombstone), key: key.into(), at: 0 },
        };
        if reads.len() == MAX_READS {
            reads.remove(0);
        }
        reads.push(RemovedRead { at: *count, ..read });
    });
}

/// Asks what the run on this thread has noted so far.
pub(super) fn so_far<T>(ask: impl FnOnce(&RemovedReads) -> T) -> T {
    READS.with_borrow(ask)
}

impl Moment {
    /// Of the run on this thread.
    pub(crate) fn now() -> Moment {
        so_far(|reads| Moment(reads.count))
    }

    /// What the run has read since then.
    pub(crate) fn reads(self) -> RemovedReads {
        so_far(|all| {
            let reads = all.reads.iter().filter(|read| read.at > self.0).cloned().collect();
            RemovedReads { reads, count: all.count }
        })
    }
}

impl RemovedReads {
    pub(super) fn is_empty(&self) -> bool {
        self.reads.is_empty()
    }

    /// Notes the same reads for the run on this thread.
    pub(crate) fn note_again(&self) {
        self.reads.iter().for_each(|read| note(&read.tombstone, &read.key));
    }

    /// The `null` behind something that fails and speaks of these names, the last parts of paths: that of the setting with
    /// such a name that was read last. If no name fits, that of the only setting that was read.
    pub(crate) fn behind<'n>(&self, names: impl IntoIterator<Item = &'n str> + Clone) -> Option<Span> {
        self.setting_behind(names).map(|tombstone| tombstone.span)
    }

    /// The same with the setting.
    pub(super) fn setting_behind<'n>(
        &self,
        names: impl IntoIterator<Item = &'n str> + Clone,
    ) -> Option<&Arc<Tombstone>> {
        let speaks_of = |read: &&RemovedRead| names.clone().into_iter().any(|name| read.is_called(name));
        let last = &self.reads.last()?.tombstone;
        let is_only = || self.reads.iter().all(|read| read.tombstone.span == last.span);
        let named = self.reads.iter().rev().find(speaks_of).map(|read| &read.tombstone);
        named.or_else(|| is_only().then_some(last))
    }

    /// The `null` of the setting that was read last.
    pub(crate) fn last(&self) -> Option<Span> {
        self.reads.last().map(|read| read.tombstone.span)
    }
}

impl RemovedRead {
    /// Whether a path that ends with this name may lead to it: its own name, or that of the map that lacks it.
    fn is_called(&self, name: &str) -> bool {
        let is_name = |segment: &Segment| matches!(segment, Segment::Key(key) if key == name);
        *self.key == *name || self.tombstone.path.0.iter().rev().take(2).any(is_name)
    }
}

/// The names at the ends of the paths in an expression's text: of `image(values.image) ~ port` these are `image`, `image`
/// and `port`.
pub(crate) fn last_names(expression: &str) -> Vec<&str> {
    let is_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let paths = expression.split(|c: char| !is_path(c));
    paths.filter_map(|path| path.rsplit('.').next()).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::ValuePath;

    #[test]
    fn the_last_reads_are_kept_and_no_more_than_some() {
        let tombstone = Arc::new(Tombstone { path: ValuePath::default(), span: Span::NOWHERE });
        let ((), removed) = watch(|| (0..1_000).for_each(|at| note(&tombstone, &format!("key{at}"))));
        let keys: Vec<&str> = removed.reads.iter().map(|read| &*read.key).collect();
        assert_eq!((keys.len(), keys[0], keys[MAX_READS - 1]), (MAX_READS, "key900", "key999"));
    }
}
