//! What chance or the clock has made of objects, as one word: two versions of a chart do not differ in what they draw.
//!
//! A draw is made of its function, its arguments and how often they were drawn before. So another call of `randAlphaNum`
//! changes passwords that stand elsewhere, and Helm itself would draw other ones each time.
//!
//! | drawn | what is compared |
//! |---|---|
//! | `password: kTq2Zs9aXw` | `<random>` |
//! | `name: migrate-x3fkq` | `migrate-<random>`, also where objects are matched by their names |
//! | a sum over a text with a draw | `<random>` |
//! | beside it, in a manifest that was rendered before, `migrate-8s0dk` | the same, as what stands around the draw is |

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::manifest::{Document, Identity};
use crate::session::Session;
use crate::source::Span;
use crate::yaml::{Entry, Kind, Map, Node, Scalar, Style, Value};

/// What stands in the place of a draw.
pub(super) const RANDOM: &str = "<random>";

/// Replaces what was drawn in objects that a chart of Helm has rendered.
pub fn mask_draws(session: &Session, documents: &mut [Document]) {
    let mut names: BTreeMap<(String, String, Option<String>, String), usize> = BTreeMap::new();
    for document in documents {
        if !mask(session, &mut document.node) {
            continue;
        }
        let metadata = document.node.get("metadata");
        let text = |key: &str| metadata.and_then(|node| node.get(key)).and_then(Node::as_str).map(Arc::from);
        let Identity { name, namespace, .. } = &mut document.identity;
        if let Some(masked) = text("name").or_else(|| text("generateName")) {
            *name = masked;
        }
        if namespace.is_some() {
            *namespace = text("namespace").or_else(|| namespace.clone());
        }
        if name.contains(RANDOM) {
            let (group, kind, namespace, name) = document.identity.key();
            let key = (group.to_owned(), kind.to_owned(), namespace.map(str::to_owned), name.to_owned());
            let count = names.entry(key).or_default();
            *count += 1;
            // Each is an object of its own.
            if *count > 1 {
                document.identity.name = Arc::from(format!("{} ({count})", document.identity.name));
            }
        }
    }
}

/// Whether a text may be what a draw has made of this one: all that stands around the draws is the same.
pub fn may_be(masked: &str, text: &str) -> bool {
    let Some((first, rest)) = masked.split_once(RANDOM) else { return false };
    let Some(mut left) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split(RANDOM).collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, behind)) = left.split_once(part) else { return false };
        left = behind;
    }
    left.ends_with(last)
}

/// Whether something was drawn in what stands here.
fn mask(session: &Session, node: &mut Node) -> bool {
    match &mut node.value {
        Value::Scalar(scalar) => {
            let Some(text) = masked_text(session, node.span, &scalar.text) else { return false };
            *scalar = Scalar { text: Arc::from(text), kind: Kind::Str, style: Style::Quoted };
            true
        }
        Value::List(items) => items.iter_mut().fold(false, |is_drawn, item| mask(session, item) | is_drawn),
        Value::Map(map) => {
            let mut is_drawn = false;
            map.values_mut().for_each(|entry| is_drawn |= mask(session, &mut entry.node));
            let keys: Vec<Option<String>> =
                map.iter().map(|(key, entry)| masked_text(session, entry.key_span, key)).collect();
            if keys.iter().any(Option::is_some) {
                is_drawn = true;
                rename(map, keys);
            }
            is_drawn
        }
    }
}

/// Gives entries other keys; one whose new key is taken keeps its own.
fn rename(map: &mut Map, keys: Vec<Option<String>>) {
    let mut renamed = Map::default();
    let entries: Vec<(Arc<str>, Entry)> =
        map.iter().map(|(key, entry)| (key.clone(), entry.clone())).collect();
    for ((key, entry), new) in entries.into_iter().zip(keys) {
        let new = new.map(Arc::from).filter(|new: &Arc<str>| !renamed.contains_key(new));
        renamed.insert(new.unwrap_or(key), entry);
    }
    *map = renamed;
}

/// A text with its draws replaced; none if it has none.
fn masked_text(session: &Session, span: Span, text: &str) -> Option<String> {
    let drawn = session.drawn(span);
    if drawn.is_empty() {
        return None;
    }
    let written = session.text(span);
    let begins = span.start as usize;
    // As it is read: plain, in quotes without escapes, or in a block.
    let inner = ["", "\"", "'"].iter().find_map(|quote| {
        let inner = written.strip_prefix(quote)?.strip_suffix(quote)?;
        (inner == text).then_some(begins + quote.len())
    });
    let ranges = match inner {
        Some(inner) => drawn
            .into_iter()
            .map(|Range { start, end }| {
                start.saturating_sub(inner).min(text.len())..end.saturating_sub(inner).min(text.len())
            })
            .collect(),
        None => find(session, span, &drawn, text),
    };
    Some(replaced(text, &ranges))
}

/// Where the draws of a text stand in what it is read as: the whole of it, if they cannot be found there.
fn find(session: &Session, span: Span, drawn: &[Range<usize>], text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    for range in drawn {
        let written = session.text(Span::new(span.source, range.start, range.end));
        // A block is indented, so lines are looked for.
        for line in written.lines().map(|line| line.trim_matches([' ', '\t', '"', '\''])) {
            let Some(at) = text.get(from..).and_then(|rest| rest.find(line)) else {
                // All of it.
                found.clear();
                found.push(0..text.len());
                return found;
            };
            found.push(from + at..from + at + line.len());
            from += at + line.len();
        }
    }
    found
}

/// A text with the bytes in these ranges replaced; what stands beside each other becomes one draw.
fn replaced(text: &str, ranges: &[Range<usize>]) -> String {
    let mut out = String::new();
    let mut from = 0;
    for Range { start, end } in ranges.iter().filter(|range| !range.is_empty()) {
        let (Some(between), true) = (text.get(from..*start), text.is_char_boundary(*end)) else {
            return RANDOM.to_owned();
        };
        if !(out.ends_with(RANDOM) && between.trim().is_empty()) {
            out.push_str(between);
            out.push_str(RANDOM);
        }
        from = *end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::single_range_in_vec_init, reason = "a list of one range is meant")]
    fn draws_are_replaced_as_one_where_they_touch() {
        for (text, ranges, masked) in [
            ("abc", vec![0..3], "<random>"),
            ("job-abc", vec![4..7], "job-<random>"),
            ("-----\nab\ncd\n", vec![6..8, 9..11], "-----\n<random>\n"),
            ("a-b", vec![0..1, 2..3], "<random>-<random>"),
            ("ä", vec![1..2], "<random>"),
            ("", vec![], ""),
        ] {
            assert_eq!(replaced(text, &ranges), masked, "{text}");
        }
    }

    #[test]
    fn a_text_may_be_what_a_draw_has_made() {
        for (masked, text, may) in [
            ("<random>", "anything", true),
            ("job-<random>", "job-8x", true),
            ("job-<random>", "task-8x", false),
            ("a<random>b<random>c", "a1b2c", true),
            ("a<random>b<random>c", "a12c", false),
            ("job-<random>-x", "job-x", false),
            ("plain", "plain", false),
        ] {
            assert_eq!(may_be(masked, text), may, "{masked} {text}");
        }
    }
}
