//! What Datafly's settings ask of each other, as messages.

use serde_json::{Value, json};

use super::stores::given;
use crate::profiles::availability::budget_leaves_room;
use crate::profiles::common::common_rules;
use crate::profiles::network::{known_hosts, known_url, nothing_in, some};
use crate::profiles::rule::{
    Message, all, any, empty, filled, forbid, has, if_present, not, rule, switched, warn,
};

/// All rules between settings of different parts; those within one part stand with the part.
pub(super) fn rules() -> Vec<Value> {
    let mut rules = Vec::new();
    rules.extend(TWO_PLACES.map(one_place));
    rules.extend(stores());
    rules.extend(secrets());
    rules.extend(consumer_lag());
    rules.extend(SCALED.map(needs_requests));
    rules.extend(COMPONENTS.map(leaves_room));
    rules.extend(STORES.map(store_address));
    rules.extend([migrations(), open_cors(), plain_kafka()]);
    rules.extend(kafka_protocol());
    rules.extend([routes_need_a_host(), nothing_on_disks()]);
    rules.extend(common_rules());
    rules
}

const COMPONENTS: [&str; 6] =
    ["ingestionGateway", "eventProcessor", "deliveryWorkers", "identityHub", "managementApi", "managementUi"];

// The three that the manual scales.
const SCALED: [&str; 3] = ["ingestionGateway", "eventProcessor", "deliveryWorkers"];

/// Settings that may stand at the top level or under `global`.
const TWO_PLACES: [&str; 16] = [
    "image.registry",
    "image.tag",
    "image.pullPolicy",
    "kafka.brokers",
    "kafka.partitions",
    "kafka.securityProtocol",
    "kafka.tls.enabled",
    "kafka.tls.caSecret",
    "kafka.sasl.mechanism",
    "kafka.sasl.username",
    "kafka.sasl.password",
    "kafka.sasl.existingSecret",
    "redis.url",
    "redis.existingSecret",
    "database.url",
    "jwt.secret",
];

fn one_place(path: &str) -> Value {
    let text = format!("`{path}` is set at the top level and under `global`");
    let at = format!("/global/{}", path.replace('.', "/"));
    let message = Message { text: &text, help: "keep one of the two", at: &at };
    // A boolean and a number have no empty form: they are set when they are there.
    let is_set = |path: &str| has(path, json!({ "not": { "const": "" } }));
    forbid(message, all([is_set(path), is_set(&format!("global.{path}"))]))
}

fn stores() -> Vec<Value> {
    let brokers = Message {
        text: "`kafka.brokers` is not set: nothing says where Kafka is",
        help: "write `host:port` of each broker, with commas between them",
        at: "/kafka/brokers",
    };
    let redis = Message {
        text: "`redis.url` is not set, and no existing Secret is named",
        help: "write `rediss://host:6379/0`, or name a Secret with REDIS_URL in `redis.existingSecret`",
        at: "/redis/url",
    };
    let two = Message {
        text: "Redis is given by `url` and by a Secret that replaces it",
        help: "keep `redis.url`, or keep `redis.existingSecret`",
        at: "/redis/existingSecret",
    };
    vec![
        forbid(two, all([given("redis.url"), given("redis.existingSecret")])),
        rule(brokers, empty("kafka.brokers"), filled("global.kafka.brokers")),
        rule(
            redis,
            all([empty("redis.url"), empty("redis.existingSecret")]),
            any([filled("global.redis.url"), filled("global.redis.existingSecret")]),
        ),
    ]
}

fn secrets() -> Vec<Value> {
    let database = Message {
        text: "`database.url` is not set, and no existing Secret is named",
        help: "write `postgresql://user:password@host:5432/database?sslmode=require`, or name a Secret with DATABASE_URL, JWT_SECRET and ENCRYPTION_KEY in `global.existingSecret`",
        at: "/database/url",
    };
    let jwt = Message {
        text: "`jwt.secret` is not set, and no existing Secret is named",
        help: "make one with `plimsoll secrets datafly > secrets.yaml` and add `-f secrets.yaml`, or name a Secret in `global.existingSecret`",
        at: "/jwt/secret",
    };
    let key = Message {
        text: "`encryptionKey` is not set, and no existing Secret is named",
        at: "/encryptionKey",
        ..jwt
    };
    let twice = Message {
        text: "the encryption key is given as `encryptionKey` and as a variable of the identity hub",
        help: "keep `encryptionKey`, which reaches all services",
        at: "/identityHub/env/ENCRYPTION_KEY",
    };
    let own = || empty("global.existingSecret");
    vec![
        rule(database, all([own(), empty("database.url")]), filled("global.database.url")),
        rule(jwt, all([own(), empty("jwt.secret")]), filled("global.jwt.secret")),
        rule(key, all([own(), empty("encryptionKey")]), filled(HUB_KEY)),
        forbid(twice, all([filled("encryptionKey"), filled(HUB_KEY)])),
        inline_or_existing(),
    ]
}

const HUB_KEY: &str = "identityHub.env.ENCRYPTION_KEY";

fn inline_or_existing() -> Value {
    let message = Message {
        text: "secrets are given inline beside an existing Secret that replaces them",
        help: "move `database.url`, `jwt.secret` and `encryptionKey` into that Secret, or leave `existingSecret` empty",
        at: "/global/existingSecret",
    };
    let inline = any([given("database.url"), given("jwt.secret"), filled("encryptionKey"), filled(HUB_KEY)]);
    forbid(message, all([filled("global.existingSecret"), inline]))
}

/// Waiting events count when somebody counts them, and of a group that is known.
fn consumer_lag() -> Vec<Value> {
    let group = Message {
        text: "`autoscaling.deliveryWorkers.kafkaLagThreshold` is set, and nothing says whose events wait",
        help: "name the delivery workers' group in `autoscaling.deliveryWorkers.kafka.consumerGroup`",
        at: "/autoscaling/deliveryWorkers/kafkaLagThreshold",
    };
    let counted = all([
        threshold("deliveryWorkers"),
        has("autoscaling.metricsProvider", json!({ "enum": ["keda", "prometheus"] })),
    ]);
    let unnamed = empty("autoscaling.deliveryWorkers.kafka.consumerGroup");
    let mut rules = vec![forbid(group, all([counted, unnamed]))];
    rules.extend(["eventProcessor", "deliveryWorkers"].into_iter().flat_map(nobody_counts));
    rules
}

fn threshold(component: &str) -> Value {
    all([
        switched(&format!("autoscaling.{component}.enabled"), true),
        has(&format!("autoscaling.{component}.kafkaLagThreshold"), json!({})),
    ])
}

// Without a provider it is a warning and no error, so that the manual's file renders.
/// The manual's first example names a threshold and no provider; who says `none` contradicts himself.
fn nobody_counts(component: &str) -> [Value; 2] {
    let text =
        format!("`autoscaling.{component}.kafkaLagThreshold` is set, and nobody counts waiting events");
    let at = format!("/autoscaling/{component}/kafkaLagThreshold");
    let message = Message {
        text: &text,
        help: "set `autoscaling.metricsProvider` to `keda` or `prometheus`, or remove the threshold",
        at: &at,
    };
    let provider = "autoscaling.metricsProvider";
    [
        forbid(message, all([threshold(component), has(provider, json!({ "const": "none" }))])),
        warn(
            message,
            all([threshold(component), has("autoscaling", json!({})), not(has(provider, json!({})))]),
        ),
    ]
}

/// CPU use is measured in percent of the request.
fn needs_requests(component: &str) -> Value {
    let text = format!("`{component}` is scaled by its CPU use, and its `resources` request no CPU");
    let at = format!("/{component}/resources");
    let message = Message { text: &text, help: "set `requests.cpu`, for example `250m`", at: &at };
    let resources = format!("{component}.resources");
    let scaled =
        all([switched(&format!("autoscaling.{component}.enabled"), true), has(&resources, json!({}))]);
    let cpu = |kind: &str| has(&format!("{resources}.{kind}.cpu"), json!({}));
    rule(message, scaled, any([cpu("requests"), cpu("limits")]))
}

/// The rule that a component's budget leaves room.
fn leaves_room(component: &str) -> Value {
    budget_leaves_room(component, &format!("autoscaling.{component}"))
}

/// A store by the key of its settings, its name, and the setting that says where it is, if no Secret does.
const STORES: [(&str, &str, &str); 3] =
    [("kafka", "Kafka", "brokers"), ("redis", "Redis", "url"), ("database", "PostgreSQL", "url")];

// Of some addresses a policy knows where they are; the rest has to be said. Who writes egress rules of his own has
// thought of it.
fn store_address((store, name, key): (&str, &str, &str)) -> Value {
    let text = format!("`networkPolicy.{store}.cidr` is not set: the services could not reach {name}");
    let help = format!(
        "set it to the addresses of {name}, for example `10.20.0.0/16` or `10.20.0.7`, or name pods in `networkPolicy.{store}.to`; or set `networkPolicy.enabled` to false"
    );
    let path = format!("networkPolicy.{store}.cidr");
    let at = format!("/{}", path.replace('.', "/"));
    let message = Message { text: &text, help: &help, at: &at };
    let known = |path: &str| any([known_hosts(path), known_url(path)]);
    let elsewhere = nothing_in(&format!("networkPolicy.{store}.to"));
    let condition = all([
        switched("networkPolicy.enabled", true),
        nothing_in("networkPolicy.extraEgress"),
        elsewhere,
        not(any([known(&format!("{store}.{key}")), known(&format!("global.{store}.{key}"))])),
    ]);
    rule(message, condition, if_present(&path, some()))
}

fn migrations() -> Value {
    let message = Message {
        text: "`migrations` is enabled and has no image",
        help: "set `migrations.image.repository` to the image that has the migrations",
        at: "/migrations/image/repository",
    };
    rule(message, switched("migrations.enabled", true), filled("migrations.image.repository"))
}

// The service itself allows any origin by default, which is convenient and rarely meant.
fn open_cors() -> Value {
    let message = Message {
        text: "`ingestionGateway.env.CORS_ORIGINS` is not set: pages of any origin may send events",
        help: "name the customer's pages, such as `https://www.acme.com`, with commas between them; `*` says that all may",
        at: "/ingestionGateway/env",
    };
    let unnamed = has("ingestionGateway.env", not(has("CORS_ORIGINS", json!({}))));
    warn(message, all([switched("ingress.enabled", true), unnamed]))
}

/// What `kafka` says of its protocol in one place holds in the others, and KEDA says no more than the services do.
fn kafka_protocol() -> Vec<Value> {
    let at = "/kafka/securityProtocol";
    let mut rules = Vec::new();
    for place in ["", "global."] {
        let at = format!("/{}kafka/securityProtocol", place.replace('.', "/"));
        let protocol =
            |names: &[&str]| has(&format!("{place}kafka.securityProtocol"), json!({ "enum": names }));
        let tls = |on: bool| switched(&format!("{place}kafka.tls.enabled"), on);
        let mechanism = || has(&format!("{place}kafka.sasl.mechanism"), json!({}));
        let encrypted = Message {
            text: "`kafka.securityProtocol` and `kafka.tls.enabled` contradict each other",
            help: "leave one of them out: each follows from the other",
            at: &at,
        };
        let unnamed = Message {
            text: "`kafka.securityProtocol` asks for SASL, and `kafka.sasl.mechanism` is not set",
            help: "set `kafka.sasl.mechanism`, or leave `SASL_` out",
            at: &at,
        };
        let unasked = Message {
            text: "`kafka.sasl.mechanism` is set, and `kafka.securityProtocol` leaves SASL out",
            help: "leave `securityProtocol` out, or write `SASL_SSL` or `SASL_PLAINTEXT`",
            at: &at,
        };
        rules.extend([
            forbid(
                encrypted,
                any([
                    all([protocol(&["SSL", "SASL_SSL"]), tls(false)]),
                    all([protocol(&["PLAINTEXT", "SASL_PLAINTEXT"]), tls(true)]),
                ]),
            ),
            forbid(unnamed, all([protocol(&["SASL_PLAINTEXT", "SASL_SSL"]), not(mechanism())])),
            forbid(unasked, all([protocol(&["PLAINTEXT", "SSL"]), mechanism()])),
        ]);
    }
    let role = Message {
        text: "Amazon MSK takes roles over encrypted connections alone",
        help: "set `kafka.tls.enabled` to true",
        at,
    };
    let clear = Message {
        text: "name and password for Kafka travel in plain text",
        help: "set `kafka.tls.enabled` to true, or take a SCRAM mechanism",
        at: "/kafka/sasl/mechanism",
    };
    let keda = Message {
        text: "KEDA authenticates itself to Kafka, and the services do not",
        help: "set `kafka.sasl`, which the services and KEDA use; `autoscaling.keda.sasl` is for an account of KEDA's own",
        at: "/autoscaling/keda/sasl",
    };
    let is = |name: &str| {
        any([
            has("kafka.sasl.mechanism", json!({ "const": name })),
            has("global.kafka.sasl.mechanism", json!({ "const": name })),
        ])
    };
    let encrypted = |path: &str| {
        any([
            switched(&format!("{path}.tls.enabled"), true),
            has(&format!("{path}.securityProtocol"), json!({ "enum": ["SSL", "SASL_SSL"] })),
        ])
    };
    let plain = || all([has("kafka", json!({})), not(any([encrypted("kafka"), encrypted("global.kafka")]))]);
    let anonymous = all([
        not(has("kafka.sasl.mechanism", json!({}))),
        not(has("global.kafka.sasl.mechanism", json!({}))),
    ]);
    rules.extend([
        forbid(role, all([is("AWS_MSK_IAM"), plain()])),
        warn(clear, all([is("PLAIN"), plain()])),
        warn(keda, all([has("autoscaling.keda.sasl", json!({})), has("kafka", json!({})), anonymous])),
    ]);
    rules
}

// Saying `false` is enough to end the warning: whoever has thought of it need not read it at each render.
fn plain_kafka() -> Value {
    let message = Message {
        text: "the connection to Kafka is not encrypted",
        help: "set `kafka.tls.enabled` to true if your brokers offer TLS, or to false if that is what you mean",
        at: "/kafka",
    };
    let said = |path: &str| {
        any([
            has(&format!("{path}.tls.enabled"), json!({})),
            has(&format!("{path}.securityProtocol"), json!({})),
        ])
    };
    let unsaid = not(any([said("kafka"), said("global.kafka")]));
    warn(message, all([has("kafka", json!({})), given("kafka.brokers"), unsaid]))
}

/// A setting of all charts that could do nothing here.
fn nothing_on_disks() -> Value {
    let message = Message {
        text: "Velero copies volumes, and Datafly's pods have none: what they know is in PostgreSQL, Redis and Kafka",
        help: "set `velero.enabled` to false, and back up the stores where they run",
        at: "/velero/enabled",
    };
    forbid(message, switched("velero.enabled", true))
}

/// HTTPRoutes are made for the hosts of the Ingress.
fn routes_need_a_host() -> Value {
    let host = Message {
        text: "HTTPRoutes are enabled, and there is no host",
        help: "name the hosts and what is found at them: `ingress: {hosts: [{host: …, paths: [{path: /, service: ingestion-gateway}]}]}`",
        at: "/ingress/hosts",
    };
    rule(host, switched("httpRoute.enabled", true), if_present("ingress.hosts", json!({ "minItems": 1 })))
}
