//! The source map of a rendered text: source marks are taken out of it, and what they say is kept.
//!
//! ```text
//! printed    <mark 0,0>kind: Pod<line break><mark 0,10>name: <slot 4>
//! text                 kind: Pod<line break>           name: <slot 4>
//! mappings   byte 0 ─► byte 0 of template 0, byte 10 ─► byte 10, byte 16 ─► the span of slot 4's expression
//! ```

use crate::source::{Mapping, SourceId, SourceMap, Span};
use crate::template::analysis::Expression;
use crate::yaml::{MARK_CLOSE, MARK_OPEN, SLOT_CLOSE, SLOT_OPEN};

/// A rendered text without its source marks (slots stay), and its source map.
///
/// `templates` are the sources that marks name by position; `expression` is what stands behind a slot. Marks survive
/// macros, captures and includes, as they are a part of the text: so a line that a macro of another file printed leads
/// to that file.
///
/// After a colon, the space that a `{{-` took away comes back: of `key: {{- value }}` the engine makes `key:` and the
/// slot, which YAML would read as one scalar.
pub(super) fn take_out_marks<'e>(
    rendered: &str,
    templates: &[SourceId],
    expression: &dyn Fn(usize) -> Option<Expression<'e>>,
) -> (String, SourceMap) {
    let mut text = String::with_capacity(rendered.len());
    let mut source_map = SourceMap::default();
    let mut rest = rendered;
    while let Some(at) = next_mark_or_slot(rest) {
        let (plain, tail) = rest.split_at(at);
        text.push_str(plain);
        // The output of a template is limited to a GiB at most, so an offset is never that large.
        let offset = u32::try_from(text.len()).unwrap_or(u32::MAX);
        if let Some(body) = tail.strip_prefix(MARK_OPEN) {
            // The text that a mark stands before is in the template as it is here, so offsets behind it can be carried
            // over.
            let (mark, after) = body.split_once(MARK_CLOSE).unwrap_or((body, ""));
            if let Some(from) = read_mark(mark, templates) {
                source_map.push(Mapping { at: offset, from, verbatim: true });
            }
            rest = after;
        } else {
            let end = tail.find(SLOT_CLOSE).map_or(tail.len(), |end| end + SLOT_CLOSE.len_utf8());
            let (slot, after) = tail.split_at(end);
            let number = slot.trim_matches([SLOT_OPEN, SLOT_CLOSE]).parse().ok();
            // All that comes out of a slot has the place of the expression; the value in it has its own span.
            if let Some(found) = number.and_then(expression) {
                if found.trims_before() && text.ends_with(':') {
                    text.push(' ');
                }
                source_map.push(Mapping { at: offset, from: found.span(), verbatim: false });
            }
            text.push_str(slot);
            rest = after;
        }
    }
    text.push_str(rest);
    (text, source_map)
}

/// The offset of the next mark or slot. Both begin with the bytes EF B7, which hardly any other text has; memchr finds
/// the first of them many bytes at a time.
fn next_mark_or_slot(text: &str) -> Option<usize> {
    // U+FDD0 (a slot opens) is EF B7 90, U+FDD2 (a mark opens) is EF B7 92.
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

/// The place that the inside of a mark says: the position of a template, a comma, and an offset in it.
fn read_mark(mark: &str, templates: &[SourceId]) -> Option<Span> {
    let (template, offset) = mark.split_once(',')?;
    let source = *templates.get(template.parse::<usize>().ok()?)?;
    let offset = offset.parse().ok()?;
    Some(Span::new(source, offset, offset))
}
