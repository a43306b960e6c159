//! The order of keys in what `toYaml` prints: natural, so that `k9` comes before `k10`.

use std::cmp::Ordering;

/// Which of the two encoders orders the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoder {
    /// go-yaml 2, of `toYaml`.
    V2,
    /// go-yaml 3, of `toYamlPretty`.
    V3,
}

/// Sorts keys with what is under them. The comparison is that of go-yaml, which is no total order for some keys:
/// a sort of the standard library may panic then, this one does not.
pub(super) fn sort<T>(mut items: Vec<(Vec<char>, T)>, encoder: Encoder) -> Vec<T> {
    let mut width = 1;
    let length = items.len();
    let mut slots: Vec<Option<(Vec<char>, T)>> = items.drain(..).map(Some).collect();
    while width < length {
        let mut merged: Vec<Option<(Vec<char>, T)>> = Vec::with_capacity(length);
        for start in (0..length).step_by(width * 2) {
            let (mut left, mut right) = (start, (start + width).min(length));
            let (left_end, right_end) = (right, (start + width * 2).min(length));
            while left < left_end || right < right_end {
                let from_right = left == left_end
                    || right < right_end
                        && match (slots.get(left), slots.get(right)) {
                            (Some(Some((a, _))), Some(Some((b, _)))) => {
                                compare(b, a, encoder) == Ordering::Less
                            }
                            _ => false,
                        };
                let next = if from_right { &mut right } else { &mut left };
                merged.push(slots.get_mut(*next).and_then(Option::take));
                *next += 1;
            }
        }
        slots = merged;
        width *= 2;
    }
    slots.into_iter().flatten().map(|(_, item)| item).collect()
}

fn compare(a: &[char], b: &[char], encoder: Encoder) -> Ordering {
    let mut digits = false;
    for (index, (left, right)) in a.iter().zip(b).enumerate() {
        if left == right {
            digits = left.is_numeric();
            continue;
        }
        let letters = (left.is_alphabetic(), right.is_alphabetic());
        match letters {
            (true, true) => return left.cmp(right),
            (false, false) => {}
            // Letters come last, and behind a digit in go-yaml 3 first: `a1b` before `a1.`.
            (left_is_letter, _) => {
                let letter_first = encoder == Encoder::V3 && digits;
                return if left_is_letter == letter_first { Ordering::Less } else { Ordering::Greater };
            }
        }
        // Leading zeros count only where a digit other than zero stands before them.
        let before = a.get(..index).unwrap_or_default();
        let behind_digits = before
            .iter()
            .rev()
            .take_while(|character| character.is_numeric())
            .any(|character| *character != '0');
        let first = i64::from((*left == '0' || *right == '0') && behind_digits);
        let (left_number, left_digits) = number(a.get(index..).unwrap_or_default(), first);
        let (right_number, right_digits) = number(b.get(index..).unwrap_or_default(), first);
        return left_number
            .cmp(&right_number)
            .then(left_digits.cmp(&right_digits))
            .then_with(|| left.cmp(right));
    }
    a.len().cmp(&b.len())
}

/// The number that a text begins with, behind `first`, and how many digits it has. It wraps as Go's does.
fn number(text: &[char], first: i64) -> (i64, usize) {
    let digits = text.iter().take_while(|character| character.is_numeric());
    digits.fold((first, 0), |(value, count), digit| {
        let digit = i64::from(u32::from(*digit)) - i64::from(u32::from('0'));
        (value.wrapping_mul(10).wrapping_add(digit), count + 1)
    })
}
