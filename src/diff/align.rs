//! Which items of two sequences are the same: a longest common subsequence, in bounded time.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

/// One step from the old sequence to the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    /// The same item, by its place on each side.
    Keep(usize, usize),
    /// An item that only the old side has.
    Remove(usize),
    /// An item that only the new side has.
    Add(usize),
}

/// How much may still be compared in this run. A comparison costs the product of both lengths; beyond the budget, what
/// lies between the common start and the common end counts as replaced.
#[derive(Debug)]
pub(super) struct Budget(Cell<usize>);

impl Default for Budget {
    fn default() -> Self {
        Budget(Cell::new(200_000_000))
    }
}

/// The largest table that one comparison may fill, in cells of four bytes.
const LARGEST: usize = 16_000_000;

impl Budget {
    fn allows(&self, cells: usize) -> bool {
        let left = self.0.get();
        let allowed = cells <= left.min(LARGEST);
        if allowed {
            self.0.set(left - cells);
        }
        allowed
    }
}

/// The shortest way from one sequence to the other; removals come before additions.
pub(super) fn align<T: Ord>(budget: &Budget, old: &[T], new: &[T]) -> Vec<Op> {
    let (old, new) = numbered(old, new);
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let longest_end = old.len().min(new.len()) - start;
    let end = old.iter().rev().zip(new.iter().rev()).take(longest_end).take_while(|(a, b)| a == b).count();
    let mut ops: Vec<Op> = (0..start).map(|at| Op::Keep(at, at)).collect();
    let (old_range, new_range) = (start..old.len() - end, start..new.len() - end);
    if budget.allows(old_range.len() * new_range.len()) {
        middle(&mut ops, (&old, old_range), (&new, new_range));
    } else {
        ops.extend(old_range.map(Op::Remove));
        ops.extend(new_range.map(Op::Add));
    }
    ops.extend((0..end).map(|at| Op::Keep(old.len() - end + at, new.len() - end + at)));
    ops
}

/// Equal items as equal numbers, so that they are compared once.
fn numbered<T: Ord>(old: &[T], new: &[T]) -> (Vec<usize>, Vec<usize>) {
    let mut numbers = BTreeMap::new();
    let mut number = |item| {
        let next = numbers.len();
        *numbers.entry(item).or_insert(next)
    };
    let old = old.iter().map(&mut number).collect();
    (old, new.iter().map(&mut number).collect())
}

/// The textbook's table: the length of the longest common subsequence of each pair of ends.
fn middle(
    ops: &mut Vec<Op>,
    (old, old_range): (&[usize], Range<usize>),
    (new, new_range): (&[usize], Range<usize>),
) {
    let width = new_range.len() + 1;
    let mut lengths = vec![0_u32; (old_range.len() + 1) * width];
    let at = |i: usize, j: usize| (i - old_range.start) * width + j - new_range.start;
    for i in old_range.clone().rev() {
        for j in new_range.clone().rev() {
            lengths[at(i, j)] = if old[i] == new[j] {
                lengths[at(i + 1, j + 1)] + 1
            } else {
                lengths[at(i + 1, j)].max(lengths[at(i, j + 1)])
            };
        }
    }
    let (mut i, mut j) = (old_range.start, new_range.start);
    while i < old_range.end || j < new_range.end {
        let both = i < old_range.end && j < new_range.end;
        if both && old[i] == new[j] {
            ops.push(Op::Keep(i, j));
            (i, j) = (i + 1, j + 1);
        } else if j == new_range.end || (both && lengths[at(i + 1, j)] >= lengths[at(i, j + 1)]) {
            ops.push(Op::Remove(i));
            i += 1;
        } else {
            ops.push(Op::Add(j));
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: &str, new: &str, expected: &str) {
        let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
        let show = |op: &Op| match *op {
            Op::Keep(i, j) => {
                assert_eq!(old[i], new[j]);
                format!("{}", old[i])
            }
            Op::Remove(i) => format!("-{}", old[i]),
            Op::Add(j) => format!("+{}", new[j]),
        };
        let ops = align(&Budget::default(), &old, &new);
        assert_eq!(ops.iter().map(show).collect::<String>(), expected);
        let rough = align(&Budget(Cell::new(0)), &old, &new);
        let kept = |op: &&Op| !matches!(op, Op::Remove(_));
        assert_eq!(rough.iter().filter(kept).count(), new.len());
    }

    #[test]
    fn the_longest_common_part_is_kept() {
        check("", "", "");
        check("abc", "abc", "abc");
        check("abc", "", "-a-b-c");
        check("", "ab", "+a+b");
        check("abcd", "acxd", "a-bc+xd");
        check("aaa", "aa", "aa-a");
        check("xaby", "abz", "-xab-y+z");
    }
}
