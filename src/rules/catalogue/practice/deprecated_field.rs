//! R402: a field, an annotation or a label that Kubernetes has deprecated.

use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::typed::Volume;
use crate::rules::engine::{Check, Finding, Page, Report, Rule};
use crate::rules::facts::{FieldPattern, ObjectSet, ObjectTree, TypedPod};
use crate::yaml::{PackedNode, ValuePath};

pub(super) const RULE: Rule = Rule {
    code: Code::R402,
    name: "deprecated-field",
    level: Level::Warn,
    page: Page {
        what: "A field, an annotation or a node's label that Kubernetes has deprecated in one of the versions in `--kube-version`, or before them.",
        why: "Some of these do nothing any more, without a word: a seccomp profile in an annotation protects nobody, and a node selector with an old label leaves its pods pending. The others will go the same way.",
        example: "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations: {kubernetes.io/ingress.class: nginx}
spec:
  defaultBackend: {service: {name: web, port: {number: 80}}}",
        instead: "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  ingressClassName: nginx
  defaultBackend: {service: {name: web, port: {number: 80}}}",
    },
    checks: &[Check::ObjectTree(check_object), Check::Pod(check_pod)],
};

// Deprecated fields are still in the API's types, so the API check takes them. What has gone from the types is an
// error there already.

/// Something that is deprecated.
struct Deprecated {
    /// What it is called: a field's pattern, a label, or the beginning of an annotation.
    name: &'static str,
    /// The minor version of Kubernetes 1 that deprecated it; 0 for what was deprecated before there were notes of it.
    since: u8,
    /// What to do instead.
    instead: &'static str,
}

/// A line of the tables below.
const fn deprecated(name: &'static str, since: u8, instead: &'static str) -> Deprecated {
    Deprecated { name, since, instead }
}

// The tables are from the API's own descriptions, from
// <https://kubernetes.io/docs/reference/labels-annotations-taints/> and from the warnings that the API server gives.

/// Fields of the specs of objects, by kind. By the kind's name alone: the `Service` of Knative has none of these
/// fields.
const FIELDS: &[(&str, Deprecated)] = &[
    ("Service", deprecated("loadBalancerIP", 24, "use the annotation of your load balancer for its address")),
    ("Service", deprecated("externalIPs", 36, "use the type `LoadBalancer`, or a Gateway")),
];

/// Fields of pods. Only volumes whose plugin is gone or goes: those that were moved to CSI drivers under the same
/// field (`awsElasticBlockStore`) go on working.
const POD_FIELDS: &[Deprecated] = &[
    deprecated("serviceAccount", 0, "write `serviceAccountName`"),
    deprecated("volumes[].gitRepo", 11, "clone into an `emptyDir` in an init container"),
    deprecated("volumes[].glusterfs", 25, "it has not worked since 1.26: use a claim of a CSI driver"),
    deprecated("volumes[].cephfs", 28, "it has not worked since 1.31: use a claim of Ceph's CSI driver"),
    deprecated("volumes[].rbd", 28, "it has not worked since 1.31: use a claim of Ceph's CSI driver"),
];

/// Annotations of objects, by kind.
const ANNOTATIONS: &[(&str, Deprecated)] = &[
    ("Ingress", deprecated("kubernetes.io/ingress.class", 18, "write `spec.ingressClassName`")),
    (
        "PersistentVolumeClaim",
        deprecated("volume.beta.kubernetes.io/storage-class", 8, "write `spec.storageClassName`"),
    ),
    (
        "StorageClass",
        deprecated(
            "storageclass.beta.kubernetes.io/is-default-class",
            6,
            "write `storageclass.kubernetes.io/is-default-class`",
        ),
    ),
    (
        "Service",
        deprecated(
            "service.kubernetes.io/topology-aware-hints",
            27,
            "write `spec.trafficDistribution: PreferClose`",
        ),
    ),
    (
        "Service",
        deprecated(
            "service.kubernetes.io/topology-mode",
            33,
            "write `spec.trafficDistribution: PreferClose`",
        ),
    ),
];

/// How annotations of pods begin. A beginning, as some end with the name of a container.
const POD_ANNOTATIONS: &[Deprecated] = &[
    deprecated("seccomp.security.alpha.kubernetes.io/", 19, SECCOMP),
    deprecated("container.seccomp.security.alpha.kubernetes.io/", 19, SECCOMP),
    deprecated(
        "container.apparmor.security.beta.kubernetes.io/",
        30,
        "write `appArmorProfile` into the container's `securityContext`",
    ),
    deprecated(
        "scheduler.alpha.kubernetes.io/critical-pod",
        13,
        "write `priorityClassName: system-cluster-critical`",
    ),
];

/// What to do instead of either of the two annotations for seccomp.
const SECCOMP: &str = "it has done nothing since 1.27: write `seccompProfile` into the `securityContext`";

/// Labels of nodes, in a selector, an affinity or a spread. A node may lack the old label, and then it does not fit.
const LABELS: &[Deprecated] = &[
    deprecated("beta.kubernetes.io/arch", 14, "write `kubernetes.io/arch`"),
    deprecated("beta.kubernetes.io/os", 14, "write `kubernetes.io/os`"),
    deprecated("beta.kubernetes.io/instance-type", 17, "write `node.kubernetes.io/instance-type`"),
    deprecated("failure-domain.beta.kubernetes.io/zone", 17, "write `topology.kubernetes.io/zone`"),
    deprecated("failure-domain.beta.kubernetes.io/region", 17, "write `topology.kubernetes.io/region`"),
];

/// Where a pod names labels of nodes.
const LABEL_KEYS: &[&str] = &[
    "topologySpreadConstraints[].topologyKey",
    "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[].matchExpressions[].key",
    "affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[].preference.matchExpressions[].key",
    "affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[].topologyKey",
    "affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[].podAffinityTerm.topologyKey",
    "affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[].topologyKey",
    "affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[].podAffinityTerm.topologyKey",
];

/// Reports fields and annotations of an object itself.
fn check_object(set: &ObjectSet<'_>, object: &ObjectTree<'_>, report: &mut Report) {
    let mut findings = Findings { object, newest: set.versions().minors().1, report };
    for (kind, field) in FIELDS {
        if *kind == object.kind() && object.spec().is_some_and(|spec| spec.get(field.name).is_some()) {
            findings.add(ValuePath::keys(&["spec", field.name]), field.name, field);
        }
    }
    if object.annotations().is_some() {
        let annotations = ValuePath::keys(&["metadata", "annotations"]);
        for (kind, annotation) in ANNOTATIONS {
            if *kind == object.kind() {
                findings.add_keys(&annotations, annotation, |key| key == annotation.name);
            }
        }
    }
}

/// Reports fields, annotations and labels of nodes that a pod names. Of custom workloads nothing is said: they have
/// no typed pod.
fn check_pod(set: &ObjectSet<'_>, pod: TypedPod<'_>, report: &mut Report) {
    if !may_be_affected(pod) {
        return;
    }
    let path = pod.path();
    // The tables are of names, so the tree is searched and not the type.
    let Some(spec) = pod.object.node().at(&path) else { return };
    let mut findings = Findings { object: pod.object, newest: set.versions().minors().1, report };
    for field in POD_FIELDS {
        FieldPattern(field.name).each(spec, &mut |_, found| {
            // The message names the field, and the place of the finding shows the rest of the path.
            let last = field.name.rsplit('.').next().unwrap_or(field.name);
            findings.add(join(&path, found.path()), last, field);
        });
    }
    let annotations = pod.metadata_path().and_key("annotations");
    for annotation in POD_ANNOTATIONS {
        findings.add_keys(&annotations, annotation, |key| key.starts_with(annotation.name));
    }
    let node_selector = path.key("nodeSelector");
    for label in LABELS {
        findings.add_keys(&node_selector, label, |key| key == label.name);
    }
    for pattern in LABEL_KEYS {
        FieldPattern(pattern).each(spec, &mut |node, found| {
            if let Some(label) = LABELS.iter().find(|label| node.as_str() == Some(label.name)) {
                findings.add(join(&path, found.path()), label.name, label);
            }
        });
    }
}

/// Whether a pod has any field of which something is deprecated. Fast path: most pods have none, and need no search.
fn may_be_affected(pod: TypedPod<'_>) -> bool {
    let spec = pod.spec;
    let has_removed_source = |volume: &Volume| {
        volume.git_repo.is_some()
            || volume.glusterfs.is_some()
            || volume.cephfs.is_some()
            || volume.rbd.is_some()
    };
    spec.service_account.is_some()
        || spec.affinity.is_some()
        || spec.node_selector.is_some()
        || spec.topology_spread_constraints.is_some()
        || pod.annotations().is_some()
        || spec.volumes.iter().flatten().any(has_removed_source)
}

/// Collects the findings about one object.
struct Findings<'r> {
    object: &'r ObjectTree<'r>,
    /// The newest minor version that the object is for: what later ones deprecate is no finding.
    newest: u8,
    report: &'r mut Report,
}

impl Findings<'_> {
    /// Adds a finding for each key of the map at a path that is deprecated.
    fn add_keys(&mut self, path: &ValuePath, deprecated: &Deprecated, is_deprecated: impl Fn(&str) -> bool) {
        let map = self.object.node().at(path).and_then(PackedNode::as_map);
        for (key, _) in map.into_iter().flatten() {
            if is_deprecated(key) {
                self.add(path.key(key), key, deprecated);
            }
        }
    }

    /// Adds a finding at a path, unless no version that the object is for has deprecated this yet.
    fn add(&mut self, path: ValuePath, name: &str, deprecated: &Deprecated) {
        let Deprecated { since, instead, .. } = *deprecated;
        if since > self.newest {
            return;
        }
        let since = if since == 0 { String::new() } else { format!(" since Kubernetes 1.{since}") };
        let message = format!("`{name}` is deprecated{since}");
        self.report.add(Finding::new(self.object, path, message).help(instead));
    }
}

/// A path that continues another one.
fn join(parent: &ValuePath, below: ValuePath) -> ValuePath {
    let mut path = parent.clone();
    path.0.extend(below.0);
    path
}
