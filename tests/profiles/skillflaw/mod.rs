//! The SkillFlaw chart: its table, and the tests that it has alone.

mod objects;
mod refusals;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use objects::{PRODUCTION, SEED, WEB};

use crate::harness::{Profile, case, names, preset};

pub static PROFILE: Profile = Profile {
    name: "skillflaw",
    cases: &[
        preset("evaluation", &["evaluation"], &[]),
        preset("production", &["production"], &["production"]),
        preset("web", &["production", "web"], &["production", "web"]),
        preset("autoscaling", &["production", "web", "autoscaling"], &["production", "web"]),
        case("minimal", &["minimal"]),
        case("seed", &["seed"]),
        case("by-url", &["by-url"]),
        case("by-fields", &["by-fields"]),
        case("existing-secrets", &["existing-secrets"]),
        case("pods", &["minimal", "pods"]),
        case("exposed", &["minimal", "exposed"]),
        case("network-policies", &["minimal", "network-policies"]),
        case("one-host", &["minimal", "one-host"]),
        case("operations", &["minimal", "operations"]),
    ],
    other_files: &[],
    existing: &[
        "ConfigMap/company-ca",
        "PersistentVolumeClaim/skillflaw-backend-data",
        "Secret/cache",
        "Secret/first-user",
        "Secret/ghcr",
        "Secret/keys",
        "Secret/model-keys",
        "Secret/pg-app",
        "Secret/skillflaw-database",
        "Secret/skillflaw-redis",
        "Secret/skillflaw-runtime-secrets",
        "Secret/skillflaw-superuser",
    ],
    foreign_labels: &["k8s-app", "team"],
    secrets: &["Rk5mPz8s", "Zt4kQw8n", "w7Yt2ZpQ", "a@b/c", "a%40b", "p@ss", "p%40ss"],
    objects: objects::OBJECTS,
    refusals: refusals::REFUSALS,
    rendered: OnceLock::new(),
};

/// Of a claim for one node, a second pod on another node would wait for ever.
#[test]
fn several_pods_share_a_claim_and_one_pod_does_not_roll_over_a_disk_of_its_own() {
    for rendered in PROFILE.rendered() {
        let backend = rendered
            .of_kind("Deployment")
            .find(|it| it["metadata"]["name"].as_str().expect("a name").ends_with("-backend"));
        let spec = &backend.expect("the backend")["spec"];
        let shared = rendered
            .of_kind("PersistentVolumeClaim")
            .all(|it| it["spec"]["accessModes"][0] == "ReadWriteMany");
        let many = spec["replicas"].as_i64().is_none_or(|replicas| replicas > 1);
        assert!(shared || !many, "{}: {} pods", rendered.name, spec["replicas"]);
        if many {
            assert_eq!(spec["strategy"]["rollingUpdate"]["maxUnavailable"], 0, "{}", rendered.name);
        }
        if !shared {
            assert_eq!(spec["strategy"]["type"], "Recreate", "{}", rendered.name);
        }
    }
}

#[test]
fn every_ingress_has_a_certificate() {
    for rendered in PROFILE.rendered() {
        for ingress in rendered.of_kind("Ingress") {
            assert!(!ingress["spec"]["tls"].is_null(), "{}", rendered.name);
        }
    }
}

#[test]
fn everything_that_the_vendors_page_shows_or_refers_to_is_there() {
    assert_eq!(PROFILE.objects(PROFILE.find("seed"), &[]), names(SEED));
    let own = [
        "persistence.existingClaim=",
        "secretKey.existingSecret=,secretKey.value=Zt4kQw8nLr2VbXc6HsDf9GjTaUePm3YoKi",
    ];
    let found = PROFILE.objects(PROFILE.find("seed"), &own);
    let added: Vec<String> = found.difference(&names(SEED)).cloned().collect();
    assert_eq!(added, ["PersistentVolumeClaim/skillflaw-backend-data", "Secret/skillflaw-runtime-secrets"]);
}

#[test]
fn presets_stand_on_each_other() {
    let production = names(PRODUCTION);
    assert_eq!(PROFILE.objects(PROFILE.find("production"), &[]), production);
    let web: BTreeSet<String> = production.union(&names(WEB)).cloned().collect();
    assert_eq!(PROFILE.objects(PROFILE.find("web"), &[]), web);
    let scaled = PROFILE.objects(PROFILE.find("autoscaling"), &[]);
    let added: Vec<String> = scaled.difference(&web).cloned().collect();
    assert_eq!(
        added,
        ["HorizontalPodAutoscaler/skillflaw-backend", "HorizontalPodAutoscaler/skillflaw-frontend"]
    );
}

#[test]
fn an_override_renames_everything() {
    for name in PROFILE.objects(PROFILE.find("exposed"), &[]) {
        assert!(name == "ClusterIssuer/letsencrypt-prod" || name.contains("/agents-"), "{name}");
    }
}
