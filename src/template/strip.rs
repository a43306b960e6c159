//! Taking the marks out of a rendered text, and keeping what they say as its derivation.

use super::expression::Expression;
use crate::source::{Mapping, SourceId, SourceMap, Span};
use crate::yaml::{MARK_CLOSE, MARK_OPEN, SLOT_CLOSE, SLOT_OPEN};

/// A rendered text without its marks (slots stay), and the way back from it.
///
/// `templates` are the sources that marks name by position; `expression` is what stands behind a slot. After a colon,
/// the space that a `{{-` took away comes back: `key: {{- value }}` is a key and its value.
pub(super) fn strip<'e>(
    rendered: &str,
    templates: &[SourceId],
    expression: &dyn Fn(usize) -> Option<&'e Expression>,
) -> (String, SourceMap) {
    let mut text = String::with_capacity(rendered.len());
    let mut marks = Vec::new();
    let mut rest = rendered;
    while let Some(at) = next_sign(rest) {
        let (plain, tail) = rest.split_at(at);
        text.push_str(plain);
        let offset = u32::try_from(text.len()).unwrap_or(u32::MAX);
        if let Some(body) = tail.strip_prefix(MARK_OPEN) {
            let (mark, after) = body.split_once(MARK_CLOSE).unwrap_or((body, ""));
            marks.extend(read_mark(mark, templates).map(|from| Mapping { at: offset, from, verbatim: true }));
            rest = after;
        } else {
            let end = tail.find(SLOT_CLOSE).map_or(tail.len(), |end| end + SLOT_CLOSE.len_utf8());
            let (slot, after) = tail.split_at(end);
            let index = slot.trim_matches([SLOT_OPEN, SLOT_CLOSE]).parse().ok();
            let found = index.and_then(expression);
            if found.is_some_and(|expression| expression.trims) && text.ends_with(':') {
                text.push(' ');
            }
            marks.extend(found.map(|found| Mapping { at: offset, from: found.span, verbatim: false }));
            text.push_str(slot);
            rest = after;
        }
    }
    text.push_str(rest);
    (text, SourceMap { mappings: marks })
}

/// The offset of the next mark or slot. Both begin with the bytes EF B7, which hardly any other text has.
fn next_sign(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(found) = memchr::memchr(0xef, bytes.get(from..)?) {
        let at = from + found;
        if bytes.get(at + 1) == Some(&0xb7) && matches!(bytes.get(at + 2), Some(0x90 | 0x92)) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

fn read_mark(mark: &str, templates: &[SourceId]) -> Option<Span> {
    let (template, offset) = mark.split_once(',')?;
    let source = *templates.get(template.parse::<usize>().ok()?)?;
    let offset = offset.parse().ok()?;
    Some(Span::new(source, offset, offset))
}
