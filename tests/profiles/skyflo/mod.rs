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

/// Settings of an external database, the address of the engine's ORM, and that of its checkpoints where it has its own.
type Address = (&'static str, &'static str, Option<&'static str>);

/// Each was read back by both drivers: the ORM decodes the password alone, and that of the checkpoints every part.
#[test]
fn both_drivers_read_back_what_the_values_say() {
    const ADDRESSES: &[Address] = &[
        ("host=h,password=a@b/c+d", "postgres://skyflo:a%40b%2Fc%2Bd@h:5432/skyflo", None),
        (
            "host=h,password=p,username=skyflo@mydb",
            "postgres://skyflo@mydb:p@h:5432/skyflo",
            Some("postgres://skyflo%40mydb:p@h:5432/skyflo?sslmode=disable"),
        ),
        ("host=fd00::1,password=p,database=a b%,tls=true", "", None),
        (
            "host=fd00::1,password=p,database=a%b,tls=true",
            "postgres://skyflo:p@[fd00::1]:5432/a%b?ssl=true",
            Some("postgres://skyflo:p@[fd00::1]:5432/a%25b?sslmode=require"),
        ),
        ("url=postgresql://u:p@h:1/d", "postgres://u:p@h:1/d", None),
        ("url=postgresql+psycopg://u:p@h/d", "postgres://u:p@h/d", None),
        ("url=asyncpg://u:p@h/d", "postgres://u:p@h/d", None),
        ("url=psycopg://u:p@h/d", "psycopg://u:p@h/d", Some("postgres://u:p@h/d?sslmode=disable")),
        (
            "url=postgres://u:p@h/d?min_size=3",
            "postgres://u:p@h/d?min_size=3",
            Some("postgres://u:p@h/d?sslmode=disable"),
        ),
        (
            "url=postgres://u:p@h/d?ssl=true",
            "postgres://u:p@h/d?ssl=true",
            Some("postgres://u:p@h/d?sslmode=require"),
        ),
        ("url=postgres://u@x:p@h/d", "", None),
        ("url=postgres://u%40x:p@h/d", "", None),
        ("url=postgres://u:a+b@h/d", "", None),
        ("host=h,username=a:b", "", None),
    ];
    for (settings, main, checkpoints) in ADDRESSES {
        let external = settings.replace(",", ",postgresql.external.");
        let set = format!("postgresql.enabled=false,postgresql.external.{external}");
        let (documents, _) = PROFILE.run(&PROFILE.request(PROFILE.find("minimal"), &[&set]));
        let Ok(documents) = documents else {
            assert_eq!(*main, "", "{settings} was refused");
            continue;
        };
        let secret =
            documents.iter().find(|it| &*it.identity.name == "skyflo-engine-secrets").expect("a Secret");
        let data = secret.node.get("stringData").expect("data");
        let text = |key: &str| data.get(key).and_then(|value| value.as_str());
        assert_eq!(text("POSTGRES_DATABASE_URL"), Some(*main), "{settings}");
        assert_eq!(text("CHECKPOINTER_DATABASE_URL"), *checkpoints, "{settings}");
    }
}

#[test]
fn a_password_of_the_bundled_database_is_encoded_where_a_url_needs_it() {
    for (password, key) in
        [("S3cure!Pass=2024", "POSTGRES_PASSWORD_ENCODED"), ("abc-._~1", "POSTGRES_PASSWORD")]
    {
        let set = format!("postgresql.auth.password={password}");
        let documents = PROFILE.documents(PROFILE.find("minimal"), &[&set]);
        let secret =
            documents.iter().find(|it| &*it.identity.name == "skyflo-postgres-secrets").expect("a Secret");
        let data = secret.node.get("stringData").expect("data");
        assert_eq!(data.get("POSTGRES_PASSWORD").and_then(|it| it.as_str()), Some(password));
        let engine = documents
            .iter()
            .find(|it| &*it.identity.name == "skyflo-engine" && &*it.identity.kind == "Deployment");
        let text = plimsoll::yaml::print_json(&engine.expect("the engine").node);
        assert!(text.contains(&format!("\"key\": \"{key}\"")), "{password}");
    }
}

#[test]
fn policies_are_off_when_they_are_off_and_ask_for_nothing() {
    let set = "networkPolicy.enabled=false,networkPolicy.allComponents=true,networkPolicy.kubernetesApiServerCIDR=,redis.enabled=false,redis.external.url=redis://redis.internal";
    let found = PROFILE.objects(PROFILE.find("minimal"), &[set]);
    assert!(found.iter().all(|name| !name.starts_with("NetworkPolicy/")), "{found:?}");
}

#[test]
fn a_skyfloai_has_what_a_url_says() {
    let set = "skyfloai.enabled=true,skyfloai.kubeconfigSecret=other-cluster,postgresql.enabled=false,postgresql.external.url=postgres://u:p@db.example.com:6432/chat?ssl=true,redis.enabled=false,redis.external.url=rediss://:p@cache.example.com:6380/0";
    let documents = PROFILE.documents(PROFILE.find("minimal"), &[set]);
    let resource = documents.iter().find(|it| &*it.identity.kind == "SkyfloAI").expect("a SkyfloAI");
    let text = |path: &[&str]| {
        let node =
            path.iter().try_fold(resource.node.get("spec").expect("a spec"), |node, key| node.get(key));
        node.and_then(|node| node.as_scalar()).map(|scalar| scalar.text.to_string())
    };
    for (path, expected) in [
        (["engine", "databaseConfig", "host"], "db.example.com"),
        (["engine", "databaseConfig", "port"], "6432"),
        (["engine", "databaseConfig", "database"], "chat"),
        (["engine", "redisConfig", "host"], "cache.example.com"),
        (["engine", "redisConfig", "port"], "6380"),
    ] {
        assert_eq!(text(&path).as_deref(), Some(expected), "{path:?}");
    }
    assert_eq!(text(&["mcp", "kubeconfigSecret"]).as_deref(), Some("other-cluster"));
}
