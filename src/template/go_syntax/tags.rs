//! The tags of a template, of both languages: `{{ … }}`, `{{/* … */}}`, `{% … %}`.

use std::ops::Range;

/// The most tags that are looked at, and the most bytes of one: nobody reads more advice.
const MOST_TAGS: usize = 2_000;
const MOST_BYTES: usize = 4_096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TagKind {
    /// `{{ … }}`
    Expression,
    /// `{% … %}`
    Statement,
    /// `{{/* … */}}`
    GoComment,
}

#[derive(Clone, Debug)]
pub(super) struct Tag {
    pub(super) kind: TagKind,
    /// With its braces.
    pub(super) range: Range<usize>,
    /// Without braces, marks that trim, and blanks.
    inner: Range<usize>,
}

impl Tag {
    pub(super) fn inner<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.inner.clone()).unwrap_or_default()
    }
}

pub(super) fn tags(text: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut tried = 0;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find('{')).map(|offset| at + offset) {
        let rest = text.get(open..).unwrap_or_default();
        if rest.starts_with("{#") {
            at = rest.find("#}").map_or(text.len(), |end| open + end + 2);
            continue;
        }
        let Some((kind, close)) = (match rest.get(..2) {
            Some("{{") => Some((TagKind::Expression, "}}")),
            Some("{%") => Some((TagKind::Statement, "%}")),
            _ => None,
        }) else {
            at = open + 1;
            continue;
        };
        tried += 1;
        if tried > MOST_TAGS {
            break;
        }
        let body = rest.get(2..).unwrap_or_default();
        let body = body.get(..body.floor_char_boundary(MOST_BYTES)).unwrap_or_default();
        let is_comment = body.trim_start_matches('-').trim_start().starts_with("/*");
        let kind = if kind == TagKind::Expression && is_comment { TagKind::GoComment } else { kind };
        let end = match kind {
            TagKind::GoComment => body.find("*/").and_then(|end| Some(end + body.get(end..)?.find(close)?)),
            _ => end_outside_of_quotes(body, close),
        };
        let Some(end) = end else {
            at = open + 2;
            continue;
        };
        let written = body.get(..end).unwrap_or_default();
        let without_marks = written.strip_prefix(['-', '+']).unwrap_or(written);
        let without_marks = without_marks.strip_suffix(['-', '+']).unwrap_or(without_marks);
        let inner = without_marks.trim();
        let start = open + 2 + (written.len() - written.trim_start_matches(['-', '+']).trim_start().len());
        let start = start.min(open + 2 + end);
        found.push(Tag { kind, range: open..open + 2 + end + 2, inner: start..start + inner.len() });
        at = open + 2 + end + 2;
    }
    found
}

/// Where a tag is closed: braces inside of quotes do not count.
fn end_outside_of_quotes(body: &str, close: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, character) in body.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some('`') if character == '\\' => {}
            Some(_) if character == '\\' => escaped = true,
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None if matches!(character, '"' | '\'' | '`') => quote = Some(character),
            None if body.get(at..).is_some_and(|rest| rest.starts_with(close)) => return Some(at),
            None => {}
        }
    }
    // A quote that is never closed: the first end counts.
    body.find(close)
}
