//! Keys that were meant to be a key and its value: `PASSWORD:"x"`, without a blank behind the colon, is one key for YAML, and
//! messages name keys.

use std::borrow::Cow;

use memchr::memchr2;

use super::forms::is_image;
use super::names::{NameSays, name_says};
use crate::session::Session;
use crate::source::Span;
use crate::yaml::{Node, Segment, Value, ValuePath};

/// Where the value begins in such a key; none in other keys.
fn value_in_key(key: &str) -> Option<usize> {
    let at = memchr2(b':', b'=', key.as_bytes())? + 1;
    (at < key.len()).then_some(at)
}

/// The path as messages show it: of such a key what stands before the value.
pub fn shown_path(path: &ValuePath) -> ValuePath {
    let shown = path.0.iter().map(|segment| match segment {
        Segment::Key(key) => match value_in_key(key) {
            Some(at) => Segment::Key(format!("{}…", &key[..at])),
            None => segment.clone(),
        },
        Segment::Index(_) => segment.clone(),
    });
    ValuePath(shown.collect())
}

/// A key as answers show it: of one that holds a secret what stands before that.
///
/// ```
/// use plimsoll::secrets::shown_key;
///
/// assert_eq!(shown_key("DB_PASSWORD:hunter2"), "DB_PASSWORD:…");
/// assert_eq!(shown_key("http://example.com"), "http://example.com");
/// ```
pub fn shown_key(key: &str) -> Cow<'_, str> {
    match value_in_key(key).filter(|at| is_secret_in_key(key, *at)) {
        Some(at) => Cow::Owned(format!("{}…", &key[..at])),
        None => Cow::Borrowed(key),
    }
}

/// Whether what begins at a byte of such a key looks like a secret: it is in quotes, or behind the name of one.
fn is_secret_in_key(key: &str, value: usize) -> bool {
    let (name, text) = key.split_at(value);
    let name = name.trim_end_matches([':', '=']);
    text.starts_with(['"', '\'']) || (name_says(name) == NameSays::Secret && !is_image(name, text))
}

/// Hides what such keys of a tree of values hold where they were written. A setting is hardly ever called so, so what stands before
/// the value does not count.
pub(super) fn hide_values_in_keys(session: &Session, root: &Node) {
    each_value_in_key(session, root, &mut |_, value| session.hide(value));
}

/// Where such keys of any tree hold what looks like a secret.
pub(super) fn secrets_in_keys(session: &Session, root: &Node) -> Vec<Span> {
    let mut found = Vec::new();
    each_value_in_key(session, root, &mut |key, value| {
        if value_in_key(key).is_some_and(|at| is_secret_in_key(key, at)) {
            found.push(value);
        }
    });
    found
}

/// Shows every such key of a tree to `found`, and where its value is written.
fn each_value_in_key(session: &Session, node: &Node, found: &mut impl FnMut(&str, Span)) {
    match &node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter().for_each(|item| each_value_in_key(session, item, found)),
        Value::Map(map) => {
            for (key, entry) in map {
                if value_in_key(key).is_some() {
                    let span = entry.key_span;
                    // As it is written, which a key in quotes is not as it is called.
                    let at = session.text(span).find([':', '=']).map_or(0, |at| at + 1);
                    let range = span.range();
                    found(key, Span::new(span.source, range.start + at, range.end));
                }
                each_value_in_key(session, &entry.node, found);
            }
        }
    }
}
