//! What Skyflo's settings ask of each other, as messages.

use serde_json::{Map, Value, json};

use super::engine::inline_keys;
use crate::profiles::availability::budget_leaves_room;
use crate::profiles::common::common_rules;
use crate::profiles::network::{alb_reaches_the_service, known_hosts, known_url, nothing_in, some};
use crate::profiles::pod::older_than;
use crate::profiles::rule::{
    Message, all, any, empty, filled, filled_if_present, has, if_present, not, rule, switched, warn,
};

/// All rules between settings of different parts; those within one part stand with the part.
pub(super) fn rules() -> Vec<Value> {
    let mut rules = engine_secrets();
    rules.extend(postgresql());
    rules.extend(redis());
    rules.extend(network());
    rules.push(alb_reaches_the_service("ui.ingress", "ui.service"));
    rules.extend(what_wins_over_a_secret());
    rules.extend(["engine", "mcp", "ui", "controller"].map(leaves_room));
    rules.extend(cluster_rights());
    rules.extend(operations());
    rules.extend(common_rules());
    rules
}

fn operations() -> Vec<Value> {
    let host = Message {
        text: "HTTPRoutes are enabled, and there is no host",
        help: "name the hosts that users type: `ui: {ingress: {hosts: [{host: …}]}}`",
        at: "/ui/ingress/hosts",
    };
    let controller = Message {
        text: "`podMonitor` is for the controller's metrics, and the controller is off",
        help: "set `controller.enabled` to true, or `podMonitor.enabled` to false",
        at: "/podMonitor/enabled",
    };
    let on = json!({ "const": true });
    vec![
        rule(
            host,
            switched("httpRoute.enabled", true),
            if_present("ui.ingress.hosts", json!({ "minItems": 1 })),
        ),
        rule(controller, switched("podMonitor.enabled", true), if_present("controller.enabled", on)),
    ]
}

/// The rule that a component's budget leaves room.
fn leaves_room(component: &str) -> Value {
    budget_leaves_room(component, &format!("{component}.autoscaling"))
}

// Only without an existing Secret, which may hold both. The original demands the model in any case, and then ignores
// it.
fn engine_secrets() -> Vec<Value> {
    let model = Message {
        text: "`engine.secrets.llmModel` is not set: the engine needs a language model",
        help: "write `provider/model`, for example `--set engine.secrets.llmModel=openai/gpt-4o`",
        at: "/engine/secrets/llmModel",
    };
    let jwt = Message {
        text: "`engine.secrets.jwtSecret` is not set, and no existing Secret is named",
        help: "make one with `plimsoll secrets skyflo > secrets.yaml` and add `-f secrets.yaml`, or name a Secret in `engine.secrets.existingSecret`",
        at: "/engine/secrets/jwtSecret",
    };
    let either = Message {
        text: "`engine.secrets` has keys inline and names an existing Secret that replaces them",
        help: "move the inline keys into that Secret, or leave `existingSecret` empty",
        at: "/engine/secrets/existingSecret",
    };
    let own = empty("engine.secrets.existingSecret");
    let keys = inline_keys().into_iter().map(|key| (key, json!({ "maxLength": 0 })));
    let nothing_inline = json!({ "properties": keys.collect::<Map<_, _>>() });
    vec![
        rule(model, own.clone(), filled_if_present("engine.secrets.llmModel")),
        rule(jwt, own, filled_if_present("engine.secrets.jwtSecret")),
        rule(either, filled("engine.secrets.existingSecret"), if_present("engine.secrets", nothing_inline)),
    ]
}

/// What the values say wins over a key of the existing Secret. What the Secret holds cannot be seen, so it is told; but not of a
/// store that the values name the place of: the page asks for its key only where they do not.
fn what_wins_over_a_secret() -> Vec<Value> {
    let secret = filled("engine.secrets.existingSecret");
    let told = |setting: &str, what: &str, variable: &str, condition: Value| {
        let text = format!(
            "{what} wins over the key `{variable}` of `engine.secrets.existingSecret`, if that Secret has it"
        );
        let help = format!("keep `{variable}` out of that Secret, or take back `{setting}`");
        let at = format!("/{}", setting.replace('.', "/"));
        warn(Message { text: &text, help: &help, at: &at }, all([secret.clone(), condition]))
    };
    let mut warnings: Vec<Value> = [
        ("llmModel", "LLM_MODEL"),
        ("llmHost", "LLM_HOST"),
        ("mcpServerUrl", "MCP_SERVER_URL"),
        ("llmReasoningEffort", "LLM_REASONING_EFFORT"),
        ("llmThinkingBudgetTokens", "LLM_THINKING_BUDGET_TOKENS"),
        ("llmMaxTokens", "LLM_MAX_TOKENS"),
        ("awsRegionName", "AWS_REGION_NAME"),
    ]
    .map(|(key, variable)| {
        let setting = format!("engine.secrets.{key}");
        // Some are numbers or texts of digits.
        let set = has(&setting, json!({ "not": { "const": "" } }));
        told(&setting, &format!("`{setting}`"), variable, set)
    })
    .into();
    // One warning for both stores, as most have both bundled.
    let bundled = |store: &str| switched(&format!("{store}.enabled"), true);
    let outside = |store: &str| switched(&format!("{store}.enabled"), false);
    let (pg, rd) = ("POSTGRES_DATABASE_URL", "REDIS_URL");
    warnings.extend([
        told("redis.enabled", "the bundled Redis", rd, all([bundled("redis"), outside("postgresql")])),
        told(
            "postgresql.enabled",
            "the bundled PostgreSQL",
            pg,
            all([bundled("postgresql"), outside("redis")]),
        ),
    ]);
    let both = Message {
        text: "the bundled stores win over the keys `REDIS_URL` and `POSTGRES_DATABASE_URL` of `engine.secrets.existingSecret`, if that Secret has them",
        help: "keep them out of that Secret, or set `redis.enabled` and `postgresql.enabled` to false",
        at: "/engine/secrets/existingSecret",
    };
    let stores = all([bundled("redis"), bundled("postgresql")]);
    warnings.push(warn(both, all([secret.clone(), stores, not(as_the_preset_names_them())])));
    warnings
}

/// The Secrets are those of the preset `evaluation`, whose page says what is in them: nothing that would lose.
fn as_the_preset_names_them() -> Value {
    all([
        has("engine.secrets.existingSecret", json!({ "const": "skyflo-engine-secrets" })),
        has("postgresql.auth.existingSecret", json!({ "const": "skyflo-postgres-secrets" })),
    ])
}

fn postgresql() -> Vec<Value> {
    let password = Message {
        text: "`postgresql.auth.password` is not set, and no existing Secret is named",
        help: "make one with `plimsoll secrets skyflo > secrets.yaml` and add `-f secrets.yaml`, or name a Secret in `postgresql.auth.existingSecret`",
        at: "/postgresql/auth/password",
    };
    let either = Message {
        text: "`postgresql.auth` has a password inline and names an existing Secret that replaces it",
        help: "keep `password`, or keep `existingSecret`",
        at: "/postgresql/auth/existingSecret",
    };
    let external = Message {
        text: "the bundled PostgreSQL is off, and nothing says where the database is",
        help: "set `postgresql.external.host` or `postgresql.external.url`, or name a Secret with POSTGRES_DATABASE_URL in `engine.secrets.existingSecret`",
        at: "/postgresql/external/host",
    };
    vec![
        rule(
            password,
            all([switched("postgresql.enabled", true), empty("postgresql.auth.existingSecret")]),
            filled_if_present("postgresql.auth.password"),
        ),
        rule(
            either,
            filled("postgresql.auth.existingSecret"),
            if_present("postgresql.auth.password", json!({ "maxLength": 0 })),
        ),
        rule(external, nowhere("postgresql"), filled_if_present("postgresql.external.host")),
        older_than("postgresql", "(9|1[0-3])", "PostgreSQL 14, which Skyflo needs"),
    ]
}

fn redis() -> Vec<Value> {
    let external = Message {
        text: "the bundled Redis is off, and nothing says where Redis is",
        help: "set `redis.external.url` or `redis.external.host`, or name a Secret with REDIS_URL in `engine.secrets.existingSecret`",
        at: "/redis/external/url",
    };
    vec![
        rule(external, nowhere("redis"), filled_if_present("redis.external.host")),
        older_than("redis", "[1-6]", "Redis 7, which Skyflo needs"),
    ]
}

/// The store is external, and neither a URL nor a Secret says where.
fn nowhere(store: &str) -> Value {
    all([
        switched(&format!("{store}.enabled"), false),
        empty(&format!("{store}.external.url")),
        empty(&format!("{store}.external.existingSecret")),
        empty("engine.secrets.existingSecret"),
    ])
}

fn network() -> Vec<Value> {
    let api_server = Message {
        text: "`networkPolicy.kubernetesApiServerCIDR` is not set: the MCP server could not reach the API server",
        help: "set it to what `kubectl get endpointslices -n default kubernetes` shows, such as `10.0.0.1/32`, or set `networkPolicy.allowAllEgress` to true",
        at: "/networkPolicy/kubernetesApiServerCIDR",
    };
    let closed = all([
        switched("networkPolicy.enabled", true),
        switched("networkPolicy.allowAllEgress", false),
        nothing_in("networkPolicy.extraEgress"),
    ]);
    // A policy knows addresses, not names: the API server's can't be written down for all clusters.
    vec![
        rule(api_server, closed, if_present("networkPolicy.kubernetesApiServerCIDR", some())),
        store_address("postgresql", "PostgreSQL"),
        store_address("redis", "Redis"),
    ]
}

// A bundled store is reached by the labels of its pods; of one outside of the chart, some names say where it is.
fn store_address(store: &str, name: &str) -> Value {
    let text =
        format!("`networkPolicy.{store}CIDR` is not set: the engine could not reach the external {name}");
    let help = format!(
        "set it to the addresses of the external {name}, for example `10.20.0.0/16` or `10.20.0.7/32`, or set `networkPolicy.allComponents` to false"
    );
    let at = format!("/networkPolicy/{store}CIDR");
    let known =
        any([known_hosts(&format!("{store}.external.host")), known_url(&format!("{store}.external.url"))]);
    let condition = all([
        switched("networkPolicy.enabled", true),
        switched("networkPolicy.allComponents", true),
        switched(&format!("{store}.enabled"), false),
        nothing_in(&format!("networkPolicy.{store}To")),
        nothing_in("networkPolicy.engineExtraEgress"),
        not(known),
    ]);
    rule(
        Message { text: &text, help: &help, at: &at },
        condition,
        if_present(&format!("networkPolicy.{store}CIDR"), some()),
    )
}

fn cluster_rights() -> Vec<Value> {
    let operator = Message {
        text: "a `SkyfloAI` resource needs the controller, which is off",
        help: "set `controller.enabled` to true, or `skyfloai.enabled` to false",
        at: "/skyfloai/enabled",
    };
    let admin = Message {
        text: "the MCP server is `cluster-admin`: whoever can reach it can do anything in the cluster",
        help: "choose a lower `mcp.rbac.level` (`admin`, `edit`, `view`, `none`) if that is enough",
        at: "/mcp/rbac/level",
    };
    vec![
        rule(
            operator,
            switched("skyfloai.enabled", true),
            if_present("controller.enabled", json!({ "const": true })),
        ),
        warn(admin, has("mcp.rbac.level", json!({ "const": "cluster-admin" }))),
    ]
}
