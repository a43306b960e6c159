//! Claims that one node at a time may mount, and the pods that mount them.

use std::collections::{BTreeMap, HashMap};

use super::template::Template;
use super::{ObjectSet, Subject};
use crate::yaml::{Node, ValuePath};

/// A pod that mounts a claim.
#[derive(Clone, Copy, Debug)]
pub(super) struct User<'s> {
    pub(super) pod: Template<'s>,
    volume: usize,
}

impl User<'_> {
    /// Where the pod names the claim.
    pub(super) fn path(&self) -> ValuePath {
        let volume = self.pod.path().and_key("volumes").and_index(self.volume);
        volume.key("persistentVolumeClaim").and_key("claimName")
    }
}

/// The claims of the set that only one node (or pod) at a time may mount, each with its users.
pub(super) fn write_once_claims<'d>(set: &ObjectSet<'d>) -> Vec<(Subject<'d>, Vec<User<'d>>)> {
    let claims = set.built_in("PersistentVolumeClaim").filter(|claim| is_write_once(claim));
    let claims: HashMap<_, &Subject<'_>> =
        claims.map(|claim| ((claim.namespace(), claim.name()), claim)).collect();
    if claims.is_empty() {
        return Vec::new();
    }
    let mut users: BTreeMap<usize, Vec<User<'_>>> = BTreeMap::new();
    for pod in set.templates().iter().filter(|pod| pod.is_built_in()) {
        for (volume, source) in pod.list("volumes").iter().enumerate() {
            let Some(source) = source.get("persistentVolumeClaim") else { continue };
            let Some(name) = source.get("claimName").and_then(Node::as_str) else { continue };
            let reads = source.get("readOnly").and_then(Node::as_bool) == Some(true);
            let claim = claims.get(&(pod.subject.namespace(), name)).filter(|_| !reads);
            if let Some(claim) = claim {
                users.entry(claim.index).or_default().push(User { pod: *pod, volume });
            }
        }
    }
    users.into_iter().filter_map(|(claim, users)| Some((*set.subjects.get(claim)?, users))).collect()
}

/// Whether every mode lets one node or one pod in at a time.
fn is_write_once(claim: &Subject<'_>) -> bool {
    let modes = claim.spec().and_then(|spec| spec.get("accessModes")).and_then(Node::as_list);
    let modes = modes.unwrap_or_default();
    !modes.is_empty()
        && modes.iter().all(|mode| mode.as_str().is_some_and(|mode| mode.starts_with("ReadWriteOnce")))
}

/// Whether all pods of a template are bound to run on one node.
pub(super) fn shares_a_node(pod: &Template<'_>) -> bool {
    const HOSTNAME: &str = "kubernetes.io/hostname";
    let selected = pod.spec.get("nodeSelector").is_some_and(|labels| labels.get(HOSTNAME).is_some());
    let affinity = pod.spec.get("affinity").and_then(|affinity| affinity.get("podAffinity"));
    let terms = affinity.and_then(|it| it.get("requiredDuringSchedulingIgnoredDuringExecution")?.as_list());
    let key = |term: &Node| term.get("topologyKey").and_then(Node::as_str) == Some(HOSTNAME);
    pod.spec.get("nodeName").is_some() || selected || terms.into_iter().flatten().any(key)
}
