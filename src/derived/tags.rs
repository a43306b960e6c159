//! Tags: where in a `derived.yaml` expressions stand, so that its text can be read as YAML around them.
//!
//! `workers: {{ values.replicas * 2 }}` is a map in a map to YAML. So the file is read with each tag overwritten by
//! letters, which keeps every other byte where it is:
//!
//! ```text
//! url: https://{{ values.host }}/        url: https://xxxxxxxxxxxxxxxxx/
//! ```

use std::ops::Range;

/// One `{{ … }}`, `{% … %}` or `{# … #}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) range: Range<usize>,
    pub(super) kind: TagKind,
    /// Whether its end is there.
    pub(super) is_closed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TagKind {
    Expression,
    Statement,
    Comment,
}

/// Every tag of a text, in their order; those in lines that are comments of YAML are none.
pub(super) fn tags(text: &str) -> Vec<Tag> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    let mut is_line_blank = true;
    while at < bytes.len() {
        let kind = match bytes.get(at + 1) {
            Some(b'{') => Some(TagKind::Expression),
            Some(b'%') => Some(TagKind::Statement),
            Some(b'#') => Some(TagKind::Comment),
            _ => None,
        };
        match (bytes[at], kind) {
            (b'{', Some(kind)) => {
                let end = end_of(bytes, at + 2, kind);
                found.push(Tag { range: at..end.unwrap_or(bytes.len()), kind, is_closed: end.is_some() });
                at = end.unwrap_or(bytes.len());
                is_line_blank = false;
                continue;
            }
            (b'#', _) if is_line_blank => {
                at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
                continue;
            }
            (b'\n', _) => is_line_blank = true,
            (b' ' | b'\t' | b'\r', _) => {}
            _ => is_line_blank = false,
        }
        at += 1;
    }
    found
}

/// Behind the end of the tag whose content begins at an offset. Of texts and maps in an expression, what looks like its
/// end is none.
fn end_of(bytes: &[u8], mut at: usize, kind: TagKind) -> Option<usize> {
    let closing: &[u8; 2] = match kind {
        TagKind::Expression => b"}}",
        TagKind::Statement => b"%}",
        TagKind::Comment => b"#}",
    };
    let mut open = 0usize;
    while at < bytes.len() {
        let is_closing = bytes[at..].starts_with(closing);
        if kind == TagKind::Comment {
            if is_closing {
                return Some(at + 2);
            }
            at += 1;
            continue;
        }
        match bytes[at] {
            _ if is_closing && open == 0 => return Some(at + 2),
            quote @ (b'"' | b'\'') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
            }
            b'{' | b'[' | b'(' => open += 1,
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The text with letters in the place of each tag: as many bytes, and nothing that means anything to YAML.
pub(super) fn masked(text: &str, tags: &[Tag]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for tag in tags {
        masked.push_str(text.get(at..tag.range.start).unwrap_or_default());
        masked.extend(std::iter::repeat_n('x', tag.range.len()));
        at = tag.range.end;
    }
    masked.push_str(text.get(at..).unwrap_or_default());
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_overwritten_and_nothing_else_moves() {
        for (text, expected) in [
            ("a: {{ b }}\n", "a: xxxxxxx\n"),
            ("a: x{{ b }}y{{c}}\n", "a: xxxxxxxxyxxxxx\n"),
            ("a: {{ {\"x\": {\"y\": 1}} }} # z\n", "a: xxxxxxxxxxxxxxxxxxxxx # z\n"),
            ("a: {{ \"}}\" }}\n", "a: xxxxxxxxxx\n"),
            ("a: {{ '\\'}}' }}\n", "a: xxxxxxxxxxxx\n"),
            ("  # {{ a }} it's\nb: {b: c}\n", "  # {{ a }} it's\nb: {b: c}\n"),
            ("a: {# {{ #} {% if %}\n", "a: xxxxxxxx xxxxxxxx\n"),
            ("é: {{ \"é\" }}\n", "é: xxxxxxxxxx\n"),
        ] {
            let tags = tags(text);
            assert!(tags.iter().all(|tag| tag.is_closed), "{text}");
            assert_eq!(masked(text, &tags), expected, "{text}");
        }
    }

    #[test]
    fn a_tag_that_is_not_closed_reaches_to_the_end() {
        for text in ["a: {{ b\nc: 1\n", "a: {{ \"b }}\n", "a: {{ (b }}\n", "a: {% if", "a: {#", "a: {{ '\\"] {
            let found = tags(text);
            assert_eq!(found.len(), 1, "{text}");
            assert!(!found[0].is_closed && found[0].range.end == text.len(), "{text}");
        }
    }
}
