//! Secrets told by the Kubernetes object that they lie in.
//!
//! Before an object is checked, [`hide_secret_content`] hides what a Secret holds in all texts that findings may quote.
//! And code that prints parts of objects, as `plimsoll diff` does, carries a [`Secrecy`] down the tree:
//!
//! ```text
//! Secrecy::of_object("", "ConfigMap")
//!   .under_key(root, "data", false)            the keys below are chosen by the author
//!   .under_key(data, "DB_PASSWORD", false)     secret, by its name
//!   .hides(session, value)                     true, unless the value is empty
//! ```

use super::guesses::{has_inline_secret, suggests_secret_value};
use super::masking::hide_tree;
use crate::session::Session;
use crate::source::Span;
use crate::yaml::{Kind, Map, Node};

/// Whether what stands under a key at the top of an object is the content of a Secret.
///
/// The object's group and version do not count: one that is misspelt, `apiVersion: v2`, is an error, and the finding
/// about it must not show what the Secret holds.
pub fn is_secret_content(kind: &str, key: &str) -> bool {
    kind == "Secret" && matches!(key, "data" | "stringData")
}

/// Keeps writers from showing what a Secret holds, wherever it was written: in the document, in a template, in a values
/// file. Objects of other kinds are left alone.
pub fn hide_secret_content(session: &Session, kind: &str, object: &Node) {
    // Only the top of the object is looked at: a Secret inside of another object, in a List for example, is a document
    // of its own by now.
    for (key, entry) in object.as_map().into_iter().flatten() {
        if is_secret_content(kind, key) {
            hide_tree(session, &entry.node);
        }
    }
}

/// What is known of a place in an object before its value is looked at. It is carried along on the way down, a key or
/// an item at a time, and is asked at the value.
#[derive(Clone, Copy, Debug)]
pub struct Secrecy {
    /// Everything here is secret.
    secret: bool,
    place: Place,
}

/// Where in an object a place is, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// The root of a Secret.
    Secret,
    /// The metadata of a Secret, whose annotations may hold a copy of the whole.
    Metadata,
    /// The annotations of a Secret.
    Annotations,
    /// The root of a ConfigMap.
    ConfigMap,
    /// The data of a ConfigMap, whose keys are chosen by its author.
    Configuration,
    Elsewhere,
}

/// Where `kubectl apply` keeps the object as it was given, with the content of a Secret in it. It is in what
/// `kubectl get -o yaml` prints, which people compare with what they render.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

impl Secrecy {
    /// Of a whole object; the core group is the empty text.
    pub fn of_object(group: &str, kind: &str) -> Self {
        let place = match (group, kind) {
            (_, "Secret") => Place::Secret,
            // By group, unlike a Secret: a `ConfigMap` of another group need not have names of settings as keys.
            ("", "ConfigMap") => Place::ConfigMap,
            _ => Place::Elsewhere,
        };
        Secrecy { secret: false, place }
    }

    /// Of what stands under a key of a map.
    ///
    /// `has_own_keys` says that the keys of this map are chosen by the author of the object, so that a key's name says
    /// something about its value. A field of the API does not: `secretKeyRef` and `tokenExpirationSeconds` hold no
    /// secret.
    #[must_use]
    pub fn under_key(self, map: &Map, key: &str, has_own_keys: bool) -> Self {
        let (is_content, place) = match (self.place, key) {
            // Everything of a Secret's data, whatever its key says: also what may be public, such as `ca.crt`.
            (Place::Secret, key) if is_secret_content("Secret", key) => (true, Place::Elsewhere),
            (Place::Annotations, LAST_APPLIED) => (true, Place::Elsewhere),
            (Place::Secret, "metadata") => (false, Place::Metadata),
            (Place::Metadata, "annotations") => (false, Place::Annotations),
            (Place::ConfigMap, "data" | "binaryData") => (false, Place::Configuration),
            _ => (false, Place::Elsewhere),
        };
        // The API's table calls the data of a ConfigMap a map of texts, which says nothing of whose keys they are.
        let has_own_keys = has_own_keys || self.place == Place::Configuration;
        let is_named = has_own_keys && suggests_secret_value(key);
        // Once secret, everything below is.
        let secret = self.secret || is_content || is_named || (key == "value" && names_secret_variable(map));
        Secrecy { secret, place }
    }

    /// Of an item of a list.
    #[must_use]
    pub fn item(self) -> Self {
        Secrecy { place: Place::Elsewhere, ..self }
    }

    /// Of the same place with everything in it secret. For both values of a change, where one of them is a secret.
    #[must_use]
    pub fn whole(self) -> Self {
        Secrecy { secret: true, ..self }
    }

    /// Whether this value is a secret as a whole. Lists, maps and empty texts are none: nothing is told by an empty
    /// text, and a reader should see that it is empty.
    pub fn hides(self, session: &Session, node: &Node) -> bool {
        let Some(scalar) = node.as_scalar() else { return false };
        if scalar.text.is_empty() || scalar.kind == Kind::Null {
            return false;
        }
        self.secret || has_inline_secret(scalar) || is_marked(session, node)
    }
}

/// `{name: DB_PASSWORD, value: …}`, as environments have it.
fn names_secret_variable(map: &Map) -> bool {
    map.get("name").and_then(|entry| entry.node.as_str()).is_some_and(suggests_secret_value)
}

/// Whether the value, or one that went into it, was hidden where it was written.
fn is_marked(session: &Session, node: &Node) -> bool {
    let is_hidden = |span: Span| session.source(span.source).hides_in(span.range());
    // A text that was computed from a secret may have it in it, encoded or cut.
    let inputs = node.origin.and_then(|id| session.origin(id)).map(|origin| origin.inputs);
    is_hidden(node.span) || inputs.into_iter().flatten().filter_map(|input| input.span).any(is_hidden)
}
