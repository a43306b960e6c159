//! Work on many items by several threads, and how threads are spawned.
//!
//! The work of one run is a list of pieces of about the same size, so plain scoped threads with a queue do: each takes
//! the next item when it has done one. rayon would bring work stealing for nested work, which there is none of here,
//! and eight crates.

use std::num::NonZeroUsize;
use std::panic;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, Builder};

/// The stack of a spawned thread, in bytes. Templates and trees may be nested as deep on it as on the main thread,
/// which has as much on Linux; the standard library's default is a quarter of it.
const STACK_BYTES: usize = 8 << 20;

/// How many threads can run at the same time; 1 where the system does not tell.
pub fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// A thread to be spawned, with a name for debuggers and as much stack as the main thread has.
pub fn thread_builder(name: &str) -> Builder {
    Builder::new().name(name.to_owned()).stack_size(STACK_BYTES)
}

/// The thread that spawns others, for those to leave its processor.
///
/// Some kernels start a thread on the processor of its parent, and move one of the two to an idle processor
/// milliseconds later, when a short run is over. `docs/performance.md` has what that costs.
#[derive(Clone, Copy, Debug)]
pub struct ParentThread {
    /// Where it runs; `None` where the system does not tell.
    processor: Option<usize>,
}

impl ParentThread {
    /// This thread.
    pub fn current() -> Self {
        ParentThread { processor: affinity::current_processor() }
    }

    /// What a spawned thread does first: it moves to another processor than its parent's.
    ///
    /// The parent calls [`thread::yield_now`] after it has spawned the thread, so that this can run at once.
    pub fn move_away(self) {
        if let Some(processor) = self.processor
            && affinity::current_processor() == self.processor
        {
            affinity::avoid(processor);
        }
    }
}

#[cfg(target_os = "linux")]
mod affinity {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};

    pub(super) fn current_processor() -> Option<usize> {
        Some(sched_getcpu()).filter(|processor| *processor < CpuSet::MAX_CPU)
    }

    /// Moves this thread off a processor, and allows it that one again: the scheduler may use it later. What the system
    /// does not allow is left as it is.
    pub(super) fn avoid(processor: usize) {
        let Ok(allowed) = sched_getaffinity(None) else { return };
        let mut others = allowed;
        others.unset(processor);
        if others.count() > 0 && sched_setaffinity(None, &others).is_ok() {
            let _ = sched_setaffinity(None, &allowed);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod affinity {
    pub(super) fn current_processor() -> Option<usize> {
        None
    }

    pub(super) fn avoid(_: usize) {}
}

/// The results of `work` for every item, in the order of the items.
///
/// This thread works too, so `threads` is how many work at the same time: with less than two, or less than two items,
/// none is spawned. Which thread works on which item depends on the system; the order of the results does not.
///
/// # Panics
/// When `work` does.
pub fn in_parallel<T: Send, R: Send>(items: Vec<T>, threads: usize, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    if threads < 2 || items.len() < 2 {
        return items.into_iter().map(work).collect();
    }
    let threads = threads.min(items.len());
    // One lock for all: what is done with an item takes far longer than to take it.
    let queue = Mutex::new(items.into_iter().enumerate());
    // A closure of its own, so that the lock is given back before the item is worked on.
    let take = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let worker = || {
        let mut done = Vec::new();
        while let Some((index, item)) = take() {
            done.push((index, work(item)));
        }
        done
    };
    let parent = ParentThread::current();
    let spawned_worker = || {
        parent.move_away();
        worker()
    };
    let mut done = thread::scope(|scope| {
        // A thread that the system does not give is no harm: the others do its work.
        let spawn = |_| thread_builder("worker").spawn_scoped(scope, spawned_worker).ok();
        let others: Vec<_> = (1..threads).filter_map(spawn).collect();
        // So that they run at once; see `ParentThread::move_away`.
        thread::yield_now();
        let mut done = worker();
        // In the order of spawning, not of ending: whichever panicked first in that order, its panic goes on.
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..100).collect();
        for threads in [0, 1, 2, 8, 200] {
            let doubled = in_parallel(items.clone(), threads, |item| item * 2);
            assert_eq!(doubled, items.iter().map(|item| item * 2).collect::<Vec<_>>(), "{threads}");
        }
        assert!(in_parallel(vec![], 4, |(): ()| ()).is_empty());
    }
}
