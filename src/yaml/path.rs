//! Paths into a tree, as people write them: `spec.containers[0].image`, `annotations."a.b/c"`.
//!
//! A path says where something is in a tree, not where it is written: that is a [`Span`](crate::source::Span). Two
//! trees that are merged have a path in common, and no span.

use std::fmt;

use super::node::{Node, Value};

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// Into a map.
    Key(String),
    /// Into a list, counted from 0.
    Index(usize),
}

/// A path from the root of a tree. Paths have an order, by segments from the root on, so that a `BTreeMap` of them
/// lists parents before their children.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValuePath(pub Vec<Segment>);

impl ValuePath {
    /// The root.
    pub fn root() -> Self {
        Self::default()
    }

    /// The path of these keys.
    pub fn keys(keys: &[&str]) -> Self {
        ValuePath(keys.iter().map(|key| Segment::Key((*key).to_owned())).collect())
    }

    /// The path with one more key.
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.clone().and_key(key)
    }

    /// The path with one more index.
    pub fn index(&self, index: usize) -> Self {
        self.clone().and_index(index)
    }

    /// This path, one key longer: for paths that are built step by step.
    #[must_use]
    pub fn and_key(mut self, key: impl Into<String>) -> Self {
        self.0.push(Segment::Key(key.into()));
        self
    }

    /// This path, one index longer.
    #[must_use]
    pub fn and_index(mut self, index: usize) -> Self {
        self.0.push(Segment::Index(index));
        self
    }

    /// The node at this path, if the tree has it.
    pub fn find<'n>(&self, root: &'n Node) -> Option<&'n Node> {
        let mut node = root;
        for segment in &self.0 {
            node = match (&node.value, segment) {
                (Value::Map(map), Segment::Key(key)) => &map.get(key.as_str())?.node,
                (Value::List(items), Segment::Index(index)) => items.get(*index)?,
                // A key of a list or a position of a map: two trees with a path in common may differ in shape there.
                _ => return None,
            };
        }
        Some(node)
    }

    /// The path of a JSON pointer (RFC 6901) into this tree: `/ports/0/a~1b` is `ports[0]."a/b"`, if `ports` is a list
    /// there. jsonschema and the extension keywords of schemas give places as pointers. What the tree does not have is
    /// taken for keys.
    pub fn from_pointer(pointer: &str, root: &Node) -> Self {
        let mut path = ValuePath::root();
        for part in pointer.split('/').skip(1) {
            // In this order: the other way round `~01` would become `/` (RFC 6901, section 4).
            let name = part.replace("~1", "/").replace("~0", "~");
            // A pointer does not say which `0` is an index and which is a key: the tree does.
            let in_list = path.find(root).is_some_and(|node| node.as_list().is_some());
            path.0.push(match name.parse() {
                Ok(index) if in_list => Segment::Index(index),
                _ => Segment::Key(name),
            });
        }
        path
    }
}

/// With a dot between keys, and an index in brackets. The path of the root is empty.
impl fmt::Display for ValuePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) => {
                    let dot = if position == 0 { "" } else { "." };
                    // A key such as `app.kubernetes.io/name` would look like three.
                    let simple =
                        !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
                    if simple {
                        write!(f, "{dot}{key}")?
                    } else {
                        write!(f, "{dot}\"{}\"", key.escape_debug())?
                    }
                }
            }
        }
        Ok(())
    }
}
