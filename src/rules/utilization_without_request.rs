//! R208: an autoscaler that wants a share of a request that nobody makes.

use super::autoscaler::Autoscaler;
use super::template::{Template, TemplateContainer, template_of};
use super::{Finding, Judge, ObjectSet, Page, Report, Rule};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::yaml::{Node, ValuePath};

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
    judge: &[Judge::Set(judge)],
};

/// A share of a request that an autoscaler aims at.
struct Share<'s> {
    resource: &'s str,
    /// Of this container, or of all.
    container: Option<&'s str>,
    path: ValuePath,
}

fn judge(set: &ObjectSet<'_>, report: &mut Report) {
    for scaler in set.autoscalers().iter() {
        let pod = scaler.target(set).and_then(|target| template_of(&target));
        let Some(pod) = pod.filter(Template::is_built_in) else { continue };
        // What a whole pod requests is divided among its containers, and a LimitRange gives what is missing.
        let whole = pod.spec.get("resources").is_some_and(|resources| resources.get("requests").is_some());
        let mut ranges = set.of_kind("LimitRange");
        if whole || ranges.any(|range| range.namespace() == scaler.subject.namespace()) {
            continue;
        }
        for share in shares(scaler) {
            if let Some(container) = without_request(&pod, &share) {
                report.add(finding(scaler, &pod, container, share));
            }
        }
    }
}

fn shares<'s>(scaler: &Autoscaler<'s>) -> Vec<Share<'s>> {
    let spec = scaler.subject.spec();
    let list = |key: &str| spec.and_then(|spec| spec.get(key)).and_then(Node::as_list).unwrap_or_default();
    let path = |key: &str, index: usize| ValuePath::keys(&["spec", key]).and_index(index);
    let metrics = list("metrics").iter().enumerate();
    let metrics = metrics.filter_map(|(index, metric)| of_metric(metric, || path("metrics", index)));
    let triggers = list("triggers").iter().enumerate();
    metrics.chain(triggers.filter_map(|(index, one)| of_trigger(one, || path("triggers", index)))).collect()
}

fn of_metric(metric: &Node, path: impl Fn() -> ValuePath) -> Option<Share<'_>> {
    let key = match metric.get("type")?.as_str()? {
        "Resource" => "resource",
        "ContainerResource" => "containerResource",
        _ => return None,
    };
    let source = metric.get(key)?;
    let target = source.get("target")?;
    let container = source.get("container").and_then(Node::as_str);
    (target.get("type")?.as_str()? == "Utilization").then_some(())?;
    Some(Share {
        resource: source.get("name")?.as_str()?,
        container,
        path: path().and_key(key).and_key("target"),
    })
}

/// A trigger of KEDA means utilization unless it says otherwise.
fn of_trigger(trigger: &Node, path: impl Fn() -> ValuePath) -> Option<Share<'_>> {
    let resource = trigger.get("type")?.as_str().filter(|kind| matches!(*kind, "cpu" | "memory"))?;
    let metadata = trigger.get("metadata");
    let metadata = |key: &str| metadata.and_then(|metadata| metadata.get(key)).and_then(Node::as_str);
    let kind = trigger.get("metricType").and_then(Node::as_str).or_else(|| metadata("type"));
    let share = Share { resource, container: metadata("containerName"), path: path() };
    kind.is_none_or(|kind| kind == "Utilization").then_some(share)
}

/// The first container that counts and requests none of the resource.
fn without_request<'s>(pod: &Template<'s>, share: &Share<'_>) -> Option<TemplateContainer<'s>> {
    pod.containers().filter(TemplateContainer::stays).find(|container| {
        let counts = share.container.is_none_or(|name| name == container.name());
        let has = |amounts: &str| {
            let resources = container.node.get("resources");
            let amounts = resources.and_then(|resources| resources.get(amounts));
            amounts.is_some_and(|amounts| amounts.get(share.resource).is_some())
        };
        counts && !has("requests") && !has("limits")
    })
}

fn finding(
    scaler: &Autoscaler<'_>,
    pod: &Template<'_>,
    container: TemplateContainer<'_>,
    share: Share<'_>,
) -> Finding {
    let Share { resource, path, .. } = share;
    let name = container.name();
    let message =
        format!("the container `{name}` requests no `{resource}`, and an autoscaler wants a share of it");
    let here = format!("{} looks at it", scaler.subject.document.identity);
    Finding::new(&pod.subject, container.path().and_key("resources"), message)
        .also(&scaler.subject, path, here)
        .help(format!("write `resources.requests.{resource}`, or aim at an `AverageValue`"))
}
