//! What is refused, and that the words name the setting and the way out.

use crate::{Case, case, find, rendered};

/// The findings of a case with flags, without line breaks and excerpts.
fn findings(case: &Case, sets: &[&str]) -> Vec<String> {
    let text = rendered(case, sets).map(|_| ()).expect_err("findings");
    let heads = text.lines().filter(|line| line.starts_with("error["));
    heads.map(|line| line.split_once(": ").map_or(line, |(_, message)| message).to_owned()).collect()
}

#[test]
fn nothing_given_names_all_that_is_missing() {
    let expected = [
        "`engine.secrets.llmModel` is not set: the engine needs a language model",
        "`engine.secrets.jwtSecret` is not set, and no existing Secret is named",
        "`postgresql.auth.password` is not set, and no existing Secret is named",
        "`networkPolicy.kubernetesApiServerCIDR` is not set: the MCP server could not reach the API server",
    ];
    let mut found = findings(&case("defaults", &[]), &[]);
    found.sort();
    let mut expected = expected.map(str::to_owned);
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn production_names_all_that_nobody_can_guess() {
    let production = Case { name: "production", preset: Some("production"), files: &[] };
    let mut found = findings(&production, &[]);
    found.sort();
    let expected = [
        "`clusterIssuer` is to make certificates, and `tls` names no host to make them for",
        "`networkPolicy.kubernetesApiServerCIDR` is not set: the MCP server could not reach the API server",
        "`networkPolicy.postgresqlCIDR` is not set: the engine could not reach the external PostgreSQL",
        "`networkPolicy.redisCIDR` is not set: the engine could not reach the external Redis",
        "the Ingress is enabled and has no host",
        "the external PostgreSQL has its password in a Secret and no `host`",
        "the external Redis has its password in a Secret and no `host`",
    ];
    assert_eq!(found, expected);
}

#[test]
fn each_contradiction_is_one_sentence() {
    let table: &[(&str, &str)] = &[
        (
            "engine.secrets.existingSecret=keys",
            "`engine.secrets` has keys inline and names an existing Secret that replaces them",
        ),
        (
            "postgresql.auth.existingSecret=pg",
            "`postgresql.auth` has a password inline and names an existing Secret that replaces it",
        ),
        ("postgresql.enabled=false", "the bundled PostgreSQL is off, and nothing says where the database is"),
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
        ("redis.enabled=false,redis.external.url=http://redis", "this is no Redis URL"),
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
            "the TLS host `b.example.org` is none of the Ingress's hosts",
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
    ];
    for (set, sentence) in table {
        assert_eq!(findings(find("minimal"), &[set]), [*sentence], "{set}");
    }
}

#[test]
fn a_secret_is_named_and_never_shown() {
    let text =
        rendered(find("minimal"), &["postgresql.auth.password=p@ss:w/rd"]).map(|_| ()).expect_err("findings");
    assert!(text.contains("password"), "{text}");
    assert!(!text.contains("p@ss"), "{text}");
}

#[test]
fn a_name_that_grows_too_long_is_refused_and_not_cut() {
    let set = format!("fullnameOverride={}", "a".repeat(41));
    let found = findings(find("minimal"), &[&set]);
    assert!(found.len() == 1 && found[0].ends_with("must have at most 40 characters"), "{found:#?}");
    let set = format!("nameOverride={}", "a".repeat(40));
    let found = findings(find("minimal"), &[&set]);
    assert!(!found.is_empty());
    assert!(found.iter().all(|finding| finding.ends_with("characters, and 63 are allowed")), "{found:#?}");
}
