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
    // What stands before it is in the text already, or was a mark.
    let mut done = 0;
    while let Some(at) = next_mark_or_slot(rendered, done) {
        let tail = &rendered[at..];
        let is_mark = tail.starts_with(MARK_OPEN);
        text.push_str(&rendered[done..at]);
        // The output of a template is limited to a GiB at most, so an offset is never that large.
        let offset = u32::try_from(text.len()).unwrap_or(u32::MAX);
        if is_mark {
            let (place, length) = read_mark(tail, templates);
            // The text that a mark stands before is in the template as it is here, so offsets behind it can be carried
            // over.
            if let Some(from) = place {
                source_map.push(Mapping { at: offset, from, verbatim: true });
            }
            done = at + length;
        } else {
            let (number, length) = read_slot(tail);
            // All that comes out of a slot has the place of the expression; the value in it has its own span.
            if let Some(found) = number.and_then(expression) {
                if found.trims_before() && text.ends_with(':') {
                    text.push(' ');
                }
                source_map.push(Mapping { at: offset, from: found.span(), verbatim: false });
            }
            text.push_str(&tail[..length]);
            done = at + length;
        }
    }
    text.push_str(&rendered[done..]);
    (text, source_map)
}

/// The next mark or slot at or behind a byte. Both begin with the byte EF, which hardly any other text has; memchr finds
/// it many bytes at a time.
fn next_mark_or_slot(text: &str, mut from: usize) -> Option<usize> {
    // U+FDD0 (a slot opens) is EF B7 90, U+FDD2 (a mark opens) is EF B7 92.
    let bytes = text.as_bytes();
    while let Some(found) = memchr::memchr(0xef, bytes.get(from..)?) {
        let at = from + found;
        if bytes.get(at + 1) == Some(&0xb7) && matches!(bytes.get(at + 2), Some(0x90 | 0x92)) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// The place that a mark at the beginning of a text says, and the bytes of the mark: `<U+FDD2>1,250<U+FDD3>` is byte 250
/// of the second template. A mark that was cut short, as a filter may do, says nothing; without an end it has the rest
/// of the text.
fn read_mark(tail: &str, templates: &[SourceId]) -> (Option<Span>, usize) {
    let (template, comma) = number(tail, MARK_OPEN.len_utf8());
    let (offset, end) = match tail.as_bytes().get(comma) {
        Some(b',') => number(tail, comma + 1),
        _ => (None, comma),
    };
    let source = template.and_then(|template| templates.get(template));
    let place = source.zip(offset).map(|(source, offset)| Span::new(*source, offset, offset));
    let (length, is_whole) = end_of(tail, end, MARK_CLOSE);
    (place.filter(|_| is_whole), length)
}

/// The number of the slot at the beginning of a text, and the bytes of the slot.
fn read_slot(tail: &str) -> (Option<usize>, usize) {
    let (number, end) = number(tail, SLOT_OPEN.len_utf8());
    let (length, is_whole) = end_of(tail, end, SLOT_CLOSE);
    (number.filter(|_| is_whole), length)
}

/// The decimal number at a byte, none if there is no digit, and the byte behind it.
fn number(text: &str, start: usize) -> (Option<usize>, usize) {
    let mut end = start;
    let mut number = Some(0_usize);
    while let Some(byte @ b'0'..=b'9') = text.as_bytes().get(end) {
        number = number.and_then(|number| number.checked_mul(10)?.checked_add(usize::from(byte - b'0')));
        end += 1;
    }
    (number.filter(|_| end > start), end)
}

/// Where the next closing character ends, or the text does; and whether it stands at the byte where it should.
fn end_of(text: &str, at: usize, close: char) -> (usize, bool) {
    let rest = &text[at..];
    if rest.starts_with(close) {
        return (at + close.len_utf8(), true);
    }
    (rest.find(close).map_or(text.len(), |distance| at + distance + close.len_utf8()), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_taken_out_and_slots_stay() {
        let templates = [SourceId(5), SourceId(6)];
        let take_out = |printed: &str| {
            let (text, map) = take_out_marks(printed, &templates, &|_| None);
            let place = map.resolve(0, 0).map(|span| (span.source.0, span.start));
            (text, place)
        };
        for (printed, text, place) in [
            ("\u{fdd2}1,20\u{fdd3}kind: \u{fdd0}4\u{fdd1}\n", "kind: \u{fdd0}4\u{fdd1}\n", Some((6, 20))),
            ("ｅ\u{fdd2}0,3\u{fdd3}ｅ", "ｅｅ", None),
            // Cut short by a filter, or of a template that is not there.
            ("a\u{fdd2}0,", "a", None),
            ("\u{fdd2}0\u{fdd3}a", "a", None),
            ("\u{fdd2}7,1\u{fdd3}a", "a", None),
            ("\u{fdd2}0,x\u{fdd3}a", "a", None),
            ("a\u{fdd0}1", "a\u{fdd0}1", None),
            ("0,3\u{fdd3}a", "0,3\u{fdd3}a", None),
        ] {
            assert_eq!(take_out(printed), (text.to_owned(), place), "{printed:?}");
        }
    }
}
