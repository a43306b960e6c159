//! Ranges and positions in the flat arrays of a plan.

use serde::{Deserialize, Serialize};

use crate::yaml::serialize_with_length;

/// A range of one of the arrays, or of a text in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u32, u32)", into = "(u32, u32)")]
pub(crate) struct Range {
    pub(super) start: u32,
    /// One past the last.
    pub(super) end: u32,
}

serialize_with_length!(Range, start, end);

impl Range {
    pub(super) fn new(start: usize, end: usize) -> Self {
        Range { start: count(start), end: count(end) }
    }

    /// The part of an array that it is; empty if it is not within that.
    pub(super) fn of<T>(self, all: &[T]) -> &[T] {
        all.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// The part of a text that it is; empty if it is not within that.
    #[inline]
    pub(super) fn within(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// A number of things in templates. All templates of a chart have fewer bytes than 32 bits can count; where that should
/// ever be wrong, a plan has ranges that lead nowhere.
pub(super) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
