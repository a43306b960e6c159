//! Looks: how often the rules may hold a selector against a pod or a Service, so that no rule grows faster than its
//! set.
//!
//! Indices find what a selector matches by its labels. But one that asks for a key alone (`Exists`) or for what is not
//! there may match everything, and thousands of them beside thousands of pods make millions of pairs. So each rule has
//! a budget, in proportion to the set. When it is spent nothing is found any more, the engine drops what the rule
//! would say because of that, and says where it has stopped (`engine/report.rs`).
//!
//! A budget is that of one rule over the whole set, or of one object where threads share the objects: what is found
//! does not depend on the threads.

use std::cell::Cell;

use crate::source::Span;

/// The looks that are left, and where they came to an end. In cells, as facts are shared by whoever asks for them.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    left: Cell<usize>,
    stopped: Cell<Option<Span>>,
}

/// How many for each object of the set, and at least: selectors of a small set may look at everything.
const FOR_EACH_OBJECT: usize = 200;
const AT_LEAST: usize = 2_000_000;
/// How many for one object.
const OF_ONE_OBJECT: usize = 5_000;

impl Looks {
    /// Gives a rule of the whole set its budget.
    pub(crate) fn begin_set(&self, objects: usize) {
        self.begin(objects.saturating_mul(FOR_EACH_OBJECT).max(AT_LEAST));
    }

    /// Gives a rule its budget for one object.
    pub(crate) fn begin_object(&self) {
        self.begin(OF_ONE_OBJECT);
    }

    fn begin(&self, looks: usize) {
        self.left.set(looks);
        self.stopped.set(None);
    }

    /// Takes some off for something at a place; false if there are none left.
    pub(crate) fn take(&self, looks: usize, place: Span) -> bool {
        if self.stopped.get().is_some() {
            return false;
        }
        let Some(left) = self.left.get().checked_sub(looks) else {
            self.stopped.set(Some(place));
            return false;
        };
        self.left.set(left);
        true
    }

    /// Where they came to an end, if they did.
    pub(crate) fn stopped(&self) -> Option<Span> {
        self.stopped.get()
    }
}
