//! PersistentVolumeClaims that one node at a time may mount, and the pods that mount them.
//!
//! Only claims that are objects of the set: those that a StatefulSet makes of its templates belong to one pod each,
//! so nobody shares them.

use std::collections::{BTreeMap, HashMap};

use super::field_pattern::items;
use super::object_set::ObjectSet;
use super::objects::ObjectTree;
use super::pods::PodTree;
use crate::yaml::{PackedNode, ValuePath};

/// A claim that only one node (or one pod) at a time may mount.
pub(crate) struct WriteOnceClaim<'s> {
    /// The claim.
    pub(crate) object: ObjectTree<'s>,
    /// The pods that mount it and may write, in the order of the documents; never empty.
    pub(crate) users: Vec<ClaimUser<'s>>,
}

/// A pod that mounts a claim.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClaimUser<'s> {
    /// The pod.
    pub(crate) pod: PodTree<'s>,
    /// The place of the volume in the pod's `volumes`. A pod with two volumes of one claim is there twice.
    volume: usize,
}

impl ClaimUser<'_> {
    /// Where the pod names the claim.
    pub(crate) fn path(&self) -> ValuePath {
        let volume = self.pod.path().and_key("volumes").and_index(self.volume);
        volume.and_key("persistentVolumeClaim").and_key("claimName")
    }
}

/// The claims of the set that only one node at a time may mount and that pods do mount, in the order of the documents.
pub(crate) fn write_once_claims<'d>(set: &ObjectSet<'d>) -> Vec<WriteOnceClaim<'d>> {
    // By name first: there are few such claims, and many pods.
    let claims: HashMap<_, &ObjectTree<'_>> = set
        .built_in("PersistentVolumeClaim")
        .filter(|claim| is_write_once(claim))
        .map(|claim| ((claim.namespace(), claim.name()), claim))
        .collect();
    if claims.is_empty() {
        return Vec::new();
    }
    let mut found: BTreeMap<usize, WriteOnceClaim<'_>> = BTreeMap::new();
    // How many pods a custom workload makes, and whether it stops one before it starts the next, is unknown.
    for pod in set.pods().iter().filter(|pod| pod.is_built_in()) {
        for (volume, node) in pod.list("volumes").iter().enumerate() {
            let Some(source) = node.get("persistentVolumeClaim") else { continue };
            let Some(name) = source.get("claimName").and_then(PackedNode::as_str) else { continue };
            // A pod that mounts the claim read-only is no second writer.
            let is_read_only = source.get("readOnly").and_then(PackedNode::as_bool) == Some(true);
            let Some(claim) = claims.get(&(pod.object.namespace(), name)).filter(|_| !is_read_only) else {
                continue;
            };
            let entry = found.entry(claim.index);
            let entry = entry.or_insert_with(|| WriteOnceClaim { object: **claim, users: Vec::new() });
            // A pod with two volumes of one claim is one user. Its volumes come one after the other.
            let is_new = entry.users.last().is_none_or(|user| user.pod.object.index != pod.object.index);
            if is_new {
                entry.users.push(ClaimUser { pod: *pod, volume });
            }
        }
    }
    found.into_values().collect()
}

/// Whether every access mode lets one node (`ReadWriteOnce`) or one pod (`ReadWriteOncePod`) in at a time. A claim
/// without any, which the API server refuses, is none.
fn is_write_once(claim: &ObjectTree<'_>) -> bool {
    let modes = claim.spec().map(|spec| items(spec, "accessModes")).unwrap_or_default();
    // Of a claim that also lists `ReadWriteMany`, the volume must have that mode too, and then many nodes may mount it.
    !modes.is_empty()
        && modes.iter().all(|mode| mode.as_str().is_some_and(|mode| mode.starts_with("ReadWriteOnce")))
}

/// Whether all pods of a workload are bound to run on one node: by its name, by its label, or beside other pods.
///
/// On one node several pods may mount a `ReadWriteOnce` volume: the mode counts nodes. An affinity may ask for other
/// pods than those with the claim, which is not looked into: in doubt nothing is reported.
pub(crate) fn shares_a_node(pod: &PodTree<'_>) -> bool {
    /// The label by which each node is a domain of its own.
    const HOSTNAME: &str = "kubernetes.io/hostname";
    // `nodeName` goes past the scheduler: the kubelet of that node takes the pod.
    if pod.spec.get("nodeName").is_some() {
        return true;
    }
    if pod.spec.get("nodeSelector").is_some_and(|labels| labels.get(HOSTNAME).is_some()) {
        return true;
    }
    let Some(affinity) = pod.spec.get("affinity").and_then(|affinity| affinity.get("podAffinity")) else {
        return false;
    };
    // Required terms alone: a preferred one is a wish that the scheduler may pass over.
    items(affinity, "requiredDuringSchedulingIgnoredDuringExecution")
        .iter()
        .any(|term| term.get("topologyKey").and_then(PackedNode::as_str) == Some(HOSTNAME))
}
