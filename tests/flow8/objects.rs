//! Which objects there are: by default, for each preset, and what each toggle adds and takes away.

use std::collections::BTreeSet;

use crate::{Case, documents, find};

/// The objects of a first install, as kind and name.
const DEFAULT: [&str; 9] = [
    "ConfigMap/flow8-config",
    "Deployment/flow8",
    "Ingress/flow8",
    "PersistentVolumeClaim/flow8-data",
    "Role/flow8",
    "RoleBinding/flow8",
    "Secret/flow8-secrets",
    "Service/flow8",
    "ServiceAccount/flow8",
];

/// The objects as kind and name; a Job's name without the checksum of what it does.
fn objects(case: &Case, sets: &[&str]) -> BTreeSet<String> {
    let name = |document: &plimsoll::manifest::Document| {
        let identity = &document.identity;
        let name = match identity.kind.as_str() {
            "Job" => identity.name.rsplit_once('-').map_or("", |(name, _)| name),
            _ => &identity.name,
        };
        format!("{}/{name}", identity.kind)
    };
    documents(case, sets).iter().map(name).collect()
}

fn default_objects() -> BTreeSet<String> {
    DEFAULT.iter().map(|name| (*name).to_owned()).collect()
}

/// What a case adds to the objects of a first install, and what it takes away.
fn changes(case: &Case, sets: &[&str]) -> (Vec<String>, Vec<String>) {
    let (found, base) = (objects(case, sets), default_objects());
    (found.difference(&base).cloned().collect(), base.difference(&found).cloned().collect())
}

#[test]
fn the_skeleton_of_the_manual_gives_the_objects_of_a_first_install() {
    assert_eq!(objects(find("minimal"), &[]), default_objects());
    assert_eq!(objects(find("skeleton"), &[]), default_objects());
}

#[test]
fn each_preset_has_its_objects() {
    let table: &[(&str, &[&str], &[&str])] = &[
        (
            "evaluation",
            &["Job/mongodb-init", "Service/mongodb", "StatefulSet/mongodb"],
            &["Ingress/flow8", "Secret/flow8-secrets"],
        ),
        ("production", &["NetworkPolicy/flow8", "PodDisruptionBudget/flow8"], &["Secret/flow8-secrets"]),
        ("autoscaling", &["HorizontalPodAutoscaler/flow8", "PodDisruptionBudget/flow8"], &[]),
        (
            "replica-set",
            &["Job/mongodb-init", "PodDisruptionBudget/mongodb", "Service/mongodb", "StatefulSet/mongodb"],
            &[],
        ),
        ("single-instance", &[], &[]),
    ];
    for (name, adds, takes) in table {
        let (added, taken) = changes(find(name), &[]);
        assert_eq!(added, *adds, "{name}");
        assert_eq!(taken, *takes, "{name}");
    }
}

/// A toggle: the flag, what it adds, and what it takes away.
type Toggle = (&'static str, &'static [&'static str], &'static [&'static str]);

const TOGGLES: &[Toggle] = &[
    ("autoscaling.enabled=true", &["HorizontalPodAutoscaler/flow8"], &[]),
    ("podDisruptionBudget.enabled=true", &["PodDisruptionBudget/flow8"], &[]),
    ("serviceMonitor.enabled=true", &["ServiceMonitor/flow8"], &[]),
    (
        "networkPolicy.enabled=true,networkPolicy.mongodbCIDR=10.0.0.0/8,networkPolicy.kubernetesApiServerCIDR=10.0.0.1/32",
        &["NetworkPolicy/flow8"],
        &[],
    ),
    ("networkPolicy.enabled=true,networkPolicy.allowAllEgress=true", &["NetworkPolicy/flow8"], &[]),
    ("ingress.enabled=false", &[], &["Ingress/flow8"]),
    ("clusterIssuer.enabled=true,clusterIssuer.email=a@flow8.dev", &["ClusterIssuer/letsencrypt-prod"], &[]),
    ("storage.enabled=false", &[], &["PersistentVolumeClaim/flow8-data"]),
    ("storage.existingClaim=files", &[], &["PersistentVolumeClaim/flow8-data"]),
    ("serviceAccount.create=false", &[], &["ServiceAccount/flow8"]),
    ("rbac.create=false", &[], &["Role/flow8", "RoleBinding/flow8"]),
    (
        "rbac.clusterWide=true",
        &["ClusterRole/flow8", "ClusterRoleBinding/flow8"],
        &["Role/flow8", "RoleBinding/flow8"],
    ),
    (
        "secrets.existingSecret=keys,secrets.encryptionKey=,secrets.encryptionKeySalt=,mongodb.uri=",
        &[],
        &["Secret/flow8-secrets"],
    ),
    ("tls.certManager.enabled=false,tls.existingSecret=own", &[], &[]),
    (
        "mongodb.enabled=true,mongodb.uri=,mongodb.existingSecret=mongodb-creds",
        &["Job/mongodb-init", "Service/mongodb", "StatefulSet/mongodb"],
        &[],
    ),
    (
        "mongodb.enabled=true,mongodb.uri=,mongodb.rootPassword=pw,mongodb.keyFile=keykeykey,mongodb.name=",
        &[
            "Job/flow8-mongodb-init",
            "Secret/flow8-mongodb-creds",
            "Service/flow8-mongodb",
            "StatefulSet/flow8-mongodb",
        ],
        &[],
    ),
    (
        "mongodb.enabled=true,mongodb.uri=,mongodb.existingSecret=mongodb-creds,mongodb.serviceAccount.create=true,mongodb.podDisruptionBudget.enabled=true",
        &[
            "Job/mongodb-init",
            "PodDisruptionBudget/mongodb",
            "Service/mongodb",
            "ServiceAccount/mongodb",
            "StatefulSet/mongodb",
        ],
        &[],
    ),
    ("service.mcp.enabled=true,secrets.mcpJwtSecret=key", &[], &[]),
    ("replicaCount=1", &[], &[]),
];

#[test]
fn each_toggle_adds_and_takes_away_exactly_its_objects() {
    for (set, adds, takes) in TOGGLES {
        let (added, taken) = changes(find("minimal"), &[set]);
        assert_eq!(added, *adds, "added by {set}");
        assert_eq!(taken, *takes, "taken away by {set}");
    }
}

#[test]
fn an_override_renames_everything_but_the_account_that_has_a_name() {
    for name in objects(find("pods"), &[]) {
        assert!(name.contains("/flows") || name == "ServiceAccount/pages", "{name}");
    }
}

#[test]
fn roles_of_the_cluster_carry_the_namespace_of_another_installation() {
    let found = objects(find("monitoring"), &["fullnameOverride=second"]);
    assert!(found.contains("ClusterRole/second-flow8"), "{found:?}");
}
