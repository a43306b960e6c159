//! Which objects there are: by default, in production, and what each toggle adds and takes away.

use std::collections::BTreeSet;

use crate::{Case, documents, find};

/// The objects of a first install with inline secrets, as kind and name; Redis has no password.
const DEFAULT: [&str; 12] = [
    "ConfigMap/datafly-config",
    "Deployment/delivery-workers",
    "Deployment/event-processor",
    "Deployment/identity-hub",
    "Deployment/ingestion-gateway",
    "Deployment/management-api",
    "Deployment/management-ui",
    "Secret/datafly-secrets",
    "Service/identity-hub-svc",
    "Service/ingestion-gateway-svc",
    "Service/management-api-svc",
    "Service/management-ui-svc",
];

/// What all toggles stand on.
const BASE: &str = "redis.url=rediss://redis.internal:6379";

fn objects(case: &Case, sets: &[&str]) -> BTreeSet<String> {
    let name = |document: &plimsoll::manifest::Document| {
        format!("{}/{}", document.identity.kind, document.identity.name)
    };
    documents(case, sets).iter().map(name).collect()
}

fn named(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn by_default_there_are_six_workloads_four_services_and_their_configuration() {
    assert_eq!(objects(find("inline"), &[BASE]), named(&DEFAULT));
}

#[test]
fn the_manual_gives_its_ten_objects_and_what_it_left_out() {
    let mut expected = named(&DEFAULT);
    expected.extend(named(&[
        "HorizontalPodAutoscaler/delivery-workers",
        "HorizontalPodAutoscaler/event-processor",
        "HorizontalPodAutoscaler/ingestion-gateway",
        "Ingress/ingress",
    ]));
    assert_eq!(objects(find("manual"), &[]), expected);
}

#[test]
fn an_existing_secret_leaves_eleven() {
    let mut expected = named(&DEFAULT);
    expected.remove("Secret/datafly-secrets");
    assert_eq!(objects(find("existing"), &[]), expected);
}

#[test]
fn keda_makes_its_own_autoscalers() {
    let found = objects(find("keda"), &[]);
    let scalers: Vec<&String> =
        found.iter().filter(|name| name.contains("Scale") || name.contains("Autoscaler")).collect();
    let expected =
        ["ScaledObject/delivery-workers", "ScaledObject/event-processor", "ScaledObject/ingestion-gateway"];
    assert_eq!(scalers, expected);
}

/// A toggle: the flags, what they add, and what they take away.
type Toggle = (&'static [&'static str], &'static [&'static str], &'static [&'static str]);

const INGRESS: &str = "ingress.enabled=true,ingress.hosts[0].host=a.example.org,ingress.hosts[0].paths[0].path=/,ingress.hosts[0].paths[0].service=identity-hub";

const TOGGLES: &[Toggle] = &[
    (&["redis.url=rediss://:secret@redis.internal:6379"], &["Secret/datafly-redis"], &[]),
    (&["redis.url=,redis.existingSecret=cache"], &[], &[]),
    (
        &["global.existingSecret=keys,database.url=,jwt.secret=,encryptionKey="],
        &[],
        &["Secret/datafly-secrets"],
    ),
    (&[INGRESS], &["Ingress/ingress"], &[]),
    (&["autoscaling.ingestionGateway.enabled=true"], &["HorizontalPodAutoscaler/ingestion-gateway"], &[]),
    (&["autoscaling.eventProcessor.enabled=true"], &["HorizontalPodAutoscaler/event-processor"], &[]),
    (&["autoscaling.deliveryWorkers.enabled=true"], &["HorizontalPodAutoscaler/delivery-workers"], &[]),
    (
        &[
            "autoscaling.metricsProvider=keda,autoscaling.eventProcessor.enabled=true,autoscaling.eventProcessor.kafkaLagThreshold=100",
        ],
        &["ScaledObject/event-processor"],
        &[],
    ),
    (
        &[
            "autoscaling.metricsProvider=prometheus,autoscaling.eventProcessor.enabled=true,autoscaling.eventProcessor.kafkaLagThreshold=100",
        ],
        &["HorizontalPodAutoscaler/event-processor"],
        &[],
    ),
    (&["autoscaling.metricsProvider=keda"], &[], &[]),
    (
        &[
            "autoscaling.metricsProvider=keda,autoscaling.deliveryWorkers.enabled=true,autoscaling.keda.sasl=plaintext,autoscaling.keda.authenticationSecret=kafka",
        ],
        &["ScaledObject/delivery-workers", "TriggerAuthentication/datafly-kafka"],
        &[],
    ),
    (
        &["podDisruptionBudget.ingestionGateway.enabled=true"],
        &["PodDisruptionBudget/ingestion-gateway-pdb"],
        &[],
    ),
    (&["podDisruptionBudget.eventProcessor.enabled=true"], &["PodDisruptionBudget/event-processor-pdb"], &[]),
    (
        &["podDisruptionBudget.deliveryWorkers.enabled=true"],
        &["PodDisruptionBudget/delivery-workers-pdb"],
        &[],
    ),
    (
        &["identityHub.replicas=2,podDisruptionBudget.identityHub.enabled=true"],
        &["PodDisruptionBudget/identity-hub-pdb"],
        &[],
    ),
    (
        &["managementApi.replicas=2,podDisruptionBudget.managementApi.enabled=true"],
        &["PodDisruptionBudget/management-api-pdb"],
        &[],
    ),
    (
        &["managementUi.replicas=2,podDisruptionBudget.managementUi.enabled=true"],
        &["PodDisruptionBudget/management-ui-pdb"],
        &[],
    ),
    (
        &[
            "networkPolicy.enabled=true,networkPolicy.kafka.cidr=10.0.0.0/24,networkPolicy.redis.cidr=10.0.1.0/24,networkPolicy.database.cidr=10.0.2.0/24",
        ],
        &[
            "NetworkPolicy/delivery-workers",
            "NetworkPolicy/event-processor",
            "NetworkPolicy/identity-hub",
            "NetworkPolicy/ingestion-gateway",
            "NetworkPolicy/management-api",
            "NetworkPolicy/management-ui",
        ],
        &[],
    ),
    (
        &["observability.serviceMonitor.enabled=true"],
        &[
            "Service/delivery-workers-svc",
            "Service/event-processor-svc",
            "ServiceMonitor/delivery-workers",
            "ServiceMonitor/event-processor",
            "ServiceMonitor/identity-hub",
            "ServiceMonitor/ingestion-gateway",
            "ServiceMonitor/management-api",
        ],
        &[],
    ),
    (&["migrations.enabled=true,migrations.image.repository=ghcr.io/datafly/migrations"], &[], &[]),
    (&["identityHub.service.enabled=false"], &[], &["Service/identity-hub-svc"]),
    (&["managementUi.service.enabled=false"], &[], &["Service/management-ui-svc"]),
    (&["eventProcessor.service.enabled=true"], &["Service/event-processor-svc"], &[]),
    (&["ingestionGateway.serviceAccount.create=true"], &["ServiceAccount/ingestion-gateway"], &[]),
    (&["eventProcessor.serviceAccount.create=true"], &["ServiceAccount/event-processor"], &[]),
    (&["deliveryWorkers.serviceAccount.create=true"], &["ServiceAccount/delivery-workers"], &[]),
    (&["identityHub.serviceAccount.create=true"], &["ServiceAccount/identity-hub"], &[]),
    (&["managementApi.serviceAccount.create=true"], &["ServiceAccount/management-api"], &[]),
    (&["managementUi.serviceAccount.create=true"], &["ServiceAccount/management-ui"], &[]),
    (&["image.tag=1.10"], &[], &[]),
];

#[test]
fn each_toggle_adds_and_takes_away_exactly_its_objects() {
    let base = named(&DEFAULT);
    for (sets, adds, takes) in TOGGLES {
        let sets: Vec<&str> = [BASE].iter().chain(*sets).copied().collect();
        let found = objects(find("inline"), &sets);
        let added: Vec<&String> = found.difference(&base).collect();
        let taken: Vec<&String> = base.difference(&found).collect();
        assert_eq!(added, *adds, "added by {sets:?}");
        assert_eq!(taken, *takes, "taken away by {sets:?}");
    }
}
