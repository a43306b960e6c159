//! The difference of two texts, as `diff -u` shows it.

use std::fmt::Write;

use similar::udiff::UnifiedHunkHeader;
use similar::{DiffOp, group_diff_ops};

use super::alignment::{Budget, CONTEXT_LINES, align};
use crate::source::escaped;

/// A unified diff of two versions of a file; empty if they are the same. Control characters of the texts are escaped.
pub fn unified_diff(path: &str, old: &str, new: &str) -> String {
    let old_lines: Vec<&str> = old.split_inclusive('\n').collect();
    let new_lines: Vec<&str> = new.split_inclusive('\n').collect();
    let hunks = group_diff_ops(align(&Budget::default(), &old_lines, &new_lines), CONTEXT_LINES);
    let mut diff = String::new();
    if !hunks.is_empty() {
        let path = escaped(path);
        // Writing into a String cannot fail.
        let _ = writeln!(diff, "--- {path}\n+++ {path}");
    }
    for hunk in hunks {
        let _ = writeln!(diff, "{}", UnifiedHunkHeader::new(&hunk));
        for op in hunk {
            if let DiffOp::Equal { .. } = op {
                op.old_range().for_each(|at| push_line(&mut diff, ' ', old_lines[at]));
                continue;
            }
            op.old_range().for_each(|at| push_line(&mut diff, '-', old_lines[at]));
            op.new_range().for_each(|at| push_line(&mut diff, '+', new_lines[at]));
        }
    }
    diff
}

fn push_line(diff: &mut String, mark: char, line: &str) {
    let text = line.strip_suffix('\n');
    diff.push(mark);
    let shown = text.map_or(line, |text| text.strip_suffix('\r').unwrap_or(text));
    diff.push_str(&escaped(shown));
    diff.push('\n');
    if text.is_none() {
        diff.push_str("\\ No newline at end of file\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_diff_prints() {
        assert_eq!(unified_diff("a.yaml", "a: 1\n", "a: 1\n"), "");
        assert_eq!(
            unified_diff("a.yaml", "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\n", "a: 0\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6"),
            "--- a.yaml\n+++ a.yaml\n@@ -1,5 +1,6 @@\n-a: 1\n+a: 0\n b: 2\n c: 3\n d: 4\n e: 5\n+f: 6\n\\ No newline at end of file\n"
        );
        assert_eq!(unified_diff("b", "", "x: 1\n"), "--- b\n+++ b\n@@ -0,0 +1 @@\n+x: 1\n");
    }
}
