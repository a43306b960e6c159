//! Work on many items with several threads.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::panic;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, Builder};

/// What templates and trees may need at their limits; the main thread has as much.
const STACK: usize = 8 << 20;

/// How many threads can work at the same time.
pub fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// A thread to be made, with as much stack as the main one has.
pub fn named(name: &str) -> Builder {
    Builder::new().name(name.to_owned()).stack_size(STACK)
}

/// The processor of a thread that makes others, where the system says it.
#[derive(Clone, Copy, Debug)]
pub struct Maker(Option<usize>);

impl Maker {
    /// This thread.
    pub fn here() -> Self {
        Maker(system::processor())
    }

    /// What a thread does first that this one has made: it leaves its maker's processor, and makes room for what it will need.
    /// Whoever makes a thread lets it do so with [`thread::yield_now`].
    ///
    /// Some kernels begin a thread on the processor of its maker, and move one of the two to an idle processor milliseconds
    /// later, when a short run is over.
    pub fn leave(self) {
        match self.0 {
            Some(processor) if system::processor() == self.0 => system::leave(processor),
            _ => {}
        }
        make_room();
    }
}

/// glibc lets the memory of a thread other than the first grow page by page, with a call of the system for each, as long as
/// nobody gives large blocks back. So it gets two, and this much is there at once. What is not used of it costs nothing, and where
/// there is not as much, there is none.
fn make_room() {
    for bytes in [ROOM, ROOM - 4096] {
        let mut room = Vec::<u8>::new();
        let _ = room.try_reserve_exact(bytes);
        drop(black_box(room));
    }
}

const ROOM: usize = 4 << 20;

#[cfg(target_os = "linux")]
mod system {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};

    pub(super) fn processor() -> Option<usize> {
        Some(sched_getcpu()).filter(|processor| *processor < CpuSet::MAX_CPU)
    }

    /// What the system does not allow is left as it is.
    pub(super) fn leave(processor: usize) {
        let Ok(allowed) = sched_getaffinity(None) else { return };
        let mut others = allowed;
        others.unset(processor);
        if others.count() > 0 && sched_setaffinity(None, &others).is_ok() {
            let _ = sched_setaffinity(None, &allowed);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    pub(super) fn processor() -> Option<usize> {
        None
    }

    pub(super) fn leave(_: usize) {}
}

/// The results of the work for every item, in the order of the items. Threads take the next item when they have done one, so
/// that a few slow ones hold nobody up.
pub fn in_parallel<T: Send, R: Send>(items: Vec<T>, threads: usize, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    if threads < 2 || items.len() < 2 {
        return items.into_iter().map(work).collect();
    }
    let threads = threads.min(items.len());
    let queue = Mutex::new(items.into_iter().enumerate());
    // The lock is not held while an item is worked on.
    let take = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let worker = || {
        let mut done = Vec::new();
        while let Some((index, item)) = take() {
            done.push((index, work(item)));
        }
        done
    };
    let maker = Maker::here();
    let beside = || {
        maker.leave();
        worker()
    };
    let mut done = thread::scope(|scope| {
        let spawn = |_| named("worker").spawn_scoped(scope, beside).ok();
        // A thread that the system does not give is no harm: the others do its work.
        let others: Vec<_> = (1..threads).filter_map(spawn).collect();
        thread::yield_now();
        let mut done = worker();
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
