//! Pods as rules see them: a Pod, or what a workload makes its pods from, with the path to it.

use std::collections::BTreeMap;

use super::set::Subject;
use crate::kube::Object;
use crate::kube::typed::{Container as Spec, ObjectMeta, PodSpec};
use crate::yaml::ValuePath;

/// A pod of the set.
#[derive(Clone, Copy, Debug)]
pub struct Pod<'s> {
    /// The workload, or the Pod itself.
    pub subject: &'s Subject<'s>,
    /// What it is to run.
    pub spec: &'s PodSpec,
    meta: Option<&'s ObjectMeta>,
    /// The keys from the object's root to what has `metadata` and `spec`.
    above: &'static [&'static str],
}

/// A container of a pod.
#[derive(Clone, Copy, Debug)]
pub struct Container<'s> {
    /// Its pod.
    pub pod: Pod<'s>,
    /// What it is to run.
    pub spec: &'s Spec,
    /// `containers` or `initContainers`.
    pub list: &'static str,
    index: usize,
}

impl<'s> Pod<'s> {
    /// Its labels.
    pub fn labels(&self) -> Option<&'s BTreeMap<String, String>> {
        self.meta.and_then(|meta| meta.labels.as_ref())
    }

    /// The path of its spec.
    pub fn path(&self) -> ValuePath {
        self.root().and_key("spec")
    }

    /// The path of its metadata.
    pub fn metadata_path(&self) -> ValuePath {
        self.root().and_key("metadata")
    }

    /// Init containers, then the others.
    pub fn containers(self) -> impl Iterator<Item = Container<'s>> {
        let init = self.spec.init_containers.as_deref().unwrap_or_default();
        self.list("initContainers", init).chain(self.list("containers", &self.spec.containers))
    }

    fn list(self, list: &'static str, specs: &'s [Spec]) -> impl Iterator<Item = Container<'s>> {
        specs.iter().enumerate().map(move |(index, spec)| Container { pod: self, spec, list, index })
    }

    /// Its annotations.
    pub fn annotations(&self) -> Option<&'s BTreeMap<String, String>> {
        self.meta.and_then(|meta| meta.annotations.as_ref())
    }

    fn root(&self) -> ValuePath {
        ValuePath::keys(self.above)
    }
}

impl Container<'_> {
    /// Its path.
    pub fn path(&self) -> ValuePath {
        self.pod.path().and_key(self.list).and_index(self.index)
    }

    /// Whether it runs beside the others: not an init container, unless that is a sidecar.
    pub fn stays(&self) -> bool {
        self.list == "containers" || self.spec.restart_policy.as_deref() == Some("Always")
    }
}

/// One object as its own type.
#[derive(Clone, Copy, Debug)]
pub struct Typed<'s> {
    /// The object.
    pub subject: &'s Subject<'s>,
    /// The same, decoded.
    pub object: &'s Object,
}

/// The pod that an object is or makes.
pub(super) fn pod_of(typed: Typed<'_>) -> Option<Pod<'_>> {
    let Typed { subject, object } = typed;
    let (meta, above): (_, &'static [&'static str]) = match object {
        Object::Pod(pod) => (Some(&pod.metadata), &[]),
        Object::CronJob(_) => {
            (object.pod_template()?.metadata.as_ref(), &["spec", "jobTemplate", "spec", "template"])
        }
        _ => (object.pod_template()?.metadata.as_ref(), &["spec", "template"]),
    };
    Some(Pod { subject, spec: object.pod_spec()?, meta, above })
}
