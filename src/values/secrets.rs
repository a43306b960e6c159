//! Which parts of the values no writer may show.

use std::sync::Arc;

use crate::session::Session;
use crate::source::looks_like_a_secret;
use crate::yaml::{Kind, Node, Scalar, Types, Value, WantRef};

/// Hides every secret of a tree in the sources that it was written in: what the schema calls `writeOnly`, and,
/// where the schema is silent, what a key's name gives away.
pub fn mask(session: &Session, root: &Node, want: WantRef<'_>) {
    hide(session, root, Some(want), false);
    if want.types() != Types::ANY || want.known_keys().next().is_some() {
        session.source(root.span.source).secrets_are_known();
    }
}

/// The texts of every secret of merged values, for messages that others write.
pub fn secrets(root: &Node, want: WantRef<'_>) -> Vec<Arc<str>> {
    let mut found = Vec::new();
    each_secret(root, Some(want), false, &mut |_, scalar| found.push(Arc::clone(&scalar.text)));
    found
}

/// Hides the leaves below a node; `secret` says that a key above already made them secret.
pub(super) fn hide(session: &Session, node: &Node, want: Option<WantRef<'_>>, secret: bool) {
    each_secret(node, want, secret, &mut |node, scalar| {
        // Nothing is told by an empty text, and a reader should see that it is empty.
        if !scalar.text.is_empty() && scalar.kind != Kind::Null {
            session.hide(node.span);
        }
    });
}

fn each_secret(node: &Node, want: Option<WantRef<'_>>, secret: bool, found: &mut impl FnMut(&Node, &Scalar)) {
    let secret = secret || want.is_some_and(|want| want.secret());
    match &node.value {
        Value::Scalar(scalar) if secret => found(node, scalar),
        Value::Scalar(_) => {}
        Value::List(items) => {
            let want = want.and_then(WantRef::item);
            items.iter().for_each(|item| each_secret(item, want, secret, found));
        }
        Value::Map(map) => {
            for (key, entry) in map {
                let want = want.and_then(|want| want.property(key));
                each_secret(&entry.node, want, secret || guessed_secret(key, want), found);
            }
        }
    }
}

/// Whether a key's name gives away a secret that the schema says nothing about.
pub(super) fn guessed_secret(key: &str, want: Option<WantRef<'_>>) -> bool {
    let unknown = want.is_none_or(|want| want.types() == Types::ANY && !want.secret());
    unknown && looks_like_a_secret(key)
}
