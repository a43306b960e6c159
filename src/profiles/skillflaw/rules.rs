//! What SkillFlaw's settings ask of each other, as messages.

use serde_json::{Value, json};

use crate::profiles::availability::budget_leaves_room;
use crate::profiles::common::{common_rules, scraped_once};
use crate::profiles::network::{known_hosts, known_url, nothing_in, some};
use crate::profiles::rule::{
    Message, all, any, empty, filled, filled_if_present, forbid, has, if_present, not, rule, switched, warn,
};

/// All rules between settings of different parts; those within one part stand with the part.
pub(super) fn rules() -> Vec<Value> {
    let mut rules = stores();
    rules.extend(shared_state());
    rules.extend(secrets());
    rules.extend(exposure());
    rules.extend(network());
    rules.extend(["backend", "frontend"].map(leaves_room));
    rules.extend(warnings());
    rules.extend(common_rules());
    rules.push(scraped_once());
    rules
}

/// The rule that a component's budget leaves room.
fn leaves_room(component: &str) -> Value {
    budget_leaves_room(component, &format!("{component}.autoscaling"))
}

fn stores() -> Vec<Value> {
    let database = Message {
        text: "nothing says where the database is",
        help: "set `database.host` and its neighbours, `database.url`, or `database.existingSecret`; `-p evaluation` takes a SQLite file",
        at: "/database/host",
    };
    let redis = Message {
        text: "the cache is in Redis, and nothing says where Redis is",
        help: "set `redis.host`, `redis.url` or `redis.existingSecret`; or `backend.config.cacheType: async` for a single pod",
        at: "/redis/host",
    };
    vec![
        rule(database, nowhere("database"), filled_if_present("database.host")),
        rule(redis, all([cached_in_redis(), nowhere("redis")]), filled_if_present("redis.host")),
    ]
}

/// Neither a URL nor a Secret says where the store is.
fn nowhere(store: &str) -> Value {
    all([empty(&format!("{store}.url")), empty(&format!("{store}.existingSecret"))])
}

fn cached_in_redis() -> Value {
    has("backend.config.cacheType", json!({ "const": "redis" }))
}

/// Before the backend has several pods, its state must be where all of them find it.
fn shared_state() -> Vec<Value> {
    let database = Message {
        text: "several backend pods need a real database, and this is a SQLite file",
        help: "give a PostgreSQL in `database`, or keep one pod",
        at: "/database/url",
    };
    let cache = Message {
        text: "several backend pods need a shared cache, and each would have its own",
        help: "set `backend.config.cacheType` to `redis`, or keep one pod",
        at: "/backend/config/cacheType",
    };
    let claim = Message {
        text: "several backend pods need a claim that all of them can mount",
        help: "set `persistence.accessMode` to `ReadWriteMany` (of an existing claim, say so if it is), or keep one pod",
        at: "/persistence/accessMode",
    };
    let files = Message {
        text: "several backend pods need the same files, and `persistence` is off",
        help: "set `persistence.enabled` to true and `persistence.accessMode` to `ReadWriteMany`, or keep one pod",
        at: "/persistence/enabled",
    };
    // Where `persistence` is off, its own rule speaks, and the claim's would only repeat it.
    let claimed = all([several_pods(), not(switched("persistence.enabled", false))]);
    vec![
        rule(database, several_pods(), not(has("database.url", json!({ "pattern": "^sqlite" })))),
        rule(cache, several_pods(), if_present("backend.config.cacheType", json!({ "const": "redis" }))),
        rule(claim, claimed, if_present("persistence.accessMode", json!({ "const": "ReadWriteMany" }))),
        rule(files, several_pods(), if_present("persistence.enabled", json!({ "const": true }))),
    ]
}

fn several_pods() -> Value {
    let scaled = switched("backend.autoscaling.enabled", true);
    // The type is asked for, because `minimum` alone would hold for a string, and the condition with it.
    let two = json!({ "type": "integer", "minimum": 2 });
    any([
        all([not(scaled.clone()), has("backend.replicas", two.clone())]),
        all([scaled, has("backend.autoscaling.maxReplicas", two)]),
    ])
}

fn secrets() -> Vec<Value> {
    let key = Message {
        text: "`secretKey.value` is not set, and no existing Secret is named",
        help: "make one with `plimsoll secrets skillflaw > secrets.yaml` and add `-f secrets.yaml`, or name a Secret in `secretKey.existingSecret`",
        at: "/secretKey/value",
    };
    let superuser = Message {
        text: "the backend is exposed, and `superuser` has no password",
        help: "make one with `plimsoll secrets skillflaw > secrets.yaml` and add `-f secrets.yaml`, or name a Secret in `superuser.existingSecret`",
        at: "/superuser/password",
    };
    let mut rules = vec![
        rule(key, empty("secretKey.existingSecret"), filled_if_present("secretKey.value")),
        rule(
            superuser,
            all([exposed(), empty("superuser.existingSecret")]),
            filled_if_present("superuser.password"),
        ),
    ];
    rules.extend(SECRET_VARIABLES.map(|(variable, setting)| not_a_literal(variable, setting)));
    rules
}

/// The variables that are secrets, and the settings that put them into one.
const SECRET_VARIABLES: [(&str, &str); 4] = [
    ("SKILLFLAW_DATABASE_URL", "database"),
    ("SKILLFLAW_REDIS_URL", "redis"),
    ("SKILLFLAW_SECRET_KEY", "secretKey"),
    ("SKILLFLAW_SUPERUSER_PASSWORD", "superuser"),
];

/// Who may read pods may read the variables that are written in them.
fn not_a_literal(variable: &str, setting: &str) -> Value {
    let text = format!("`backend.env.{variable}` would put a secret into the pod, where others may read it");
    let help = format!("give it in `{setting}`, inline or as a Secret that exists");
    let at = format!("/backend/env/{variable}");
    let path = format!("backend.env.{variable}");
    let mut rule = forbid(Message { text: &text, help: &help, at: &at }, has(&path, json!({})));
    // Refused as it is, it must not be shown with the refusal: `writeOnly` masks a value wherever it is printed.
    rule["properties"] = if_present(&path, json!({ "writeOnly": true }))["properties"].clone();
    rule
}

/// The API is reachable from outside the cluster, by itself or through the frontend.
fn exposed() -> Value {
    let outside = json!({ "enum": ["NodePort", "LoadBalancer"] });
    let hosts = any([filled("ingress.hosts.api"), filled("ingress.hosts.app")]);
    any([
        all([routed(), hosts]),
        has("backend.service.type", outside.clone()),
        all([switched("frontend.enabled", true), has("frontend.service.type", outside)]),
    ])
}

/// Something leads the hosts' requests into the cluster.
fn routed() -> Value {
    any([switched("ingress.enabled", true), switched("httpRoute.enabled", true)])
}

fn exposure() -> Vec<Value> {
    let message = Message {
        text: "HTTPRoutes are enabled, and there is no host",
        help: "name the host that clients call: `ingress: {hosts: {api: …}}`",
        at: "/ingress/hosts/api",
    };
    let one = any(["api", "app", "docs"].map(|host| filled(&format!("ingress.hosts.{host}"))));
    vec![
        rule(message, switched("httpRoute.enabled", true), one),
        component_behind("app", "frontend", "the frontend"),
        component_behind("docs", "docs", "the documentation"),
    ]
}

fn component_behind(host: &str, component: &str, name: &str) -> Value {
    let text = format!("`ingress.hosts.{host}` is the host of {name}, which is off");
    let help = format!("set `{component}.enabled` to true, or take the host back: `{host}: \"\"`");
    let at = format!("/ingress/hosts/{host}");
    let condition = all([routed(), filled(&format!("ingress.hosts.{host}"))]);
    let on = if_present(&format!("{component}.enabled"), json!({ "const": true }));
    rule(Message { text: &text, help: &help, at: &at }, condition, on)
}

fn network() -> Vec<Value> {
    let served = not(has("database.url", json!({ "pattern": "^sqlite" })));
    vec![store_address("database", "PostgreSQL", served), store_address("redis", "Redis", cached_in_redis())]
}

// Of some hosts, the names say where they are; a policy knows no others.
fn store_address(store: &str, name: &str, used: Value) -> Value {
    let text = format!("`networkPolicy.{store}CIDR` is not set: the backend could not reach {name}");
    let help = format!(
        "set it to the addresses of {name}, for example `10.20.0.0/16` or `10.20.0.7`, or name pods in `networkPolicy.{store}To`; or set `networkPolicy.enabled` to false"
    );
    let at = format!("/networkPolicy/{store}CIDR");
    let known = any([known_hosts(&format!("{store}.host")), known_url(&format!("{store}.url"))]);
    let condition = all([
        switched("networkPolicy.enabled", true),
        used,
        nothing_in(&format!("networkPolicy.{store}To")),
        nothing_in("networkPolicy.extraEgress"),
        not(known),
    ]);
    rule(
        Message { text: &text, help: &help, at: &at },
        condition,
        if_present(&format!("networkPolicy.{store}CIDR"), some()),
    )
}

fn warnings() -> Vec<Value> {
    let plain = Message {
        text: "the Ingress has no TLS: API keys and passwords travel in plain text",
        help: "add `ingress.tls`, with `ingress.clusterIssuer` if cert-manager is to make the certificates",
        at: "/ingress/tls",
    };
    let lost = Message {
        text: "`persistence` is off: the backend's files are lost with its pod",
        help: "set `persistence.enabled` to true",
        at: "/persistence/enabled",
    };
    let no_tls = has("ingress.tls", json!({ "maxItems": 0 }));
    let mut warnings = vec![
        warn(plain, all([switched("ingress.enabled", true), empty("ingress.clusterIssuer"), no_tls])),
        warn(lost, switched("persistence.enabled", false)),
    ];
    warnings.push(moving_tag("backend", json!({})));
    warnings.extend(
        ["frontend", "docs"].map(|page| moving_tag(page, switched(&format!("{page}.enabled"), true))),
    );
    warnings
}

/// No version tags of the images are documented, so `latest` is the default and is said to be one.
fn moving_tag(component: &str, used: Value) -> Value {
    let text = format!("the tag of `{component}.image` moves, so that two pods may run different versions");
    let help = format!("pin it: set `{component}.image.digest`, or a tag that stays");
    let at = format!("/{component}/image/tag");
    let tag = has(&format!("{component}.image.tag"), json!({ "enum": ["", "latest"] }));
    let unpinned = empty(&format!("{component}.image.digest"));
    warn(Message { text: &text, help: &help, at: &at }, all([used, tag, unpinned]))
}
