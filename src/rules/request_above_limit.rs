//! R207: a container that asks for more than it may have.

use super::{Finding, Judge, ObjectSet, Page, Pod, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::quantity_nanos;
use crate::kube::typed::{Quantity, ResourceRequirements};
use crate::yaml::ValuePath;

pub(super) const RULE: Rule = Rule {
    code: Code::R207,
    name: "request-above-limit",
    level: Level::Deny,
    page: Page {
        what: "A container or a pod requests more of a resource than its limit allows, in whatever units both are written. \
Of resources that cannot be shared, such as `nvidia.com/gpu` and `hugepages-2Mi`, it must request exactly the limit.",
        why: "The API server refuses the pod. A Deployment is accepted all the same, and never gets one.",
        example: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: nginx:1.29.3
      resources:
        requests: {cpu: 1}
        limits: {cpu: 500m}",
        instead: "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: nginx:1.29.3
      resources:
        requests: {cpu: 250m}
        limits: {cpu: 500m}",
    },
    judge: &[Judge::Pod(judge)],
};

fn judge(_: &ObjectSet<'_>, pod: Pod<'_>, report: &mut Report) {
    if let Some(resources) = &pod.spec.resources {
        check(pod.subject, resources, || pod.path(), report);
    }
    for container in pod.containers() {
        if let Some(resources) = &container.spec.resources {
            check(pod.subject, resources, || container.path(), report);
        }
    }
}

fn check(
    subject: &Subject<'_>,
    resources: &ResourceRequirements,
    above: impl Fn() -> ValuePath,
    report: &mut Report,
) {
    let (Some(requests), Some(limits)) = (&resources.requests, &resources.limits) else { return };
    for (name, Quantity(request)) in requests {
        // Most requests that have a limit are written like it, and need no reading.
        let Some(Quantity(limit)) = limits.get(name).filter(|Quantity(limit)| limit != request) else {
            continue;
        };
        let Some((requested, limit)) = quantity_nanos(request).zip(quantity_nanos(limit)) else { continue };
        let above_limit = requested > limit;
        if !above_limit && (is_shared(name) || requested == limit) {
            continue;
        }
        let message = if above_limit {
            format!("the request of `{name}` is above its limit")
        } else {
            format!("the request of `{name}` must equal its limit: it cannot be shared")
        };
        let path = above().and_key("resources");
        let finding = Finding::new(subject, path.key("requests").and_key(name.as_str()), message);
        let finding = finding.also(subject, path.key("limits").and_key(name.as_str()), "the limit");
        report.add(finding.help("lower the request, or raise the limit"));
    }
}

/// Whether a node may promise more of it than it has.
fn is_shared(name: &str) -> bool {
    !name.contains('/') && !name.starts_with("hugepages-")
}
