//! Claims that one node at a time may mount, and the pods that mount them.

use std::collections::BTreeMap;

use super::pod::Pod;
use super::{Set, Subject};
use crate::kube::Object;
use crate::kube::typed::PodSpec;
use crate::yaml::ValuePath;

/// A pod that mounts a claim.
#[derive(Clone, Copy, Debug)]
pub(super) struct User<'s> {
    pub(super) pod: Pod<'s>,
    volume: usize,
}

impl User<'_> {
    /// Where the pod names the claim.
    pub(super) fn path(&self) -> ValuePath {
        let volume = self.pod.path().key("volumes").index(self.volume);
        volume.key("persistentVolumeClaim").key("claimName")
    }
}

/// The claims of the set that only one node (or pod) at a time may mount, each with its users.
pub(super) fn write_once_claims<'s>(set: &'s Set<'_>) -> Vec<(&'s Subject<'s>, Vec<User<'s>>)> {
    let claims: BTreeMap<_, &Subject<'_>> = set
        .subjects
        .iter()
        .filter(|subject| is_write_once(&subject.object))
        .map(|subject| ((subject.namespace(), subject.name()), subject))
        .collect();
    if claims.is_empty() {
        return Vec::new();
    }
    let mut users: BTreeMap<usize, Vec<User<'_>>> = BTreeMap::new();
    for pod in set.pods() {
        for (volume, source) in pod.spec.volumes.iter().flatten().enumerate() {
            let Some(source) = &source.persistent_volume_claim else { continue };
            let key = (pod.subject.namespace(), source.claim_name.as_str());
            let claim = claims.get(&key).filter(|_| source.read_only != Some(true));
            if let Some(claim) = claim {
                users.entry(claim.index).or_default().push(User { pod, volume });
            }
        }
    }
    users.into_iter().filter_map(|(claim, users)| Some((set.subjects.get(claim)?, users))).collect()
}

/// Whether every mode lets one node or one pod in at a time.
fn is_write_once(object: &Object) -> bool {
    let Object::PersistentVolumeClaim(claim) = object else { return false };
    let modes = claim.spec.as_ref().and_then(|spec| spec.access_modes.as_deref()).unwrap_or_default();
    !modes.is_empty() && modes.iter().all(|mode| mode.starts_with("ReadWriteOnce"))
}

/// Whether all pods of a template are bound to run on one node.
pub(super) fn shares_a_node(pod: &PodSpec) -> bool {
    let hostname = "kubernetes.io/hostname";
    let selected = pod.node_selector.as_ref().is_some_and(|labels| labels.contains_key(hostname));
    let affinity = pod.affinity.as_ref().and_then(|affinity| affinity.pod_affinity.as_ref());
    let terms = affinity.and_then(|it| it.required_during_scheduling_ignored_during_execution.as_ref());
    pod.node_name.is_some()
        || selected
        || terms.into_iter().flatten().any(|term| term.topology_key == hostname)
}
