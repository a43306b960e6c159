//! One word of a POSIX shell: how a text is quoted, and how a quoted text is recognised.

/// The text in single quotes, as a POSIX shell takes it for one word whatever is in it.
///
/// A single quote cannot be escaped inside single quotes, so each one ends the quotation, stands escaped by itself, and
/// begins the next quotation: `it's` becomes `'it'\''s'`.
pub(crate) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Whether a text is what [`quote`] makes. Rule R220 lets such a text stand in a shell's program.
pub(crate) fn is_quoted(text: &str) -> bool {
    let inside = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    inside.is_some_and(|inside| !inside.replace(r"'\''", "").contains('\''))
}

#[cfg(test)]
mod tests {
    use super::{is_quoted, quote};

    #[test]
    fn what_is_quoted_is_recognised() {
        for text in ["", "plain", "two words", "it's", "'", "''", r"\", "a\nb", "$(reboot)"] {
            assert!(is_quoted(&quote(text)), "{text:?}");
        }
    }

    #[test]
    fn more_than_one_word_is_not() {
        for text in ["", "'", "plain", "'a' 'b'", "'a'; reboot '", "'it's'"] {
            assert!(!is_quoted(text), "{text:?}");
        }
    }
}
