//! What is refused, and in which words.

use crate::harness::{Contradictions, Refusals};

pub const REFUSALS: Refusals = Refusals {
    nothing_given: &[
        "`secrets.encryptionKeySalt` is not set, and no existing Secret is named",
        "`secrets.encryptionKey` is not set, and no existing Secret is named",
        "the bundled MongoDB is off, and nothing says where the database is",
    ],
    production_alone: &[
        "`networkPolicy.kubernetesApiServerCIDR` is not set: flow8 could not reach the API server",
        "`networkPolicy.mongodbCIDR` is not set: flow8 could not reach the database",
        "the Ingress is enabled and has no host",
    ],
    contradictions: &[
        Contradictions {
            beside: &[],
            table: &[
                (
                    "mongodb.existingSecret=db",
                    "the database's address is given inline and by an existing Secret",
                ),
                ("mongodb.uri=", "the bundled MongoDB is off, and nothing says where the database is"),
                (
                    "mongodb.uri=mongodb+srv://<user>:<password>@cluster.mongodb.net/flow8",
                    "`mongodb.uri` is the manual's placeholder",
                ),
                (
                    "tls.existingSecret=own",
                    "cert-manager is to make the certificate, and `tls.existingSecret` names one that exists",
                ),
                (
                    "ingress.tls[0].secretName=own,ingress.tls[0].hosts[0]=*.example.org",
                    "the host `app.flow8.io` is in none of the certificates of `ingress.tls`",
                ),
                (
                    "tls.certManager.enabled=false,tls.existingSecret=own,ingress.annotations.cert-manager\\.io/cluster-issuer=le",
                    "the annotation asks cert-manager for a certificate that `tls` takes from elsewhere",
                ),
                ("clusterIssuer.enabled=true", "`clusterIssuer` is enabled and has no `email` of yours"),
                ("secrets.oauth2.clientSecret=s", "OAuth has a `clientSecret` and no `clientId`"),
                (
                    "secrets.existingSecret=keys,mongodb.uri=",
                    "`secrets` has keys inline and names an existing Secret that replaces them",
                ),
                (
                    "replicaCount=3,storage.accessMode=ReadWriteOncePod",
                    "several pods can't share a claim that one node or one pod alone can mount",
                ),
                (
                    "autoscaling.enabled=true,storage.accessMode=ReadWriteOnce",
                    "several pods can't share a claim that one node or one pod alone can mount",
                ),
                (
                    "autoscaling.enabled=true,autoscaling.minReplicas=1,podDisruptionBudget.enabled=true",
                    "the budget keeps the only pod, so that no node under it can be drained",
                ),
                (
                    "podDisruptionBudget.enabled=true,podDisruptionBudget.minAvailable=2",
                    "the budget `flow8` keeps all of its pods (2), so that no node can be drained",
                ),
                (
                    "storage.existingClaim=files",
                    "several pods need a claim that all of them can mount, and nothing says that the existing one is",
                ),
                (
                    "storage.existingClaim=files,storage.accessMode=ReadWriteOnce",
                    "several pods can't share a claim that one node or one pod alone can mount",
                ),
                (
                    "storage.existingClaim=files,replicaCount=1,strategy.type=RollingUpdate",
                    "a rolling update starts a pod before the old one has let go of a claim that one node alone can mount",
                ),
                (
                    "replicaCount=1,strategy.rollingUpdate.maxSurge=2",
                    "a rolling update starts a pod before the old one has let go of a claim that one node alone can mount",
                ),
                (
                    "strategy.type=Recreate,strategy.rollingUpdate.maxSurge=2",
                    "pods that are replaced all at once are not replaced one by one",
                ),
                (
                    "strategy.rollingUpdate.maxSurge=0,strategy.rollingUpdate.maxUnavailable=0%",
                    "an update with no pod more and no pod less can't begin",
                ),
                (
                    "ports.channels.end=7900",
                    "`ports.channels` ends before it starts, or has more than 100 ports",
                ),
                (
                    "service.channels[0]=7790-7810",
                    "`service.channels` has `7790-7810`, which does not lie in `ports.channels`",
                ),
                (
                    "networkPolicy.enabled=true,rbac.create=false",
                    "`networkPolicy.mongodbCIDR` is not set: flow8 could not reach the database",
                ),
            ],
        },
        Contradictions {
            beside: &[BUNDLED],
            table: &[
                (
                    "mongodb.rootPassword=p",
                    "`mongodb` has a password or a key file inline and names an existing Secret that replaces them",
                ),
                (
                    "mongodb.existingSecret=,mongodb.keyFile=abcdefgh",
                    "`mongodb.rootPassword` is not set, and no existing Secret is named",
                ),
                (
                    "mongodb.existingSecret=,mongodb.rootPassword=p",
                    "`mongodb.keyFile` is not set, and no existing Secret is named",
                ),
                (
                    "mongodb.podDisruptionBudget.enabled=true,mongodb.podDisruptionBudget.minAvailable=1",
                    "the budget of the database lets so many members be evicted that no majority of 3 is left",
                ),
                (
                    "mongodb.podDisruptionBudget.enabled=true,mongodb.podDisruptionBudget.maxUnavailable=34%",
                    "the budget of the database lets so many members be evicted that no majority of 3 is left",
                ),
                (
                    "mongodb.replicas=5,mongodb.podDisruptionBudget.enabled=true,mongodb.podDisruptionBudget.maxUnavailable=3",
                    "the budget of the database lets so many members be evicted that no majority of 5 is left",
                ),
                (
                    "mongodb.replicas=1,mongodb.podDisruptionBudget.enabled=true,mongodb.podDisruptionBudget.minAvailable=1",
                    "the budget keeps the only member of the replica set, so that no node under it can be drained",
                ),
                (
                    "mongodb.existingSecret=,mongodb.keyFile=abcdefgh,mongodb.rootPassword=p@ss",
                    "`mongodb.rootPassword` does not have the required form",
                ),
            ],
        },
    ],
    secrets: &[("mongodb.uri=mysql://user:hush-hush@host/d", "this is not a MongoDB address", "hush-hush")],
};

/// The bundled database with its secrets in an existing Secret.
const BUNDLED: &str = "mongodb.enabled=true,mongodb.uri=,mongodb.existingSecret=creds";
