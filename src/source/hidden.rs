//! The ranges of one source that no writer may show. What is secret, and how it is blanked, is decided in `secrets`.

use std::collections::BTreeSet;
use std::ops::Range;

/// The hidden ranges of one source.
#[derive(Clone, Debug, Default)]
pub(super) struct HiddenRanges {
    /// The schema has named every secret of the source; until then, secrets are guessed at besides.
    pub(super) complete: bool,
    /// Starts and ends in bytes. They may overlap: a list is hidden as a whole, and an item of it by itself.
    ranges: BTreeSet<(usize, usize)>,
}

impl HiddenRanges {
    /// Whether this very range is hidden.
    pub(super) fn contains(&self, range: &Range<usize>) -> bool {
        self.ranges.contains(&(range.start, range.end))
    }

    pub(super) fn insert(&mut self, range: Range<usize>) {
        self.ranges.insert((range.start, range.end));
    }

    /// All of them, by their starts.
    pub(super) fn all(&self) -> Vec<(usize, usize)> {
        self.ranges.iter().copied().collect()
    }

    /// Whether a byte of the range is hidden.
    pub(super) fn overlap(&self, range: &Range<usize>) -> bool {
        self.ranges.iter().any(|&(start, end)| start < range.end && range.start < end)
    }
}
