//! Which items of two sequences are the same: an alignment, found in bounded time.
//!
//! The `similar` crate does the work, with Myers' algorithm as git has it: a search that has become expensive takes the
//! best split that it has seen, so it costs at most (N + M) · max(256, √(N + M)) steps where a shortest edit script
//! would cost (N + M)². The patience and histogram variants fall back to Myers where no line is rare, so their worst
//! case is no better; an LCS table needs N · M cells.
//!
//! The same two sequences always give the same alignment. `similar` could stop at a deadline, which would make output
//! depend on the machine, so none is given: it is built without `std`, and has no clock. What bounds a whole run, with
//! many sequences that are made to be expensive, is a [`Budget`] of steps.

use std::cell::Cell;
use std::collections::BTreeMap;

use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::{DiffOp, group_diff_ops};

use super::changes::{Side, TextLine};
use crate::secrets::masked_lines;

/// The steps that the alignments of one run may still cost. A `Cell`, so that a shared reference goes down with the
/// comparison, which has one thread.
#[derive(Debug)]
pub(super) struct Budget(Cell<u64>);

impl Default for Budget {
    /// A few seconds in the worst case. Two texts may differ in 600,000 lines before the worst case exceeds it, and
    /// real texts cost a small part of their worst case.
    fn default() -> Self {
        Budget(Cell::new(500_000_000))
    }
}

impl Budget {
    /// Whether something that may cost this much can be begun.
    fn allows(&self, steps: u64) -> bool {
        steps <= self.0.get()
    }

    /// Takes what something did cost. Pure insertions are begun without asking, so it can be more than is left.
    fn spend(&self, steps: u64) {
        self.0.set(self.0.get().saturating_sub(steps));
    }
}

/// The steps from one sequence to the other, in order. No two ranges that differ stand side by side: removed and added
/// items between the same neighbours are one `Replace`.
///
/// ```text
/// old  a b c d      Equal a
/// new  a x d e      Replace b c → x
///                   Equal d
///                   Insert e
/// ```
///
/// Where the budget may not suffice, everything between the common start and the common end is replaced.
pub(super) fn align<T: Ord>(budget: &Budget, old: &[T], new: &[T]) -> Vec<DiffOp> {
    let (old, new) = number_items(old, new);
    // What is equal at both ends costs nothing in a search (`similar` strips it too); it is measured here because what
    // the search may cost depends on the middle alone.
    let shorter = old.len().min(new.len());
    let prefix = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let from_end = old.iter().rev().zip(new.iter().rev()).take(shorter - prefix);
    let suffix = from_end.take_while(|(a, b)| a == b).count();

    let old_middle = prefix..old.len() - suffix;
    let new_middle = prefix..new.len() - suffix;
    let size = (old_middle.len() + new_middle.len()) as u64;
    // Where the search of `similar` gives up looking for the best split, as git's xdiff does: at the square root of the
    // number of diagonals, and never before 256. So this is the worst case of one alignment, known before it begins.
    let deepest_search = size.isqrt().max(256);
    // Pure insertions and deletions are one step, whatever is left of the budget.
    let nothing_to_search = old_middle.is_empty() || new_middle.is_empty();
    if nothing_to_search || budget.allows(size * deepest_search) {
        // What `capture_diff_slices` does, which brings all algorithms of `similar` into the program.
        let mut script = Compact::new(Replace::new(Capture::new()), &old[..], &new[..]);
        // What collects the steps never fails.
        let Ok(()) = myers::diff(&mut script, &old[..], 0..old.len(), &new[..], 0..new.len());
        let ops = script.into_inner().into_inner().into_ops();
        // A search ends when it has found the script, so it was no deeper than the script is long. Few changes in a
        // long text are cheap.
        budget.spend(size * edit_count(&ops).min(deepest_search));
        return ops;
    }

    let mut ops = Vec::with_capacity(3);
    if prefix > 0 {
        ops.push(DiffOp::Equal { old_index: 0, new_index: 0, len: prefix });
    }
    ops.push(DiffOp::Replace {
        old_index: old_middle.start,
        old_len: old_middle.len(),
        new_index: new_middle.start,
        new_len: new_middle.len(),
    });
    if suffix > 0 {
        ops.push(DiffOp::Equal { old_index: old_middle.end, new_index: new_middle.end, len: suffix });
    }
    ops
}

/// Equal items as equal numbers, the same on both sides: `["a", "b"]` and `["b", "c"]` are `[0, 1]` and `[1, 2]`.
///
/// `similar` compares and hashes items often. Numbers are cheap to compare, and an input cannot be made for them to
/// collide. A `BTreeMap` for the same reason: it costs N · log N comparisons of texts, once.
fn number_items<T: Ord>(old: &[T], new: &[T]) -> (Vec<usize>, Vec<usize>) {
    let mut numbers = BTreeMap::new();
    let mut number = |item| {
        let next = numbers.len();
        *numbers.entry(item).or_insert(next)
    };
    let old = old.iter().map(&mut number).collect();
    let new = new.iter().map(&mut number).collect();
    (old, new)
}

/// How many items are removed or added.
fn edit_count(ops: &[DiffOp]) -> u64 {
    let edits = ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    edits.map(|op| (op.old_range().len() + op.new_range().len()) as u64).sum()
}

// Lines of texts.

/// Lines that are the same are shown up to this far from a change: three, as in `diff -u` and git.
pub(super) const CONTEXT_LINES: usize = 3;

/// The lines that differ, removed ones before added ones, with up to three lines that are the same before and after
/// them. Line breaks at the end count: a text without one says so in its last line.
pub(super) fn differing_lines(budget: &Budget, old: &str, new: &str) -> Vec<TextLine> {
    // `split_inclusive` keeps the line break with its line, where `lines` would make `a` and `a\n` the same text.
    let old_lines: Vec<&str> = old.split_inclusive('\n').collect();
    let new_lines: Vec<&str> = new.split_inclusive('\n').collect();
    // As a whole: what a line is may be said by the lines before it, which need not be shown.
    let (old_masked, new_masked) = (masked_lines(old), masked_lines(new));
    let old_shown: Vec<&str> = old_masked.split('\n').collect();
    let new_shown: Vec<&str> = new_masked.split('\n').collect();
    let ops = align(budget, &old_lines, &new_lines);
    let mut lines = Vec::new();
    for op in group_diff_ops(ops, CONTEXT_LINES).into_iter().flatten() {
        if let DiffOp::Equal { .. } = op {
            lines.extend(op.new_range().map(|at| text_line(Side::Both, at, new_lines[at], &new_shown)));
            continue;
        }
        lines.extend(op.old_range().map(|at| text_line(Side::Old, at, old_lines[at], &old_shown)));
        lines.extend(op.new_range().map(|at| text_line(Side::New, at, new_lines[at], &new_shown)));
    }
    lines
}

/// The line at an index, counted from 0; what is shown of it, and whether it has a line break in its text.
fn text_line(side: Side, at: usize, line: &str, shown: &[&str]) -> TextLine {
    let shown = shown.get(at).copied().unwrap_or("***");
    let text = match line.ends_with('\n') {
        true => shown.to_owned(),
        false => format!("{shown} (no line break at the end)"),
    };
    TextLine { side, number: at + 1, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    /// The alignment as the new text with `-` before what is removed and `+` before what is added.
    fn shown(budget: &Budget, old: &[char], new: &[char]) -> String {
        let mut out = String::new();
        for op in align(budget, old, new) {
            if let DiffOp::Equal { old_index, new_index, len } = op {
                assert_eq!(old[old_index..old_index + len], new[new_index..new_index + len]);
                out.extend(&old[op.old_range()]);
                continue;
            }
            old[op.old_range()].iter().for_each(|c| out.extend(['-', *c]));
            new[op.new_range()].iter().for_each(|c| out.extend(['+', *c]));
        }
        out
    }

    #[test]
    fn the_longest_common_part_is_kept() {
        for (old, new, expected) in [
            ("", "", ""),
            ("abc", "abc", "abc"),
            ("abc", "", "-a-b-c"),
            ("", "ab", "+a+b"),
            ("abcd", "acxd", "a-bc+xd"),
            ("aaa", "aa", "aa-a"),
            ("xaby", "abz", "-xab-y+z"),
        ] {
            assert_eq!(shown(&Budget::default(), &chars(old), &chars(new)), expected);
        }
    }

    #[test]
    fn without_a_budget_all_between_start_and_end_is_replaced() {
        let empty = || Budget(Cell::new(0));
        assert_eq!(shown(&empty(), &chars("abcdef"), &chars("abxdef")), "ab-c+xdef");
        assert_eq!(shown(&empty(), &chars("abcdef"), &chars("axcyef")), "a-b-c-d+x+c+yef");
        assert_eq!(shown(&empty(), &chars("ab"), &chars("acb")), "a+cb");
    }

    /// Numbers without order, the same in every run.
    fn scrambled(count: usize, below: usize, seed: usize) -> Vec<usize> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        (0..count).map(|_| next()).collect()
    }

    /// Sequences that are hard to align, of which a quadratic search would not come back in time.
    #[test]
    fn hard_sequences_are_aligned_in_bounded_time() {
        let count = 8_000;
        let ascending: Vec<usize> = (0..count).collect();
        let descending: Vec<usize> = ascending.iter().rev().copied().collect();
        for (old, new) in [
            (ascending.clone(), descending),
            (ascending, scrambled(count, count, 1)),
            (scrambled(count, 2, 2), scrambled(count, 2, 3)),
            (scrambled(count, 300, 4), scrambled(count, 300, 5)),
        ] {
            let budget = Budget::default();
            let ops = align(&budget, &old, &new);
            assert_eq!(ops, align(&Budget::default(), &old, &new));
            let covered: usize = ops.iter().map(|op| op.new_range().len()).sum();
            assert_eq!(covered, new.len());
            assert!(budget.0.get() < Budget::default().0.get());
        }
    }

    #[test]
    fn few_changes_in_a_long_sequence_cost_little() {
        let mut new: Vec<usize> = (0..50_000).collect();
        let old = new.clone();
        new[0] = 500_000;
        new[49_999] = 500_001;
        let budget = Budget::default();
        assert_eq!(align(&budget, &old, &new).len(), 3);
        assert!(budget.0.get() > 499_000_000);
    }
}
