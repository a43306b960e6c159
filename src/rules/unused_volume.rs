//! R119: a volume that no container mounts.

use super::dangling_volume::mounts;
use super::{Finding, Page, Report, Rule, Set};
use crate::config::Level;
use crate::diagnostic::Code;

pub(super) const RULE: Rule = Rule {
    code: Code::R119,
    name: "unused-volume",
    level: Level::Warn,
    page: Page {
        what: "A pod has a volume that none of its containers mounts, init containers included.",
        why: "A pod waits for each of its volumes before it starts, used or not. And mostly a mount was forgotten: what should lie in the volume is written into the container, and lost with it.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers: [{name: web, image: nginx:1.29.3}]
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
        let (Some(subject), Some((spec, trail))) = (set.subjects.get(template.subject), template.spec())
        else {
            continue;
        };
        let mut mounted = Vec::new();
        mounts(template, |name, _| mounted.push(name));
        trail.each(spec, "volumes[].name", &mut |name, trail| {
            let Some(name) = name.as_str().filter(|name| !mounted.contains(name)) else { return };
            let finding =
                Finding::new(subject, trail.path(), format!("no container mounts the volume `{name}`"));
            report.add(finding.help("mount it, or remove it"));
        });
    }
}
