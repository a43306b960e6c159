//! Which objects there are: by default, for each preset, and what each toggle adds and takes away.

use crate::harness::{Objects, Toggle};

pub const OBJECTS: Objects =
    Objects { base: "minimal", sets: &[], first_install: FIRST_INSTALL, toggles: TOGGLES };

pub const FIRST_INSTALL: &[&str] = &[
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

const TOGGLES: &[Toggle] = &[
    (&["autoscaling.enabled=true"], &["HorizontalPodAutoscaler/flow8"], &[]),
    (&["podDisruptionBudget.enabled=true"], &["PodDisruptionBudget/flow8"], &[]),
    (&["serviceMonitor.enabled=true"], &["ServiceMonitor/flow8"], &[]),
    (
        &[
            "networkPolicy.enabled=true,networkPolicy.mongodbCIDR=10.0.0.0/8,networkPolicy.kubernetesApiServerCIDR=10.0.0.1/32",
        ],
        &["NetworkPolicy/flow8"],
        &[],
    ),
    (&["networkPolicy.enabled=true,networkPolicy.allowAllEgress=true"], &["NetworkPolicy/flow8"], &[]),
    (&["ingress.enabled=false"], &[], &["Ingress/flow8"]),
    (
        &["clusterIssuer.enabled=true,clusterIssuer.email=a@flow8.dev"],
        &["ClusterIssuer/letsencrypt-prod"],
        &[],
    ),
    (&["storage.enabled=false"], &[], &["PersistentVolumeClaim/flow8-data"]),
    (
        &["storage.existingClaim=files,storage.accessMode=ReadWriteMany"],
        &[],
        &["PersistentVolumeClaim/flow8-data"],
    ),
    (&["storage.existingClaim=files,replicaCount=1"], &[], &["PersistentVolumeClaim/flow8-data"]),
    (
        &["ingress.hosts[0].host=a.example.org,ingress.hosts[0].group=a,ingress.groups.a.className=b"],
        &["Ingress/flow8-a"],
        &["Ingress/flow8"],
    ),
    (&["serviceAccount.create=false"], &[], &["ServiceAccount/flow8"]),
    (&["rbac.create=false"], &[], &["Role/flow8", "RoleBinding/flow8"]),
    (
        &["rbac.clusterWide=true"],
        &["ClusterRole/flow8", "ClusterRoleBinding/flow8"],
        &["Role/flow8", "RoleBinding/flow8"],
    ),
    (
        &["secrets.existingSecret=keys,secrets.encryptionKey=,secrets.encryptionKeySalt=,mongodb.uri="],
        &[],
        &["Secret/flow8-secrets"],
    ),
    (&["tls.certManager.enabled=false,tls.existingSecret=own"], &[], &[]),
    (
        &["mongodb.enabled=true,mongodb.uri=,mongodb.existingSecret=mongodb-creds"],
        &["Job/mongodb-init", "Service/mongodb", "StatefulSet/mongodb"],
        &[],
    ),
    (
        &[
            "mongodb.enabled=true,mongodb.uri=,mongodb.rootPassword=pw,mongodb.keyFile=keykeykey,mongodb.name=",
        ],
        &[
            "Job/flow8-mongodb-init",
            "Secret/flow8-mongodb-creds",
            "Service/flow8-mongodb",
            "StatefulSet/flow8-mongodb",
        ],
        &[],
    ),
    (
        &[
            "mongodb.enabled=true,mongodb.uri=,mongodb.existingSecret=mongodb-creds,mongodb.serviceAccount.create=true,mongodb.podDisruptionBudget.enabled=true",
        ],
        &[
            "Job/mongodb-init",
            "PodDisruptionBudget/mongodb",
            "Service/mongodb",
            "ServiceAccount/mongodb",
            "StatefulSet/mongodb",
        ],
        &[],
    ),
    (&["service.mcp.enabled=true,secrets.mcpJwtSecret=key"], &[], &[]),
    (&["replicaCount=1"], &[], &[]),
    // What operators run beside the chart.
    (&["podMonitor.enabled=true"], &["PodMonitor/flow8"], &[]),
    (
        &[
            "mongodb.enabled=true,mongodb.uri=,mongodb.existingSecret=mongodb-creds,mongodb.backup.enabled=true",
        ],
        &[
            "CronJob/mongodb-backup",
            "Job/mongodb-init",
            "PersistentVolumeClaim/mongodb-backup",
            "Service/mongodb",
            "StatefulSet/mongodb",
        ],
        &[],
    ),
    (
        &["httpRoute.enabled=true,httpRoute.parentRefs[0].name=public,ingress.hosts[0].host=a.example.org"],
        &["HTTPRoute/flow8.a.example.org"],
        &[],
    ),
    (&["prometheusRule.enabled=true"], &["PrometheusRule/flow8"], &[]),
    (&["verticalPodAutoscaler.enabled=true"], &["VerticalPodAutoscaler/flow8"], &[]),
    (&["velero.enabled=true"], &[], &[]),
];
