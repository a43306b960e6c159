//! R301: an image without a fixed version.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, TypedPod};

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
    checks: &[Check::Pod(check)],
};

/// Reports each image whose program may change while its name stays.
fn check(_: &ObjectSet<'_>, pod: TypedPod<'_>, report: &mut Report) {
    for container in pod.containers() {
        // The API lets workloads leave the image out, for something else to fill it in.
        let Some(image) = container.spec.image.as_deref() else { continue };
        if is_floating(image) {
            let message = format!("the image `{image}` has no fixed version");
            let finding = Finding::new(pod.object, container.path().and_key("image"), message);
            report.add(finding.help("write a version, such as `:1.2.3`, or a digest"));
        }
    }
}

/// Whether what the name stands for can change: `nginx`, `nginx:latest` and `registry:5000/web`, and not
/// `nginx:1.29`, `web@sha256:…`. Any other tag is taken for a version, though tags can be moved.
fn is_floating(image: &str) -> bool {
    let has_digest = image.contains('@');
    // In `registry:5000/team/web`, the colon is before a port and no tag: a tag is in the last part.
    let last = image.rsplit('/').next().unwrap_or(image);
    let has_version = last.split_once(':').is_some_and(|(_, tag)| tag != "latest");
    !has_digest && !has_version
}
