//! Suggestions: which of the known names was likely meant, in bounded time.
//!
//! How far two names are from each other takes time in proportion to the product of their lengths, and thousands of
//! wrong names may stand beside thousands of known ones. So names that cannot be near are passed over by their lengths
//! and letters, and there is a budget: for one name ([`nearest`]), or for many that are looked for one after the other
//! ([`Suggestions`]). When it is spent, there is no suggestion any more.
//!
//! A budget is never shared by threads, as what is suggested must not depend on their order.

use std::cell::Cell;

/// The budget of many suggestions.
#[derive(Debug)]
pub struct Suggestions {
    /// Steps that may still be taken: characters that are looked at, or whatever a caller counts.
    left: Cell<u64>,
}

/// Steps of a budget: some hundredths of a second. A thousand misspelt names among a hundred take a tenth of it.
const BUDGET: u64 = 10_000_000;

/// Longer lists are cut.
const MAX_CANDIDATES: usize = 2_000;

/// For a longer name nothing near is looked for. Names in Kubernetes have 253 characters at most.
const LONGEST_NAME: usize = 256;

impl Default for Suggestions {
    fn default() -> Self {
        Suggestions { left: Cell::new(BUDGET) }
    }
}

impl Suggestions {
    /// Takes steps off the budget; false if it is spent, from then on always.
    pub fn spend(&self, steps: usize) -> bool {
        let left = self.left.get().saturating_sub(steps as u64);
        self.left.set(left);
        left > 0
    }

    /// Whether the budget is spent.
    pub fn are_spent(&self) -> bool {
        self.left.get() == 0
    }

    /// As [`nearest`], off this budget.
    pub fn nearest<'a>(&self, wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        // Without case: `nodeport` is `nodePort` to whoever wrote it, and should not use up the letters that may be
        // wrong.
        let lower = wrong.to_lowercase();
        let length = lower.chars().count();
        if length > LONGEST_NAME {
            return None;
        }
        let letters = Letters::of(&lower);
        // At least one, or no name of two letters could be misspelt; at most four, or long names would be near to
        // everything.
        let limit = (wrong.chars().count() / 3).clamp(1, 4);
        let mut best: Option<(usize, &str)> = None;
        for name in known.into_iter().take(MAX_CANDIDATES) {
            if !self.spend(1 + name.len().min(LONGEST_NAME)) {
                return None;
            }
            // Two names differ in at least as many letters as their lengths do. A character has four bytes at most.
            if name.len() > 4 * (length + limit) {
                continue;
            }
            // Most names are passed over here, so nothing is made for them. In lower case an ASCII text is as long.
            if name.is_ascii() && length.abs_diff(name.len()) > limit {
                continue;
            }
            let known = name.to_lowercase();
            let known_length = known.chars().count();
            // One mistake takes a letter away, adds one, or does both.
            if length.abs_diff(known_length) > limit || letters.difference(&known) > 2 * limit {
                continue;
            }
            if !self.spend(length * known_length) {
                return None;
            }
            let distance = strsim::damerau_levenshtein(&lower, &known);
            // As a pair: by distance, then by the alphabet.
            if distance <= limit && best.is_none_or(|best| (distance, name) < best) {
                best = Some((distance, name));
            }
        }
        best.map(|(_, name)| name)
    }
}

/// The nearest of the known names, when it is near enough to be meant: one in three characters may be wrong, at least
/// one and at most four. Upper and lower case do not count.
///
/// Near is the Damerau-Levenshtein distance, which counts two swapped letters as one mistake. Of equally near names,
/// the first in the alphabet is taken, so that the answer does not depend on the order of a map.
///
/// ```
/// use plimsoll::diagnostic::nearest;
///
/// assert_eq!(nearest("replcias", ["image", "replicas"]), Some("replicas"));
/// assert_eq!(nearest("host", ["path", "ports"]), None);
/// ```
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    Suggestions::default().nearest(wrong, known)
}

/// How often each letter is in a name. Letters that share a bucket make a difference smaller, never larger.
struct Letters([i32; BUCKETS]);

const BUCKETS: usize = 32;

impl Letters {
    fn of(name: &str) -> Self {
        let mut counts = [0; BUCKETS];
        name.chars().for_each(|letter| counts[letter as usize % BUCKETS] += 1);
        Letters(counts)
    }

    /// How many letters two names do not share.
    fn difference(&self, other: &str) -> usize {
        let other = Letters::of(other);
        self.0.iter().zip(other.0).map(|(one, other)| one.abs_diff(other) as usize).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_passed_over_is_not_near() {
        let names =
            ["replicas", "replica", "image", "ports", "port", "nodePort", "töpfe", "a", "", "hostname"];
        let wrongs =
            ["replcias", "Replica", "imge", "prot", "prots", "nodeprot", "topfe", "b", "x", "hsotnaem"];
        for wrong in wrongs {
            let limit = (wrong.chars().count() / 3).clamp(1, 4);
            let distance =
                |name: &&&str| strsim::damerau_levenshtein(&wrong.to_lowercase(), &name.to_lowercase());
            let near = names
                .iter()
                .filter(|name| distance(name) <= limit)
                .min_by_key(|name| (distance(name), **name));
            assert_eq!(nearest(wrong, names), near.copied(), "{wrong}");
        }
    }

    #[test]
    fn what_is_spent_suggests_nothing() {
        let long = "ab".repeat(120);
        let known: Vec<String> = (0..500).map(|at| format!("{}{at}", "ba".repeat(118))).collect();
        let suggestions = Suggestions::default();
        assert_eq!(suggestions.nearest("replcias", ["replicas"]), Some("replicas"));
        for _ in 0..10 {
            suggestions.nearest(&long, known.iter().map(String::as_str));
        }
        assert_eq!(suggestions.nearest("replcias", ["replicas"]), None);
    }
}
