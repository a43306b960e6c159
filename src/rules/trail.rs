//! Patterns of places in objects, such as `volumes[].configMap`, and the trail that leads to each of them.

use crate::yaml::{Node, Segment, Value, ValuePath};

/// The way to a node: patterns one behind the other, and an index for each `[]` in them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trail {
    parts: [&'static str; PARTS],
    indices: [usize; DEPTH],
    used: usize,
}

const PARTS: usize = 4;
/// No pattern goes through more lists.
const DEPTH: usize = 6;

impl Trail {
    /// The root of an object.
    pub(super) const ROOT: Trail = Trail { parts: [""; PARTS], indices: [0; DEPTH], used: 0 };

    /// Shows every node that the pattern leads to from here. A pattern is made of keys with dots between them; `[]` goes
    /// through all items of a list.
    pub(super) fn each<'n>(
        self,
        node: &'n Node,
        pattern: &'static str,
        see: &mut dyn FnMut(&'n Node, Trail),
    ) {
        let mut trail = self;
        if let Some(free) = trail.parts.iter_mut().find(|part| part.is_empty()) {
            *free = pattern;
        }
        trail.walk(node, pattern, see);
    }

    /// The one node that a pattern without lists leads to.
    pub(super) fn at<'n>(self, node: &'n Node, pattern: &'static str) -> Option<(&'n Node, Trail)> {
        let mut found = None;
        self.each(node, pattern, &mut |node, trail| found = Some((node, trail)));
        found
    }

    /// The path that was gone.
    pub(super) fn path(&self) -> ValuePath {
        let mut indices = self.indices.iter();
        let segments =
            self.parts.iter().flat_map(|part| part.split('.')).filter(|segment| !segment.is_empty());
        segments.fold(ValuePath::root(), |path, segment| match segment.strip_suffix("[]") {
            Some(list) => path.key(list).and_index(indices.next().copied().unwrap_or_default()),
            None => path.key(segment),
        })
    }

    fn walk<'n>(&self, node: &'n Node, pattern: &str, see: &mut dyn FnMut(&'n Node, Trail)) {
        if pattern.is_empty() {
            return see(node, *self);
        }
        let (head, rest) = pattern.split_once('.').unwrap_or((pattern, ""));
        let Some(list) = head.strip_suffix("[]") else {
            return node.get(head).into_iter().for_each(|below| self.walk(below, rest, see));
        };
        let items = node.get(list).and_then(Node::as_list).unwrap_or_default();
        for (index, item) in items.iter().enumerate() {
            self.item(index).walk(item, rest, see);
        }
    }

    fn item(&self, index: usize) -> Trail {
        let mut longer = *self;
        if let Some(slot) = longer.indices.get_mut(self.used) {
            *slot = index;
        }
        longer.used += 1;
        longer
    }
}

/// The path of a node in the tree that it is a part of.
pub(super) fn path_to(root: &Node, wanted: &Node) -> ValuePath {
    let mut path = ValuePath::root();
    search(root, wanted, &mut path);
    path
}

/// Whether a node is below another one; the path then leads to it. Only who has found something asks, so looking at all
/// nodes costs less than keeping the way to each.
fn search(node: &Node, wanted: &Node, path: &mut ValuePath) -> bool {
    if std::ptr::eq(node, wanted) {
        return true;
    }
    let mut below = |node: &Node, segment: Segment| {
        path.0.push(segment);
        let found = search(node, wanted, path);
        if !found {
            path.0.pop();
        }
        found
    };
    match &node.value {
        Value::Scalar(_) => false,
        Value::List(items) => {
            items.iter().enumerate().any(|(index, item)| below(item, Segment::Index(index)))
        }
        Value::Map(map) => map.iter().any(|(key, entry)| below(&entry.node, Segment::Key(key.to_string()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use crate::source::SourceKind;
    use crate::yaml::parse_one;

    fn assert_found(root: &Node, node: &Node, path: &ValuePath) {
        assert_eq!(path_to(root, node), *path);
        match &node.value {
            Value::Scalar(_) => {}
            Value::List(items) => {
                items.iter().enumerate().for_each(|(at, item)| assert_found(root, item, &path.index(at)));
            }
            Value::Map(map) => {
                map.iter().for_each(|(key, entry)| assert_found(root, &entry.node, &path.key(&**key)));
            }
        }
    }

    #[test]
    fn every_node_leads_to_its_path() {
        let session = Session::new();
        let text = "a: &x {b: [1, 1, {c: 1}], d: {}}\ne: *x\nf: [*x, [[]]]\n";
        let source = session.add_source(SourceKind::File, "test", text);
        let root = parse_one(&session, source).unwrap().unwrap();
        assert_found(&root, &root, &ValuePath::root());
    }
}
