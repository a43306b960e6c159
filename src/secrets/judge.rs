//! The judge: which values of a tree are secret, by the object that they lie in, their names, their neighbours and
//! themselves.
//!
//! Code that shows parts of trees carries a [`Secrecy`] down, a key or an item at a time:
//!
//! ```text
//! Secrecy::of_object("", "ConfigMap")
//!   .under_key(root, "data", false)            the keys below are chosen by the author
//!   .under_key(data, "DB_PASSWORD", false)     secret, by its name
//!   .hides(session, value)                     true, unless the value is empty
//! ```
//!
//! | a value is secret | for example |
//! |---|---|
//! | by its object | whatever stands in a Secret, but for its type and its metadata |
//! | by its name | `DB_PASSWORD: x` |
//! | by what stands beside it | `{name: DB_PASSWORD, value: x}`, `[--password, x]`, `{header: Authorization, value: x}` |
//! | by its form | `postgres://web:x@db/web`, `{"password": "x"}`, a private key |
//!
//! What says where a secret is kept is none: `secretKeyRef: {name: db, key: password}`.

use super::commands::{Runs, secret_words};
use super::forms::has_private_key;
use super::names::{NameSays, is_about_secret, is_secret_under, name_says};
use super::texts::holds_secret;
use crate::diagnostic::nearest;
use crate::session::Session;
use crate::source::Span;
use crate::yaml::{Kind, Map, Node, Scalar, Value};

/// Fields at the top of a Secret that hold nothing secret. Whatever else stands there does, known to the API or not.
const PUBLIC_FIELDS: &[&str] = &["apiVersion", "kind", "metadata", "type", "immutable"];

/// The fields of metadata; whatever else stands there in a Secret may have been meant for its data.
const METADATA_FIELDS: &[&str] = &[
    "name",
    "generateName",
    "namespace",
    "labels",
    "annotations",
    "finalizers",
    "ownerReferences",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
    "managedFields",
];

/// Whether an object of this kind is a Secret, or was meant to be one: a kind that is misspelt is an error, and the
/// finding about it must not show what the Secret holds. The group and the version do not count, for the same reason.
pub fn is_secret_kind(kind: &str) -> bool {
    kind == "Secret"
        || (kind.len() <= 12
            && !kind.ends_with("Store")
            && nearest(kind.trim(), ["Secret", "Secrets"]).is_some())
}

/// Whether a field at the top of a Secret holds nothing secret.
pub(super) fn is_public_field(key: &str) -> bool {
    PUBLIC_FIELDS.contains(&key)
}

/// Whether what stands under a key at the top of an object is the content of a Secret.
pub fn is_secret_content(kind: &str, key: &str) -> bool {
    is_secret_kind(kind) && !is_public_field(key)
}

/// Shows each scalar of a tree to `found`, with what is known of its place. `has_own_keys` says whether the names of keys
/// count ([`Secrecy::under_key`]).
pub(super) fn each_scalar(
    node: &Node,
    secrecy: Secrecy,
    has_own_keys: bool,
    found: &mut impl FnMut(&Node, Secrecy),
) {
    match &node.value {
        Value::Scalar(_) => found(node, secrecy),
        Value::List(items) => {
            for (item, secrecy) in items.iter().zip(secrecy.items(items)) {
                each_scalar(item, secrecy, has_own_keys, found);
            }
        }
        Value::Map(map) => {
            for (key, entry) in map {
                each_scalar(&entry.node, secrecy.under_key(map, key, has_own_keys), has_own_keys, found);
            }
        }
    }
}

/// What is known of a place in a tree before its value is looked at. It is carried along on the way down, a key or an
/// item at a time, and is asked at the value.
#[derive(Clone, Copy, Debug)]
pub struct Secrecy {
    says: Says,
    place: Place,
    /// The program that a list of words is for.
    runs: Runs,
}

/// What is said of a place by what stands around it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Says {
    /// Everything here is secret, whatever it is.
    Certain,
    /// By a name.
    Name(NameSays),
}

/// Where in an object a place is, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// The root of a Secret.
    Secret,
    /// The metadata of a Secret, whose annotations may hold a copy of the whole.
    Metadata,
    /// The annotations of a Secret.
    SecretAnnotations,
    /// Those of another object; their keys are chosen by its author.
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
        match (group, kind) {
            (_, kind) if is_secret_kind(kind) => Secrecy::of_secret(),
            // By group, unlike a Secret: a `ConfigMap` of another group need not have names of settings as keys.
            ("", "ConfigMap") => Secrecy::at(Place::ConfigMap),
            _ => Secrecy::unknown(),
        }
    }

    /// Of a place of which nothing is known.
    pub fn unknown() -> Self {
        Secrecy::at(Place::Elsewhere)
    }

    /// Of a tree that may be an object: its kind counts then.
    pub fn of_tree(node: &Node) -> Self {
        let kind = node.get("kind").and_then(Node::as_str).unwrap_or("");
        if node.get("stringData").is_some() { Secrecy::of_secret() } else { Secrecy::of_object("", kind) }
    }

    /// Of the root of a Secret.
    pub(super) fn of_secret() -> Self {
        Secrecy::at(Place::Secret)
    }

    fn at(place: Place) -> Self {
        Secrecy { says: Says::Name(NameSays::Nothing), place, runs: Runs::Unknown }
    }

    /// Of what stands under a key of a map.
    ///
    /// `has_own_keys` says that the keys of this map are chosen by the author of the object, so that a key's name says
    /// something about its value. A field of the API does not: `secretKeyRef` and `tokenExpirationSeconds` hold no
    /// secret.
    #[must_use]
    pub fn under_key(self, map: &Map, key: &str, has_own_keys: bool) -> Self {
        let value = map.get(key).map(|entry| &entry.node);
        let (is_content, place) = match (self.place, key) {
            // Everything, whatever its key says: also what may be public, such as `ca.crt`.
            (Place::Secret, "metadata") => (false, Place::Metadata),
            (Place::Secret, key) => (!PUBLIC_FIELDS.contains(&key), Place::Elsewhere),
            (Place::Metadata, "annotations") => (false, Place::SecretAnnotations),
            (Place::Metadata, key) => (!METADATA_FIELDS.contains(&key), Place::Elsewhere),
            (Place::SecretAnnotations, LAST_APPLIED) => (true, Place::Elsewhere),
            (Place::ConfigMap, "data" | "binaryData") => (false, Place::Configuration),
            // An object within another one, as custom resources have them.
            _ if value.is_some_and(holds_object) => {
                (false, value.map_or(Place::Elsewhere, |node| Secrecy::of_tree(node).place))
            }
            (_, "annotations") => (false, Place::Annotations),
            _ => (false, Place::Elsewhere),
        };
        // The API's table calls the data of a ConfigMap a map of texts, which says nothing of whose keys they are.
        let is_free =
            matches!(self.place, Place::Configuration | Place::Annotations | Place::SecretAnnotations);
        let has_own_keys = has_own_keys || is_free;
        let says = match self.says {
            Says::Certain => Says::Certain,
            _ if is_content => Says::Certain,
            // In a Secret, its own name and labels are none.
            _ if matches!(self.place, Place::Secret | Place::Metadata) => Says::Name(NameSays::Nothing),
            Says::Name(above) => Says::Name(self.name_says(map, key, value, above, has_own_keys)),
        };
        Secrecy { says, place, runs: self.runs_under(map, key) }
    }

    /// What the name of a key, and what stands beside it, says of its value.
    fn name_says(
        self,
        map: &Map,
        key: &str,
        value: Option<&Node>,
        above: NameSays,
        has_own_keys: bool,
    ) -> NameSays {
        // Once secret, everything below is, but for what says where a secret is kept.
        if above == NameSays::Secret {
            return NameSays::Secret;
        }
        let is_value = is_value_key(key) || (map.len() > 1 && is_misspelt_value(map, key));
        let beside = if is_value { named_beside(map) } else { NameSays::Nothing };
        if !has_own_keys {
            return beside;
        }
        let own = match name_says(key) {
            NameSays::BareKey | NameSays::Perhaps if key.eq_ignore_ascii_case("key") => bare_key(map, key),
            says => says,
        };
        if own == NameSays::Nothing {
            return beside;
        }
        let is_told_about = value.is_some_and(|value| {
            says_where(value) || is_schema(value) || (is_component(value) && is_about_secret(key))
        });
        if is_told_about { beside } else { own.max(beside) }
    }

    /// The program of the words under a key: what the `command` beside `args` runs.
    fn runs_under(self, map: &Map, key: &str) -> Runs {
        if !matches!(key, "args" | "arguments" | "command") {
            return Runs::Unknown;
        }
        let image =
            map.get("image").and_then(|entry| entry.node.as_str()).map_or(Runs::Unknown, Runs::of_image);
        if key == "command" {
            return image;
        }
        let command = map.get("command").map(|entry| &entry.node);
        match command.map(|command| &command.value) {
            Some(Value::List(words)) => image.after(words.iter().filter_map(Node::as_str)),
            Some(Value::Scalar(scalar)) => image.after(scalar.text.split_whitespace()),
            _ => image,
        }
    }

    /// Of an item of a list, whatever stands beside it. What is said of a list by its name holds for its items:
    /// `passwords: [x, y]`.
    #[must_use]
    pub fn item(self, node: &Node) -> Self {
        let place = if holds_object(node) { Secrecy::of_tree(node).place } else { Place::Elsewhere };
        Secrecy { says: self.says, place, runs: Runs::Unknown }
    }

    /// Of each item of a list.
    #[must_use]
    pub fn items(self, items: &[Node]) -> Vec<Self> {
        let mut each: Vec<Secrecy> = items.iter().map(|node| self.item(node)).collect();
        let words: Option<Vec<&str>> =
            items.iter().map(|item| item.as_scalar().map(|scalar| &*scalar.text)).collect();
        if let Some(words) =
            words.filter(|words| words.len() > 1 || words.iter().any(|word| word.starts_with('-')))
        {
            for (index, _) in secret_words(self.runs, &words) {
                each[index].says = Says::Certain;
            }
        }
        each
    }

    /// Of both sides of a change: secret if one of them is.
    #[must_use]
    pub fn or(self, other: Secrecy) -> Self {
        if other.says == Says::Certain { self.whole() } else { self }
    }

    /// Of the same place with everything in it secret. For both values of a change, where one of them is a secret.
    #[must_use]
    pub fn whole(self) -> Self {
        Secrecy { says: Says::Certain, ..self }
    }

    /// Whether this value is a secret as a whole. Lists, maps and empty texts are none: nothing is told by an empty
    /// text, and a reader should see that it is empty.
    pub fn hides(self, session: &Session, node: &Node) -> bool {
        let Some(scalar) = node.as_scalar() else { return false };
        if scalar.text.is_empty() || scalar.kind == Kind::Null {
            return false;
        }
        self.hides_named(scalar) || shows_secret(scalar.kind, &scalar.text) || is_marked(session, node)
    }

    /// Whether a name says that all that stands here is secret.
    pub(super) fn is_named_secret(self) -> bool {
        self.says == Says::Name(NameSays::Secret)
    }

    /// Whether a scalar is a secret by what is said of its place, whatever its text looks like.
    pub(super) fn hides_named(self, scalar: &Scalar) -> bool {
        match self.says {
            Says::Certain => true,
            Says::Name(says) => scalar.kind != Kind::Bool && is_secret_under(says, &scalar.text),
        }
    }
}

/// Whether a text has to be masked as a whole: it is a private key, or a line with a secret in it. Of other texts of
/// several lines, the secrets in them are masked (`masked_lines`).
fn shows_secret(kind: Kind, text: &str) -> bool {
    kind == Kind::Str
        && if text.trim_end().contains('\n') { is_private_key(text) } else { holds_secret(text) }
}

/// Whether a text is a private key from end to end.
fn is_private_key(text: &str) -> bool {
    text.trim_start().starts_with("-----BEGIN ") && has_private_key(text)
}

/// Whether a node is an object of Kubernetes that stands in another one.
fn holds_object(node: &Node) -> bool {
    node.get("kind").and_then(Node::as_str).is_some_and(|kind| is_secret_kind(kind) || kind == "ConfigMap")
        && (node.get("data").is_some()
            || node.get("apiVersion").is_some()
            || node.get("stringData").is_some())
}

/// Keys whose value is what a name beside them is about: `{name: DB_PASSWORD, value: …}`.
const VALUE_KEYS: &[&str] =
    &["value", "values", "val", "content", "default", "defaultValue", "string", "data", "text"];
/// Keys that hold such a name: of a variable, a header, a parameter; the path of a JSON patch.
const NAME_KEYS: &[&str] = &["name", "key", "header", "path", "field", "variable", "id", "property"];

/// Whether a key holds a name that says what a value beside it is.
pub(super) fn is_name_key(key: &str) -> bool {
    NAME_KEYS.contains(&key)
}

/// Whether a key holds such a value.
pub(super) fn is_value_key(key: &str) -> bool {
    VALUE_KEYS.contains(&key)
}

/// Whether a key was meant for `value` beside a name.
fn is_misspelt_value(map: &Map, key: &str) -> bool {
    (4..=7).contains(&key.len())
        && !is_name_key(key)
        && map.contains_key("name")
        && !map.contains_key("value")
        && !map.contains_key("valueFrom")
        && nearest(key, ["value"]).is_some()
}

/// What the name that stands beside a value says of it.
fn named_beside(map: &Map) -> NameSays {
    // `{key: password, operator: In, values: [...]}` selects objects by a label.
    if map.contains_key("operator") || map.contains_key("effect") {
        return NameSays::Nothing;
    }
    let names = NAME_KEYS.iter().filter_map(|key| map.get(key)?.node.as_str());
    // Of a path, its end.
    let says = names.map(|name| name_says(name.rsplit('/').next().unwrap_or(name)));
    says.max().unwrap_or(NameSays::Nothing)
}

/// What `key` alone says: beside a certificate it is one; beside what a reference or a selector has, it is a name.
fn bare_key(map: &Map, key: &str) -> NameSays {
    let has = |names: &[&str]| names.iter().any(|name| map.contains_key(name));
    if has(&["crt", "cert", "certificate", "ca", "privateKey"]) {
        NameSays::Perhaps
    } else if has(&[
        "operator",
        "effect",
        "value",
        "values",
        "name",
        "path",
        "valueFrom",
        "optional",
        "namespace",
        "mode",
        "version",
        "type",
        "property",
        "topologyKey",
        "secret",
        "secretName",
        "configMap",
    ]) {
        NameSays::Nothing
    } else {
        name_says(key)
    }
}

/// Keys of maps that say where a secret is kept.
const REFERENCE_KEYS: &[&str] = &[
    "name",
    "key",
    "namespace",
    "optional",
    "kind",
    "group",
    "apiVersion",
    "secretName",
    "keyName",
    "secretKey",
    "secretRef",
    "secretKeyRef",
    "secretNamespace",
    "valueFrom",
    "configMapKeyRef",
    "configMapRef",
    "fieldRef",
    "path",
    "items",
    "mode",
    "defaultMode",
    "file",
    "fileName",
    "property",
    "version",
    "existingSecret",
    "existingSecretKey",
    "from",
    "external",
    "create",
    "enabled",
    "keyRef",
    "remoteRef",
    "audience",
    "expirationSeconds",
    "mountPath",
    "readOnly",
    "annotations",
    "labels",
    "type",
];

/// Whether a value says where a secret is kept, and not what it is: a map, or a list of maps, with the keys of
/// references alone.
fn says_where(value: &Node) -> bool {
    match &value.value {
        Value::Map(map) => {
            !map.is_empty()
                && map.keys().all(|key| {
                    REFERENCE_KEYS.contains(&&**key)
                        || name_says(key) == NameSays::Nothing && key.ends_with("Ref")
                })
        }
        Value::List(items) => {
            !items.is_empty() && items.iter().all(|item| item.as_map().is_some() && says_where(item))
        }
        Value::Scalar(_) => false,
    }
}

/// Whether a value is what a chart says of a container, whose name may sound like that of a secret: `secretSync: {image: …}`.
fn is_component(value: &Node) -> bool {
    value.get("image").is_some() || value.get("containerSecurityContext").is_some()
}

/// Whether a value is a JSON Schema of a setting, as those of charts and CRDs.
fn is_schema(value: &Node) -> bool {
    let Some(map) = value.as_map() else { return false };
    let is_type = |entry: &Node| {
        matches!(
            entry.as_str(),
            Some("string" | "object" | "array" | "integer" | "number" | "boolean" | "null")
        ) || entry.as_list().is_some()
    };
    map.get("type").is_some_and(|entry| is_type(&entry.node))
        || ["$ref", "properties", "writeOnly", "x-generate", "anyOf", "oneOf", "allOf"]
            .iter()
            .any(|key| map.contains_key(key))
}

/// Whether the value, or one that went into it, was hidden where it was written.
fn is_marked(session: &Session, node: &Node) -> bool {
    let is_hidden = |span: Span| session.source(span.source).hides_in(span.range());
    // A text that was computed from a secret may have it in it, encoded or cut.
    let inputs = node.origin.and_then(|id| session.origin(id)).map(|origin| origin.inputs);
    is_hidden(node.span) || inputs.into_iter().flatten().filter_map(|input| input.span).any(is_hidden)
}
