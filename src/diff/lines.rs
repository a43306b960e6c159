//! Texts of several lines: those that differ, with some around them.

use similar::{DiffOp, group_diff_ops};

use super::alignment::{Budget, align};
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
const CONTEXT_LINES: usize = 3;

/// The lines that differ, removed ones before added ones, with up to three lines that are the same before and after them.
/// Line breaks at the end count: a text without one says so in its last line.
pub(super) fn differing_lines(budget: &Budget, old: &str, new: &str) -> Vec<TextLine> {
    let old_lines: Vec<&str> = old.split_inclusive('\n').collect();
    let new_lines: Vec<&str> = new.split_inclusive('\n').collect();
    let ops = align(budget, &old_lines, &new_lines);
    let mut lines = Vec::new();
    for op in group_diff_ops(ops, CONTEXT_LINES).into_iter().flatten() {
        if let DiffOp::Equal { .. } = op {
            lines.extend(op.new_range().map(|at| text_line(Side::Both, at, new_lines[at])));
            continue;
        }
        lines.extend(op.old_range().map(|at| text_line(Side::Old, at, old_lines[at])));
        lines.extend(op.new_range().map(|at| text_line(Side::New, at, new_lines[at])));
    }
    lines
}

fn text_line(side: Side, at: usize, line: &str) -> TextLine {
    let text = match line.strip_suffix('\n') {
        Some(line) => masked_lines(line),
        None => format!("{} (no line break at the end)", masked_lines(line)),
    };
    TextLine { side, number: at + 1, text }
}
