//! Tombstones: what a tree lacks because a `null` took it away, and where that `null` stands.
//!
//! Merging leaves out what a `null` removes, so a tree of values does not tell a setting that was taken away from one
//! that never was. What fails for want of a setting should point at the `null`, so the merge keeps these beside its tree:
//!
//! ```text
//! defaults   service: {port: 80, type: NodePort}
//! file       service: {port: null}                tombstone `service.port`, at the key `port` of the file
//! --set      ingress=null                         tombstone `ingress`, at the `null` of the flag; also of `ingress.host`
//! ```

use std::sync::Arc;

use super::node::Node;
use super::path::{Segment, ValuePath};
use crate::session::Session;
use crate::source::Span;

/// A setting that a `null` took away, with everything below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// The setting.
    pub path: ValuePath,
    /// Where it was taken away: a key, or the `null` of a flag.
    pub span: Span,
}

/// The tombstones of one tree, found by path. Without any it is empty, and asking it costs next to nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tombstones {
    here: Option<Arc<Tombstone>>,
    /// Ascending, each segment once.
    below: Vec<(Segment, Tombstones)>,
}

impl Tombstones {
    /// Whether nothing was taken away.
    pub fn is_empty(&self) -> bool {
        self.here.is_none() && self.below.is_empty()
    }

    /// Adds one, in the place of an earlier one of the same path.
    pub fn insert(&mut self, path: ValuePath, span: Span) {
        let mut place = self;
        for segment in &path.0 {
            let at = place.below.binary_search_by(|(known, _)| known.cmp(segment)).unwrap_or_else(|at| {
                place.below.insert(at, (segment.clone(), Tombstones::default()));
                at
            });
            place = &mut place.below[at].1;
        }
        place.here = Some(Arc::new(Tombstone { path, span }));
    }

    /// Of a tree that was taken away as a whole.
    pub fn of(tombstone: Arc<Tombstone>) -> Tombstones {
        Tombstones { here: Some(tombstone), below: Vec::new() }
    }

    /// Adds those of what stands at a segment, in the place of earlier ones of the same paths.
    pub fn adopt(&mut self, segment: Segment, lacking: Tombstones) {
        match self.below.binary_search_by(|(known, _)| known.cmp(&segment)) {
            Ok(at) => self.below[at].1.extend(lacking),
            Err(at) => self.below.insert(at, (segment, lacking)),
        }
    }

    /// Adds those of another tree that was merged over this one.
    pub fn extend(&mut self, higher: Tombstones) {
        if higher.here.is_some() {
            self.here = higher.here;
        }
        for (segment, lacking) in higher.below {
            self.adopt(segment, lacking);
        }
    }

    /// Drops those of what a tree has all the same.
    pub fn retain_lacking(&mut self, tree: &Node) {
        self.here = None;
        self.below.retain_mut(|(segment, lacking)| {
            if let Some(child) = ValuePath(vec![segment.clone()]).find(tree) {
                lacking.retain_lacking(child);
            }
            !lacking.is_empty()
        });
    }

    /// The tombstone at this very place, if the tree was left with none above it.
    pub fn here(&self) -> Option<&Arc<Tombstone>> {
        self.here.as_ref()
    }

    /// Those under a key.
    pub fn key(&self, key: &str) -> Option<&Tombstones> {
        let at = self.below.binary_search_by(|(known, _)| match known {
            Segment::Key(known) => (**known).cmp(key),
            Segment::Index(_) => std::cmp::Ordering::Greater,
        });
        Some(&self.below.get(at.ok()?)?.1)
    }

    /// The keys right below that were taken away.
    pub fn removed_keys(&self) -> impl Iterator<Item = (&str, &Tombstone)> {
        self.below.iter().filter_map(|(segment, below)| match (segment, &below.here) {
            (Segment::Key(key), Some(tombstone)) => Some((key.as_str(), &**tombstone)),
            _ => None,
        })
    }

    /// Those in an item.
    pub fn index(&self, index: usize) -> Option<&Tombstones> {
        let at = self.below.binary_search_by(|(known, _)| known.cmp(&Segment::Index(index)));
        Some(&self.below.get(at.ok()?)?.1)
    }

    /// What took away the setting at a path that the tree does not have: itself, or something above it.
    pub fn covering(&self, path: &ValuePath) -> Option<&Arc<Tombstone>> {
        let mut place = self;
        for segment in &path.0 {
            if place.here.is_some() {
                break;
            }
            place = match segment {
                Segment::Key(key) => place.key(key)?,
                Segment::Index(index) => place.index(*index)?,
            };
        }
        place.here.as_ref()
    }

    /// Notes of each map in the tree which keys it lacks, for what misses them where the map is printed as it is.
    pub fn note_left_out(&self, session: &Session, root: &Node) {
        for (segment, below) in &self.below {
            match (&below.here, segment) {
                (Some(tombstone), Segment::Key(key)) => {
                    session.note_left_out(root.span, &Arc::from(key.as_str()), tombstone.span);
                }
                _ => {
                    let child = ValuePath(vec![segment.clone()]);
                    if let Some(child) = child.find(root) {
                        below.note_left_out(session, child);
                    }
                }
            }
        }
    }

    /// All of them, in the order of their paths.
    pub fn all(&self) -> Vec<&Arc<Tombstone>> {
        let mut found: Vec<&Arc<Tombstone>> = self.here.iter().collect();
        for (_, below) in &self.below {
            found.extend(below.all());
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;
    use crate::yaml::{Entry, Value};

    #[test]
    fn a_tombstone_covers_what_is_below_it() {
        let span = |start| Span::new(SourceId(0), start, start + 1);
        let mut tombstones = Tombstones::default();
        assert!(tombstones.is_empty());
        for (keys, start) in [(&["b", "c"][..], 1), (&["a"], 2), (&["b", "d", "e"], 3), (&["a"], 4)] {
            tombstones.insert(ValuePath::keys(keys), span(start));
        }
        tombstones.insert(ValuePath::keys(&["list"]).index(1).key("x"), span(5));
        let start = |path: ValuePath| tombstones.covering(&path).map(|found| found.span.start);
        for (keys, expected) in [
            (&["a"][..], Some(4)),
            (&["a", "x", "y"], Some(4)),
            (&["b"], None),
            (&["b", "c"], Some(1)),
            (&["b", "d"], None),
            (&["b", "d", "e", "f"], Some(3)),
            (&["z"], None),
        ] {
            assert_eq!(start(ValuePath::keys(keys)), expected, "{keys:?}");
        }
        assert_eq!(start(ValuePath::keys(&["list"]).index(1).key("x")), Some(5));
        assert_eq!(start(ValuePath::keys(&["list"]).index(0).key("x")), None);
        assert_eq!(tombstones.all().len(), 4);
    }

    #[test]
    fn a_tree_that_was_merged_lacks_what_no_part_gives() {
        let span = Span::new(SourceId(0), 0, 1);
        let of = |paths: &[&[&str]]| {
            let mut tombstones = Tombstones::default();
            paths.iter().for_each(|keys| tombstones.insert(ValuePath::keys(keys), span));
            tombstones
        };
        let mut merged = of(&[&["a"], &["b", "c"], &["b", "d"]]);
        merged.extend(of(&[&["b", "e"], &["f"]]));
        let entry = |node| Entry { key_span: span, node };
        let map = |entries: Vec<(&str, Node)>| {
            let entries = entries.into_iter().map(|(key, node)| (Arc::from(key), entry(node)));
            Node::new(Value::Map(entries.collect()), span)
        };
        let tree = map(vec![("f", Node::empty_map(span)), ("b", map(vec![("d", Node::empty_map(span))]))]);
        merged.retain_lacking(&tree);
        assert_eq!(merged, of(&[&["a"], &["b", "c"], &["b", "e"]]));
    }
}
