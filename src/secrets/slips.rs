//! Keys that were meant to be a key and its value: `PASSWORD:"x"`, without a blank behind the colon, is one key for YAML, and
//! messages name keys.

use crate::session::Session;
use crate::source::Span;
use crate::yaml::{Node, Segment, Value, ValuePath};

/// Where the value begins in such a key; none in other keys.
fn value_in_key(key: &str) -> Option<usize> {
    let at = key.find([':', '='])? + 1;
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

/// Hides what such keys of a tree hold where they were written.
pub(super) fn hide_values_in_keys(session: &Session, node: &Node) {
    match &node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter().for_each(|item| hide_values_in_keys(session, item)),
        Value::Map(map) => {
            for (key, entry) in map {
                if value_in_key(key).is_some() {
                    let span = entry.key_span;
                    // As it is written, which a key in quotes is not as it is called.
                    let at = session.text(span).find([':', '=']).map_or(0, |at| at + 1);
                    let range = span.range();
                    session.hide(Span::new(span.source, range.start + at, range.end));
                }
                hide_values_in_keys(session, &entry.node);
            }
        }
    }
}
