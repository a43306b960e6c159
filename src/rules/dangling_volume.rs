//! R118: a mount of a volume that the pod does not have.

use std::cell::LazyCell;

use super::template::{Template, TemplateContainer};
use super::{Finding, Judge, ObjectSet, Page, Report, Rule};
use crate::config::Level;
use crate::diagnostic::{Code, nearest};
use crate::yaml::ValuePath;

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
    judge: &[Judge::Template(judge)],
};

fn judge(_: &ObjectSet<'_>, pod: &Template<'_>, report: &mut Report) {
    let volumes = LazyCell::new(|| volumes(pod));
    for mount in mounts(pod).filter(|mount| !volumes.contains(&mount.name)) {
        let name = mount.name;
        let finding = Finding::new(&pod.subject, mount.path(), format!("the pod has no volume `{name}`"));
        report.add(match nearest(name, volumes.iter().copied()) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help("add it to the pod's `volumes`, or remove the mount"),
        });
    }
}

/// Where a container mounts a volume.
pub(super) struct Mount<'s> {
    /// The volume's name.
    pub(super) name: &'s str,
    container: TemplateContainer<'s>,
    list: &'static str,
    index: usize,
}

impl Mount<'_> {
    fn path(&self) -> ValuePath {
        self.container.path().and_key(self.list).and_index(self.index).and_key("name")
    }
}

/// Every mount of a pod's containers.
pub(super) fn mounts<'s>(pod: &Template<'s>) -> impl Iterator<Item = Mount<'s>> + use<'s> {
    pod.containers().flat_map(|container| {
        ["volumeMounts", "volumeDevices"].into_iter().flat_map(move |list| {
            container.list(list).iter().enumerate().filter_map(move |(index, mount)| {
                let name = mount.get("name")?.as_str()?;
                Some(Mount { name, container, list, index })
            })
        })
    })
}

/// The names of a pod's volumes, with those that a StatefulSet makes claims for.
fn volumes<'s>(pod: &Template<'s>) -> Vec<&'s str> {
    let own = pod.list("volumes").iter().filter_map(|volume| volume.get("name")?.as_str());
    let claims = pod.subject.spec().and_then(|spec| spec.get("volumeClaimTemplates")?.as_list());
    let claims = claims.into_iter().flatten();
    own.chain(claims.filter_map(|claim| claim.get("metadata")?.get("name")?.as_str())).collect()
}
