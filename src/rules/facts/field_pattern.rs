//! Fields of a tree: patterns such as `spec.volumes[].configMap`, lists, and the paths of what was found.
//!
//! ```text
//! FieldPattern("a[].b").each on {a: [{b: 1}, {}, {b: 2}]}   ──►  1 at a[0].b, 2 at a[2].b
//! items on the same tree, "a"                               ──►  the three maps
//! path_to the node `2`                                      ──►  a[2].b
//! ```
//!
//! A field that is missing or has another type than the pattern expects is nothing found, and no error: the API check
//! has run before and has reported what is of a wrong type, and the types of a custom kind without a schema are
//! unknown.

use crate::yaml::{PackedList, PackedNode, Segment, ValuePath};

/// The items of the list under a key; none where the key is absent, or holds no list.
pub(crate) fn items<'n>(node: PackedNode<'n>, key: &str) -> PackedList<'n> {
    // An absent list and an empty one mean the same in every field that rules look at; those that tell them apart ask
    // for the key.
    node.get(key).and_then(PackedNode::as_list).unwrap_or_default()
}

/// The scalar under a key as it is written, a number as well as a text; none where the key is absent, or holds no
/// scalar.
pub(crate) fn scalar_text<'n>(node: PackedNode<'n>, key: &str) -> Option<&'n str> {
    node.get(key)?.text()
}

/// A pattern of fields below a node: keys with dots between them. `[]` behind a key goes through all items of its
/// list; the empty pattern matches the node itself.
///
/// Keys with dots in them, such as those of annotations, cannot be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FieldPattern(pub(crate) &'static str);

/// Where a pattern has matched: enough to build the path.
///
/// Nearly all matches break no rule. So no path is built while a tree is searched: the pattern itself and the indices
/// of the lists on the way are kept on the stack, and nothing is allocated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FieldMatch {
    pattern: &'static str,
    /// The index for each `[]` of the pattern that has been passed.
    indices: [usize; MAX_LISTS],
    depth: usize,
}

/// No pattern of the tables goes through more lists: the longest go through two (`rules[].http.paths[]`), and the
/// rest is for what may come. A match is copied at each list, so the array stays small.
const MAX_LISTS: usize = 6;

impl FieldPattern {
    /// Shows every node below `root` that the pattern matches, with where it matched, in the order of the lists.
    ///
    /// `visit` is a `dyn` function because the search is recursive: a generic one would be compiled anew for each of
    /// its callers.
    pub(crate) fn each<'n>(self, root: PackedNode<'n>, visit: &mut dyn FnMut(PackedNode<'n>, FieldMatch)) {
        let field = FieldMatch { pattern: self.0, indices: [0; MAX_LISTS], depth: 0 };
        field.descend(root, self.0, visit);
    }

    /// The node that a pattern without lists matches; of one with lists, the last match.
    pub(crate) fn find(self, root: PackedNode<'_>) -> Option<PackedNode<'_>> {
        let mut found = None;
        self.each(root, &mut |node, _| found = Some(node));
        found
    }
}

impl FieldMatch {
    /// The path from the node that was searched to the match.
    pub(crate) fn path(&self) -> ValuePath {
        let mut indices = self.indices.iter();
        let mut path = ValuePath::root();
        for segment in self.pattern.split('.').filter(|segment| !segment.is_empty()) {
            path = match segment.strip_suffix("[]") {
                // A pattern with more lists than `MAX_LISTS` loses the indices of the last ones.
                Some(list) => path.and_key(list).and_index(indices.next().copied().unwrap_or(0)),
                None => path.and_key(segment),
            };
        }
        path
    }

    /// Follows what is left of the pattern.
    fn descend<'n>(
        &self,
        node: PackedNode<'n>,
        rest: &str,
        visit: &mut dyn FnMut(PackedNode<'n>, FieldMatch),
    ) {
        if rest.is_empty() {
            // The match is copied out, so that a rule may keep it while the search goes on.
            return visit(node, *self);
        }
        let (segment, rest) = rest.split_once('.').unwrap_or((rest, ""));
        match segment.strip_suffix("[]") {
            Some(list) => {
                for (index, item) in items(node, list).iter().enumerate() {
                    self.at_item(index).descend(item, rest, visit);
                }
            }
            None => {
                if let Some(below) = node.get(segment) {
                    self.descend(below, rest, visit);
                }
            }
        }
    }

    /// The same match one list deeper, at an item of it.
    fn at_item(&self, index: usize) -> FieldMatch {
        let mut deeper = *self;
        debug_assert!(self.depth < MAX_LISTS, "`{}` goes through too many lists", self.pattern);
        if let Some(slot) = deeper.indices.get_mut(self.depth) {
            *slot = index;
        }
        // Counted on even past the array: the path is then wrong and nothing panics outside of debug builds.
        deeper.depth += 1;
        deeper
    }
}

/// The path of a node in the tree that it is a part of; the root's if it is none.
///
/// Found by identity, in a walk over the tree. Only what has broken a rule asks for a path, so that one walk costs
/// less than keeping the way to each node that was looked at.
pub(crate) fn path_to(root: PackedNode<'_>, wanted: PackedNode<'_>) -> ValuePath {
    let mut path = ValuePath::root();
    search(root, wanted, &mut path);
    path
}

/// Whether a node is at or below another one; the path then leads to it, and is left as it was otherwise.
fn search(node: PackedNode<'_>, wanted: PackedNode<'_>, path: &mut ValuePath) -> bool {
    if node.is(wanted) {
        return true;
    }
    // One path for the whole walk: a segment is pushed on the way down and popped where nothing was found.
    let mut search_below = |node: PackedNode<'_>, segment: Segment| {
        path.0.push(segment);
        let found = search(node, wanted, path);
        if !found {
            path.0.pop();
        }
        found
    };
    match (node.as_list(), node.as_map()) {
        (Some(items), _) => {
            items.iter().enumerate().any(|(index, item)| search_below(item, Segment::Index(index)))
        }
        (_, Some(map)) => map.iter().any(|(key, value)| search_below(value, Segment::Key(key.to_owned()))),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use crate::source::SourceKind;
    use crate::yaml::{PackedTree, pack, parse_one};

    fn parsed(text: &str) -> PackedTree {
        let session = Session::new();
        let source = session.add_source(SourceKind::File, "test", text);
        pack(parse_one(&session, source).unwrap()).remove(0)
    }

    fn assert_found(root: PackedNode<'_>, node: PackedNode<'_>, path: &ValuePath) {
        assert_eq!(path_to(root, node), *path);
        let items = node.as_list().unwrap_or_default();
        items.iter().enumerate().for_each(|(at, item)| assert_found(root, item, &path.index(at)));
        let entries = node.as_map().into_iter().flatten();
        entries.for_each(|(key, value)| assert_found(root, value, &path.key(key)));
    }

    #[test]
    fn every_node_leads_to_its_path() {
        let tree = parsed("a: &x {b: [1, 1, {c: 1}], d: {}}\ne: *x\nf: [*x, [[]]]\n");
        assert_found(tree.root(), tree.root(), &ValuePath::root());
    }

    #[test]
    fn a_pattern_matches_every_item_and_knows_its_path() {
        let tree = parsed("a: [{b: [{c: 1}, {d: 2}, {c: 3}]}, {}, {b: [{c: 4}]}]\n");
        let mut paths = Vec::new();
        FieldPattern("a[].b[].c").each(tree.root(), &mut |_, field| paths.push(field.path().to_string()));
        assert_eq!(paths, ["a[0].b[0].c", "a[0].b[2].c", "a[2].b[0].c"]);
        assert!(FieldPattern("a.b").find(tree.root()).is_none());
        assert!(FieldPattern("").find(tree.root()).unwrap().is(tree.root()));
    }
}
