//! Which objects there are: by default, as the vendor's page shows them, and what each toggle adds and takes away.

use crate::harness::{Objects, Toggle};

pub const OBJECTS: Objects =
    Objects { base: "minimal", sets: &[], first_install: FIRST_INSTALL, toggles: TOGGLES };

pub const FIRST_INSTALL: &[&str] = &[
    "ConfigMap/skillflaw-backend-config",
    "Deployment/skillflaw-backend",
    "PersistentVolumeClaim/skillflaw-backend-data",
    "Secret/skillflaw-backend-env",
    "Secret/skillflaw-runtime-secrets",
    "Service/skillflaw-backend",
];

const SHARED: &str = "persistence.accessMode=ReadWriteMany";

/// The objects of the vendor's page, which says that the claim and the Secret of the key exist.
pub const SEED: &[&str] = &[
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
pub const PRODUCTION: &[&str] = &[
    "ConfigMap/skillflaw-backend-config",
    "Deployment/skillflaw-backend",
    "Ingress/skillflaw",
    "NetworkPolicy/skillflaw-backend-policy",
    "PersistentVolumeClaim/skillflaw-backend-data",
    "PodDisruptionBudget/skillflaw-backend-pdb",
    "Service/skillflaw-backend",
];

/// What `-p web` adds.
pub const WEB: &[&str] = &[
    "Deployment/skillflaw-frontend",
    "NetworkPolicy/skillflaw-frontend-policy",
    "PodDisruptionBudget/skillflaw-frontend-pdb",
    "Service/skillflaw-frontend",
];

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
    // What operators run beside the chart.
    (&["podMonitor.enabled=true"], &["PodMonitor/skillflaw-backend"], &[]),
    (&["serviceMonitor.enabled=true"], &["ServiceMonitor/skillflaw-backend"], &[]),
    (
        &[
            "httpRoute.enabled=true,httpRoute.parentRefs[0].name=public,ingress.hosts.api=a.example.org,superuser.password=w7Yt2ZpQ",
        ],
        &["HTTPRoute/skillflaw.a.example.org"],
        &[],
    ),
    (&["prometheusRule.enabled=true"], &["PrometheusRule/skillflaw"], &[]),
    (&["verticalPodAutoscaler.enabled=true"], &["VerticalPodAutoscaler/skillflaw-backend"], &[]),
    (&["velero.enabled=true"], &[], &[]),
];
