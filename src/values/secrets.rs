//! Which parts of the values no writer may show.

use std::sync::Arc;

use crate::session::Session;
use crate::source::looks_like_a_secret;
use crate::yaml::{Kind, Node, Types, Value, WantRef};

/// Hides every secret of a tree in the sources that it was written in: what the schema calls `writeOnly`, and,
/// where the schema is silent, what a key's name gives away.
pub fn mask(session: &Session, root: &Node, want: WantRef<'_>) {
    hide(session, root, Some(want), false);
    if want.get().types != Types::ANY || !want.get().properties.is_empty() {
        session.source(root.span.source).secrets_are_known();
    }
}

/// The texts of every secret of merged values, for messages that others write.
pub fn secrets(root: &Node, want: WantRef<'_>) -> Vec<Arc<str>> {
    let mut found = Vec::new();
    collect(root, Some(want), false, &mut found);
    found
}

fn collect(node: &Node, want: Option<WantRef<'_>>, secret: bool, found: &mut Vec<Arc<str>>) {
    let secret = secret || want.is_some_and(|want| want.get().secret);
    match &node.value {
        Value::Scalar(scalar) if secret => found.push(Arc::clone(&scalar.text)),
        Value::Scalar(_) => {}
        Value::List(items) => {
            let want = want.and_then(WantRef::item);
            items.iter().for_each(|item| collect(item, want, secret, found));
        }
        Value::Map(map) => {
            for (key, entry) in map {
                let want = want.and_then(|want| want.property(key));
                let guessed = is_unknown(want) && looks_like_a_secret(key);
                collect(&entry.node, want, secret || guessed, found);
            }
        }
    }
}

/// Hides the leaves below a node; `secret` says that a key above already made them secret.
pub(super) fn hide(session: &Session, node: &Node, want: Option<WantRef<'_>>, secret: bool) {
    let secret = secret || want.is_some_and(|want| want.get().secret);
    match &node.value {
        // Nothing is told by an empty text, and a reader should see that it is empty.
        Value::Scalar(scalar) if secret && !scalar.text.is_empty() && scalar.kind != Kind::Null => {
            session.source(node.span.source).hide(node.span.range());
        }
        Value::Scalar(_) => {}
        Value::List(items) => {
            let want = want.and_then(WantRef::item);
            items.iter().for_each(|item| hide(session, item, want, secret));
        }
        Value::Map(map) => {
            for (key, entry) in map {
                let want = want.and_then(|want| want.property(key));
                let guessed = is_unknown(want) && looks_like_a_secret(key);
                hide(session, &entry.node, want, secret || guessed);
            }
        }
    }
}

/// Whether the schema says nothing about this place, so that only the key's name can tell.
pub(super) fn is_unknown(want: Option<WantRef<'_>>) -> bool {
    want.is_none_or(|want| want.get().types == Types::ANY && !want.get().secret)
}
