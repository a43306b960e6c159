//! Secrets told by the values schema: what is `writeOnly`, and every part of it.
//!
//! What the schema says is a table of wants ([`WantRef`]), which is walked down beside the tree or the path. Where that
//! walk leaves the schema, because it does not say what stands there, the name of the key decides instead:
//!
//! | the schema says of the place | `apiKey: x` is |
//! |---|---|
//! | `writeOnly: true`, or it is inside of such a place | secret |
//! | a type, `string` for example | not secret: the author has looked at it |
//! | nothing, or `{}` | secret, by its name |

use super::guesses::suggests_secret;
use crate::yaml::{Node, Scalar, Segment, Types, Value, ValuePath, WantRef};

/// Whether a key's name gives away a secret that the schema says nothing about. Where the schema names a type, the
/// key's name does not count.
pub fn is_secret_key(key: &str, want: Option<WantRef<'_>>) -> bool {
    // A want of any type says no more than no want at all, unless it calls the place a secret.
    let is_unknown = want.is_none_or(|want| want.types() == Types::ANY && !want.secret());
    is_unknown && suggests_secret(key)
}

/// Whether a path leads to a secret of the schema, or through one. `root` is what is wanted of all values.
pub fn is_secret_path(root: WantRef<'_>, path: &ValuePath) -> bool {
    let mut want = Some(root);
    let mut segments = path.0.iter();
    // Each place is checked before the next segment is taken, so the root and the end of the path are checked as well.
    loop {
        if want.is_some_and(|want| want.secret()) {
            return true;
        }
        let Some(segment) = segments.next() else { return false };
        want = want.and_then(|want| want.child(segment));
    }
}

/// Whether the schema says anything at all: one of a chart without a schema does not, nor does `{}`.
pub(super) fn says_anything(root: WantRef<'_>) -> bool {
    root.types() != Types::ANY || root.known_keys().next().is_some()
}

/// What is wanted at the end of a path, and whether one of the path's keys gives away that a secret stands there.
pub(super) fn at_path<'w, 'p>(
    root: WantRef<'w>,
    path: impl IntoIterator<Item = &'p Segment>,
) -> (Option<WantRef<'w>>, bool) {
    let mut want = Some(root);
    let mut secret = false;
    for segment in path {
        want = want.and_then(|want| want.child(segment));
        secret |= matches!(segment, Segment::Key(key) if is_secret_key(key, want));
    }
    (want, secret)
}

/// Shows every secret scalar of a tree to `found`; `secret` says that something above it already is one. `want` is what
/// is wanted of the tree, none where the schema says nothing about it.
pub(super) fn each_secret(
    node: &Node,
    want: Option<WantRef<'_>>,
    secret: bool,
    found: &mut impl FnMut(&Node, &Scalar),
) {
    let secret = secret || want.is_some_and(|want| want.secret());
    match &node.value {
        // Maps and lists are no secrets themselves: what is hidden is a text that can be read.
        Value::Scalar(scalar) if secret => found(node, scalar),
        Value::Scalar(_) => {}
        Value::List(items) => {
            let want = want.and_then(WantRef::item);
            items.iter().for_each(|item| each_secret(item, want, secret, found));
        }
        Value::Map(map) => {
            for (key, entry) in map {
                let want = want.and_then(|want| want.property(key));
                each_secret(&entry.node, want, secret || is_secret_key(key, want), found);
            }
        }
    }
}
