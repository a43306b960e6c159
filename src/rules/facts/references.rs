//! The references of a set: every field in which one object names another.
//!
//! ```text
//! REFERENCE_FIELDS ──PatternTree──► pods, containers ─┐
//!                  ──FieldPattern─► other kinds       ├─► [Found: object, field, map]  ──read──► Reference
//!                                                    ─┘   sorted by object and field
//! ```
//!
//! The walk keeps maps and no names. A [`Reference`] is read from a map when a rule asks, and a map that names
//! nothing (an empty name, a backend of another kind) is dropped there.

use super::field_pattern::{FieldPattern, items, path_to};
use super::objects::{ObjectTree, Objects};
use super::pods::{CONTAINER_LISTS, PodTree};
use super::reference_fields::{Holder, Keys, REFERENCE_FIELDS, ReferenceField, Target};
use super::selectors::PodIndex;
use crate::yaml::{PackedList, PackedNode, ValuePath};

/// A field in which one object names another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reference<'s> {
    /// The object that names.
    pub(crate) object: ObjectTree<'s>,
    /// The kind of what is named.
    pub(crate) kind: &'s str,
    /// The name; never empty.
    pub(crate) name: &'s str,
    /// The map that the name is in.
    pub(crate) map: PackedNode<'s>,
    field: &'static ReferenceField,
}

impl<'s> Reference<'s> {
    /// What a field's map names, if anything of the kind that the field is for.
    fn read(object: ObjectTree<'s>, field: &'static ReferenceField, map: PackedNode<'s>) -> Option<Self> {
        let name = map.get(field.name).and_then(PackedNode::as_str).filter(|name| !name.is_empty())?;
        let written = map.get("kind").and_then(PackedNode::as_str);
        let kind = match field.target {
            // A ScaledObject may leave the kind out. A HorizontalPodAutoscaler must have it.
            Target::Scaled => written.unwrap_or("Deployment"),
            // `roleRef` has no default kind, and a RoleBinding may give a Role or a ClusterRole.
            Target::Role => written?,
            // A backend of the Gateway API, for example, may be of another kind: nothing is known of that.
            target => target.kind().filter(|kind| written.is_none_or(|written| written == *kind))?,
        };
        Some(Reference { object, kind, name, map, field })
    }

    /// Whether it says that the object, or the entry, may be absent.
    pub(crate) fn is_optional(&self) -> bool {
        self.map.get("optional").and_then(PackedNode::as_bool) == Some(true)
    }

    /// Whether a pod names it, and not an object of another kind.
    pub(crate) fn is_of_pod(&self) -> bool {
        !matches!(self.field.holder, Holder::Kind(..))
    }

    /// The path of the name.
    pub(crate) fn path(&self) -> ValuePath {
        self.map_path().and_key(self.field.name)
    }

    /// The path of the map that the name is in.
    pub(crate) fn map_path(&self) -> ValuePath {
        path_to(self.object.node(), self.map)
    }

    /// The node of the name.
    pub(crate) fn name_node(&self) -> PackedNode<'s> {
        // The name was read from this map, so the fallback is never taken.
        self.map.get(self.field.name).unwrap_or(self.map)
    }

    /// The namespace in which it looks; none for kinds that have none.
    pub(crate) fn namespace(&self) -> Option<&'s str> {
        const CLUSTER_SCOPED: [&str; 5] =
            ["ClusterRole", "PriorityClass", "StorageClass", "IngressClass", "RuntimeClass"];
        if CLUSTER_SCOPED.contains(&self.kind) {
            return None;
        }
        // Most fields cannot name a namespace: the API looks for the name beside the object.
        self.written_namespace().or(self.object.namespace())
    }

    /// Whether it names a namespace that is not its object's own; so also where the object has none.
    pub(crate) fn names_another_namespace(&self) -> bool {
        self.written_namespace().is_some_and(|written| self.object.namespace() != Some(written))
    }

    /// The namespace beside the name. Most fields have none, and the API check refuses it there.
    fn written_namespace(&self) -> Option<&'s str> {
        self.map.get("namespace").and_then(PackedNode::as_str)
    }

    /// Every entry of the target that it asks for: the node of the entry's name. Empty where it takes all of them, as
    /// `envFrom` does.
    pub(crate) fn keys(&self) -> impl Iterator<Item = PackedNode<'s>> + use<'s> {
        let (map, listed): (_, PackedList<'_>) = match self.field.keys {
            Keys::None => (None, PackedList::default()),
            Keys::One => (Some(self.map), PackedList::default()),
            Keys::Items => (None, items(self.map, "items")),
        };
        map.into_iter().chain(listed).filter_map(|node| node.get("key"))
    }
}

/// Every reference of a set.
///
/// Found in one walk for all fields of the table, as most rules about references ask for a few of the same places.
#[derive(Debug)]
pub(crate) struct References<'d> {
    /// In the order of the documents, and for one object in the order of the table.
    found: Vec<Found<'d>>,
}

/// A map that holds a name. Three words: a set of many objects has a great many of them.
#[derive(Clone, Copy, Debug)]
struct Found<'d> {
    /// An index into [`Objects::all`].
    object: usize,
    /// An index into [`REFERENCE_FIELDS`].
    field: usize,
    map: PackedNode<'d>,
}

impl<'d> References<'d> {
    /// Finds the references of a set.
    pub(crate) fn new(objects: &Objects<'d>, pods: &PodIndex<'d>) -> Self {
        let mut references = References { found: Vec::new() };
        let of_pods = PatternTree::of(Holder::PodSpec);
        let of_containers = PatternTree::of(Holder::Container);
        for pod in pods.iter() {
            references.read_pod(pod, &of_pods, &of_containers);
        }
        for kind in objects.kinds() {
            references.read_kind(objects, kind);
        }
        // Pods were read before the kinds. The sort is stable, so one field's matches stay in the order of its lists.
        references.found.sort_by_key(|found| (found.object, found.field));
        references
    }

    /// Every reference to one sort of target: by object in the order of the documents, then in the order of the table.
    pub(crate) fn to<'a>(
        &'a self,
        objects: &'a Objects<'d>,
        target: Target,
    ) -> impl Iterator<Item = Reference<'d>> {
        self.found.iter().filter_map(move |found| {
            let field = REFERENCE_FIELDS.get(found.field).filter(|field| field.target == target)?;
            Reference::read(*objects.get(found.object)?, field, found.map)
        })
    }

    /// Adds the references of a pod and its containers.
    fn read_pod(&mut self, pod: &PodTree<'d>, of_pods: &PatternTree, of_containers: &PatternTree) {
        let object = pod.object.index;
        // Pods are in many kinds and are read by themselves; a field of a pod is none of the object's kind.
        let mut add = |field, map| self.add(object, field, map);
        of_pods.visit(pod.spec, &mut add);
        for list in CONTAINER_LISTS {
            for container in pod.list(list) {
                of_containers.visit(container, &mut add);
            }
        }
    }

    /// Adds the references of all objects of a kind, those in the pods that they make excepted.
    fn read_kind(&mut self, objects: &Objects<'d>, kind: &str) {
        for (index, field) in REFERENCE_FIELDS.iter().enumerate() {
            let Some(group) = field.holder.group_of(kind) else { continue };
            for object in objects.of_kind(kind) {
                if group.is_empty() || object.identity().group() == group {
                    field.map.each(object.node(), &mut |map, _| self.add(object.index, index, map));
                }
            }
        }
    }

    /// Adds a map if it has the key of a name. Most maps of a pod's spec have not, as `pod("", …)` matches every pod.
    fn add(&mut self, object: usize, field: usize, map: PackedNode<'d>) {
        let has_name = REFERENCE_FIELDS.get(field).is_some_and(|field| map.get(field.name).is_some());
        if has_name {
            self.found.push(Found { object, field, map });
        }
    }
}

/// The patterns of several fields as one tree (a trie of their keys): what they have in common is looked up once,
/// which counts where every pod is asked for two dozen of them.
#[derive(Default)]
struct PatternTree {
    /// The fields whose pattern ends here: indices into [`REFERENCE_FIELDS`].
    fields: Vec<usize>,
    /// In the order of the table. A list and no map: at no node are there more than a dozen of them.
    below: Vec<PatternBranch>,
}

/// A key that patterns go on with.
struct PatternBranch {
    key: &'static str,
    /// Whether they go through all items of a list (`key[]`).
    is_list: bool,
    tree: PatternTree,
}

impl PatternTree {
    /// The patterns of all fields with this holder.
    fn of(holder: Holder) -> Self {
        let mut root = PatternTree::default();
        for (index, field) in REFERENCE_FIELDS.iter().enumerate().filter(|(_, field)| field.holder == holder)
        {
            let FieldPattern(pattern) = field.map;
            let mut tree = &mut root;
            for segment in pattern.split('.').filter(|segment| !segment.is_empty()) {
                tree = tree.branch(segment);
            }
            tree.fields.push(index);
        }
        root
    }

    /// What lies below a segment of a pattern; made if there was nothing yet.
    fn branch(&mut self, segment: &'static str) -> &mut PatternTree {
        let (key, is_list) = match segment.strip_suffix("[]") {
            Some(key) => (key, true),
            None => (segment, false),
        };
        let known = self.below.iter().position(|branch| branch.key == key && branch.is_list == is_list);
        let index = known.unwrap_or_else(|| {
            self.below.push(PatternBranch { key, is_list, tree: PatternTree::default() });
            self.below.len() - 1
        });
        &mut self.below[index].tree
    }

    /// Shows every map that the patterns lead to from a node, with the field's index.
    fn visit<'n>(&self, node: PackedNode<'n>, see: &mut dyn FnMut(usize, PackedNode<'n>)) {
        for field in &self.fields {
            see(*field, node);
        }
        for PatternBranch { key, is_list, tree } in &self.below {
            if *is_list {
                for item in items(node, key) {
                    tree.visit(item, see);
                }
            } else if let Some(below) = node.get(key) {
                tree.visit(below, see);
            }
        }
    }
}
