//! Stand-ins: what takes the place of a secret that is not there, where only the form matters.

use std::sync::Arc;

use crate::source::Span;
use crate::yaml::{Entry, Generate, Node, Segment, Value, ValuePath, WantRef};

/// The paths that lead to secrets, and the others.
pub fn part_secrets(paths: Vec<ValuePath>, want: WantRef<'_>) -> (Vec<ValuePath>, Vec<ValuePath>) {
    paths.into_iter().partition(|path| {
        let mut here = Some(want);
        let mut secret = want.secret();
        for segment in &path.0 {
            here = here.and_then(|want| match segment {
                Segment::Key(key) => want.property(key),
                Segment::Index(_) => want.item(),
            });
            secret |= here.is_some_and(|want| want.secret());
        }
        secret
    })
}

/// Puts a text of the right form where each of the paths leads, so that templates can be rendered without their secrets.
pub fn stand_in(values: &mut Node, paths: &[ValuePath], want: WantRef<'_>) {
    for path in paths {
        let recipe = path.0.iter().try_fold(want, |want, segment| match segment {
            Segment::Key(key) => want.property(key),
            Segment::Index(_) => want.item(),
        });
        let text = text(recipe.and_then(|want| want.generate()));
        put(values, &path.0, &text);
    }
}

fn text(recipe: Option<Generate>) -> String {
    match recipe {
        Some(Generate::Hex { bytes }) => "0".repeat(bytes.min(MAX_BYTES) * 2),
        Some(Generate::Base64 { bytes }) => format!("{}==", "A".repeat(bytes.min(MAX_BYTES) * 4 / 3)),
        Some(Generate::Alphanumeric { length }) => "x".repeat(length.min(MAX_BYTES)),
        None => "stand-in".to_owned(),
    }
}

/// Longer secrets are mistakes in the schema.
const MAX_BYTES: usize = 1_024;

fn put(node: &mut Node, path: &[Segment], text: &str) {
    // Nobody wrote a stand-in: hiding it must hide no text.
    let span = Span { end: node.span.start, ..node.span };
    match (path, &mut node.value) {
        ([], value) => *value = Node::string(text, span).value,
        ([Segment::Key(key), rest @ ..], Value::Map(map)) => {
            let entry = map.or_insert_with(Arc::from(key.as_str()), || empty(span));
            if entry.node.is_null() && !rest.is_empty() {
                entry.node = Node::empty_map(span);
            }
            put(&mut entry.node, rest, text);
        }
        ([Segment::Index(at), rest @ ..], Value::List(items)) => {
            if let Some(item) = items.get_mut(*at) {
                put(item, rest, text);
            }
        }
        _ => {}
    }
}

fn empty(span: Span) -> Entry {
    Entry { key_span: span, node: Node::empty_map(span) }
}
