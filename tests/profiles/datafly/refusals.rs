//! What is refused, and in which words.

use crate::harness::{Contradictions, Refusals};

pub const REFUSALS: Refusals = Refusals {
    nothing_given: &[
        "`database.url` is not set, and no existing Secret is named",
        "`encryptionKey` is not set, and no existing Secret is named",
        "`jwt.secret` is not set, and no existing Secret is named",
        "`kafka.brokers` is not set: nothing says where Kafka is",
        "`redis.url` is not set, and no existing Secret is named",
    ],
    production_alone: &[
        "`clusterIssuer` is to make certificates, and `tls` names no host to make them for",
        "`kafka.brokers` is not set: nothing says where Kafka is",
        "`networkPolicy.database.cidr` is not set: the services could not reach PostgreSQL",
        "`networkPolicy.kafka.cidr` is not set: the services could not reach Kafka",
        "`networkPolicy.redis.cidr` is not set: the services could not reach Redis",
        "the Ingress is enabled and has no host",
    ],
    contradictions: &[Contradictions {
        beside: &[],
        table: &[
            (
                "global.existingSecret=keys",
                "secrets are given inline beside an existing Secret that replaces them",
            ),
            ("redis.existingSecret=cache", "Redis is given by `url` and by a Secret that replaces it"),
            ("global.redis.existingSecret=cache", "Redis is given by `url` and by a Secret that replaces it"),
            (
                "identityHub.env.ENCRYPTION_KEY=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
                "the encryption key is given as `encryptionKey` and as a variable of the identity hub",
            ),
            ("global.kafka.brokers=b:9092", "`kafka.brokers` is set at the top level and under `global`"),
            (
                "image.pullPolicy=Always,global.image.pullPolicy=Never",
                "`image.pullPolicy` is set at the top level and under `global`",
            ),
            (
                "autoscaling.eventProcessor.enabled=true,autoscaling.eventProcessor.minReplicas=9",
                "`maxReplicas` is less than `minReplicas`",
            ),
            (
                "autoscaling.metricsProvider=none,autoscaling.eventProcessor.enabled=true,autoscaling.eventProcessor.kafkaLagThreshold=5",
                "`autoscaling.eventProcessor.kafkaLagThreshold` is set, and nobody counts waiting events",
            ),
            (
                "autoscaling.metricsProvider=keda,autoscaling.deliveryWorkers.enabled=true,autoscaling.deliveryWorkers.kafkaLagThreshold=5",
                "`autoscaling.deliveryWorkers.kafkaLagThreshold` is set, and nothing says whose events wait",
            ),
            (
                "autoscaling.keda.sasl=plaintext",
                "`sasl` asks for a name and a password, and no Secret is named",
            ),
            (
                "autoscaling.keda.authenticationSecret=kafka",
                "`authenticationSecret` is named, and not how it is used",
            ),
            ("migrations.enabled=true", "`migrations` is enabled and has no image"),
            (
                "podDisruptionBudget.identityHub.enabled=true",
                "the budget of `identityHub` keeps its only pod, so that no node under it can be drained",
            ),
            ("ingress.enabled=true", "the Ingress is enabled and has no host"),
            (
                "eventProcessor.env.DATABASE_URL=postgres://h/d",
                "`DATABASE_URL` is a secret that all services share, not a variable of one of them",
            ),
            (
                "managementApi.env.PORT=9000",
                "`PORT` is set by the chart, which tells Services and probes the same number",
            ),
        ],
    }],
    secrets: &[("jwt.secret=hunter2hunter2", "jwt.secret", "hunter2")],
};
