//! The Datafly chart: its table, and the tests that it has alone.

mod objects;
mod refusals;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use objects::FIRST_INSTALL;
use plimsoll::emit::{Format, stream};
use plimsoll::request::Request;

use crate::harness::{Profile, case, names, preset};
use crate::json::{containers, hosts, items};

pub static PROFILE: Profile = Profile {
    name: "datafly",
    cases: &[
        preset("evaluation", &["evaluation"], &[]),
        preset("production", &["production"], &["production"]),
        preset("keda", &["keda"], &["existing", "keda"]),
        preset("prometheus", &["prometheus"], &["existing", "prometheus"]),
        case("inline", &["inline"]),
        case("existing", &["existing"]),
        case("manual", &["manual"]),
        case("first-example", &["existing", "first-example"]),
        case("pods", &["existing", "pods"]),
        case("open-policies", &["existing", "open-policies"]),
    ],
    other_files: &["manual-under-global"],
    existing: &[
        "ConfigMap/company-ca",
        "ConfigMap/proxies",
        "Secret/datafly-redis",
        "Secret/datafly-secrets",
        "Secret/registry",
        "ServiceAccount/api",
    ],
    foreign_labels: &["k8s-app", "consumergroup"],
    secrets: &[
        "3Hn0pTq8",
        "00112233",
        "p%40ssw0rd",
        "s3cret-word",
        "your-256-bit-jwt-secret",
        "your-32-byte-encryption-key",
    ],
    objects: objects::OBJECTS,
    refusals: refusals::REFUSALS,
    rendered: OnceLock::new(),
};

#[test]
fn every_service_has_the_port_of_its_container() {
    for rendered in PROFILE.rendered() {
        for service in rendered.of_kind("Service") {
            let pod = rendered.selected(&service["spec"]["selector"]).next().expect("a pod");
            for port in items(&service["spec"]["ports"]) {
                let mut known = containers(pod).flat_map(|container| items(&container["ports"]));
                let same = known.find(|known| known["name"] == port["targetPort"]);
                let same = same.expect("a port of the container");
                assert_eq!(same["containerPort"], port["port"], "{}", rendered.name);
            }
        }
    }
}

#[test]
fn every_container_has_both_probes_and_each_asks_one_port() {
    for rendered in PROFILE.rendered() {
        for pod in rendered.pods() {
            for probe in ["livenessProbe", "readinessProbe"] {
                let probe = &pod["spec"]["containers"][0][probe];
                let ports = [&probe["tcpSocket"]["port"], &probe["httpGet"]["port"]];
                let asked = ports.into_iter().filter(|port| !port.is_null()).count();
                assert_eq!(asked, 1, "{}: {probe}", rendered.name);
            }
        }
    }
}

#[test]
fn there_are_six_deployments_whoever_sets_their_number_of_pods() {
    for rendered in PROFILE.rendered() {
        assert_eq!(rendered.of_kind("Deployment").count(), 6, "{}", rendered.name);
    }
}

/// The listener is told the port that Services and probes ask.
#[test]
fn every_service_is_told_its_port() {
    for rendered in PROFILE.rendered() {
        for workload in rendered.workloads().filter(|it| it["metadata"]["name"] != "management-ui") {
            let container = &workload["spec"]["template"]["spec"]["containers"][0];
            let told = items(&container["env"]).find(|variable| variable["name"] == "PORT").expect("PORT");
            let port = container["ports"][0]["containerPort"].to_string();
            assert_eq!(told["value"], *port, "{}", rendered.name);
        }
    }
}

#[test]
fn the_five_services_share_the_secrets_and_the_pages_have_none() {
    for rendered in PROFILE.rendered() {
        for workload in rendered.workloads() {
            let container = &workload["spec"]["template"]["spec"]["containers"][0];
            let from_secret =
                items(&container["env"]).filter(|it| it["valueFrom"]["secretKeyRef"].is_object());
            let names: BTreeSet<&str> = from_secret.filter_map(|it| it["name"].as_str()).collect();
            let shared = ["DATABASE_URL", "ENCRYPTION_KEY", "JWT_SECRET"];
            let pages = workload["metadata"]["name"] == "management-ui";
            let right = if pages { names.is_empty() } else { shared.iter().all(|name| names.contains(name)) };
            assert!(right, "{}: {} has {names:?}", rendered.name, workload["metadata"]["name"]);
        }
    }
}

#[test]
fn no_pod_has_a_token() {
    for rendered in PROFILE.rendered() {
        for pod in rendered.pods() {
            assert_eq!(pod["spec"]["automountServiceAccountToken"], false, "{}", rendered.name);
        }
    }
}

#[test]
fn every_host_has_a_certificate_of_its_name() {
    for rendered in PROFILE.rendered() {
        for ingress in rendered.of_kind("Ingress") {
            let (served, certified) = hosts(ingress);
            assert_eq!(certified, served, "{}", rendered.name);
        }
    }
}

#[test]
fn the_manual_read_either_way_is_the_same() {
    let text = |files| stream(&PROFILE.documents(case("manual", files), &[]), Format::Yaml);
    assert_eq!(text(&["manual"]), text(&["manual-under-global"]));
}

/// How the original is had back where it sets nothing: the documentation says so.
#[test]
fn null_takes_back_what_is_safer_than_the_original() {
    let sets = [
        "eventProcessor.podSecurityContext=null,eventProcessor.securityContext=null",
        "eventProcessor.livenessProbe=null,eventProcessor.readinessProbe=null",
    ];
    let text = stream(&PROFILE.documents(PROFILE.find("existing"), &sets), Format::Yaml);
    let deployment = text
        .split("---\n")
        .find(|document| document.contains("kind: Deployment\nmetadata:\n  name: event-processor"));
    let deployment = deployment.expect("the event processor");
    for word in ["securityContext", "livenessProbe", "readinessProbe"] {
        assert!(!deployment.contains(word), "{word} in\n{deployment}");
    }
}

#[test]
fn the_namespace_of_the_values_is_that_of_the_objects() {
    let manual = PROFILE.find("manual");
    for document in PROFILE.documents(manual, &[]) {
        assert_eq!(document.identity.namespace.as_deref(), Some("customer-acme"));
    }
    let agreed = Request { namespace: Some("customer-acme".to_owned()), ..PROFILE.request(manual, &[]) };
    assert!(PROFILE.run(&agreed).0.is_ok());
    let other = Request { namespace: Some("customer-other".to_owned()), ..PROFILE.request(manual, &[]) };
    let (documents, findings) = PROFILE.run(&other);
    assert!(documents.is_err());
    assert!(findings.contains("`global.namespace` is `customer-acme`"), "{findings}");
    let free = Request {
        namespace: Some("customer-other".to_owned()),
        ..PROFILE.request(PROFILE.find("inline"), &[])
    };
    for document in PROFILE.run(&free).0.expect("documents") {
        assert_eq!(document.identity.namespace.as_deref(), Some("customer-other"));
    }
}

#[test]
fn the_manual_gives_its_ten_objects_and_what_it_left_out() {
    let mut expected = names(FIRST_INSTALL);
    expected.extend(names(&[
        "HorizontalPodAutoscaler/delivery-workers",
        "HorizontalPodAutoscaler/event-processor",
        "HorizontalPodAutoscaler/ingestion-gateway",
        "Ingress/ingress",
    ]));
    assert_eq!(PROFILE.objects(PROFILE.find("manual"), &[]), expected);
}

#[test]
fn an_existing_secret_leaves_eleven() {
    let mut expected = names(FIRST_INSTALL);
    expected.remove("Secret/datafly-secrets");
    assert_eq!(PROFILE.objects(PROFILE.find("existing"), &[]), expected);
}

#[test]
fn keda_makes_its_own_autoscalers() {
    let found = PROFILE.objects(PROFILE.find("keda"), &[]);
    let scalers: Vec<&String> =
        found.iter().filter(|name| name.contains("Scale") || name.contains("Autoscaler")).collect();
    let expected =
        ["ScaledObject/delivery-workers", "ScaledObject/event-processor", "ScaledObject/ingestion-gateway"];
    assert_eq!(scalers, expected);
}

#[test]
fn what_works_and_should_be_better_is_a_warning() {
    let quiet = "kafka.tls.enabled=true";
    assert_eq!(PROFILE.warnings(PROFILE.find("inline"), &[quiet]), Vec::<String>::new());
    let table: &[(&str, &str)] = &[
        ("redis.url=redis://redis.internal", "the way to Redis is not encrypted"),
        (
            "database.url=postgres://u:p@h/d",
            "the way to PostgreSQL may not be encrypted: the URL does not say `sslmode`",
        ),
        (
            "autoscaling.deliveryWorkers.enabled=true",
            "`delivery-workers` may get more pods than its topics have partitions (3): the others get no events; `kafka.partitions` says how many there are",
        ),
        (
            "jwt.secret=your-256-bit-jwt-secret",
            "this is the manual's example: everybody knows it, and it has not the form that the services ask for",
        ),
        (
            "kafka.partitions=12,autoscaling.eventProcessor.enabled=true,autoscaling.eventProcessor.kafkaLagThreshold=5",
            "`autoscaling.eventProcessor.kafkaLagThreshold` is set, and nobody counts waiting events",
        ),
    ];
    for (set, sentence) in table {
        assert_eq!(PROFILE.warnings(PROFILE.find("inline"), &[quiet, set]), [*sentence], "{set}");
    }
    assert_eq!(PROFILE.warnings(PROFILE.find("inline"), &[]), ["the way to Kafka is not encrypted"]);
}

#[test]
fn as_many_pods_as_partitions_are_fine() {
    let sets = "kafka.tls.enabled=true,kafka.partitions=12,autoscaling.deliveryWorkers.enabled=true";
    assert_eq!(PROFILE.warnings(PROFILE.find("inline"), &[sets]), Vec::<String>::new());
}
