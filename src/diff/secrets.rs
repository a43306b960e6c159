//! What of an object may not be shown: the values that the chart's schema calls secret, the contents of Secrets, and
//! what looks like a secret where nothing says what it is.

use super::MaskedValue;
use crate::kube::TypeRef;
use crate::manifest::Identity;
use crate::session::Session;
use crate::source::{Span, looks_like_a_secret};
use crate::yaml::{Kind, Map, Node, Scalar, Value};

/// What is known of a place before its value is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cover {
    /// Everything here is secret.
    secret: bool,
    place: Place,
}

/// Where in an object a place is, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Secret,
    /// The metadata of a Secret, which may hold a copy of the whole.
    Metadata,
    Annotations,
    ConfigMap,
    /// Keys of somebody's own naming.
    Configuration,
    Elsewhere,
}

const COPY: &str = "kubectl.kubernetes.io/last-applied-configuration";

impl Cover {
    /// Of a whole object.
    pub(super) fn of(object: &Identity) -> Self {
        let place = match (object.group(), object.kind.as_str()) {
            ("", "Secret") => Place::Secret,
            ("", "ConfigMap") => Place::ConfigMap,
            _ => Place::Elsewhere,
        };
        Cover { secret: false, place }
    }

    /// Of what stands under a key of a map, whose type is `of`.
    pub(super) fn key(self, map: &Map, of: Option<TypeRef<'_>>, key: &str) -> Self {
        let named = self.place == Place::Configuration || of.is_none_or(TypeRef::is_free);
        let value_of_a_secret = key == "value" && is_named_a_secret(map);
        let (told, place) = match (self.place, key) {
            (Place::Secret, "data" | "stringData") | (Place::Annotations, COPY) => (true, Place::Elsewhere),
            (Place::Secret, "metadata") => (false, Place::Metadata),
            (Place::Metadata, "annotations") => (false, Place::Annotations),
            (Place::ConfigMap, "data" | "binaryData") => (false, Place::Configuration),
            _ => (false, Place::Elsewhere),
        };
        let secret = self.secret || told || value_of_a_secret || (named && is_telling(key));
        Cover { secret, place }
    }

    /// Of a place where everything is secret.
    pub(super) fn secret(self) -> Self {
        Cover { secret: true, ..self }
    }

    /// Of an item.
    pub(super) fn item(self) -> Self {
        Cover { place: Place::Elsewhere, ..self }
    }

    /// Whether this value is a secret as a whole.
    pub(super) fn hides(self, session: &Session, node: &Node) -> bool {
        let Some(scalar) = node.as_scalar() else { return false };
        let empty = scalar.text.is_empty() || scalar.kind == Kind::Null;
        !empty && (self.secret || has_credentials(scalar) || is_marked(session, node))
    }

    /// The value with every secret in it masked.
    pub(super) fn shown(self, session: &Session, node: &Node, of: Option<TypeRef<'_>>) -> MaskedValue {
        if self.hides(session, node) {
            return MaskedValue { node: Node::string("***", node.span), secret: true };
        }
        let mut shown = MaskedValue { node: node.clone(), secret: false };
        match (&mut shown.node.value, &node.value) {
            (Value::List(items), _) => {
                let of = of.and_then(TypeRef::item);
                items.iter_mut().for_each(|item| *item = self.item().shown(session, item, of).node);
            }
            (Value::Map(map), Value::Map(names)) => {
                for (key, entry) in map {
                    let cover = self.key(names, of, key);
                    entry.node = cover.shown(session, &entry.node, of.and_then(|of| of.key(key))).node;
                }
            }
            _ => {}
        }
        shown
    }
}

/// A key that gives away that a secret stands behind it, and not only the name of one.
fn is_telling(key: &str) -> bool {
    let names_one = ["Name", "Ref", "name", "-ref"].iter().any(|end| key.ends_with(end));
    looks_like_a_secret(key) && !names_one
}

/// `{name: DB_PASSWORD, value: …}`, as environments have it.
fn is_named_a_secret(map: &Map) -> bool {
    map.get("name").and_then(|entry| entry.node.as_str()).is_some_and(is_telling)
}

/// A password in a URL or in a command line; one that Kubernetes fills in, `$(PASSWORD)`, is none.
fn has_credentials(scalar: &Scalar) -> bool {
    if scalar.kind != Kind::Str || scalar.text.contains('\n') {
        return false;
    }
    let lower = scalar.text.to_ascii_lowercase();
    let assigned = ["password=", "passwd=", "secret=", "token="];
    let given = |text: &str| !text.is_empty() && !text.starts_with("$(");
    let user_part = |rest: &str| {
        let user = rest.split(['/', '?', ' ']).next().and_then(|host| host.rsplit_once('@'));
        user.and_then(|(user, _)| user.split_once(':')).is_some_and(|(_, password)| given(password))
    };
    lower.split("://").skip(1).any(user_part)
        || assigned.iter().any(|name| lower.split(name).skip(1).any(given))
}

/// Whether the value, or one that went into it, was marked as a secret where it was written.
fn is_marked(session: &Session, node: &Node) -> bool {
    let hidden = |span: Span| session.source(span.source).hides_in(span.range());
    let inputs = node.origin.and_then(|id| session.origin(id)).map(|origin| origin.inputs);
    hidden(node.span) || inputs.unwrap_or_default().iter().filter_map(|input| input.span).any(hidden)
}
