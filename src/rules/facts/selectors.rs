//! Label selectors: what they match, and the indices that find it without a look at all pods.
//!
//! ```text
//! Selector ──asks for──► PodIndex ──the rarest label──► LabelIndex ──candidates──► Selector::may_match_pod
//! ```
//!
//! [`LabelIndex`] is a hash index and only narrows down: each pod that it names still has to be held against the
//! selector.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;

use super::field_pattern::{items, path_to};
use super::looks::Looks;
use super::objects::{ObjectTree, Objects, namespace_key};
use super::pods::{PodTree, is_controller_label, is_generated_label};
use crate::source::Span;
use crate::yaml::{PackedList, PackedMap, PackedNode, ValuePath};

/// What selects by labels. All of its conditions must hold; one without conditions matches everything.
///
/// It is shown as `kubectl -l` takes it: `app=web,tier in (front,back),!legacy`.
///
/// There are two forms: that of a Service is a plain map of labels, all others have `matchLabels` and
/// `matchExpressions`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Selector<'s> {
    /// The plain map, or `matchLabels`.
    labels: Option<PackedMap<'s>>,
    /// The items of `matchExpressions`.
    expressions: PackedList<'s>,
    /// The node that it was read from.
    node: PackedNode<'s>,
    /// The key of that node which the conditions are under, if they are not the node itself.
    key: Option<&'static str>,
}

impl<'s> Selector<'s> {
    /// The selector of a Service, which is a plain map of labels. None if it has none: then its endpoints are not made
    /// by Kubernetes.
    pub(crate) fn of_service(service: &ObjectTree<'s>) -> Option<Self> {
        let node = service.spec()?.get("selector")?;
        let selector =
            Selector { labels: node.as_map(), expressions: PackedList::default(), node, key: None };
        // An empty selector is as good as none for a Service, where it means every pod in a NetworkPolicy.
        (!selector.is_empty()).then_some(selector)
    }

    /// A selector with `matchLabels` and `matchExpressions`, either of which may be absent.
    pub(crate) fn read(node: PackedNode<'s>) -> Self {
        let expressions = items(node, "matchExpressions");
        let labels = node.get("matchLabels").and_then(PackedNode::as_map);
        // What a finding points at. Where both are written, the labels are what most people look at.
        let key = if labels.is_some() { "matchLabels" } else { "matchExpressions" };
        Selector { labels, expressions, node, key: Some(key) }
    }

    /// Whether it has no condition.
    pub(crate) fn is_empty(&self) -> bool {
        self.labels.is_none_or(PackedMap::is_empty) && self.expressions.is_empty()
    }

    /// The labels that it asks for by value, without its expressions.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&'s str, &'s str)> + use<'s> {
        label_pairs(self.labels)
    }

    /// Where its labels are written in an object, or its expressions if it has no labels.
    pub(crate) fn path(&self, object: &ObjectTree<'_>) -> ValuePath {
        let path = path_to(object.node(), self.node);
        match self.key {
            Some(key) => path.and_key(key),
            None => path,
        }
    }

    /// Where it was written.
    pub(crate) fn span(&self) -> Span {
        self.node.span()
    }

    /// How much it takes to hold it against something, in looks.
    pub(crate) fn weight(&self) -> usize {
        let listed: usize = self.expressions.iter().map(|expression| items(expression, "values").len()).sum();
        // Most have a condition or two.
        1 + (self.labels.map_or(0, PackedMap::len) + self.expressions.len() + listed) / 4
    }

    /// How many conditions it has.
    pub(crate) fn len(&self) -> usize {
        self.pairs().count() + self.expressions.len()
    }

    /// Whether it matches something with exactly these labels. It is for rules that must not guess whether a workload,
    /// a budget or a policy really means these pods.
    pub(crate) fn matches_labels(&self, labels: Option<PackedMap<'_>>) -> bool {
        let value = |key: &str| labels?.get(key)?.as_str();
        self.pairs().all(|(key, wanted)| value(key) == Some(wanted))
            && self.expressions.iter().all(|expression| holds(expression, value))
    }

    /// Whether it may match a pod, with the labels that the pod's controller adds. In doubt it does: rules that call
    /// it report what matches nothing.
    pub(crate) fn may_match_pod(&self, pod: &PodTree<'_>) -> bool {
        self.pairs().all(|(key, wanted)| pod.may_have_label(key, wanted))
            && self.expressions.iter().all(|expression| may_hold(expression, pod))
    }
}

impl fmt::Display for Selector<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (key, value) in self.pairs() {
            write!(f, "{separator}{key}={value}")?;
            separator = ",";
        }
        for expression in self.expressions {
            let (key, operator, values) = parts(expression);
            let values = || values.iter().filter_map(PackedNode::as_str).collect::<Vec<_>>().join(",");
            f.write_str(separator)?;
            match operator {
                "In" => write!(f, "{key} in ({})", values())?,
                "NotIn" => write!(f, "{key} notin ({})", values())?,
                "Exists" => f.write_str(key)?,
                _ => write!(f, "!{key}")?,
            }
            separator = ",";
        }
        Ok(())
    }
}

/// Whether labels, given by `value`, fulfil one of `matchExpressions`: `{key: tier, operator: In, values: [web, api]}`.
fn holds<'l>(expression: PackedNode<'_>, value: impl Fn(&str) -> Option<&'l str>) -> bool {
    let (key, operator, values) = parts(expression);
    let value = value(key);
    let is_listed = || value.is_some_and(|value| values.iter().any(|wanted| wanted.as_str() == Some(value)));
    match operator {
        "In" => is_listed(),
        // An absent label is in no list: `NotIn` matches what has no such label at all, as in Kubernetes.
        "NotIn" => !is_listed(),
        "Exists" => value.is_some(),
        // `DoesNotExist`; the API check refuses any other word.
        _ => value.is_none(),
    }
}

/// Whether a pod may fulfil one of `matchExpressions`, with the labels that its controller writes.
fn may_hold(expression: PackedNode<'_>, pod: &PodTree<'_>) -> bool {
    let (key, operator, values) = parts(expression);
    if pod.label(key).is_some() || !is_controller_label(key) {
        return holds(expression, |key| pod.label(key));
    }
    match operator {
        "In" => values.iter().filter_map(PackedNode::as_str).any(|value| pod.may_have_label(key, value)),
        "Exists" => pod.may_get_key(key),
        // Its value is not known, or one of many: it may be another.
        "NotIn" => true,
        // Whether a pod gets a hash depends on what makes it, so nothing is said of those.
        _ => is_generated_label(key) || !pod.may_get_key(key),
    }
}

/// The key, the operator and the values of one of `matchExpressions`. What is absent is empty: the API check reports
/// it, and a selector of a custom kind without a schema must not end the run.
fn parts(expression: PackedNode<'_>) -> (&str, &str, PackedList<'_>) {
    let text = |key: &str| expression.get(key).and_then(PackedNode::as_str).unwrap_or("");
    let values = items(expression, "values");
    (text("key"), text("operator"), values)
}

/// The pods of a set, as trees.
#[derive(Debug)]
pub(crate) struct PodIndex<'d> {
    /// In the order of the documents.
    pods: Vec<PodTree<'d>>,
    /// Indices into `pods` of those whose labels are not known, as they were refused and have none.
    unknown: Vec<usize>,
    /// Indices into `pods` by written label. Lazy, as a set without selectors needs none.
    by_label: OnceCell<LabelIndex>,
    /// Indices into `pods` by namespace, empty for none. Lazy, as only a selector without a label of its own asks for
    /// all pods of a namespace.
    by_namespace: OnceCell<HashMap<&'d str, Vec<usize>>>,
    /// How often selectors may be held against them.
    looks: Rc<Looks>,
}

impl<'d> PodIndex<'d> {
    /// The pods that are among the objects, or that these make.
    pub(crate) fn new(objects: &Objects<'d>, looks: &Rc<Looks>) -> Self {
        let pods: Vec<PodTree<'_>> = objects.all().iter().filter_map(PodTree::of).collect();
        let unknown = (0..pods.len()).filter(|index| pods[*index].has_unknown_labels()).collect();
        PodIndex {
            pods,
            unknown,
            by_label: OnceCell::new(),
            by_namespace: OnceCell::new(),
            looks: Rc::clone(looks),
        }
    }

    /// Every pod, in the order of the documents.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, PodTree<'d>> {
        self.pods.iter()
    }

    /// The pods of a namespace, in the order of the documents.
    pub(crate) fn in_namespace(&self, namespace: Option<&str>) -> impl Iterator<Item = &PodTree<'d>> {
        let by_namespace = self.by_namespace.get_or_init(|| {
            let mut found: HashMap<&str, Vec<usize>> = HashMap::new();
            for (index, pod) in self.pods.iter().enumerate() {
                found.entry(namespace_key(pod.object.namespace())).or_default().push(index);
            }
            found
        });
        let indices = by_namespace.get(namespace_key(namespace)).into_iter().flatten();
        indices.filter_map(|index| self.pods.get(*index))
    }

    /// The pods of a namespace that a selector may match, in the order of the documents: with labels that controllers
    /// add, as [`Selector::may_match_pod`] has it.
    pub(crate) fn matching<'a>(
        &'a self,
        selector: &Selector<'a>,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = &'a PodTree<'d>> + use<'a, 'd> {
        // A pod must have all labels that the selector asks for, so only those with the rarest of them need a look.
        // Labels that controllers write stand in no manifest, and so are in no index.
        let written = selector.pairs().filter(|(key, _)| !is_controller_label(key));
        let by_label = self.by_label();
        let rarest = written
            .map(|(key, value)| by_label.candidates((namespace, key, value)))
            .min_by_key(|candidates| candidates.len());
        let all = rarest.is_none().then(|| self.in_namespace(namespace));
        // They are in no index either.
        let unknown = rarest.map(|_| self.unknown.iter()).into_iter().flatten();
        let some = rarest.into_iter().flatten().map(|(_, index)| index).chain(unknown);
        let some = some.filter_map(|index| self.pods.get(*index));
        // A copy of a few words, so that the iterator borrows nothing of the caller's.
        let selector = *selector;
        let weight = selector.weight();
        some.chain(all.into_iter().flatten())
            .take_while(move |_| self.looks.take(weight, selector.span()))
            .filter(move |pod| pod.object.namespace() == namespace && selector.may_match_pod(pod))
    }

    /// The index of all written labels; made when a selector first asks.
    fn by_label(&self) -> &LabelIndex {
        self.by_label.get_or_init(|| {
            LabelIndex::new(self.pods.iter().enumerate().flat_map(|(index, pod)| {
                let namespace = pod.object.namespace();
                label_pairs(pod.labels()).map(move |(key, value)| (index, (namespace, key, value)))
            }))
        })
    }
}

/// A label in a namespace: the namespace, the key and the value.
pub(crate) type Label<'l> = (Option<&'l str>, &'l str, &'l str);

/// An index from labels to what has them, the owners.
///
/// A vector of the labels' hashes, each with its owner, sorted: one allocation for a whole set, where a map of lists
/// would have one a label. Two labels may share a hash, so a pod that is found is only a candidate, and the labels
/// themselves have to be compared. The hash is the standard library's SipHash with a random key: no manifest can be
/// made to collide, and the order of the vector never reaches output.
#[derive(Debug)]
pub(crate) struct LabelIndex {
    hasher: RandomState,
    /// Hash and owner.
    sorted: Vec<(u64, usize)>,
}

impl LabelIndex {
    /// The index of owners (numbers of the caller's own), each with one of its labels.
    pub(crate) fn new<'l>(owners: impl Iterator<Item = (usize, Label<'l>)>) -> Self {
        let hasher = RandomState::new();
        let mut sorted: Vec<(u64, usize)> =
            owners.map(|(owner, label)| (hasher.hash_one(label), owner)).collect();
        // By hash, then by owner: those of one hash come out in the order of the documents.
        sorted.sort_unstable();
        LabelIndex { hasher, sorted }
    }

    /// All owners that may have this label, in ascending order: the second of each pair is the owner.
    pub(crate) fn candidates(&self, label: Label<'_>) -> &[(u64, usize)] {
        // Two binary searches: where labels of this hash begin, and how many they are.
        let wanted = self.hasher.hash_one(label);
        let start = self.sorted.partition_point(|(hash, _)| *hash < wanted);
        let rest = &self.sorted[start..];
        let len = rest.partition_point(|(hash, _)| *hash == wanted);
        &rest[..len]
    }
}

/// The labels in a map. A value that is no string, which the API check refuses, counts as empty.
pub(crate) fn label_pairs<'l>(
    labels: Option<PackedMap<'l>>,
) -> impl Iterator<Item = (&'l str, &'l str)> + use<'l> {
    labels.into_iter().flatten().map(|(key, value)| (key, value.as_str().unwrap_or("")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_of_a_label_are_found_in_order() {
        let labels =
            [(0, None, "a", "1"), (1, Some("n"), "a", "1"), (2, None, "a", "1"), (2, None, "b", "1")];
        let labels = LabelIndex::new(
            labels.into_iter().rev().map(|(owner, namespace, key, value)| (owner, (namespace, key, value))),
        );
        let owners = |label| labels.candidates(label).iter().map(|(_, owner)| *owner).collect::<Vec<_>>();
        assert_eq!(owners((None, "a", "1")), [0, 2]);
        assert_eq!(owners((Some("n"), "a", "1")), [1]);
        assert_eq!(owners((None, "b", "1")), [2]);
        assert_eq!(owners((None, "a1", "")), [0; 0]);
    }
}
