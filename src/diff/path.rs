//! Paths that name list items by what tells them apart: `spec.containers[name=web].image`.

use std::fmt;
use std::sync::Arc;

use crate::source::escaped;

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

/// The path from an object to one of its fields. List items are called by their keys where they have some, so that a path says
/// the same of both versions, and of the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldPath(pub Vec<PathStep>);

impl FieldPath {
    /// The path with one more step.
    pub fn with(&self, step: PathStep) -> FieldPath {
        let mut longer = self.clone();
        longer.0.push(step);
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

/// An item by its keys, as in `containerPort=8080,protocol=TCP`.
pub(super) fn item_keys(parts: &[(Arc<str>, Arc<str>)]) -> String {
    let part = |(key, value): &(Arc<str>, Arc<str>)| format!("{}={}", quoted(key, ""), quoted(value, "./:*"));
    parts.iter().map(part).collect::<Vec<_>>().join(",")
}

/// A name as it is, or in quotes where it has other characters than letters, digits, `-`, `_` and those of `more`: a key such as
/// `app.kubernetes.io/name` would look like three.
fn quoted(name: &str, more: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_') || more.contains(c);
    if !name.is_empty() && name.chars().all(plain) {
        return name.to_owned();
    }
    format!("\"{}\"", escaped(&name.replace('\\', "\\\\").replace('"', "\\\"")))
}
