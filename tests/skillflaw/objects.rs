//! Which objects there are: by default, as the vendor's page shows them, and what each toggle adds and takes away.

use std::collections::BTreeSet;

use crate::{Case, documents, find};

/// The objects of a first install, the API alone, as kind and name.
const DEFAULT: [&str; 6] = [
    "ConfigMap/skillflaw-backend-config",
    "Deployment/skillflaw-backend",
    "PersistentVolumeClaim/skillflaw-backend-data",
    "Secret/skillflaw-backend-env",
    "Secret/skillflaw-runtime-secrets",
    "Service/skillflaw-backend",
];

/// The objects of the vendor's page, which says that the claim and the Secret of the key exist.
const SEED: [&str; 9] = [
    "ConfigMap/skillflaw-backend-config",
    "Deployment/skillflaw-backend",
    "Deployment/skillflaw-docs",
    "Deployment/skillflaw-frontend",
    "Ingress/skillflaw",
    "Secret/skillflaw-backend-env",
    "Service/skillflaw-backend",
    "Service/skillflaw-docs",
    "Service/skillflaw-frontend",
];

/// The objects of `-p production`, whose Secrets exist.
const PRODUCTION: [&str; 7] = [
    "ConfigMap/skillflaw-backend-config",
    "Deployment/skillflaw-backend",
    "Ingress/skillflaw",
    "NetworkPolicy/skillflaw-backend-policy",
    "PersistentVolumeClaim/skillflaw-backend-data",
    "PodDisruptionBudget/skillflaw-backend-pdb",
    "Service/skillflaw-backend",
];

/// What `-p web` adds.
const WEB: [&str; 4] = [
    "Deployment/skillflaw-frontend",
    "NetworkPolicy/skillflaw-frontend-policy",
    "PodDisruptionBudget/skillflaw-frontend-pdb",
    "Service/skillflaw-frontend",
];

fn objects(case: &Case, sets: &[&str]) -> BTreeSet<String> {
    let name = |document: &plimsoll::manifest::Document| {
        format!("{}/{}", document.identity.kind, document.identity.name)
    };
    documents(case, sets).iter().map(name).collect()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn by_default_there_is_the_api_alone() {
    assert_eq!(objects(find("minimal"), &[]), names(&DEFAULT));
}

#[test]
fn everything_that_the_vendors_page_shows_or_refers_to_is_there() {
    assert_eq!(objects(find("seed"), &[]), names(&SEED));
    let own = [
        "persistence.existingClaim=",
        "secretKey.existingSecret=,secretKey.value=Zt4kQw8nLr2VbXc6HsDf9GjTaUePm3YoKi",
    ];
    let found = objects(find("seed"), &own);
    let added: Vec<String> = found.difference(&names(&SEED)).cloned().collect();
    assert_eq!(added, ["PersistentVolumeClaim/skillflaw-backend-data", "Secret/skillflaw-runtime-secrets"]);
}

#[test]
fn presets_stand_on_each_other() {
    let production = names(&PRODUCTION);
    assert_eq!(objects(find("production"), &[]), production);
    let web: BTreeSet<String> = production.union(&names(&WEB)).cloned().collect();
    assert_eq!(objects(find("web"), &[]), web);
    let scaled = objects(find("autoscaling"), &[]);
    let added: Vec<String> = scaled.difference(&web).cloned().collect();
    assert_eq!(
        added,
        ["HorizontalPodAutoscaler/skillflaw-backend", "HorizontalPodAutoscaler/skillflaw-frontend"]
    );
}

/// A toggle: the flags, what they add, and what they take away.
type Toggle = (&'static [&'static str], &'static [&'static str], &'static [&'static str]);

const SHARED: &str = "persistence.accessMode=ReadWriteMany";

const TOGGLES: &[Toggle] = &[
    (&["frontend.enabled=true"], &["Deployment/skillflaw-frontend", "Service/skillflaw-frontend"], &[]),
    (&["docs.enabled=true"], &["Deployment/skillflaw-docs", "Service/skillflaw-docs"], &[]),
    (
        &["ingress.enabled=true,ingress.hosts.api=api.example.org,superuser.password=w7Yt2ZpQ"],
        &["Ingress/skillflaw"],
        &[],
    ),
    (&[SHARED, "backend.autoscaling.enabled=true"], &["HorizontalPodAutoscaler/skillflaw-backend"], &[]),
    (
        &["frontend.enabled=true,frontend.autoscaling.enabled=true"],
        &[
            "Deployment/skillflaw-frontend",
            "HorizontalPodAutoscaler/skillflaw-frontend",
            "Service/skillflaw-frontend",
        ],
        &[],
    ),
    (
        &[SHARED, "backend.replicas=2,podDisruptionBudget.backend.enabled=true"],
        &["PodDisruptionBudget/skillflaw-backend-pdb"],
        &[],
    ),
    (
        &["podDisruptionBudget.backend.enabled=true,podDisruptionBudget.backend.maxUnavailable=1"],
        &["PodDisruptionBudget/skillflaw-backend-pdb"],
        &[],
    ),
    (
        &["frontend.enabled=true,podDisruptionBudget.frontend.enabled=true"],
        &[
            "Deployment/skillflaw-frontend",
            "PodDisruptionBudget/skillflaw-frontend-pdb",
            "Service/skillflaw-frontend",
        ],
        &[],
    ),
    (&["podDisruptionBudget.frontend.enabled=true"], &[], &[]),
    (
        &[
            "networkPolicy.enabled=true,networkPolicy.databaseTo[0].ipBlock.cidr=10.0.0.0/8",
            "networkPolicy.redisTo[0].ipBlock.cidr=10.0.0.0/8",
        ],
        &["NetworkPolicy/skillflaw-backend-policy"],
        &[],
    ),
    (
        &["clusterIssuer.enabled=true,clusterIssuer.email=a@skillflaw.dev"],
        &["ClusterIssuer/letsencrypt-prod"],
        &[],
    ),
    (&["backend.serviceAccount.create=true"], &["ServiceAccount/skillflaw-backend"], &[]),
    (&["persistence.enabled=false"], &[], &["PersistentVolumeClaim/skillflaw-backend-data"]),
    (&["persistence.existingClaim=mine"], &[], &["PersistentVolumeClaim/skillflaw-backend-data"]),
    (&["secretKey.value=,secretKey.existingSecret=keys"], &[], &["Secret/skillflaw-runtime-secrets"]),
    (
        &["database.host=,database.password=,database.existingSecret=pg"],
        &[],
        &["Secret/skillflaw-backend-env"],
    ),
    (&["redis.host=,redis.existingSecret=cache"], &[], &[]),
    (&["superuser.password=w7Yt2ZpQ"], &[], &[]),
    (&["backend.image.tag=1.10"], &[], &[]),
];

#[test]
fn each_toggle_adds_and_takes_away_exactly_its_objects() {
    for (sets, adds, takes) in TOGGLES {
        let found = objects(find("minimal"), sets);
        let base = names(&DEFAULT);
        let added: Vec<&String> = found.difference(&base).collect();
        let taken: Vec<&String> = base.difference(&found).collect();
        assert_eq!(added, *adds, "added by {sets:?}");
        assert_eq!(taken, *takes, "taken away by {sets:?}");
    }
}

#[test]
fn an_override_renames_everything() {
    for name in objects(find("exposed"), &[]) {
        assert!(name == "ClusterIssuer/letsencrypt-prod" || name.contains("/agents-"), "{name}");
    }
}
