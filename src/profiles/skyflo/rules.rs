//! What Skyflo's settings ask of each other, as sentences.

use serde_json::{Map, Value, json};

use crate::profiles::budget;
use crate::profiles::rule::{Sentence, all, empty, filled, has, lets, rule, switched, warn};

/// All rules between settings of different parts; those within one part stand with the part.
pub(super) fn rules() -> Vec<Value> {
    let mut rules = engine_secrets();
    rules.extend(postgresql());
    rules.extend(redis());
    rules.extend(network());
    rules.extend(["engine", "mcp", "ui", "controller"].map(budget::leaves_room));
    rules.extend(cluster_rights());
    rules
}

fn engine_secrets() -> Vec<Value> {
    let model = Sentence {
        message: "`engine.secrets.llmModel` is not set: the engine needs a language model",
        help: "write `provider/model`, for example `--set engine.secrets.llmModel=openai/gpt-4o`",
        at: "/engine/secrets/llmModel",
    };
    let jwt = Sentence {
        message: "`engine.secrets.jwtSecret` is not set, and no existing Secret is named",
        help: "make one with `plimsoll secrets skyflo > secrets.yaml` and add `-f secrets.yaml`, or name a Secret in `engine.secrets.existingSecret`",
        at: "/engine/secrets/jwtSecret",
    };
    let either = Sentence {
        message: "`engine.secrets` has keys inline and names an existing Secret that replaces them",
        help: "move the inline keys into that Secret, or leave `existingSecret` empty",
        at: "/engine/secrets/existingSecret",
    };
    let own = empty("engine.secrets.existingSecret");
    let keys = super::secrets::inline_keys().into_iter().map(|key| (key, json!({ "maxLength": 0 })));
    let nothing_inline = json!({ "properties": keys.collect::<Map<_, _>>() });
    vec![
        rule(model, own.clone(), set("engine.secrets.llmModel")),
        rule(jwt, own, set("engine.secrets.jwtSecret")),
        rule(either, filled("engine.secrets.existingSecret"), lets("engine.secrets", nothing_inline)),
    ]
}

fn postgresql() -> Vec<Value> {
    let password = Sentence {
        message: "`postgresql.auth.password` is not set, and no existing Secret is named",
        help: "make one with `plimsoll secrets skyflo > secrets.yaml` and add `-f secrets.yaml`, or name a Secret in `postgresql.auth.existingSecret`",
        at: "/postgresql/auth/password",
    };
    let either = Sentence {
        message: "`postgresql.auth` has a password inline and names an existing Secret that replaces it",
        help: "keep `password`, or keep `existingSecret`",
        at: "/postgresql/auth/existingSecret",
    };
    let external = Sentence {
        message: "the bundled PostgreSQL is off, and nothing says where the database is",
        help: "set `postgresql.external.host` or `postgresql.external.url`, or name a Secret with POSTGRES_DATABASE_URL in `engine.secrets.existingSecret`",
        at: "/postgresql/external/host",
    };
    vec![
        rule(
            password,
            all([switched("postgresql.enabled", true), empty("postgresql.auth.existingSecret")]),
            set("postgresql.auth.password"),
        ),
        rule(
            either,
            filled("postgresql.auth.existingSecret"),
            lets("postgresql.auth.password", json!({ "maxLength": 0 })),
        ),
        rule(external, nowhere("postgresql"), set("postgresql.external.host")),
    ]
}

fn redis() -> Vec<Value> {
    let external = Sentence {
        message: "the bundled Redis is off, and nothing says where Redis is",
        help: "set `redis.external.url` or `redis.external.host`, or name a Secret with REDIS_URL in `engine.secrets.existingSecret`",
        at: "/redis/external/url",
    };
    vec![rule(external, nowhere("redis"), set("redis.external.host"))]
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
    let api_server = Sentence {
        message: "`networkPolicy.kubernetesApiServerCIDR` is not set: the MCP server could not reach the API server",
        help: "set it to what `kubectl get endpointslices -n default kubernetes` shows, or set `networkPolicy.allowAllEgress` to true",
        at: "/networkPolicy/kubernetesApiServerCIDR",
    };
    let closed =
        all([switched("networkPolicy.enabled", true), switched("networkPolicy.allowAllEgress", false)]);
    vec![
        rule(api_server, closed, set("networkPolicy.kubernetesApiServerCIDR")),
        store_address("postgresql", "PostgreSQL"),
        store_address("redis", "Redis"),
    ]
}

fn store_address(store: &str, name: &str) -> Value {
    let message =
        format!("`networkPolicy.{store}CIDR` is not set: the engine could not reach the external {name}");
    let help = format!(
        "set it to the addresses of the external {name}, for example `10.20.0.0/16`, or set `networkPolicy.allComponents` to false"
    );
    let at = format!("/networkPolicy/{store}CIDR");
    let condition =
        all([switched("networkPolicy.allComponents", true), switched(&format!("{store}.enabled"), false)]);
    rule(
        Sentence { message: &message, help: &help, at: &at },
        condition,
        set(&format!("networkPolicy.{store}CIDR")),
    )
}

fn cluster_rights() -> Vec<Value> {
    let operator = Sentence {
        message: "a `SkyfloAI` resource needs the controller, which is off",
        help: "set `controller.enabled` to true, or `skyfloai.enabled` to false",
        at: "/skyfloai/enabled",
    };
    let admin = Sentence {
        message: "the MCP server is `cluster-admin`: who can talk to it can do anything in the cluster",
        help: "choose a lower `mcp.rbac.level` (`admin`, `edit`, `view`, `none`) if that is enough",
        at: "/mcp/rbac/level",
    };
    vec![
        rule(
            operator,
            switched("skyfloai.enabled", true),
            lets("controller.enabled", json!({ "const": true })),
        ),
        warn(admin, has("mcp.rbac.level", json!({ "const": "cluster-admin" }))),
    ]
}

/// The string at the path is not empty, if it is there.
fn set(path: &str) -> Value {
    lets(path, json!({ "minLength": 1 }))
}
