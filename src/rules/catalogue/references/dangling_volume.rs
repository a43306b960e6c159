//! R118: a mount of a volume that the pod does not have.

use std::cell::LazyCell;
use std::collections::HashSet;

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, PodTree, items};

pub(super) const RULE: Rule = Rule {
    code: Code::R118,
    name: "dangling-volume",
    level: Level::Deny,
    page: Page {
        what: "A container mounts a volume that is neither among its pod's `volumes` nor made by a claim template of its StatefulSet.",
        why: "The API server refuses a Pod with such a mount, and every workload that would make such pods.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, volumeMounts: [{name: dta, mountPath: /data}]}]
  volumes: [{name: data, emptyDir: {}}]",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3, volumeMounts: [{name: data, mountPath: /data}]}]
  volumes: [{name: data, emptyDir: {}}]",
    },
    checks: &[Check::PodTree(check)],
};

/// Reports each mount whose name is that of no volume. Custom workloads too: their pods come to the same API server.
fn check(_: &ObjectSet<'_>, pod: &PodTree<'_>, report: &mut Report) {
    // A pod without mounts needs no list of its volumes.
    let volumes = LazyCell::new(|| volume_names(pod));
    // A set besides the list: a pod may have as many mounts as volumes, and a great many of both.
    let known = LazyCell::new(|| volumes.iter().copied().collect::<HashSet<&str>>());
    for mount in pod.mounts() {
        let name = mount.volume;
        if known.contains(name) {
            continue;
        }
        let message = format!("the pod has no volume `{name}`");
        report.add(Finding::new(&pod.object, mount.path(), message).did_you_mean(
            name,
            volumes.iter().copied(),
            "add it to the pod's `volumes`, or remove the mount",
        ));
    }
}

/// The names of a pod's volumes. The StatefulSet controller adds a volume for each of the claim templates, with its
/// name. For their sake the API server does not look at the mounts of a StatefulSet at all
/// (`ValidatePodTemplateSpecForStatefulSet`): it is the pods that fail.
fn volume_names<'s>(pod: &PodTree<'s>) -> Vec<&'s str> {
    let own = pod.list("volumes").iter().filter_map(|volume| volume.get("name")?.as_str());
    let claims = pod.object.spec().map_or(&[][..], |spec| items(spec, "volumeClaimTemplates"));
    own.chain(claims.iter().filter_map(|claim| claim.get("metadata")?.get("name")?.as_str())).collect()
}
