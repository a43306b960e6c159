//! R207: a container that asks for more than it may have.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::quantity_nanos;
use crate::kube::typed::{Quantity, ResourceRequirements};
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{ObjectSet, ObjectTree, TypedPod};
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
    checks: &[Check::Pod(check)],
};

/// Reports each request of a pod and of its containers that does not go with its limit. A pod's own resources and
/// those of its containers are not held against each other: the API server has further rules for that.
fn check(_: &ObjectSet<'_>, pod: TypedPod<'_>, report: &mut Report) {
    if let Some(resources) = &pod.spec.resources {
        check_resources(pod.object, resources, || pod.path(), report);
    }
    for container in pod.containers() {
        if let Some(resources) = &container.spec.resources {
            check_resources(pod.object, resources, || container.path(), report);
        }
    }
}

/// Compares the requests of a pod or a container with its limits; `parent` is the path of what has the `resources`.
fn check_resources(
    object: &ObjectTree<'_>,
    resources: &ResourceRequirements,
    parent: impl Fn() -> ValuePath,
    report: &mut Report,
) {
    let Some(requests) = &resources.requests else { return };
    let Some(limits) = &resources.limits else { return };
    for (name, Quantity(request)) in requests {
        let Some(Quantity(limit)) = limits.get(name) else { continue };
        // Fast path: most requests that have a limit are written like it, and need no reading.
        if limit == request {
            continue;
        }
        // In one unit, the smallest that a quantity can be written in: `0.5` and `500m` are the same amount.
        // Quantities that cannot be read are refused by the API check.
        let (Some(requested), Some(allowed)) = (quantity_nanos(request), quantity_nanos(limit)) else {
            continue;
        };
        let message = if requested > allowed {
            format!("the request of `{name}` is above its limit")
        } else if requested < allowed && !may_be_overcommitted(name) {
            format!("the request of `{name}` must equal its limit: it cannot be shared")
        } else {
            continue;
        };
        let path = parent().and_key("resources");
        let finding = Finding::new(object, path.key("requests").and_key(name.as_str()), message)
            .also(object, path.key("limits").and_key(name.as_str()), "the limit")
            .help("lower the request, or raise the limit");
        report.add(finding);
    }
}

/// Whether a node may promise more of a resource than it has: not of extended resources (`nvidia.com/gpu`) and huge
/// pages (`IsOvercommitAllowed` of the API's validation).
fn may_be_overcommitted(resource: &str) -> bool {
    !resource.contains('/') && !resource.starts_with("hugepages-")
}
