//! Pods: what a Pod is, or what a workload makes its pods from. Each has two views.
//!
//! * [`PodTree`] is a view of the object's tree. It knows custom workloads too (an Argo `Rollout`, a KEDA
//!   `ScaledJob`), and is there for as long as the documents are, so rules across the set use it.
//! * [`TypedPod`] is a view of the decoded object. It exists for the kinds of Kubernetes alone, and for one object at
//!   a time. Where it will do it is the more convenient: fields have types, and no field name can be misspelt.
//!
//! Both views of a built-in kind say the same: the strict check runs before, has made strings of what must be
//! strings, and lets no null through.
//!
//! ```text
//! Pod                 (root)
//! Deployment, …       spec.template                    ─┐ each has `metadata` and `spec` of a pod
//! CronJob             spec.jobTemplate.spec.template    │
//! ScaledJob           spec.jobTargetRef.template       ─┘
//! ```

use std::collections::BTreeMap;

use super::field_pattern::items;
use super::objects::{ObjectTree, TypedObject};
use crate::kube::typed::{Container, ObjectMeta, PodSpec, SecurityContext};
use crate::kube::{Object, pod_template_keys};
use crate::manifest::Identity;
use crate::yaml::{PackedList, PackedMap, PackedNode, ValuePath};

/// The keys from an object's root to what has the `metadata` and the `spec` of a pod. Static, so that pods and
/// containers can be copied freely, and paths are built only when they are asked for.
type TemplateKeys = &'static [&'static str];

/// A pod as a tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PodTree<'s> {
    /// The Pod itself, or the workload that makes it.
    pub(crate) object: ObjectTree<'s>,
    /// The `spec` of the pod.
    pub(crate) spec: PackedNode<'s>,
    /// The node that has `metadata` and `spec`.
    template: PackedNode<'s>,
    /// The keys from the object's root to `template`.
    template_keys: TemplateKeys,
}

/// A container of a pod, as a tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ContainerTree<'s> {
    /// The container.
    pub(crate) node: PackedNode<'s>,
    template_keys: TemplateKeys,
    /// One of [`CONTAINER_LISTS`].
    list: &'static str,
    /// Its place in that list.
    index: usize,
}

/// The lists of containers in the spec of a pod: those that run first, and the others. `ephemeralContainers` is none
/// of them: the API server takes these through a subresource of running pods alone.
pub(crate) const CONTAINER_LISTS: [&str; 2] = ["initContainers", "containers"];

impl<'s> PodTree<'s> {
    /// The pod that an object is or makes; none if it has no list of containers where a pod would have it.
    pub(crate) fn of(object: &ObjectTree<'s>) -> Option<PodTree<'s>> {
        let template_keys = pod_template_keys(object.kind());
        let template = template_keys.iter().try_fold(object.node(), |node, key| node.get(key))?;
        let spec = template.get("spec")?;
        // Other kinds have a `spec.template` too that is no pod, such as that of a SealedSecret. A pod has containers.
        spec.get("containers")?.as_list()?;
        Some(PodTree { object: *object, spec, template, template_keys })
    }

    /// The identity of the object that it is in.
    pub(crate) fn identity(&self) -> &'s Identity {
        self.object.identity()
    }

    /// Whether it is a Pod of its own, or made by a workload of Kubernetes: what becomes of such pods is known.
    pub(crate) fn is_built_in(&self) -> bool {
        const KINDS: &[&str] =
            &["Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"];
        KINDS.contains(&self.object.kind()) && self.object.is_built_in()
    }

    /// The path of its spec in the object.
    pub(crate) fn path(&self) -> ValuePath {
        ValuePath::keys(self.template_keys).and_key("spec")
    }

    /// The path of its metadata in the object.
    pub(crate) fn metadata_path(&self) -> ValuePath {
        ValuePath::keys(self.template_keys).and_key("metadata")
    }

    /// The items of one of the lists of its spec; none if there is no such list.
    pub(crate) fn list(&self, key: &str) -> PackedList<'s> {
        items(self.spec, key)
    }

    /// Init containers, then the others.
    pub(crate) fn containers(&self) -> impl Iterator<Item = ContainerTree<'s>> + use<'s> {
        let PodTree { spec, template_keys, .. } = *self;
        CONTAINER_LISTS.into_iter().flat_map(move |list| {
            let containers = items(spec, list).iter().enumerate();
            containers.map(move |(index, node)| ContainerTree { node, template_keys, list, index })
        })
    }

    /// The names of the volumes that its containers mount, as block devices too (`volumeDevices` name volumes of the same
    /// list).
    pub(crate) fn mounted_volumes(&self) -> impl Iterator<Item = &'s str> + use<'s> {
        self.containers().flat_map(|container| {
            ["volumeMounts", "volumeDevices"].into_iter().flat_map(move |list| {
                container.list(list).iter().filter_map(|mount| mount.get("name")?.as_str())
            })
        })
    }

    /// Its labels as they are written: of the template, not of the workload. Controllers add others: see
    /// [`PodTree::may_have_label`].
    pub(crate) fn labels(&self) -> Option<PackedMap<'s>> {
        self.template.get("metadata")?.get("labels")?.as_map()
    }

    /// Its annotations as they are written: of the template, not of the workload.
    pub(crate) fn annotations(&self) -> Option<PackedNode<'s>> {
        self.template.get("metadata")?.get("annotations")
    }

    /// The written value of one of its labels.
    pub(crate) fn label(&self, key: &str) -> Option<&'s str> {
        self.labels()?.get(key)?.as_str()
    }

    /// Whether it is a refused document without labels: it may have them under a misspelt key.
    pub(crate) fn has_unknown_labels(&self) -> bool {
        !self.object.is_sound() && self.labels().is_none()
    }

    /// Whether its pods have this label, or may get it from their controller, or may have it for all that is known.
    pub(crate) fn may_have_label(&self, key: &str, value: &str) -> bool {
        self.label(key) == Some(value) || self.may_get_label(key, value) || self.has_unknown_labels()
    }

    /// Whether a controller may write a label with this key onto its pods.
    pub(crate) fn may_get_key(&self, key: &str) -> bool {
        let kind = self.object.kind();
        match key {
            "statefulset.kubernetes.io/pod-name" | "apps.kubernetes.io/pod-index" => kind == "StatefulSet",
            "job-name" | "batch.kubernetes.io/job-name" | "batch.kubernetes.io/job-completion-index" => {
                matches!(kind, "Job" | "CronJob")
            }
            _ => is_generated_label(key),
        }
    }

    /// Whether a controller may write this label onto its pods.
    fn may_get_label(&self, key: &str, value: &str) -> bool {
        let kind = self.object.kind();
        let name = self.object.name();
        match key {
            // The StatefulSet controller names pods `web-0`, `web-1`, …
            "statefulset.kubernetes.io/pod-name" => {
                kind == "StatefulSet" && value.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'))
            }
            // How many pods there are changes with the replicas, so any number counts.
            "apps.kubernetes.io/pod-index" | "batch.kubernetes.io/job-completion-index" => {
                self.may_get_key(key) && value.parse::<u32>().is_ok()
            }
            // The Job controller writes the name of the Job, and a CronJob puts a time behind its own name for each
            // Job.
            "job-name" | "batch.kubernetes.io/job-name" => match kind {
                "Job" => value == name,
                _ => kind == "CronJob" && value.starts_with(name),
            },
            _ => is_generated_label(key),
        }
    }
}

impl<'s> ContainerTree<'s> {
    /// Its name; empty if it has none, which the API check refuses.
    pub(crate) fn name(&self) -> &'s str {
        self.node.get("name").and_then(PackedNode::as_str).unwrap_or("")
    }

    /// Its path in the object.
    pub(crate) fn path(&self) -> ValuePath {
        ValuePath::keys(self.template_keys).and_key("spec").and_key(self.list).and_index(self.index)
    }

    /// Whether it runs beside the other containers for as long as the pod does. A sidecar is an init container that
    /// is restarted `Always` (KEP-753).
    pub(crate) fn is_main_or_sidecar(&self) -> bool {
        self.list == "containers"
            || self.node.get("restartPolicy").and_then(PackedNode::as_str) == Some("Always")
    }

    /// The items of one of its lists; none if there is no such list.
    pub(crate) fn list(&self, key: &str) -> PackedList<'s> {
        items(self.node, key)
    }
}

/// Whether controllers write this label with a value that no manifest can know: an identifier or a hash.
pub(crate) fn is_generated_label(key: &str) -> bool {
    matches!(
        key,
        // The Job controller writes both: the one with a prefix since Kubernetes 1.27, the other for selectors that
        // are older.
        "controller-uid"
            | "batch.kubernetes.io/controller-uid"
            | "controller-revision-hash"
            | "pod-template-generation"
            | "pod-template-hash"
            | "rollouts-pod-template-hash"
            // The place of the node that a pod was put on.
            | "topology.kubernetes.io/region"
            | "topology.kubernetes.io/zone"
    )
}

/// Whether controllers write this label, with a value that a manifest may know (the name of a Job) or not (a hash).
///
/// Such a label stands in no pod template, so an index of written labels does not have it.
pub(crate) fn is_controller_label(key: &str) -> bool {
    let known = matches!(
        key,
        "statefulset.kubernetes.io/pod-name"
            | "apps.kubernetes.io/pod-index"
            | "batch.kubernetes.io/job-completion-index"
            | "job-name"
            | "batch.kubernetes.io/job-name"
    );
    known || is_generated_label(key)
}

/// A pod of a kind that Kubernetes defines, decoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TypedPod<'s> {
    /// The Pod itself, or the workload that makes it.
    pub(crate) object: &'s ObjectTree<'s>,
    /// What it is to run.
    pub(crate) spec: &'s PodSpec,
    /// That of the template, which may be absent; a Pod of its own always has some.
    metadata: Option<&'s ObjectMeta>,
    template_keys: TemplateKeys,
}

/// A container of a decoded pod.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TypedContainer<'s> {
    /// Its pod.
    pub(crate) pod: TypedPod<'s>,
    /// What it is to run.
    pub(crate) spec: &'s Container,
    /// One of [`CONTAINER_LISTS`].
    list: &'static str,
    index: usize,
}

impl<'s> TypedPod<'s> {
    /// The pod that an object is or makes; none if it is of a kind that makes none, or of a custom kind.
    pub(crate) fn of(TypedObject { object, typed }: TypedObject<'s>) -> Option<TypedPod<'s>> {
        let spec = typed.pod_spec()?;
        let metadata = match typed {
            Object::Pod(pod) => Some(&pod.metadata),
            _ => typed.pod_template()?.metadata.as_ref(),
        };
        let template_keys = pod_template_keys(object.kind());
        Some(TypedPod { object, spec, metadata, template_keys })
    }

    /// Its labels as they are written.
    pub(crate) fn labels(&self) -> Option<&'s BTreeMap<String, String>> {
        self.metadata?.labels.as_ref()
    }

    /// Its annotations.
    pub(crate) fn annotations(&self) -> Option<&'s BTreeMap<String, String>> {
        self.metadata?.annotations.as_ref()
    }

    /// The path of its spec in the object.
    pub(crate) fn path(&self) -> ValuePath {
        ValuePath::keys(self.template_keys).and_key("spec")
    }

    /// The path of its metadata in the object.
    pub(crate) fn metadata_path(&self) -> ValuePath {
        ValuePath::keys(self.template_keys).and_key("metadata")
    }

    /// Init containers, then the others.
    pub(crate) fn containers(self) -> impl Iterator<Item = TypedContainer<'s>> {
        let [init_list, list] = CONTAINER_LISTS;
        // No init containers and an empty list of them are the same.
        let init = self.spec.init_containers.as_deref().unwrap_or_default();
        self.listed(init_list, init).chain(self.listed(list, &self.spec.containers))
    }

    /// The containers of one list, with their places in it.
    fn listed(self, list: &'static str, specs: &'s [Container]) -> impl Iterator<Item = TypedContainer<'s>> {
        specs.iter().enumerate().map(move |(index, spec)| TypedContainer { pod: self, spec, list, index })
    }

    /// Whether it runs on Windows, which has no root user, no capabilities and no read-only root file systems. Where
    /// `spec.os` says so, the API server refuses the fields for them.
    pub(crate) fn is_windows(&self) -> bool {
        // `spec.os` is often left out, as it places no pod: the node selector does.
        let by_os = self.spec.os.as_ref().is_some_and(|os| os.name == "windows");
        let selected = self.spec.node_selector.as_ref().and_then(|labels| labels.get("kubernetes.io/os"));
        by_os || selected.is_some_and(|os| os == "windows")
    }
}

impl<'s> TypedContainer<'s> {
    /// Its path in the object.
    pub(crate) fn path(&self) -> ValuePath {
        self.pod.path().and_key(self.list).and_index(self.index)
    }

    /// Whether it runs beside the other containers for as long as the pod does. A sidecar is an init container that
    /// is restarted `Always` (KEP-753).
    pub(crate) fn is_main_or_sidecar(&self) -> bool {
        self.list == "containers" || self.spec.restart_policy.as_deref() == Some("Always")
    }

    /// Its own security context, if it has one. What it leaves out may be in its pod's: see [`TypedContainer::user`].
    pub(crate) fn security(&self) -> Option<&'s SecurityContext> {
        self.spec.security_context.as_ref()
    }

    /// The user that it runs as, if that is written. Where both say it, the container's field wins over the pod's.
    pub(crate) fn user(&self) -> Option<i64> {
        let of_pod = || self.pod.spec.security_context.as_ref()?.run_as_user;
        self.security().and_then(|own| own.run_as_user).or_else(of_pod)
    }

    /// Whether the kubelet refuses to run it as root, by its own field or else the pod's.
    pub(crate) fn refuses_root(&self) -> bool {
        let of_pod = || self.pod.spec.security_context.as_ref()?.run_as_non_root;
        self.security().and_then(|own| own.run_as_non_root).or_else(of_pod) == Some(true)
    }

    /// Whether it has all rights on its node.
    pub(crate) fn is_privileged(&self) -> bool {
        self.security().and_then(|own| own.privileged) == Some(true)
    }
}
