//! Which objects there are: by default, with external stores, and what each toggle adds and takes away.

use std::collections::BTreeSet;

use crate::{Case, documents, find};

/// The objects of a first install, as kind and name, beside the definition of `SkyfloAI`.
const DEFAULT: [&str; 24] = [
    "ClusterRole/skyflo-controller-role",
    "ClusterRoleBinding/skyflo-controller-rolebinding",
    "ClusterRoleBinding/skyflo-mcp-admin-binding",
    "ConfigMap/skyflo-engine-config",
    "ConfigMap/skyflo-mcp-config",
    "ConfigMap/skyflo-ui-config",
    "Deployment/skyflo-controller",
    "Deployment/skyflo-engine",
    "Deployment/skyflo-mcp",
    "Deployment/skyflo-ui",
    "NetworkPolicy/skyflo-mcp-policy",
    "Secret/skyflo-engine-secrets",
    "Secret/skyflo-postgres-secrets",
    "Service/skyflo-engine",
    "Service/skyflo-mcp",
    "Service/skyflo-postgres",
    "Service/skyflo-postgres-headless",
    "Service/skyflo-redis",
    "Service/skyflo-redis-headless",
    "Service/skyflo-ui",
    "ServiceAccount/skyflo-controller",
    "ServiceAccount/skyflo-mcp",
    "StatefulSet/skyflo-postgres",
    "StatefulSet/skyflo-redis",
];

const CRD: &str = "CustomResourceDefinition/skyfloais.skyflo.ai";

fn objects(case: &Case, sets: &[&str]) -> BTreeSet<String> {
    let name = |document: &plimsoll::manifest::Document| {
        format!("{}/{}", document.identity.kind, document.identity.name)
    };
    documents(case, sets).iter().map(name).collect()
}

fn default_objects() -> BTreeSet<String> {
    DEFAULT.iter().chain([&CRD]).map(|name| (*name).to_owned()).collect()
}

#[test]
fn by_default_there_are_24_objects_and_the_definition() {
    assert_eq!(objects(find("minimal"), &[]), default_objects());
}

#[test]
fn a_values_file_of_the_original_chart_gives_its_objects() {
    let mut expected = default_objects();
    expected.insert("Service/skyflo-ui-internal".to_owned());
    assert_eq!(objects(find("original"), &[]), expected);
}

#[test]
fn external_stores_leave_17() {
    let found = objects(find("production-by-fields"), &[]);
    let gone: Vec<String> = default_objects().difference(&found).cloned().collect();
    let expected = [
        "Secret/skyflo-postgres-secrets",
        "Service/skyflo-postgres",
        "Service/skyflo-postgres-headless",
        "Service/skyflo-redis",
        "Service/skyflo-redis-headless",
        "StatefulSet/skyflo-postgres",
        "StatefulSet/skyflo-redis",
    ];
    assert_eq!(gone, expected);
    assert_eq!(found.len(), 17 + 1);
}

/// A toggle: the flags, what they add, and what they take away.
type Toggle = (&'static [&'static str], &'static [&'static str], &'static [&'static str]);

const TOGGLES: &[Toggle] = &[
    (&["engine.autoscaling.enabled=true"], &["HorizontalPodAutoscaler/skyflo-engine"], &[]),
    (&["mcp.autoscaling.enabled=true"], &["HorizontalPodAutoscaler/skyflo-mcp"], &[]),
    (&["ui.autoscaling.enabled=true"], &["HorizontalPodAutoscaler/skyflo-ui"], &[]),
    (
        &["engine.replicas=2,podDisruptionBudget.engine.enabled=true"],
        &["PodDisruptionBudget/skyflo-engine-pdb"],
        &[],
    ),
    (&["mcp.replicas=2,podDisruptionBudget.mcp.enabled=true"], &["PodDisruptionBudget/skyflo-mcp-pdb"], &[]),
    (&["ui.replicas=2,podDisruptionBudget.ui.enabled=true"], &["PodDisruptionBudget/skyflo-ui-pdb"], &[]),
    (
        &["controller.replicas=2,podDisruptionBudget.controller.enabled=true"],
        &["PodDisruptionBudget/skyflo-controller-pdb"],
        &[],
    ),
    (
        &["ui.ingress.enabled=true,ui.ingress.hosts[0].host=a.example.org"],
        &["Ingress/skyflo-ui-ingress"],
        &[],
    ),
    (&["ui.service.type=NodePort"], &["Service/skyflo-ui-internal"], &[]),
    (&["ui.service.type=LoadBalancer"], &["Service/skyflo-ui-internal"], &[]),
    (
        &["clusterIssuer.enabled=true,clusterIssuer.email=a@skyflo.dev"],
        &["ClusterIssuer/letsencrypt-prod"],
        &[],
    ),
    (&["skyfloai.enabled=true"], &["SkyfloAI/skyflo-agent"], &[]),
    (
        &["controller.enabled=false"],
        &[],
        &[
            "ClusterRole/skyflo-controller-role",
            "ClusterRoleBinding/skyflo-controller-rolebinding",
            "Deployment/skyflo-controller",
            "ServiceAccount/skyflo-controller",
        ],
    ),
    (
        &["mcp.rbac.level=view"],
        &["ClusterRoleBinding/skyflo-mcp-view-role-binding"],
        &["ClusterRoleBinding/skyflo-mcp-admin-binding"],
    ),
    (&["mcp.rbac.level=none"], &[], &["ClusterRoleBinding/skyflo-mcp-admin-binding"]),
    (&["networkPolicy.enabled=false"], &[], &["NetworkPolicy/skyflo-mcp-policy"]),
    (
        &["networkPolicy.allComponents=true"],
        &[
            "NetworkPolicy/skyflo-controller-policy",
            "NetworkPolicy/skyflo-engine-policy",
            "NetworkPolicy/skyflo-postgres-policy",
            "NetworkPolicy/skyflo-redis-policy",
            "NetworkPolicy/skyflo-ui-policy",
        ],
        &[],
    ),
    (
        &["redis.enabled=false,redis.external.url=redis://redis.internal:6379/0"],
        &[],
        &["Service/skyflo-redis", "Service/skyflo-redis-headless", "StatefulSet/skyflo-redis"],
    ),
    (
        &["postgresql.enabled=false,postgresql.external.host=pg.internal"],
        &[],
        &[
            "Secret/skyflo-postgres-secrets",
            "Service/skyflo-postgres",
            "Service/skyflo-postgres-headless",
            "StatefulSet/skyflo-postgres",
        ],
    ),
    (
        &["postgresql.auth.existingSecret=pg,postgresql.auth.password="],
        &[],
        &["Secret/skyflo-postgres-secrets"],
    ),
    (&["engine.serviceAccount.create=true"], &["ServiceAccount/skyflo-engine"], &[]),
    (&["ui.serviceAccount.create=true"], &["ServiceAccount/skyflo-ui"], &[]),
    (&["postgresql.serviceAccount.create=true"], &["ServiceAccount/skyflo-postgres"], &[]),
    (&["redis.serviceAccount.create=true"], &["ServiceAccount/skyflo-redis"], &[]),
    (&["mcp.serviceAccount.create=false"], &[], &["ServiceAccount/skyflo-mcp"]),
    (&["engine.image.tag=1.10"], &[], &[]),
];

#[test]
fn each_toggle_adds_and_takes_away_exactly_its_objects() {
    for (sets, adds, takes) in TOGGLES {
        let found = objects(find("minimal"), sets);
        let base = default_objects();
        let added: Vec<&String> = found.difference(&base).collect();
        let taken: Vec<&String> = base.difference(&found).collect();
        assert_eq!(added, *adds, "added by {sets:?}");
        assert_eq!(taken, *takes, "taken away by {sets:?}");
    }
}

#[test]
fn an_override_renames_everything() {
    for name in objects(find("exposed"), &[]) {
        let (kind, name) = name.split_once('/').expect("a kind and a name");
        let own_name = ["CustomResourceDefinition", "Ingress"].contains(&kind);
        assert!(own_name || name.starts_with("assistant-"), "{kind}/{name}");
    }
}
