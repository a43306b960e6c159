//! Texts of several lines: those that differ, with some around them.

use super::align::{Budget, Op, align};
use crate::secrets::masked_lines;

/// A line of a text that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextLine {
    /// Which text has it.
    pub side: Side,
    /// Its number, from 1: in the old text if only that has it, else in the new one.
    pub number: usize,
    /// Its text without the line break; what looks like a secret is masked.
    pub text: String,
}

/// Which text has a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Both.
    Both,
    /// The old one.
    Old,
    /// The new one.
    New,
}

/// Lines that are the same are shown up to this far from a change.
const AROUND: usize = 3;

/// The lines that differ. Line breaks at the end count: a text without one says so in its last line.
pub(super) fn differences(budget: &Budget, old: &str, new: &str) -> Vec<TextLine> {
    let (old_lines, new_lines) = (split(old), split(new));
    let ops = align(budget, &old_lines, &new_lines);
    let far = |at: usize| {
        let near = at.saturating_sub(AROUND)..(at + AROUND + 1).min(ops.len());
        ops[near].iter().all(|op| matches!(op, Op::Keep(..)))
    };
    let line = |(at, op): (usize, &Op)| match *op {
        Op::Keep(..) if far(at) => None,
        Op::Keep(_, at) => Some(shown(Side::Both, at, new_lines[at])),
        Op::Remove(at) => Some(shown(Side::Old, at, old_lines[at])),
        Op::Add(at) => Some(shown(Side::New, at, new_lines[at])),
    };
    ops.iter().enumerate().filter_map(line).collect()
}

fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn shown(side: Side, at: usize, line: &str) -> TextLine {
    let text = match line.strip_suffix('\n') {
        Some(line) => masked_lines(line),
        None => format!("{} (no line break at the end)", masked_lines(line)),
    };
    TextLine { side, number: at + 1, text }
}
