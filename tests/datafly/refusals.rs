//! What is refused or warned of, and that the words name the setting and the way out.

use crate::{Case, case, find, request, run};

/// The heads of the findings of one level, without line breaks and excerpts, sorted.
fn heads(text: &str, level: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| line.starts_with(&format!("{level}[")));
    let mut found: Vec<String> =
        lines.map(|line| line.split_once(": ").map_or(line, |(_, message)| message).to_owned()).collect();
    found.sort();
    found
}

fn errors(case: &Case, sets: &[&str]) -> Vec<String> {
    let (documents, findings) = run(&request(case, sets));
    assert!(documents.is_err(), "{sets:?} passed");
    heads(&findings, "error")
}

fn warnings(case: &Case, sets: &[&str]) -> Vec<String> {
    let (documents, findings) = run(&request(case, sets));
    assert!(documents.is_ok(), "{sets:?}:\n{findings}");
    heads(&findings, "warning")
}

#[test]
fn nothing_given_names_all_that_is_missing() {
    let expected = [
        "`database.url` is not set, and no existing Secret is named",
        "`encryptionKey` is not set, and no existing Secret is named",
        "`jwt.secret` is not set, and no existing Secret is named",
        "`kafka.brokers` is not set: nothing says where Kafka is",
        "`redis.url` is not set, and no existing Secret is named",
    ];
    assert_eq!(errors(&case("defaults", &[]), &[]), expected);
}

#[test]
fn production_names_all_that_nobody_can_guess() {
    let production = Case { name: "production", preset: Some("production"), files: &[] };
    let expected = [
        "`clusterIssuer` is to make certificates, and `tls` names no host to make them for",
        "`kafka.brokers` is not set: nothing says where Kafka is",
        "`networkPolicy.database.cidr` is not set: the services could not reach PostgreSQL",
        "`networkPolicy.kafka.cidr` is not set: the services could not reach Kafka",
        "`networkPolicy.redis.cidr` is not set: the services could not reach Redis",
        "the Ingress is enabled and has no host",
    ];
    assert_eq!(errors(&production, &[]), expected);
}

#[test]
fn each_contradiction_is_one_sentence() {
    let table: &[(&str, &str)] = &[
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
        ("autoscaling.keda.sasl=plaintext", "`sasl` asks for a name and a password, and no Secret is named"),
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
    ];
    for (set, sentence) in table {
        assert_eq!(errors(find("inline"), &[set]), [*sentence], "{set}");
    }
}

#[test]
fn what_works_and_should_be_better_is_a_warning() {
    let quiet = "kafka.tls.enabled=true";
    assert_eq!(warnings(find("inline"), &[quiet]), Vec::<String>::new());
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
        assert_eq!(warnings(find("inline"), &[quiet, set]), [*sentence], "{set}");
    }
    assert_eq!(warnings(find("inline"), &[]), ["the way to Kafka is not encrypted"]);
}

#[test]
fn as_many_pods_as_partitions_are_fine() {
    let sets = "kafka.tls.enabled=true,kafka.partitions=12,autoscaling.deliveryWorkers.enabled=true";
    assert_eq!(warnings(find("inline"), &[sets]), Vec::<String>::new());
}

#[test]
fn a_secret_is_named_and_never_shown() {
    let (_, findings) = run(&request(find("inline"), &["jwt.secret=hunter2hunter2"]));
    assert!(findings.contains("jwt.secret"), "{findings}");
    assert!(!findings.contains("hunter2"), "{findings}");
}
