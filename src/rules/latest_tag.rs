//! R301: an image without a fixed version.

use super::{Finding, Judge, ObjectSet, Page, Pod, Report, Rule};
use crate::config::Level;
use crate::diagnostic::Code;

pub(super) const RULE: Rule = Rule {
    code: Code::R301,
    name: "latest-tag",
    level: Level::Warn,
    page: Page {
        what: "An image has no tag, or the tag `latest`, and no digest.",
        why: "Two pods of one workload may run different programs, a restart may bring a new version that nobody chose, and no rollback finds the old one.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: web, image: nginx}]",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: web, image: nginx:1.29.3}]",
    },
    judge: &[Judge::Pod(judge)],
};

fn judge(_: &ObjectSet<'_>, pod: Pod<'_>, report: &mut Report) {
    for container in pod.containers() {
        let Some(image) = container.spec.image.as_deref() else { continue };
        if is_floating(image) {
            let message = format!("the image `{image}` has no fixed version");
            let finding = Finding::new(container.pod.subject, container.path().and_key("image"), message);
            report.add(finding.help("write a version, such as `:1.2.3`, or a digest"));
        }
    }
}

/// Whether what the name stands for can change: a registry's port is no tag.
fn is_floating(image: &str) -> bool {
    if image.contains('@') {
        return false;
    }
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}
