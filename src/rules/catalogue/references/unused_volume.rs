//! R119: a volume that no container mounts.

use std::cell::LazyCell;
use std::collections::HashSet;

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, PodTree};
use crate::yaml::PackedNode;

pub(super) const RULE: Rule = Rule {
    code: Code::R119,
    name: "unused-volume",
    level: Level::Warn,
    page: Page {
        what: "A pod has a volume that none of its containers mounts, init containers included.",
        why: "A pod waits for each of its volumes before it starts, used or not. Usually a mount was forgotten: what should lie in the volume is written into the container, and lost with it.",
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
    checks: &[Check::PodTree(check)],
};

/// Reports each volume that no container mounts or has as a device.
fn check(_: &ObjectSet<'_>, pod: &PodTree<'_>, report: &mut Report) {
    let mounted = LazyCell::new(|| pod.mounted_volumes().collect::<HashSet<_>>());
    for (index, volume) in pod.list("volumes").iter().enumerate() {
        let Some(name) = volume.get("name").and_then(PackedNode::as_str) else { continue };
        // By name alone: where two volumes have one name, the API check reports that.
        if !mounted.contains(name) {
            let path = pod.path().and_key("volumes").and_index(index).and_key("name");
            let finding = Finding::new(&pod.object, path, format!("no container mounts the volume `{name}`"));
            report.add(finding.help("mount it, or remove it"));
        }
    }
}
