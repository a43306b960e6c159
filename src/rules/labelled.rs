//! The pods of a set by namespace and label, so that a selector finds its own without looking at all.

use std::collections::BTreeMap;

use super::Subject;
use super::template::{Template, template_of};

/// Pods, and what makes them.
#[derive(Debug)]
pub(super) struct Labelled<'d> {
    /// In the order of the set.
    pub(super) templates: Vec<Template<'d>>,
    by_label: BTreeMap<Label<'d>, Vec<usize>>,
    by_namespace: BTreeMap<&'d str, Vec<usize>>,
}

/// Namespace, key and value.
type Label<'d> = (&'d str, &'d str, &'d str);

impl<'d> Labelled<'d> {
    pub(super) fn new(subjects: &[Subject<'d>]) -> Self {
        let read = |subject: &Subject<'d>| template_of(subject.index, subject.document);
        let templates: Vec<Template<'d>> = subjects.iter().filter_map(read).collect();
        let (mut by_label, mut by_namespace) = (BTreeMap::new(), BTreeMap::new());
        for (index, template) in templates.iter().enumerate() {
            let namespace = template.identity().namespace.as_deref().unwrap_or_default();
            push(&mut by_namespace, namespace, index);
            for (key, entry) in template.labels().into_iter().flatten() {
                let value = entry.node.as_str().unwrap_or_default();
                push(&mut by_label, (namespace, &**key, value), index);
            }
        }
        Labelled { templates, by_label, by_namespace }
    }

    /// All pods of a namespace.
    pub(super) fn within<'s>(
        &'s self,
        namespace: Option<&str>,
    ) -> impl Iterator<Item = &'s Template<'d>> + use<'s, 'd> {
        self.these(self.by_namespace.get(namespace.unwrap_or_default()))
    }

    /// The pods of a namespace on which this label is written.
    pub(super) fn with<'s>(
        &'s self,
        label: Label<'s>,
    ) -> impl Iterator<Item = &'s Template<'d>> + use<'s, 'd> {
        self.these(self.by_label.get(&label))
    }

    fn these<'s>(
        &'s self,
        indices: Option<&'s Vec<usize>>,
    ) -> impl Iterator<Item = &'s Template<'d>> + use<'s, 'd> {
        indices.into_iter().flatten().filter_map(|index| self.templates.get(*index))
    }
}

fn push<K: Ord>(map: &mut BTreeMap<K, Vec<usize>>, key: K, index: usize) {
    map.entry(key).or_default().push(index);
}
