//! R118: a mount of a volume that the pod does not have.

use super::template::Template;
use super::trail::Trail;
use super::{Finding, Page, Report, Rule, Set, Subject};
use crate::config::Level;
use crate::diagnostic::{Code, nearest};
use crate::yaml::Node;

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
    judge,
};

fn judge(set: &Set<'_>, report: &mut Report) {
    for template in &set.labelled().templates {
        let Some(subject) = set.subjects.get(template.subject) else { continue };
        let volumes = volumes(template, subject);
        mounts(template, |name, trail| {
            if !volumes.contains(&name) {
                let message = format!("the pod has no volume `{name}`");
                let finding = Finding::new(subject, trail.path().key("name"), message);
                report.add(match nearest(name, volumes.iter().copied()) {
                    Some(near) => finding.help(format!("did you mean `{near}`?")),
                    None => finding.help("add it to the pod's `volumes`, or remove the mount"),
                });
            }
        });
    }
}

/// Shows every mount of a pod's containers, with the way to it.
pub(super) fn mounts<'s>(template: &Template<'s>, mut see: impl FnMut(&'s str, Trail)) {
    for container in template.containers() {
        for list in ["volumeMounts[]", "volumeDevices[]"] {
            container.trail.each(container.node, list, &mut |mount, trail| {
                mount.get("name").and_then(Node::as_str).into_iter().for_each(|name| see(name, trail));
            });
        }
    }
}

/// The names of a pod's volumes, with those that a StatefulSet makes claims for.
fn volumes<'s>(template: &Template<'s>, subject: &'s Subject<'_>) -> Vec<&'s str> {
    let mut names = Vec::new();
    if let Some((spec, trail)) = template.spec() {
        trail.each(spec, "volumes[].name", &mut |name, _| names.extend(name.as_str()));
    }
    Trail::ROOT.each(&subject.document.node, "spec.volumeClaimTemplates[].metadata.name", &mut |name, _| {
        names.extend(name.as_str());
    });
    names
}
