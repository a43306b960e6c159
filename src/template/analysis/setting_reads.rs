//! Which settings a chart's templates read, in branches not taken too: the analysis behind V111.
//!
//! The check of the templates finds the reads ([`super::check`]); this file has the two shapes that they take. While a
//! template is walked, each is a [`SettingPath`]; of a whole chart they are one tree, [`SettingReads`].
//!
//! ```text
//! {{ values.image.tag }}                              image
//! {% for host in values.hosts %}{{ host.name }}       └─ tag     (whole)
//! {{ values.labels }}                                 hosts
//!                                                     └─ [item]
//!                                                        └─ name (whole)
//!                                                     labels     (whole)
//! ```
//!
//! Of the values `{image: {tag: …, repository: …}}` nothing reads `image.repository`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::source::Span;
use crate::yaml::{Node, Segment, Value, ValuePath, WantId, WantRef};

/// A path down from `values`, without the positions of items. Paths share their beginnings: a walk makes many that
/// differ in the last step alone, so a path is a linked list from its end to the root.
#[derive(Clone, Debug)]
pub(super) enum SettingPath {
    /// Of a walk that nobody asks for what is read: nothing is kept.
    Ignored,
    /// `values` itself.
    Root,
    Below(Arc<Link>),
}

#[derive(Debug)]
pub(super) struct Link {
    parent: SettingPath,
    step: SettingStep,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SettingStep {
    Key(Arc<str>),
    /// Any item of a list, any entry of a map.
    Item,
}

impl SettingPath {
    /// The path with a key behind it.
    pub(super) fn key(&self, key: &str) -> SettingPath {
        self.child(|| SettingStep::Key(Arc::from(key)))
    }

    /// The path of any item of what it leads to.
    pub(super) fn item(&self) -> SettingPath {
        self.child(|| SettingStep::Item)
    }

    fn child(&self, step: impl FnOnce() -> SettingStep) -> SettingPath {
        match self {
            SettingPath::Ignored => SettingPath::Ignored,
            parent => SettingPath::Below(Arc::new(Link { parent: parent.clone(), step: step() })),
        }
    }

    /// The list or map that an item is of; none for what is no item.
    pub(super) fn collection(&self) -> Option<SettingPath> {
        let SettingPath::Below(link) = self else { return None };
        (link.step == SettingStep::Item).then(|| link.parent.clone())
    }

    /// The steps from the root on.
    pub(super) fn steps(&self) -> Vec<SettingStep> {
        let mut steps = Vec::new();
        let mut path = self;
        while let SettingPath::Below(link) = path {
            steps.push(link.step.clone());
            path = &link.parent;
        }
        steps.reverse();
        steps
    }

    /// Whether both are the same path.
    pub(super) fn is(&self, other: &SettingPath) -> bool {
        self.steps() == other.steps()
    }
}

/// The settings that are read, as a tree. Below a place that is read as a whole, everything is.
#[derive(Debug, Default)]
pub struct SettingReads {
    /// Whether this place is read as a whole.
    whole: bool,
    /// Whether others say what is read here.
    left_out: bool,
    keys: BTreeMap<Arc<str>, SettingReads>,
    /// What is read of each item or entry.
    item: Option<Box<SettingReads>>,
}

impl SettingReads {
    /// Adds a read of what is at a path, with all that is below it.
    pub(super) fn add(&mut self, path: &SettingPath) {
        let mut here = self;
        for step in path.steps() {
            here = match step {
                SettingStep::Key(key) => here.keys.entry(key).or_default(),
                SettingStep::Item => here.item.get_or_insert_default(),
            };
        }
        // What was added below it is kept, and is not looked at any more.
        here.whole = true;
    }

    /// Adds what is read of a part of the values, which stands at a path of keys.
    pub fn add_below(&mut self, place: &ValuePath, reads: SettingReads) {
        let mut here = self;
        for segment in &place.0 {
            let Segment::Key(key) = segment else { return };
            here = here.keys.entry(Arc::from(key.as_str())).or_default();
        }
        here.extend(reads);
    }

    /// Adds a read of what is at a path of keys.
    pub fn add_path(&mut self, path: &ValuePath) {
        self.add_below(path, SettingReads { whole: true, ..SettingReads::default() });
    }

    /// Leaves a place out: others read it too, so nothing in it is unread.
    pub fn leave_out(&mut self, path: &ValuePath) {
        self.add_below(path, SettingReads { left_out: true, ..SettingReads::default() });
    }

    /// Whether the setting at a path is read, or a part of it.
    pub fn is_read(&self, path: &ValuePath) -> bool {
        let mut here = vec![self];
        for segment in &path.0 {
            if here.iter().any(|reads| reads.whole) {
                return true;
            }
            here = match segment {
                Segment::Key(key) => below(&here, key),
                Segment::Index(_) => here.iter().filter_map(|reads| reads.item.as_deref()).collect(),
            };
        }
        here.iter().any(|reads| reads.reads_anything())
    }

    fn reads_anything(&self) -> bool {
        self.whole || self.item.is_some() || self.keys.values().any(SettingReads::reads_anything)
    }

    fn extend(&mut self, reads: SettingReads) {
        self.whole |= reads.whole;
        self.left_out |= reads.left_out;
        for (key, below) in reads.keys {
            self.keys.entry(key).or_default().extend(below);
        }
        if let Some(item) = reads.item {
            self.item.get_or_insert_default().extend(*item);
        }
    }

    /// Hands every place that is read to `see`, as its path of keys: with whether it is read as a whole, or its entries are.
    pub fn each(&self, see: &mut impl FnMut(&[Arc<str>], bool)) {
        self.each_below(&mut Vec::new(), see);
    }

    fn each_below(&self, path: &mut Vec<Arc<str>>, see: &mut impl FnMut(&[Arc<str>], bool)) {
        see(path, self.whole || self.item.is_some());
        for (key, below) in &self.keys {
            path.push(Arc::clone(key));
            below.each_below(path, see);
            path.pop();
        }
    }

    /// The settings of a tree that nothing reads, with the places of their keys. Of a map that nothing reads, it is the
    /// map alone, and not what is in it.
    pub fn unread(&self, root: &Node) -> Vec<(ValuePath, Span)> {
        let mut found = Vec::new();
        unread_below(&[self], root, &ValuePath::root(), &mut found);
        found
    }

    /// The settings that a schema knows by name and nothing reads; as in [`SettingReads::unread`], without what is
    /// inside them.
    pub fn unread_in_schema(&self, root: WantRef<'_>) -> Vec<ValuePath> {
        let mut found = Vec::new();
        unread_wants_below(&[self], root, &ValuePath::root(), &mut Vec::new(), &mut found);
        found
    }
}

// A place of a tree can match several places of the reads: a key by its name, and as any entry. So both walks carry a
// list of them.

/// The reads below a key.
fn below<'r>(here: &[&'r SettingReads], key: &str) -> Vec<&'r SettingReads> {
    here.iter().flat_map(|reads| reads.keys.get(key).into_iter().chain(reads.item.as_deref())).collect()
}

/// Adds the settings of a tree that none of the reads `here`, those of its root, reads.
fn unread_below(here: &[&SettingReads], node: &Node, path: &ValuePath, found: &mut Vec<(ValuePath, Span)>) {
    // Whoever reads a map as a whole reads all that is in it.
    if here.iter().any(|reads| reads.whole || reads.left_out) {
        return;
    }
    match &node.value {
        Value::Scalar(_) => {}
        Value::List(items) => {
            let below: Vec<&SettingReads> = here.iter().filter_map(|reads| reads.item.as_deref()).collect();
            // Items have no key that a finding could point to.
            if below.is_empty() {
                return;
            }
            for (at, item) in items.iter().enumerate() {
                unread_below(&below, item, &path.index(at), found);
            }
        }
        Value::Map(map) => {
            for (key, entry) in map {
                let below = below(here, key);
                let path = path.key(&**key);
                if below.is_empty() {
                    found.push((path, entry.key_span));
                } else {
                    unread_below(&below, &entry.node, &path, found);
                }
            }
        }
    }
}

/// As [`unread_below`], for what a schema knows by name.
fn unread_wants_below(
    here: &[&SettingReads],
    want: WantRef<'_>,
    path: &ValuePath,
    open: &mut Vec<WantId>,
    found: &mut Vec<ValuePath>,
) {
    // `open` are the wants that are being walked: a recursive schema has nothing new to ask for.
    if here.iter().any(|reads| reads.whole || reads.left_out) || open.contains(&want.id()) {
        return;
    }
    open.push(want.id());
    for key in want.known_keys() {
        let below = below(here, key);
        let path = path.key(key);
        match want.property(key) {
            Some(_) if below.is_empty() => found.push(path),
            Some(want) => unread_wants_below(&below, want, &path, open, found),
            None => {}
        }
    }
    open.pop();
}
