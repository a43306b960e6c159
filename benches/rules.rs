//! The rules by family, at 1,000 and at 10,000 objects: `cargo bench --bench rules`. Ten times as many objects should
//! take some ten times as long, whatever they are.
#![allow(clippy::expect_used, clippy::print_stdout, missing_docs)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use plimsoll::config::Config;
use plimsoll::manifest::{self, PackedDocument};
use plimsoll::rules::{self, ObjectSet};
use plimsoll::session::Session;
use plimsoll::source::SourceKind;

/// A family, and what its objects are; `%` is a number for each.
const FAMILIES: &[(&str, &str)] = &[
    (
        "workloads and Services",
        "---\nDEPLOYMENT---\napiVersion: v1\nkind: Service\nmetadata: {name: s%, labels: {app: d%}}\nspec: {selector: {app: d%}, ports: [{name: http, port: 80, targetPort: http}]}\n",
    ),
    (
        "budgets by label",
        "---\nDEPLOYMENT---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: b%}\nspec: {maxUnavailable: 1, selector: {matchLabels: {app: d%}}}\n",
    ),
    (
        "budgets by `Exists`",
        "---\nDEPLOYMENT---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: b%}\nspec: {minAvailable: 1, selector: {matchExpressions: [{key: app, operator: Exists}]}}\n",
    ),
    (
        "policies by `NotIn`",
        "---\nDEPLOYMENT---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p%}\nspec: {podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [x%]}]}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: d%}}}]}]}\n",
    ),
    (
        "monitors by label",
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: s%, labels: {app: s%}}\nspec: {ports: [{name: http, port: 80}]}\n---\napiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: m%}\nspec: {selector: {matchLabels: {app: s%}}, endpoints: [{port: http}]}\n",
    ),
    (
        "monitors by `Exists`",
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: s%, labels: {app: s%}}\nspec: {ports: [{name: http, port: 80}]}\n---\napiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: m%}\nspec: {selector: {matchExpressions: [{key: app, operator: Exists}]}, endpoints: [{port: http}]}\n",
    ),
    (
        "selectors of nothing",
        "---\nDEPLOYMENT---\napiVersion: v1\nkind: Service\nmetadata: {name: s%}\nspec: {selector: {app: e%}, ports: [{port: 80}]}\n",
    ),
    (
        "references to nothing",
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c%}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%}\nspec: {containers: [{name: main, image: 'web:1', envFrom: [{configMapRef: {name: d%}}]}]}\n",
    ),
    (
        "routes",
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: s%}\nspec: {ports: [{port: 80}]}\n---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i%}\nspec: {rules: [{host: h%.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s%, port: {number: 80}}}}]}}]}\n",
    ),
    (
        "autoscalers",
        "---\nDEPLOYMENT---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h%}\nspec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: d%}, maxReplicas: 3}\n",
    ),
    (
        "roles",
        "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r%}\nrules: [{apiGroups: [''], resources: [pods], verbs: [get]}]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b%}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r%}\nsubjects: [{kind: ServiceAccount, name: default}]\n",
    ),
];

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d%}\nspec: {replicas: 2, selector: {matchLabels: {app: d%}}, template: {metadata: {labels: {app: d%}}, spec: {containers: [{name: main, image: 'web:1', ports: [{name: http, containerPort: 8080}]}]}}}\n";

fn main() {
    println!("{:>28} {:>10} {:>10} {:>7}", "milliseconds for", "1,000", "10,000", "ratio");
    for (family, pair) in FAMILIES {
        let [few, many] = [1_000, 10_000].map(|objects| judged(pair, objects / 2));
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        let milliseconds = |time: Duration| time.as_secs_f64() * 1_000.0;
        println!("{family:>28} {:>10.1} {:>10.1} {ratio:>7.1}", milliseconds(few), milliseconds(many));
    }
}

/// The time that all rules take for so many pairs of objects, the best of three.
fn judged(pair: &str, pairs: usize) -> Duration {
    let pair = pair.replace("DEPLOYMENT", DEPLOYMENT);
    let text: String = (0..pairs).map(|number| pair.replace('%', &number.to_string())).collect();
    let session = Session::new();
    let source = session.add_source(SourceKind::File, "all.yaml", text);
    let documents = manifest::split(&session, &Arc::from("all.yaml"), source, &[]).all().expect("manifests");
    let documents = PackedDocument::pack_all(documents);
    let snapshot = session.snapshot();
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let overlay = snapshot.overlay();
        let set = ObjectSet::new(&overlay, &documents, &[], Vec::new());
        let levels = || rules::levels(&Config::default(), &[]);
        let start = Instant::now();
        // What is found is no concern of this.
        let _ = black_box(rules::check(&overlay, &set, levels(), &[]));
        best = best.min(start.elapsed());
    }
    best
}
