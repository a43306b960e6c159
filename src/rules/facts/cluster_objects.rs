//! What every cluster has before anything is applied to it: the one table of it.
//!
//! The API server makes these objects when it starts, or a controller for each namespace. What an installer brings
//! along (the ConfigMaps of kubeadm) is not among them: other clusters do not have it.

/// Objects that every cluster has.
struct ClusterObject {
    kind: &'static str,
    within: Within,
    names: Names,
}

/// Where objects are.
#[derive(Clone, Copy)]
enum Within {
    /// In no namespace: the kind has none.
    Cluster,
    /// In each namespace.
    EachNamespace,
    /// In these namespaces.
    Namespaces(&'static [&'static str]),
}

/// What objects are called.
#[derive(Clone, Copy)]
enum Names {
    These(&'static [&'static str]),
    /// All that begin so. The prefix `system:` is reserved for Kubernetes' own roles.
    WithPrefix(&'static str),
}

use Names::{These, WithPrefix};
use Within::{Cluster, EachNamespace, Namespaces};

const fn row(kind: &'static str, within: Within, names: Names) -> ClusterObject {
    ClusterObject { kind, within, names }
}

#[rustfmt::skip]
const CLUSTER_OBJECTS: &[ClusterObject] = &[
    row("Namespace", Cluster, These(&["default", "kube-system", "kube-public", "kube-node-lease"])),
    row("ClusterRole", Cluster, These(&["cluster-admin", "admin", "edit", "view"])),
    row("ClusterRole", Cluster, WithPrefix("system:")),
    // The API names these two as keywords of `priorityClassName`.
    row("PriorityClass", Cluster, These(&["system-cluster-critical", "system-node-critical"])),
    // The address of the API server inside of the cluster, and the name under which all distributions have their DNS.
    row("Service", Namespaces(&["default"]), These(&["kubernetes"])),
    row("Service", Namespaces(&["kube-system"]), These(&["kube-dns"])),
    row("ServiceAccount", EachNamespace, These(&["default"])),
    row("ConfigMap", EachNamespace, These(&["kube-root-ca.crt"])),
    row("ConfigMap", Namespaces(&["kube-system"]), These(&[
        "extension-apiserver-authentication", "kube-apiserver-legacy-service-account-token-tracking",
    ])),
    row("Role", Namespaces(&["kube-system"]), These(&["extension-apiserver-authentication-reader"])),
    row("Role", Namespaces(&["kube-system", "kube-public"]), WithPrefix("system:")),
    // The controller manager gives each of its controllers an account.
    row("ServiceAccount", Namespaces(&["kube-system"]), These(&[
        "attachdetach-controller", "certificate-controller", "clusterrole-aggregation-controller",
        "cronjob-controller", "daemon-set-controller", "deployment-controller", "disruption-controller",
        "endpoint-controller", "endpointslice-controller", "endpointslicemirroring-controller",
        "ephemeral-volume-controller", "expand-controller", "generic-garbage-collector",
        "horizontal-pod-autoscaler", "job-controller", "namespace-controller", "node-controller",
        "persistent-volume-binder", "pod-garbage-collector", "pv-protection-controller",
        "pvc-protection-controller", "replicaset-controller", "replication-controller",
        "resourcequota-controller", "root-ca-cert-publisher", "service-account-controller",
        "statefulset-controller", "ttl-after-finished-controller", "ttl-controller",
    ])),
];

/// Whether every cluster has an object. Without a namespace, one that is in some namespace counts: where it will be
/// looked for is not known.
pub(super) fn is_in_every_cluster(kind: &str, namespace: Option<&str>, name: &str) -> bool {
    CLUSTER_OBJECTS.iter().any(|object| {
        let is_named = match object.names {
            These(names) => names.contains(&name),
            WithPrefix(prefix) => name.starts_with(prefix),
        };
        let is_there = match object.within {
            Cluster | EachNamespace => true,
            Namespaces(namespaces) => namespace.is_none_or(|namespace| namespaces.contains(&namespace)),
        };
        object.kind == kind && is_named && is_there
    })
}

#[cfg(test)]
mod tests {
    use super::is_in_every_cluster;

    #[test]
    fn objects_are_known_where_they_are() {
        for (kind, namespace, name, is_known) in [
            ("ServiceAccount", Some("shop"), "default", true),
            ("ServiceAccount", Some("kube-system"), "job-controller", true),
            ("ServiceAccount", Some("shop"), "job-controller", false),
            ("ConfigMap", Some("shop"), "kube-root-ca.crt", true),
            ("ConfigMap", Some("kube-system"), "extension-apiserver-authentication", true),
            ("ConfigMap", Some("shop"), "extension-apiserver-authentication", false),
            ("Role", Some("kube-system"), "extension-apiserver-authentication-reader", true),
            ("Role", Some("kube-system"), "system::leader-locking-kube-scheduler", true),
            ("Role", Some("shop"), "system:reader", false),
            ("ClusterRole", None, "system:auth-delegator", true),
            ("ClusterRole", None, "viewer", false),
            ("PriorityClass", None, "system-node-critical", true),
            ("Service", Some("default"), "kubernetes", true),
            ("Service", None, "kubernetes", true),
            ("Service", Some("shop"), "kubernetes", false),
        ] {
            assert_eq!(is_in_every_cluster(kind, namespace, name), is_known, "{kind} {namespace:?} {name}");
        }
    }
}
