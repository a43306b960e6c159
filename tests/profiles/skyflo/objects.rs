//! Which objects there are: by default, with external stores, and what each toggle adds and takes away.

use crate::harness::{Objects, Toggle};

pub const OBJECTS: Objects =
    Objects { base: "minimal", sets: &[], first_install: FIRST_INSTALL, toggles: TOGGLES };

pub const FIRST_INSTALL: &[&str] = &[
    "ClusterRole/skyflo-controller-role",
    "ClusterRoleBinding/skyflo-controller-rolebinding",
    "ClusterRoleBinding/skyflo-mcp-admin-binding",
    "ConfigMap/skyflo-engine-config",
    "ConfigMap/skyflo-mcp-config",
    "ConfigMap/skyflo-ui-config",
    "CustomResourceDefinition/skyfloais.skyflo.ai",
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
    // What operators run beside the chart.
    (
        &["postgresql.backup.enabled=true"],
        &["CronJob/skyflo-postgres-backup", "PersistentVolumeClaim/skyflo-postgres-backup"],
        &[],
    ),
    (&["podMonitor.enabled=true"], &["PodMonitor/skyflo-controller"], &[]),
    (
        &[
            "httpRoute.enabled=true,httpRoute.parentRefs[0].name=public,ui.ingress.hosts[0].host=a.example.org",
        ],
        &["HTTPRoute/skyflo-ui.a.example.org"],
        &[],
    ),
    (&["prometheusRule.enabled=true"], &["PrometheusRule/skyflo"], &[]),
    (
        &["verticalPodAutoscaler.enabled=true"],
        &[
            "VerticalPodAutoscaler/skyflo-controller",
            "VerticalPodAutoscaler/skyflo-engine",
            "VerticalPodAutoscaler/skyflo-mcp",
            "VerticalPodAutoscaler/skyflo-postgres",
            "VerticalPodAutoscaler/skyflo-redis",
            "VerticalPodAutoscaler/skyflo-ui",
        ],
        &[],
    ),
    (&["velero.enabled=true"], &[], &[]),
];
