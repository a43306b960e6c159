//! Which parts of a source no writer may show.

use std::collections::BTreeSet;
use std::ops::Range;

/// The hidden ranges of one source.
#[derive(Clone, Debug, Default)]
pub(super) struct Mask {
    /// The schema has spoken; until then, keys that look like secrets hide what follows them.
    pub(super) known: bool,
    /// Starts and ends.
    ranges: BTreeSet<(usize, usize)>,
}

/// Parts of a key, in lower case, behind which a secret is assumed while no schema is known.
const TELLTALES: &[&str] = &["password", "passwd", "secret", "token", "key", "credential", "://"];

/// Whether a key's name gives away that a secret stands behind it.
pub fn looks_like_a_secret(key: &str) -> bool {
    // `topologyKey` is a label of nodes.
    let lower = key.to_ascii_lowercase().replace("topologykey", "");
    TELLTALES.iter().any(|word| lower.contains(word))
}

impl Mask {
    pub(super) fn hides(&self, range: &Range<usize>) -> bool {
        self.ranges.contains(&(range.start, range.end))
    }

    pub(super) fn hide(&mut self, range: Range<usize>) {
        self.ranges.insert((range.start, range.end));
    }

    pub(super) fn hidden(&self) -> Vec<(usize, usize)> {
        self.ranges.iter().copied().collect()
    }

    pub(super) fn hides_in(&self, range: Range<usize>) -> bool {
        self.ranges.iter().any(|&(start, end)| start < range.end && range.start < end)
    }

    pub(super) fn apply(&self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        for &(start, end) in &self.ranges {
            blank(&mut bytes, start..end);
        }
        if !self.known {
            guessed(text).for_each(|range| blank(&mut bytes, range));
        }
        String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

/// A text of somebody's own, a configuration file for example, with what looks like a secret replaced by stars, however
/// long it is.
pub fn guess_masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for range in guessed(text) {
        masked.push_str(&text[done..range.start]);
        masked.push_str("***");
        done = range.end;
    }
    masked.push_str(&text[done..]);
    masked
}

/// Overwrites a range with stars; line breaks stay, so that lines keep their numbers.
fn blank(bytes: &mut [u8], range: Range<usize>) {
    let end = range.end.min(bytes.len());
    for byte in bytes.get_mut(range.start.min(end)..end).into_iter().flatten() {
        if *byte != b'\n' && *byte != b'\r' {
            *byte = b'*';
        }
    }
}

/// What follows the first `:` or `=` of each line whose head looks like the name of a secret.
fn guessed(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let at = start;
        start += line.len();
        let split = line.find([':', '='])?;
        let (head, tail) = line.split_at(split);
        let user_part = tail.contains("://") && tail.contains('@');
        let suspicious = looks_like_a_secret(head) || user_part;
        let value = tail[1..].trim_start();
        // No secret is empty or a boolean: `automountServiceAccountToken: true` may be read.
        (suspicious && !matches!(value.trim_end(), "" | "true" | "false")).then(|| {
            let offset = line.len() - value.len();
            at + offset..at + line.trim_end().len().max(offset)
        })
    })
}
