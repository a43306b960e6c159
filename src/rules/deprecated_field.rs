//! R402: a field, an annotation or a label that Kubernetes has deprecated.

use super::pod::Pod;
use super::trail::Trail;
use super::{Finding, Judge, ObjectSet, Page, Report, Rule, Subject};
use crate::config::Level;
use crate::diagnostic::Code;
use crate::kube::typed::Volume;
use crate::yaml::{Node, ValuePath};

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
    judge: &[Judge::Tree(judge_object), Judge::Pod(judge_pod)],
};

/// Something old: its name or place, the minor version of Kubernetes 1 that deprecated it, and what to do.
struct Old {
    place: &'static str,
    since: u8,
    instead: &'static str,
}

const fn old(place: &'static str, since: u8, instead: &'static str) -> Old {
    Old { place, since, instead }
}

// The tables are from the API's own descriptions, from
// <https://kubernetes.io/docs/reference/labels-annotations-taints/> and from the warnings that the API server gives.

/// Fields of the specs of objects, by kind.
const FIELDS: &[(&str, Old)] = &[
    ("Service", old("loadBalancerIP", 24, "use the annotation of your load balancer for its address")),
    ("Service", old("externalIPs", 36, "use the type `LoadBalancer`, or a Gateway")),
];

/// Fields of pods.
const POD_FIELDS: &[Old] = &[
    old("serviceAccount", 0, "write `serviceAccountName`"),
    old("volumes[].gitRepo", 11, "clone into an `emptyDir` in an init container"),
    old("volumes[].glusterfs", 25, "it has not worked since 1.26: use a claim of a CSI driver"),
    old("volumes[].cephfs", 28, "it has not worked since 1.31: use a claim of Ceph's CSI driver"),
    old("volumes[].rbd", 28, "it has not worked since 1.31: use a claim of Ceph's CSI driver"),
];

/// Annotations of objects, by kind.
const ANNOTATIONS: &[(&str, Old)] = &[
    ("Ingress", old("kubernetes.io/ingress.class", 18, "write `spec.ingressClassName`")),
    (
        "PersistentVolumeClaim",
        old("volume.beta.kubernetes.io/storage-class", 8, "write `spec.storageClassName`"),
    ),
    (
        "StorageClass",
        old(
            "storageclass.beta.kubernetes.io/is-default-class",
            6,
            "write `storageclass.kubernetes.io/is-default-class`",
        ),
    ),
    (
        "Service",
        old(
            "service.kubernetes.io/topology-aware-hints",
            27,
            "write `spec.trafficDistribution: PreferClose`",
        ),
    ),
    (
        "Service",
        old("service.kubernetes.io/topology-mode", 33, "write `spec.trafficDistribution: PreferClose`"),
    ),
];

/// How annotations of pods begin.
const POD_ANNOTATIONS: &[Old] = &[
    old("seccomp.security.alpha.kubernetes.io/", 19, SECCOMP),
    old("container.seccomp.security.alpha.kubernetes.io/", 19, SECCOMP),
    old(
        "container.apparmor.security.beta.kubernetes.io/",
        30,
        "write `appArmorProfile` into the container's `securityContext`",
    ),
    old(
        "scheduler.alpha.kubernetes.io/critical-pod",
        13,
        "write `priorityClassName: system-cluster-critical`",
    ),
];

const SECCOMP: &str = "it has done nothing since 1.27: write `seccompProfile` into the `securityContext`";

/// Labels of nodes.
const LABELS: &[Old] = &[
    old("beta.kubernetes.io/arch", 14, "write `kubernetes.io/arch`"),
    old("beta.kubernetes.io/os", 14, "write `kubernetes.io/os`"),
    old("beta.kubernetes.io/instance-type", 17, "write `node.kubernetes.io/instance-type`"),
    old("failure-domain.beta.kubernetes.io/zone", 17, "write `topology.kubernetes.io/zone`"),
    old("failure-domain.beta.kubernetes.io/region", 17, "write `topology.kubernetes.io/region`"),
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

fn judge_object(set: &ObjectSet<'_>, subject: &Subject<'_>, report: &mut Report) {
    let mut findings = Findings { newest: set.versions().minors().1, report };
    let is = |(kind, _): &&(&str, Old)| *kind == subject.kind();
    let has = |old: &Old| subject.spec().is_some_and(|spec| spec.get(old.place).is_some());
    for (_, old) in FIELDS.iter().filter(is).filter(|(_, old)| has(old)) {
        findings.add(subject, &ValuePath::keys(&["spec"]), ValuePath::keys(&[old.place]), old);
    }
    let metadata = subject.document.node.get("metadata");
    if metadata.is_some_and(|metadata| metadata.get("annotations").is_some()) {
        let annotations = ValuePath::keys(&["metadata", "annotations"]);
        for (_, old) in ANNOTATIONS.iter().filter(is) {
            findings.keys(subject, &annotations, &|key| key == old.place, old);
        }
    }
}

fn judge_pod(set: &ObjectSet<'_>, pod: Pod<'_>, report: &mut Report) {
    if !may_be_old(pod) {
        return;
    }
    let (subject, path) = (pod.subject, pod.path());
    let Some(spec) = path.find(&subject.document.node) else { return };
    let mut findings = Findings { newest: set.versions().minors().1, report };
    for old in POD_FIELDS {
        Trail::ROOT.each(spec, old.place, &mut |_, trail| findings.add(subject, &path, trail.path(), old));
    }
    let annotations = pod.metadata_path().and_key("annotations");
    for old in POD_ANNOTATIONS {
        findings.keys(subject, &annotations, &|key| key.starts_with(old.place), old);
    }
    for old in LABELS {
        findings.keys(subject, &path.key("nodeSelector"), &|key| key == old.place, old);
    }
    for pattern in LABEL_KEYS {
        Trail::ROOT.each(spec, pattern, &mut |node, trail| {
            let named = LABELS.iter().find(|old| node.as_str() == Some(old.place));
            named.into_iter().for_each(|old| findings.add(subject, &path, trail.path(), old));
        });
    }
}

/// Whether a pod has anything of that of which some is old: most pods have not, and need no closer look.
fn may_be_old(pod: Pod<'_>) -> bool {
    let spec = pod.spec;
    let gone = |volume: &Volume| {
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
        || spec.volumes.iter().flatten().any(gone)
}

struct Findings<'r> {
    newest: u8,
    report: &'r mut Report,
}

impl Findings<'_> {
    /// Looks for an old key in the map at a path.
    fn keys(&mut self, subject: &Subject<'_>, path: &ValuePath, is: &dyn Fn(&str) -> bool, old: &Old) {
        let map = path.find(&subject.document.node).and_then(Node::as_map);
        for key in map.into_iter().flatten().map(|(key, _)| key).filter(|key| is(key)) {
            self.add(subject, path, ValuePath::root().and_key(&**key), old);
        }
    }

    fn add(&mut self, subject: &Subject<'_>, above: &ValuePath, below: ValuePath, old: &Old) {
        if old.since > self.newest {
            return;
        }
        let name = below.0.last().map(|last| ValuePath(vec![last.clone()]).to_string()).unwrap_or_default();
        let name = if LABELS.iter().any(|label| label.place == old.place) {
            old.place
        } else {
            name.trim_matches('"')
        };
        let since = if old.since == 0 { String::new() } else { format!(" since Kubernetes 1.{}", old.since) };
        let mut path = above.clone();
        path.0.extend(below.0);
        let finding = Finding::new(subject, path, format!("`{name}` is deprecated{since}"));
        self.report.add(finding.help(old.instead));
    }
}
