//! Suppressions as they are written: the annotation on an object, and the comment in a file. What they suppress is for
//! those to say who report findings.

use std::ops::Range;

use memchr::memmem::Finder;

/// How the keys of annotations begin that suppress something; the name of a rule or of a fact follows.
pub const SUPPRESSING_ANNOTATION: &str = "allow.plimsoll.dev/";
/// How comments begin, behind `#`; names follow, with commas between them.
const COMMENT: &str = "plimsoll: allow(";

/// What finds the comments in a text: made once for many texts, as making it costs more than searching a short one.
pub fn suppression_marker() -> Finder<'static> {
    Finder::new(COMMENT)
}

/// A comment that suppresses rules.
pub struct SuppressingComment<'t> {
    /// From the word `plimsoll` to the closing parenthesis, in bytes.
    pub place: Range<usize>,
    /// What stands between the parentheses.
    pub rules: &'t str,
    /// What stands behind them, to the end of the line.
    pub reason: &'t str,
    /// A byte of the line that the comment is about.
    pub target: usize,
}

/// The comments of a text that suppress rules, and that have a line to be about. No part of the text is searched twice,
/// however many they are. `marker` is that of [`suppression_marker`].
///
/// It is a search for the marker, not a parse: comments are in no tree. The same words in a string count as a comment
/// if a `#` stands before them: a comment of a script in a ConfigMap may suppress a rule too.
pub fn suppressing_comments<'t>(
    text: &'t str,
    marker: &Finder<'_>,
) -> impl Iterator<Item = SuppressingComment<'t>> {
    // The line that is read, without its indentation; how far it has been read; the next line with content below it.
    let mut line = 0..0;
    let mut read = 0;
    let mut below = 0;
    marker.find_iter(text.as_bytes()).filter_map(move |marker| {
        // Inside of the parentheses of another comment.
        if marker < read {
            return None;
        }
        if marker >= line.end {
            let start = text[line.end..marker].rfind('\n').map_or(line.end, |newline| line.end + newline + 1);
            let end = text[marker..].find('\n').map_or(text.len(), |newline| marker + newline);
            line = start + indentation(&text[start..end])..end;
        }
        let before = text[line.start..marker].trim_end().strip_suffix('#')?;
        let list = marker + COMMENT.len();
        let Some((rules, reason)) = text[list..line.end].split_once(')') else {
            // No other comment of the line is closed either.
            read = line.end;
            return None;
        };
        read = list + rules.len() + 1;
        let mut target = line.start;
        // Alone in its line. Comments above one line share their target.
        if before.is_empty() {
            if below <= line.end {
                below = next_line(text, line.end);
            }
            target = below;
        }
        (target < text.len()).then_some(SuppressingComment { place: marker..read, rules, reason, target })
    })
}

/// The first byte, behind its indentation, of the next line that is neither empty nor a comment; the length of the
/// text if there is no such line. So several comments may stand above one line, and all count for it.
fn next_line(text: &str, line_end: usize) -> usize {
    let mut start = line_end;
    for line in text[line_end..].split_inclusive('\n') {
        let content = line.trim_start();
        if !content.is_empty() && !content.starts_with('#') {
            return start + indentation(line);
        }
        start += line.len();
    }
    text.len()
}

/// How many bytes of white space a line begins with.
fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules of each comment, and the text from its target to the end of that line.
    fn read(text: &str) -> Vec<(&str, &str)> {
        suppressing_comments(text, &suppression_marker())
            .map(|found| (found.rules, text[found.target..].lines().next().unwrap_or("")))
            .collect()
    }

    #[test]
    fn a_comment_is_about_its_own_line_or_the_next_with_content() {
        let text = "a: 1 # plimsoll: allow(x) why\n  #plimsoll: allow(y, z) why\n\n# plimsoll: allow(v) why\n  b: 2\n";
        assert_eq!(read(text), [("x", "a: 1 # plimsoll: allow(x) why"), ("y, z", "b: 2"), ("v", "b: 2")]);
        let two_of_a_line = "# plimsoll: allow(x) # plimsoll: allow(y)\na: 1\n";
        assert_eq!(read(two_of_a_line), [("x", "a: 1"), ("y", "# plimsoll: allow(x) # plimsoll: allow(y)")]);
    }

    #[test]
    fn what_is_no_comment_or_is_about_nothing_is_left_out() {
        assert_eq!(read("plimsoll: allow(x) why\na: 1\n"), []);
        assert_eq!(read("# plimsoll: allow(x\n# plimsoll: allow(y why\na: 1\n"), []);
        assert_eq!(read("a: 1\n# plimsoll: allow(x) why\n# plimsoll: allow(y) why"), []);
        assert_eq!(read("#plimsoll: allow(#plimsoll: allow(x) why\na: 1"), [("#plimsoll: allow(x", "a: 1")]);
    }
}
