//! What is refused, and in which words.

use crate::harness::{Contradictions, Refusals};

pub const REFUSALS: Refusals = Refusals {
    nothing_given: &[
        "`engine.secrets.jwtSecret` is not set, and no existing Secret is named",
        "`engine.secrets.llmModel` is not set: the engine needs a language model",
        "`networkPolicy.kubernetesApiServerCIDR` is not set: the MCP server could not reach the API server",
        "`postgresql.auth.password` is not set, and no existing Secret is named",
    ],
    production_alone: &[
        "`clusterIssuer` is to make certificates, and `tls` names no host to make them for",
        "`networkPolicy.kubernetesApiServerCIDR` is not set: the MCP server could not reach the API server",
        "`networkPolicy.postgresqlCIDR` is not set: the engine could not reach the external PostgreSQL",
        "`networkPolicy.redisCIDR` is not set: the engine could not reach the external Redis",
        "the Ingress is enabled and has no host",
        "the external PostgreSQL has its password in a Secret and no `host`",
        "the external Redis has its password in a Secret and no `host`",
    ],
    contradictions: &[Contradictions {
        beside: &[],
        table: &[
            (
                "engine.secrets.existingSecret=keys",
                "`engine.secrets` has keys inline and names an existing Secret that replaces them",
            ),
            (
                "postgresql.auth.existingSecret=pg",
                "`postgresql.auth` has a password inline and names an existing Secret that replaces it",
            ),
            (
                "postgresql.enabled=false",
                "the bundled PostgreSQL is off, and nothing says where the database is",
            ),
            ("redis.enabled=false", "the bundled Redis is off, and nothing says where Redis is"),
            (
                "postgresql.enabled=false,postgresql.external.url=postgres://u:p@h/d,postgresql.external.host=h",
                "the external PostgreSQL is given by `url` or by fields, not both",
            ),
            (
                "postgresql.enabled=false,postgresql.external.host=h,postgresql.external.password=p,postgresql.external.existingSecret=s",
                "the external PostgreSQL has its password inline or in a Secret, not both",
            ),
            (
                "postgresql.enabled=false,postgresql.external.url=postgres://u:p@h/d?sslmode=require",
                "`sslmode` in the URL stops the engine: its driver does not know the parameter",
            ),
            (
                "postgresql.enabled=false,postgresql.external.url=mysql://u:p@h/d",
                "the engine does not know this database scheme",
            ),
            (
                "postgresql.enabled=false,postgresql.external.url=postgres://u:p@your-pg-host/d",
                "this is the manual's placeholder",
            ),
            ("redis.enabled=false,redis.external.url=http://redis", "this is not a Redis URL"),
            (
                "engine.replicas=2,podDisruptionBudget.engine.enabled=true,podDisruptionBudget.engine.minAvailable=1,podDisruptionBudget.engine.maxUnavailable=1",
                "a disruption budget has `minAvailable` or `maxUnavailable`, not both",
            ),
            (
                "podDisruptionBudget.engine.enabled=true",
                "the budget of `engine` keeps its only pod, so that no node under it can be drained",
            ),
            (
                "engine.autoscaling.enabled=true,engine.autoscaling.minReplicas=1,podDisruptionBudget.engine.enabled=true",
                "the budget of `engine` keeps its only pod, so that no node under it can be drained",
            ),
            (
                "engine.replicas=3,podDisruptionBudget.engine.enabled=true,podDisruptionBudget.engine.minAvailable=3",
                "the budget `skyflo-engine-pdb` keeps all of its pods (3), so that no node can be drained",
            ),
            (
                "engine.autoscaling.enabled=true,engine.autoscaling.minReplicas=9",
                "`maxReplicas` is less than `minReplicas`",
            ),
            ("ui.ingress.enabled=true", "the Ingress is enabled and has no host"),
            (
                "ui.ingress.enabled=true,ui.ingress.hosts[0].host=a.example.org,ui.ingress.tls[0].hosts[0]=b.example.org",
                "the TLS host `b.example.org` is not one of the Ingress's hosts",
            ),
            (
                "clusterIssuer.enabled=true,clusterIssuer.email=ops@example.com",
                "`clusterIssuer` is enabled and has no `email` of yours",
            ),
            (
                "skyfloai.enabled=true,controller.enabled=false",
                "a `SkyfloAI` resource needs the controller, which is off",
            ),
            (
                "skyfloai.enabled=true,skyfloai.name=skyflo",
                "`skyfloai.name` can't be `skyflo`: the controller's Deployments would be called like the chart's",
            ),
            (
                "networkPolicy.kubernetesApiServerCIDR=",
                "`networkPolicy.kubernetesApiServerCIDR` is not set: the MCP server could not reach the API server",
            ),
            (
                "networkPolicy.allComponents=true,redis.enabled=false,redis.external.url=redis://redis.internal",
                "`networkPolicy.redisCIDR` is not set: the engine could not reach the external Redis",
            ),
        ],
    }],
    secrets: &[(
        "postgresql.enabled=false,postgresql.external.url=mysql://u:p@ss-w0rd@h/d",
        "postgresql.external.url",
        "p@ss-w0rd",
    )],
};
