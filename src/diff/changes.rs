//! What a comparison finds: which objects came, went or changed, where in them, and the values as they may be shown.
//!
//! A value gets in here by way of [`MaskedValue`] alone, and that masks it. So no writer of differences has to think of
//! secrets, and none can show one.
//!
//! ```text
//! ObjectChange                     Deployment prod/web
//!   └─ ChangeKind::Changed
//!        └─ FieldChange            spec.replicas            (a FieldPath)
//!             └─ FieldEdit         Changed(1, 2)            (two MaskedValues)
//! ```

use std::fmt;
use std::sync::Arc;

use crate::kube::TypeRef;
use crate::manifest::Identity;
use crate::secrets::{Secrecy, hides_shown, mask_keys, masked_lines, shown_key};
use crate::session::Session;
use crate::source::escaped;
use crate::yaml::{Kind, Map, Node, Value};

/// An object that is not the same on both sides.
#[derive(Clone, Debug)]
pub struct ObjectChange {
    /// The object, as the new side calls it if it is there.
    pub object: Identity,
    /// What became of it.
    pub kind: ChangeKind,
}

/// What became of an object.
#[derive(Clone, Debug)]
pub enum ChangeKind {
    /// Only the new side has it.
    Added,
    /// Only the old side has it.
    Removed,
    /// Both have it, with these fields changed; at least one.
    Changed(Vec<FieldChange>),
}

impl ChangeKind {
    /// What became of the object, in a word: `added`, `removed` or `changed`.
    pub(super) fn word(&self) -> &'static str {
        match self {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Changed(_) => "changed",
        }
    }
}

/// How many changes have this word ([`ChangeKind::word`]).
pub(super) fn count(changes: &[ObjectChange], word: &str) -> usize {
    changes.iter().filter(|change| change.kind.word() == word).count()
}

/// A field that is not the same on both sides.
#[derive(Clone, Debug)]
pub struct FieldChange {
    /// Where it is in the object.
    pub path: FieldPath,
    /// What became of it.
    pub edit: FieldEdit,
}

/// What became of a field.
#[derive(Clone, Debug)]
pub enum FieldEdit {
    /// Only the new side has it.
    Added(MaskedValue),
    /// Only the old side has it.
    Removed(MaskedValue),
    /// Both sides have it, with other values: the old one and the new one.
    Changed(MaskedValue, MaskedValue),
    /// Both sides have a text of several lines: those that differ, with some around them.
    Text(Vec<TextLine>),
    /// The same items stand in another order; what they are called, on the old side and on the new.
    Reordered(Vec<String>, Vec<String>),
}

/// A value as it may be shown: every secret in it is `***`.
#[derive(Clone, Debug)]
pub struct MaskedValue {
    /// The value.
    pub node: Node,
    /// Whether the whole of it is a secret.
    pub secret: bool,
}

impl MaskedValue {
    /// The value with every secret in it masked. `of` is its type, if the API knows it.
    pub(super) fn new(session: &Session, node: &Node, secrecy: Secrecy, of: Option<TypeRef<'_>>) -> Self {
        if hides_shown(session, secrecy, node) {
            return MaskedValue { node: Node::string("***", node.span), secret: true };
        }
        // A copy, since the trees belong to the documents. Whether a value is secret may depend on its neighbours,
        // which are masked one after the other in the copy, so those of the original are asked.
        let mut masked = node.clone();
        match (&mut masked.value, &node.value) {
            (Value::List(items), Value::List(original)) => {
                let of = of.and_then(TypeRef::item);
                // As a whole: an item may be a secret because of the one before it.
                for (item, secrecy) in items.iter_mut().zip(secrecy.items(original)) {
                    *item = MaskedValue::new(session, item, secrecy, of).node;
                }
            }
            (Value::Map(map), Value::Map(original)) => {
                for (key, entry) in &mut *map {
                    let secrecy = under_key(secrecy, original, of, key);
                    entry.node =
                        MaskedValue::new(session, &entry.node, secrecy, of.and_then(|of| of.key(key))).node;
                }
                mask_keys(map);
            }
            (Value::Scalar(scalar), _) if scalar.kind == Kind::Str && scalar.text.contains('\n') => {
                scalar.text = masked_lines(&scalar.text).into();
            }
            _ => {}
        }
        MaskedValue { node: masked, secret: false }
    }
}

/// What is known of the secrecy of what stands under a key of a map of the type `of`.
pub(super) fn under_key(secrecy: Secrecy, map: &Map, of: Option<TypeRef<'_>>, key: &str) -> Secrecy {
    // What the API does not name, the author of the object did: all keys of a map, and a field that no type has.
    let is_own = of.is_none_or(|of| of.is_free() || of.key(key).is_none());
    secrecy.under_key(map, key, is_own)
}

/// A line of a text that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextLine {
    /// Which text has it.
    pub side: Side,
    /// Its number, from 1: in the old text if only that has it, else in the new one.
    pub number: usize,
    /// Its text without the line break; what looks like a secret is masked.
    pub text: String,
}

/// Which text has a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Both.
    Both,
    /// The old one.
    Old,
    /// The new one.
    New,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathStep {
    /// Into a map.
    Key(Arc<str>),
    /// To an item, counted from 0: on the new side, unless only the old one has it.
    Index(usize),
    /// To the item with these values under these keys.
    Item(Vec<(Arc<str>, Arc<str>)>),
    /// To the item of a set that is this value.
    Member(Arc<str>),
}

/// The path from an object to one of its fields. List items are called by their keys where they have some, so that a
/// path says the same of both versions, and of the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldPath(pub Vec<PathStep>);

impl FieldPath {
    /// The path with one more step. A key is shown without the secret that it may hold.
    pub fn with(&self, step: PathStep) -> FieldPath {
        let mut longer = self.clone();
        longer.0.push(match step {
            PathStep::Key(key) => PathStep::Key(shown_key(&key).into()),
            step => step,
        });
        longer
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                PathStep::Key(key) => {
                    let dot = if position == 0 { "" } else { "." };
                    write!(f, "{dot}{}", quoted(key, ""))?;
                }
                PathStep::Index(index) => write!(f, "[{index}]")?,
                PathStep::Item(parts) => write!(f, "[{}]", item_keys(parts))?,
                PathStep::Member(value) => write!(f, "[={}]", quoted(value, "./:"))?,
            }
        }
        Ok(())
    }
}

/// An item by its keys, as in `containerPort=8080,protocol=TCP`. Values may be bare with dots, slashes, colons and
/// stars, so that hosts, paths and wildcards read as they are written: within the brackets only a comma, an equals sign
/// and a bracket divide.
pub(super) fn item_keys(parts: &[(Arc<str>, Arc<str>)]) -> String {
    let part = |(key, value): &(Arc<str>, Arc<str>)| format!("{}={}", quoted(key, ""), quoted(value, "./:*"));
    parts.iter().map(part).collect::<Vec<_>>().join(",")
}

/// A name as it is, or in quotes where it has other characters than letters, digits, `-`, `_` and those of `more`: a
/// key such as `app.kubernetes.io/name` would look like three.
fn quoted(name: &str, more: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_') || more.contains(c);
    if !name.is_empty() && name.chars().all(plain) {
        return name.to_owned();
    }
    format!("\"{}\"", escaped(&name.replace('\\', "\\\\").replace('"', "\\\"")))
}
