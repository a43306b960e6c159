//! R208: an autoscaler that wants a share of a request that nobody makes.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{Autoscaler, ContainerTree, ObjectSet, PodTree, items};
use crate::yaml::{PackedNode, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R208,
    name: "utilization-without-request",
    level: Level::Deny,
    page: Page {
        what: "An autoscaler holds the use of CPU or memory against what the containers request, and a container requests nothing. A limit counts as a request, as Kubernetes makes one of it; so does a LimitRange of the namespace. \
It looks at `Resource` and `ContainerResource` metrics of the type `Utilization` and at the `cpu` and `memory` triggers of KEDA.",
        why: "The share of nothing cannot be computed. The autoscaler reports `FailedGetResourceMetric: missing request for cpu` and never scales.",
        example: "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: nginx:1.29.3}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 5
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}",
        instead: "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx:1.29.3
          resources: {requests: {cpu: 100m}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 5
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}",
    },
    checks: &[Check::Set(check)],
};

/// A share of a request that an autoscaler aims at.
struct Utilization<'s> {
    /// `cpu` or `memory`.
    resource: &'s str,
    /// The one container that is measured, if not all are.
    container: Option<&'s str>,
    /// Where the autoscaler asks for it.
    path: ValuePath,
}

/// Reports each metric of an autoscaler that is a share of what containers request, if one of them requests nothing.
/// The autoscaler computes no share then, not even of the others: one container without a request is enough.
fn check(set: &ObjectSet<'_>, report: &mut Report) {
    for scaler in set.autoscalers().iter() {
        let Some(pod) = set.scale_target(scaler).and_then(PodTree::of) else { continue };
        // What becomes of the pods of a custom workload, its own controller decides.
        if !pod.is_built_in() {
            continue;
        }
        // What a whole pod requests is divided among its containers, and a LimitRange gives what is missing. Which
        // resources the LimitRange is about is not looked at: in doubt nothing is reported.
        let pod_requests =
            pod.spec.get("resources").is_some_and(|resources| resources.get("requests").is_some());
        let mut ranges = set.of_kind("LimitRange");
        if pod_requests || ranges.any(|range| range.namespace() == scaler.object.namespace()) {
            continue;
        }
        for utilization in utilizations(scaler) {
            if let Some(container) = container_without_request(&pod, &utilization) {
                report.add(finding(scaler, &pod, &container, utilization));
            }
        }
    }
}

/// The finding at the resources of a container, whether it has any or not.
fn finding(
    scaler: &Autoscaler<'_>,
    pod: &PodTree<'_>,
    container: &ContainerTree<'_>,
    utilization: Utilization<'_>,
) -> Finding {
    let Utilization { resource, path, .. } = utilization;
    let name = container.name();
    let message =
        format!("the container `{name}` requests no `{resource}`, and an autoscaler wants a share of it");
    Finding::new(&pod.object, container.path().and_key("resources"), message)
        .also(&scaler.object, path, format!("{} looks at it", scaler.object.identity()))
        .help(format!("write `resources.requests.{resource}`, or aim at an `AverageValue`"))
}

/// What an autoscaler aims at: the metrics of a HorizontalPodAutoscaler, the triggers of a ScaledObject.
fn utilizations<'s>(scaler: &Autoscaler<'s>) -> Vec<Utilization<'s>> {
    let Some(spec) = scaler.object.spec() else { return Vec::new() };
    let path = |key: &str, index: usize| ValuePath::keys(&["spec", key]).and_index(index);
    let mut found = Vec::new();
    // An autoscaler has one of the two lists: `metrics` is a field of the API's own kind, and `triggers` one of KEDA's.
    for (index, metric) in items(spec, "metrics").iter().enumerate() {
        found.extend(of_metric(metric, path("metrics", index)));
    }
    for (index, trigger) in items(spec, "triggers").iter().enumerate() {
        found.extend(of_trigger(trigger, path("triggers", index)));
    }
    found
}

/// What an item of `metrics` aims at; none unless it is a share of a resource's request. Of other types, `Pods` and
/// `External` for example, nothing is requested.
fn of_metric(metric: PackedNode<'_>, path: ValuePath) -> Option<Utilization<'_>> {
    let key = match metric.get("type")?.as_str()? {
        "Resource" => "resource",
        "ContainerResource" => "containerResource",
        _ => return None,
    };
    let source = metric.get(key)?;
    let target = source.get("target")?;
    if target.get("type")?.as_str()? != "Utilization" {
        return None;
    }
    Some(Utilization {
        resource: source.get("name")?.as_str()?,
        container: source.get("container").and_then(PackedNode::as_str),
        path: path.and_key(key).and_key("target"),
    })
}

/// A trigger of KEDA means utilization unless it says otherwise: by `metricType`, or in older versions by `type` in
/// its metadata.
fn of_trigger(trigger: PackedNode<'_>, path: ValuePath) -> Option<Utilization<'_>> {
    let resource = trigger.get("type")?.as_str().filter(|scaler| matches!(*scaler, "cpu" | "memory"))?;
    let metadata = |key: &str| trigger.get("metadata")?.get(key)?.as_str();
    let metric_type = trigger.get("metricType").and_then(PackedNode::as_str).or_else(|| metadata("type"));
    if metric_type.is_some_and(|metric_type| metric_type != "Utilization") {
        return None;
    }
    Some(Utilization { resource, container: metadata("containerName"), path })
}

/// The first container that is measured and requests none of the resource. Init containers have ended when pods are
/// measured.
fn container_without_request<'s>(
    pod: &PodTree<'s>,
    utilization: &Utilization<'_>,
) -> Option<ContainerTree<'s>> {
    let Utilization { resource, container: measured, .. } = utilization;
    pod.containers().filter(ContainerTree::is_main_or_sidecar).find(|container| {
        let has = |amounts: &str| {
            let resources = container.node.get("resources");
            let amounts = resources.and_then(|resources| resources.get(amounts));
            amounts.is_some_and(|amounts| amounts.get(resource).is_some())
        };
        let is_measured = measured.is_none_or(|name| name == container.name());
        is_measured && !has("requests") && !has("limits")
    })
}
