//! The difference of two texts, as `diff -u` shows it.

use similar::TextDiff;

use crate::source::escaped;

/// A unified diff of two versions of a file; empty if they are the same. Control characters of the texts are escaped.
pub fn unified_diff(path: &str, old: &str, new: &str) -> String {
    let path = escaped(path);
    let diff = TextDiff::from_lines(old, new).unified_diff().header(&path, &path).to_string();
    // Line by line: a line break is none of the characters that have to be written out.
    diff.lines().map(|line| escaped(line) + "\n").collect()
}
