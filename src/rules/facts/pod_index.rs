//! The pods of a set, and the index that finds those that a selector matches without looking at all.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::label_index::{LabelIndex, label_pairs};
use super::objects::Objects;
use super::pods::{PodTree, is_controller_label};
use super::selectors::Selector;

/// The pods of a set, as trees.
#[derive(Debug)]
pub(crate) struct PodIndex<'d> {
    /// In the order of the documents.
    pods: Vec<PodTree<'d>>,
    /// Indices into `pods` by written label. Lazy, as a set without selectors needs none.
    by_label: OnceCell<LabelIndex>,
    /// Indices into `pods` by namespace, empty for none. Lazy, as only a selector without a label of its own asks for all pods of a
    /// namespace.
    by_namespace: OnceCell<HashMap<&'d str, Vec<usize>>>,
}

impl<'d> PodIndex<'d> {
    /// The pods that are among the objects, or that these make.
    pub(crate) fn new(objects: &Objects<'d>) -> Self {
        let pods = objects.all().iter().filter_map(PodTree::of).collect();
        PodIndex { pods, by_label: OnceCell::new(), by_namespace: OnceCell::new() }
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
                found.entry(pod.object.namespace().unwrap_or_default()).or_default().push(index);
            }
            found
        });
        let indices = by_namespace.get(namespace.unwrap_or_default()).into_iter().flatten();
        indices.filter_map(|index| self.pods.get(*index))
    }

    /// The pods of a namespace that a selector may match, in the order of the documents: with labels that controllers add, as
    /// [`Selector::may_match_pod`] has it.
    pub(crate) fn matching<'a>(
        &'a self,
        selector: &Selector<'a>,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = &'a PodTree<'d>> + use<'a, 'd> {
        // A pod must have all labels that the selector asks for, so only those with the rarest of them need a look. Labels that
        // controllers write stand in no manifest, and so are in no index.
        let written = selector.pairs().filter(|(key, _)| !is_controller_label(key));
        let by_label = self.by_label();
        let rarest = written
            .map(|(key, value)| by_label.candidates((namespace, key, value)))
            .min_by_key(|candidates| candidates.len());
        let all = rarest.is_none().then(|| self.in_namespace(namespace));
        let some = rarest.into_iter().flatten().filter_map(|(_, index)| self.pods.get(*index));
        let selector = *selector;
        some.chain(all.into_iter().flatten())
            .filter(move |pod| pod.object.namespace() == namespace && selector.may_match_pod(pod))
    }

    fn by_label(&self) -> &LabelIndex {
        self.by_label.get_or_init(|| {
            LabelIndex::new(self.pods.iter().enumerate().flat_map(|(index, pod)| {
                let namespace = pod.object.namespace();
                label_pairs(pod.labels()).map(move |(key, value)| (index, (namespace, key, value)))
            }))
        })
    }
}
