//! The Skyflo chart: its table, and the tests that it has alone.

mod objects;
mod refusals;

use std::sync::OnceLock;

use objects::FIRST_INSTALL;

use crate::harness::{Profile, case, names, preset};

pub static PROFILE: Profile = Profile {
    name: "skyflo",
    cases: &[
        preset("evaluation", &["evaluation"], &[]),
        preset("production", &["production"], &["production"]),
        case("minimal", &["minimal"]),
        case("original", &["original"]),
        case("production-by-url", &["production-by-url"]),
        case("production-by-fields", &["production-by-fields"]),
        case("autoscaling", &["minimal", "autoscaling"]),
        case("network-policies", &["minimal", "network-policies"]),
        case("pods", &["minimal", "pods"]),
        case("controller-off", &["minimal", "controller-off"]),
        case("operator", &["minimal", "operator"]),
        case("exposed", &["minimal", "exposed"]),
        case("load-balancer", &["minimal", "load-balancer"]),
        case("existing-secrets", &["existing-secrets"]),
        case("all-in-one-secret", &["all-in-one-secret"]),
        case("operations", &["minimal", "operations"]),
    ],
    other_files: &[],
    existing: &[
        "ConfigMap/company-ca",
        "ConfigMap/proxies",
        "PersistentVolumeClaim/sessions",
        "Secret/registry",
        "Secret/skyflo-engine",
        "Secret/skyflo-engine-secrets",
        "Secret/skyflo-everything",
        "Secret/skyflo-keys",
        "Secret/skyflo-postgres",
        "Secret/skyflo-postgres-secrets",
        "Secret/skyflo-redis",
        "ServiceAccount/pages",
    ],
    foreign_labels: &["k8s-app", "team"],
    secrets: &["3Hn0pTq8", "w7Yt2ZpQ", "9sKfJq2L", "Rk5mPz8s", "test-", "s3cret", "a@b/c", "a%40b", "p%40ss"],
    objects: objects::OBJECTS,
    refusals: refusals::REFUSALS,
    rendered: OnceLock::new(),
};

#[test]
fn only_what_calls_the_api_has_a_token() {
    for rendered in PROFILE.rendered() {
        for workload in rendered.workloads() {
            let name = workload["metadata"]["name"].as_str().expect("a name");
            let calls = name.ends_with("-mcp") || name.ends_with("-controller");
            let automount = &workload["spec"]["template"]["spec"]["automountServiceAccountToken"];
            assert_eq!(*automount, calls, "{}: {name}", rendered.name);
        }
    }
}

#[test]
fn a_values_file_of_the_original_chart_gives_its_objects() {
    let mut expected = names(FIRST_INSTALL);
    expected.insert("Service/skyflo-ui-internal".to_owned());
    assert_eq!(PROFILE.objects(PROFILE.find("original"), &[]), expected);
}

#[test]
fn external_stores_leave_17() {
    let found = PROFILE.objects(PROFILE.find("production-by-fields"), &[]);
    let gone: Vec<String> = names(FIRST_INSTALL).difference(&found).cloned().collect();
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

#[test]
fn an_override_renames_everything() {
    for name in PROFILE.objects(PROFILE.find("exposed"), &[]) {
        let (kind, name) = name.split_once('/').expect("a kind and a name");
        let own_name = ["CustomResourceDefinition", "Ingress"].contains(&kind);
        assert!(own_name || name.starts_with("assistant-"), "{kind}/{name}");
    }
}

#[test]
fn a_name_that_grows_too_long_is_refused_and_not_cut() {
    let set = format!("fullnameOverride={}", "a".repeat(41));
    let found = PROFILE.errors(PROFILE.find("minimal"), &[&set]);
    assert!(found.len() == 1 && found[0].ends_with("must have at most 40 characters"), "{found:#?}");
    let set = format!("nameOverride={}", "a".repeat(40));
    let found = PROFILE.errors(PROFILE.find("minimal"), &[&set]);
    assert!(!found.is_empty());
    assert!(found.iter().all(|finding| finding.ends_with("characters, and 63 are allowed")), "{found:#?}");
}
