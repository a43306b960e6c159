//! What flow8's settings ask of each other, as messages.

use serde_json::{Value, json};

use super::mongodb::PLACEHOLDER;
use crate::profiles::common::{common_rules, scraped_once};
use crate::profiles::network::{known_url, nothing_in, some};
use crate::profiles::pod::older_than;
use crate::profiles::rule::{
    Message, all, any, empty, filled, filled_if_present, forbid, has, if_present, not, rule, switched, warn,
};

/// All rules between settings of different parts; those within one part stand with the part.
pub(super) fn rules() -> Vec<Value> {
    let mut rules = keys();
    rules.extend(database_address());
    rules.extend(bundled_database());
    rules.extend(disk());
    rules.extend(pods());
    rules.extend(traffic());
    rules.extend(operations());
    rules.extend(common_rules());
    rules.push(scraped_once());
    rules
}

fn keys() -> Vec<Value> {
    let mut rules = vec![mcp_needs_its_key(), inline_or_existing()];
    // Nothing is made up while rendering: with a key of its own in each render, what is stored could not be read again.
    for key in ["encryptionKey", "encryptionKeySalt"] {
        let text = format!("`secrets.{key}` is not set, and no existing Secret is named");
        let at = format!("/secrets/{key}");
        let message = Message {
            text: &text,
            help: "make one with `plimsoll secrets flow8 > secrets.yaml` and add `-f secrets.yaml`, or name a Secret in `secrets.existingSecret`",
            at: &at,
        };
        rules.push(rule(
            message,
            empty("secrets.existingSecret"),
            filled_if_present(&format!("secrets.{key}")),
        ));
    }
    rules
}

fn mcp_needs_its_key() -> Value {
    let message = Message {
        text: "the Service publishes the MCP server, and `secrets.mcpJwtSecret` is not set",
        help: "make one with `plimsoll secrets flow8`, or set `service.mcp.enabled` to false",
        at: "/secrets/mcpJwtSecret",
    };
    let published = all([switched("service.mcp.enabled", true), empty("secrets.existingSecret")]);
    rule(message, published, filled_if_present("secrets.mcpJwtSecret"))
}

fn inline_or_existing() -> Value {
    let message = Message {
        text: "`secrets` has keys inline and names an existing Secret that replaces them",
        help: "move the inline keys into that Secret, or leave `existingSecret` empty",
        at: "/secrets/existingSecret",
    };
    let nothing = json!({ "maxLength": 0 });
    let keys =
        ["encryptionKey", "encryptionKeySalt", "mcpJwtSecret", "oauth2.clientId", "oauth2.clientSecret"];
    let nothing_inline: Vec<Value> =
        keys.map(|key| if_present(&format!("secrets.{key}"), nothing.clone())).into();
    rule(message, filled("secrets.existingSecret"), json!({ "allOf": nothing_inline }))
}

/// The address of a database of one's own comes from one place, and from the reader rather than the manual.
fn database_address() -> Vec<Value> {
    let missing = Message {
        text: "the bundled MongoDB is off, and nothing says where the database is",
        help: "set `mongodb.uri`, or name a Secret with MONGODB_URI in `mongodb.existingSecret` or `secrets.existingSecret`",
        at: "/mongodb/uri",
    };
    let placeholder = Message {
        text: "`mongodb.uri` is the manual's placeholder",
        help: "write your own address; or name a Secret with MONGODB_URI in `mongodb.existingSecret`",
        at: "/mongodb/uri",
    };
    let twice = Message {
        text: "the database's address is given inline and by an existing Secret",
        help: "keep `mongodb.uri`, or keep it in the Secret under MONGODB_URI; the empty string takes one back",
        at: "/mongodb/uri",
    };
    let external = switched("mongodb.enabled", false);
    let no_secret = all([empty("mongodb.existingSecret"), empty("secrets.existingSecret")]);
    let written =
        has("mongodb.uri", json!({ "type": "string", "minLength": 1, "not": { "pattern": PLACEHOLDER } }));
    let copied = has("mongodb.uri", json!({ "type": "string", "pattern": PLACEHOLDER }));
    let named = any([filled("mongodb.existingSecret"), filled("secrets.existingSecret")]);
    vec![
        rule(missing, all([external.clone(), no_secret.clone()]), filled_if_present("mongodb.uri")),
        forbid(placeholder, all([external.clone(), no_secret, copied])),
        forbid(twice, all([external, written, named])),
    ]
}

fn bundled_database() -> Vec<Value> {
    let either = Message {
        text: "`mongodb` has a password or a key file inline and names an existing Secret that replaces them",
        help: "keep them inline, or keep `existingSecret`",
        at: "/mongodb/existingSecret",
    };
    let two = Message {
        text: "the bundled MongoDB is on, and `mongodb.uri` names another database",
        help: "leave `uri` empty, or set `mongodb.enabled` to false",
        at: "/mongodb/uri",
    };
    let bundled = switched("mongodb.enabled", true);
    let inline = any([filled("mongodb.rootPassword"), filled("mongodb.keyFile")]);
    let written =
        has("mongodb.uri", json!({ "type": "string", "minLength": 1, "not": { "pattern": PLACEHOLDER } }));
    let mut rules = vec![
        forbid(either, all([bundled.clone(), filled("mongodb.existingSecret"), inline])),
        forbid(two, all([bundled.clone(), written])),
    ];
    for key in ["rootPassword", "keyFile"] {
        let text = format!("`mongodb.{key}` is not set, and no existing Secret is named");
        let at = format!("/mongodb/{key}");
        let message = Message {
            text: &text,
            help: "make one with `plimsoll secrets flow8 --set mongodb.enabled=true > secrets.yaml` and add `-f secrets.yaml`, or name a Secret in `mongodb.existingSecret`",
            at: &at,
        };
        let own = all([bundled.clone(), empty("mongodb.existingSecret")]);
        // `filled_if_present`: a values file alone, as an editor sees it, need not speak of the key. In the merged
        // values the key of the defaults is there, and empty.
        rules.push(rule(message, own, filled_if_present(&format!("mongodb.{key}"))));
    }
    rules
}

// Of an autoscaler the highest number counts: it may be reached.
/// There can be more than one pod.
fn several_pods() -> Value {
    // The type is asked for, because `minimum` alone would hold for a string, and the condition with it.
    let two = json!({ "type": "integer", "minimum": 2 });
    any([
        all([not(switched("autoscaling.enabled", true)), has("replicaCount", two.clone())]),
        all([switched("autoscaling.enabled", true), has("autoscaling.maxReplicas", two)]),
    ])
}

fn disk() -> Vec<Value> {
    let shared = Message {
        text: "several pods share the claim, so it is ReadWriteMany: the storage class must be one that many nodes can mount, such as NFS, EFS, Azure Files or CephFS",
        help: "name such a class in `storage.storageClass` and set `storage.accessMode` to `ReadWriteMany`; or set `replicaCount` to 1, or `storage.enabled` to false",
        at: "/storage/storageClass",
    };
    let alone = Message {
        text: "several pods can't share a claim that one node or one pod alone can mount",
        help: "set `storage.accessMode` to `ReadWriteMany`, or `replicaCount` to 1 and `autoscaling.enabled` to false",
        at: "/storage/accessMode",
    };
    let rolling = Message {
        text: "a rolling update starts a pod before the old one has let go of a claim that one node alone can mount",
        help: "leave `strategy` and `updateStrategy` out, or set `storage.accessMode` to `ReadWriteMany`",
        at: "/strategy",
    };
    let unsaid = Message {
        text: "several pods need a claim that all of them can mount, and nothing says that the existing one is",
        help: "set `storage.accessMode` to `ReadWriteMany` if it is, or `replicaCount` to 1 and `autoscaling.enabled` to false",
        at: "/storage/accessMode",
    };
    let recreated = Message {
        text: "pods that are replaced all at once are not replaced one by one",
        help: "leave `strategy.rollingUpdate` out, or set `strategy.type` to `RollingUpdate`",
        at: "/strategy/rollingUpdate",
    };
    let stuck = Message {
        text: "an update with no pod more and no pod less can't begin",
        help: "set `maxSurge` or `maxUnavailable` to 1",
        at: "/strategy/rollingUpdate",
    };
    let claimed = switched("storage.enabled", true);
    let rendered = all([claimed.clone(), empty("storage.existingClaim")]);
    let existing = all([claimed.clone(), filled("storage.existingClaim")]);
    // An empty access mode is worked out by the chart: `ReadWriteMany` for several pods, else `ReadWriteOnce`. That of a
    // claim that exists can't be seen, so it has to be said.
    let narrow = has("storage.accessMode", json!({ "enum": ["ReadWriteOnce", "ReadWriteOncePod"] }));
    let by_one = any([narrow.clone(), all([empty("storage.accessMode"), not(several_pods())])]);
    let recreates = || has("strategy.type", json!({ "const": "Recreate" }));
    let steps = || has("strategy.rollingUpdate", json!({}));
    let rolls = any([
        has("strategy.type", json!({ "const": "RollingUpdate" })),
        all([steps(), not(has("strategy.type", json!({})))]),
        has("updateStrategy.type", json!({ "const": "RollingUpdate" })),
    ]);
    let none = |bound: &str| has(&format!("strategy.rollingUpdate.{bound}"), json!({ "enum": [0, "0%"] }));
    vec![
        warn(shared, all([rendered, empty("storage.accessMode"), several_pods()])),
        forbid(alone, all([claimed.clone(), narrow, several_pods()])),
        forbid(unsaid, all([existing, empty("storage.accessMode"), several_pods()])),
        forbid(rolling, all([claimed, by_one, rolls])),
        forbid(recreated, all([recreates(), steps()])),
        forbid(stuck, all([none("maxSurge"), none("maxUnavailable")])),
    ]
}

fn pods() -> Vec<Value> {
    let channels = Message {
        text: "a channel listens in one pod, and the Service spreads its requests over several",
        help: "set `replicaCount` to 1 for an instance with channels; or set `service.channels` to `[]`",
        at: "/service/channels",
    };
    let budget = Message {
        text: "the budget keeps the only pod, so that no node under it can be drained",
        help: "set `replicaCount` (or `autoscaling.minReplicas`) to 2 or more, or the budget's `maxUnavailable` to 1",
        at: "/podDisruptionBudget/enabled",
    };
    let members = Message {
        text: "the budget keeps the only member of the replica set, so that no node under it can be drained",
        help: "set `mongodb.replicas` to 3, or the budget's `maxUnavailable` to 1",
        at: "/mongodb/podDisruptionBudget/enabled",
    };
    let two = json!({ "type": "integer", "minimum": 2 });
    let enough = any([
        all([not(switched("autoscaling.enabled", true)), if_present("replicaCount", two.clone())]),
        all([switched("autoscaling.enabled", true), if_present("autoscaling.minReplicas", two.clone())]),
    ]);
    // Without a bound one member may be away.
    let members_stay = all([
        switched("mongodb.podDisruptionBudget.enabled", true),
        has("mongodb.podDisruptionBudget.minAvailable", json!({})),
    ]);
    let bundled = all([switched("mongodb.enabled", true), members_stay]);
    vec![
        warn(channels, all([has("service.channels", json!({ "minItems": 1 })), several_pods()])),
        rule(budget, keeps("podDisruptionBudget"), enough),
        rule(members, bundled, if_present("mongodb.replicas", two)),
    ]
}

/// The budget is enabled and says how many pods must stay.
fn keeps(budget: &str) -> Value {
    let allows = has(&format!("{budget}.maxUnavailable"), json!({}));
    all([switched(&format!("{budget}.enabled"), true), not(allows)])
}

fn traffic() -> Vec<Value> {
    let database = Message {
        text: "`networkPolicy.mongodbCIDR` is not set: flow8 could not reach the database",
        help: "set it to the addresses of your database, for example `10.20.0.0/16` or `10.20.0.7`, or name pods in `networkPolicy.mongodbTo`; or set `networkPolicy.allowAllEgress` to true",
        at: "/networkPolicy/mongodbCIDR",
    };
    let api_server = Message {
        text: "`networkPolicy.kubernetesApiServerCIDR` is not set: flow8 could not reach the API server",
        help: "set it to what `kubectl get endpointslices -n default kubernetes` shows, or set `rbac.create` to false if flow8 needs no Kubernetes API",
        at: "/networkPolicy/kubernetesApiServerCIDR",
    };
    let cookie = Message {
        text: "browsers send the session's cookie over TLS alone, and the Ingress has no certificate",
        help: "set `tls.certManager.enabled` to true or name one in `tls.existingSecret`; ignore this where TLS ends before the Ingress",
        at: "/config/session/cookie_secure",
    };
    let everywhere = Message {
        text: "flow8 may read every Secret of the cluster",
        help: "set `rbac.clusterWide` to false: its own ConfigMap and Secrets stay readable",
        at: "/rbac/clusterWide",
    };
    // A policy knows addresses, not names, so nobody but the user can say them.
    let scrape = Message {
        text: "the pods ask to be scraped, and the policy does not let Prometheus in",
        help: "name its namespace in `networkPolicy.metricsFrom`, or set `prometheusAnnotations` to false",
        at: "/networkPolicy/metricsFrom",
    };
    let everybody = Message {
        text: "every pod of the cluster may reach flow8 for its metrics, past `networkPolicy.ingressFrom`",
        help: "name the namespace of Prometheus in `networkPolicy.metricsFrom`",
        at: "/networkPolicy/metricsFrom",
    };
    let published = Message {
        text: "the Service publishes the MCP server outside of the cluster, and the policy lets in pods of the namespace alone",
        help: "say who may use it, for example `networkPolicy: {mcpFrom: [10.0.0.0/8]}`, or set `service.type` to `ClusterIP`",
        at: "/networkPolicy/mcpFrom",
    };
    let outside = json!({ "enum": ["NodePort", "LoadBalancer"] });
    let mcp = all([
        switched("networkPolicy.enabled", true),
        switched("service.mcp.enabled", true),
        has("service.type", outside),
    ]);
    let unnamed = all([
        switched("networkPolicy.enabled", true),
        has("networkPolicy.ingressFrom", json!({ "minItems": 1 })),
        nothing_in("networkPolicy.metricsFrom"),
    ]);
    let annotated = all([unnamed.clone(), switched("prometheusAnnotations", true), not(monitored())]);
    let closed = all([
        switched("networkPolicy.enabled", true),
        switched("networkPolicy.allowAllEgress", false),
        nothing_in("networkPolicy.extraEgress"),
    ]);
    let external = all([
        closed.clone(),
        switched("mongodb.enabled", false),
        nothing_in("networkPolicy.mongodbTo"),
        not(known_url("mongodb.uri")),
    ]);
    let calls = all([closed, switched("rbac.create", true)]);
    let wide = all([switched("rbac.create", true), switched("rbac.clusterWide", true)]);
    vec![
        rule(published, mcp, if_present("networkPolicy.mcpFrom", some())),
        rule(database, external, if_present("networkPolicy.mongodbCIDR", some())),
        rule(api_server, calls, if_present("networkPolicy.kubernetesApiServerCIDR", some())),
        warn(scrape, annotated),
        warn(everybody, all([unnamed, monitored()])),
        issuer_twice(),
        warn(cookie, all([plain_ingress(), switched("config.session.cookie_secure", true)])),
        warn(everywhere, wide),
    ]
}

/// The Prometheus operator is asked to have flow8 scraped.
fn monitored() -> Value {
    any([switched("serviceMonitor.enabled", true), switched("podMonitor.enabled", true)])
}

/// The Ingress is there, and no certificate is.
fn plain_ingress() -> Value {
    all([
        switched("ingress.enabled", true),
        has("ingress.tls", json!({ "maxItems": 0 })),
        not(switched("tls.certManager.enabled", true)),
        not(filled("tls.existingSecret")),
        not(filled("tls.cert")),
    ])
}

/// cert-manager looks at annotations too: with one, it would write over a certificate that comes from elsewhere.
fn issuer_twice() -> Value {
    let message = Message {
        text: "the annotation asks cert-manager for a certificate that `tls` takes from elsewhere",
        help: "remove the annotation, or leave `tls.existingSecret`, `tls.cert` and `tls.key` empty and set `tls.certManager.enabled` to true",
        at: "/ingress/annotations/cert-manager.io~1cluster-issuer",
    };
    let asked = has("ingress.annotations", json!({ "required": ["cert-manager.io/cluster-issuer"] }));
    forbid(message, all([asked, any([filled("tls.existingSecret"), filled("tls.cert")])]))
}

fn operations() -> Vec<Value> {
    let host = Message {
        text: "HTTPRoutes are enabled, and there is no host",
        help: "name the hosts that users type: `ingress: {hosts: [{host: …}]}`",
        at: "/ingress/hosts",
    };
    let claim = Message {
        text: "one claim that exists is for one member, and each member of MongoDB needs a disk of its own",
        help: "leave `existingClaim` empty, or set `mongodb.replicas` to 1",
        at: "/mongodb/storage/existingClaim",
    };
    let several = json!({ "type": "integer", "minimum": 2 });
    vec![
        rule(
            host,
            switched("httpRoute.enabled", true),
            if_present("ingress.hosts", json!({ "minItems": 1 })),
        ),
        forbid(claim, all([filled("mongodb.storage.existingClaim"), has("mongodb.replicas", several)])),
        older_than("mongodb", "[1-5]", "MongoDB 6.0, for which flow8 is made"),
    ]
}
