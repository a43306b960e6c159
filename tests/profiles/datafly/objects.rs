//! Which objects there are: by default, in production, and what each toggle adds and takes away.

use crate::harness::{Objects, Toggle};

pub const OBJECTS: Objects =
    Objects { base: "inline", sets: &[BASE], first_install: FIRST_INSTALL, toggles: TOGGLES };

pub const FIRST_INSTALL: &[&str] = &[
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
    (
        &["migrations.enabled=true,migrations.image.repository=ghcr.io/datafly/migrations"],
        &["Job/migrations"],
        &[],
    ),
    (
        &[
            "migrations.enabled=true,migrations.image.repository=m,migrations.serviceAccount.create=true,networkPolicy.enabled=true,networkPolicy.kafka.cidr=10.0.0.0/24,networkPolicy.redis.cidr=10.0.1.0/24,networkPolicy.database.cidr=10.0.2.0/24",
        ],
        &[
            "Job/migrations",
            "NetworkPolicy/delivery-workers",
            "NetworkPolicy/event-processor",
            "NetworkPolicy/identity-hub",
            "NetworkPolicy/ingestion-gateway",
            "NetworkPolicy/management-api",
            "NetworkPolicy/management-ui",
            "NetworkPolicy/migrations",
            "ServiceAccount/migrations",
        ],
        &[],
    ),
    (
        &["kafka.sasl.mechanism=PLAIN,kafka.sasl.username=u,kafka.sasl.password=p"],
        &["Secret/datafly-kafka"],
        &[],
    ),
    (&["kafka.sasl.mechanism=PLAIN,kafka.sasl.existingSecret=kafka"], &[], &[]),
    (&[INGRESS, "ingress.hosts[0].group=a,ingress.groups.a.className=b"], &["Ingress/ingress-a"], &[]),
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
    // What operators run beside the chart.
    (
        &["observability.podMonitor.enabled=true"],
        &[
            "PodMonitor/delivery-workers",
            "PodMonitor/event-processor",
            "PodMonitor/identity-hub",
            "PodMonitor/ingestion-gateway",
            "PodMonitor/management-api",
        ],
        &[],
    ),
    (
        &[
            "httpRoute.enabled=true,httpRoute.parentRefs[0].name=public,ingress.hosts[0].host=a.example.org,ingress.hosts[0].paths[0].path=/,ingress.hosts[0].paths[0].service=identity-hub",
        ],
        &["HTTPRoute/route.a.example.org"],
        &[],
    ),
    (&["prometheusRule.enabled=true"], &["PrometheusRule/datafly"], &[]),
    (
        &["verticalPodAutoscaler.enabled=true"],
        &[
            "VerticalPodAutoscaler/delivery-workers",
            "VerticalPodAutoscaler/event-processor",
            "VerticalPodAutoscaler/identity-hub",
            "VerticalPodAutoscaler/ingestion-gateway",
            "VerticalPodAutoscaler/management-api",
            "VerticalPodAutoscaler/management-ui",
        ],
        &[],
    ),
];
