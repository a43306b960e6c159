//! The flow8 chart: its table, and the tests that it has alone.

mod objects;
mod refusals;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use objects::FIRST_INSTALL;
use plimsoll::emit::{Format, stream};
use plimsoll::request::Request;
use serde_json::{Value, json};

use crate::harness::{Profile, case, names, preset};
use crate::json::{all_under, hosts, items};

pub static PROFILE: Profile = Profile {
    name: "flow8",
    cases: &[
        preset("evaluation", &["evaluation"], &[]),
        preset("production", &["production"], &["production"]),
        preset("autoscaling", &["autoscaling"], &["keys", "shared-disk"]),
        preset("replica-set", &["replica-set"], &["keys", "one-pod"]),
        preset("single-instance", &["single-instance"], &["keys"]),
        case("minimal", &["keys"]),
        case("skeleton", &["skeleton", "keys"]),
        case("atlas", &["atlas"]),
        case("shared-disk", &["keys", "shared-disk"]),
        case("inline-replica-set", &["keys", "inline-replica-set"]),
        case("monitoring", &["keys", "monitoring"]),
        case("published", &["keys", "published"]),
        case("own-certificate", &["keys", "own-certificate"]),
        case("pods", &["keys", "pods"]),
        case("groups", &["keys", "groups"]),
        case("in-cluster", &["keys", "in-cluster"]),
        case("operations", &["keys", "inline-replica-set", "operations"]),
    ],
    other_files: &[],
    existing: &[
        "ConfigMap/company-ca",
        "ConfigMap/proxies",
        "PersistentVolumeClaim/files",
        "Secret/flow8-keys",
        "Secret/flow8-mongodb",
        "Secret/flow8-secrets",
        "Secret/mongodb-creds",
        "Secret/registry",
    ],
    foreign_labels: &["k8s-app", "team"],
    secrets: &[
        "d1a5ac9a015f",
        "63479ad69a09",
        "S3cr3t-uri",
        "R00tPassw0rd",
        "k3yOfTheReplicaSet",
        "McpSecret",
        "OauthSecret",
        "VGhpcyBpcyBubyBrZXku",
    ],
    objects: objects::OBJECTS,
    refusals: refusals::REFUSALS,
    rendered: OnceLock::new(),
};

#[test]
fn only_what_has_rights_has_a_token() {
    for rendered in PROFILE.rendered() {
        let rights =
            rendered.of_kind("RoleBinding").chain(rendered.of_kind("ClusterRoleBinding")).count() > 0;
        for workload in rendered.workloads() {
            let calls = rights && workload["kind"] == "Deployment";
            let automount = &workload["spec"]["template"]["spec"]["automountServiceAccountToken"];
            assert_eq!(*automount, calls, "{}: {}", rendered.name, workload["metadata"]["name"]);
        }
    }
}

#[test]
fn a_claim_that_one_node_can_mount_has_one_pod_that_is_replaced_at_once() {
    for rendered in PROFILE.rendered() {
        let deployment = rendered.of_kind("Deployment").next().expect("a Deployment");
        let mounted: Vec<&Value> = all_under(deployment, "claimName");
        let claims = rendered.of_kind("PersistentVolumeClaim");
        for claim in claims.filter(|claim| mounted.contains(&&claim["metadata"]["name"])) {
            let shared = claim["spec"]["accessModes"][0] == "ReadWriteMany";
            let recreate = deployment["spec"]["strategy"]["type"] == "Recreate";
            assert_eq!(recreate, !shared, "{}", rendered.name);
            assert!(shared || rendered.most_pods(deployment) == 1, "{}", rendered.name);
        }
    }
}

#[test]
fn every_host_has_a_certificate_and_every_certificate_a_host() {
    for rendered in PROFILE.rendered() {
        for ingress in rendered.of_kind("Ingress") {
            let (served, certified) = hosts(ingress);
            assert_eq!(served, certified, "{}", rendered.name);
        }
    }
}

#[test]
fn annotations_of_ingress_nginx_exist_and_uploads_fit() {
    const KNOWN: [&str; 8] = [
        "limit-burst-multiplier",
        "limit-connections",
        "limit-rpm",
        "limit-rps",
        "proxy-body-size",
        "proxy-read-timeout",
        "proxy-send-timeout",
        "ssl-redirect",
    ];
    for rendered in PROFILE.rendered() {
        for ingress in rendered.of_kind("Ingress") {
            let annotations = ingress["metadata"]["annotations"].as_object();
            let names = annotations.into_iter().flat_map(serde_json::Map::keys);
            for name in names.filter_map(|name| name.strip_prefix("nginx.ingress.kubernetes.io/")) {
                assert!(KNOWN.contains(&name), "{}: {name}", rendered.name);
            }
            let nginx =
                ingress["spec"]["ingressClassName"].as_str().is_some_and(|class| class.contains("nginx"));
            let size = annotations.and_then(|all| all.get("nginx.ingress.kubernetes.io/proxy-body-size"));
            assert_eq!(nginx, size.is_some(), "{}", rendered.name);
        }
    }
}

/// A replica set is one only if its members are started as such, know each other's key, and are initiated; and the
/// address that flow8 gets names them all.
#[test]
fn the_bundled_database_is_a_replica_set() {
    for rendered in PROFILE.rendered() {
        for set in rendered.of_kind("StatefulSet") {
            let name = set["metadata"]["name"].as_str().expect("a name");
            let pod = &set["spec"]["template"]["spec"];
            let script = pod["containers"][0]["args"][0].as_str().expect("a script");
            assert!(script.contains("--replSet") && script.contains("--keyFile"), "{}", rendered.name);
            let members = set["spec"]["replicas"].as_u64().expect("a number");
            let hosts: Vec<String> =
                (0..members).map(|index| format!("{name}-{index}.{name}.flow8.svc:27017")).collect();
            let job = rendered.of_kind("Job").next().expect("a Job");
            let known = &job["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"];
            assert_eq!(*known, hosts.join(","), "{}", rendered.name);
            let deployment = rendered.of_kind("Deployment").next().expect("a Deployment");
            let variables = items(&deployment["spec"]["template"]["spec"]["containers"][0]["env"]);
            let uri = variables.filter(|it| it["name"] == "MONGODB_URI").find_map(|it| it["value"].as_str());
            let uri = uri.expect("an address");
            assert!(uri.contains(&hosts.join(",")), "{}: {uri}", rendered.name);
            assert!(uri.contains("replicaSet=rs0") && uri.contains("authSource=admin"), "{uri}");
        }
    }
}

#[test]
fn the_skeleton_of_the_manual_gives_the_objects_of_a_first_install() {
    assert_eq!(PROFILE.objects(PROFILE.find("skeleton"), &[]), names(FIRST_INSTALL));
}

#[test]
fn each_preset_has_its_objects() {
    let table: &[(&str, &[&str], &[&str])] = &[
        (
            "evaluation",
            &["Job/mongodb-init", "Service/mongodb", "StatefulSet/mongodb"],
            &["Ingress/flow8", "Secret/flow8-secrets"],
        ),
        ("production", &["NetworkPolicy/flow8", "PodDisruptionBudget/flow8"], &["Secret/flow8-secrets"]),
        ("autoscaling", &["HorizontalPodAutoscaler/flow8", "PodDisruptionBudget/flow8"], &[]),
        (
            "replica-set",
            &["Job/mongodb-init", "PodDisruptionBudget/mongodb", "Service/mongodb", "StatefulSet/mongodb"],
            &[],
        ),
        ("single-instance", &[], &[]),
    ];
    for (name, adds, takes) in table {
        let (added, taken) = PROFILE.changes(PROFILE.find(name), &[]);
        assert_eq!(added, *adds, "{name}");
        assert_eq!(taken, *takes, "{name}");
    }
}

#[test]
fn an_override_renames_everything_but_the_account_that_has_a_name() {
    for name in PROFILE.objects(PROFILE.find("pods"), &[]) {
        assert!(name.contains("/flows") || name == "ServiceAccount/pages", "{name}");
    }
}

#[test]
fn roles_of_the_cluster_carry_the_namespace_of_another_installation() {
    let found = PROFILE.objects(PROFILE.find("monitoring"), &["fullnameOverride=second"]);
    assert!(found.contains("ClusterRole/second-flow8"), "{found:?}");
}

/// What stands in a field of the only document of its kind.
fn field(sets: &[&str], kind: &str, path: &str) -> Value {
    let documents = PROFILE.documents(PROFILE.find("minimal"), sets);
    let text = stream(&documents, Format::Json);
    let all: Value = serde_json::from_str(&text).expect("JSON");
    let found =
        items(&all["items"]).find(|document| document["kind"] == kind).expect("a document of the kind");
    found.pointer(path).cloned().unwrap_or_default()
}

#[test]
fn what_is_said_of_an_update_is_one_that_can_begin() {
    let strategy = |set: &str| field(&[set], "Deployment", "/spec/strategy");
    let rolling = |surge: Value, away: Value| json!({ "type": "RollingUpdate", "rollingUpdate": { "maxSurge": surge, "maxUnavailable": away } });
    let shared = "storage.accessMode=ReadWriteMany";
    let table = [
        (shared.to_owned(), rolling(json!(1), json!(0))),
        (format!("{shared},strategy.rollingUpdate.maxSurge=2"), rolling(json!(2), json!(0))),
        (format!("{shared},strategy.rollingUpdate.maxSurge=0"), rolling(json!(0), json!(1))),
        (format!("{shared},strategy.rollingUpdate.maxSurge=0%"), rolling(json!("0%"), json!(1))),
        (
            format!("{shared},strategy.rollingUpdate.maxSurge=0,strategy.rollingUpdate.maxUnavailable=50%"),
            rolling(json!(0), json!("50%")),
        ),
        ("replicaCount=1".to_owned(), json!({ "type": "Recreate" })),
        ("replicaCount=1,storage.existingClaim=files".to_owned(), json!({ "type": "Recreate" })),
        (format!("replicaCount=1,storage.existingClaim=files,{shared}"), rolling(json!(1), json!(0))),
        ("replicaCount=1,storage.enabled=false".to_owned(), rolling(json!(1), json!(0))),
    ];
    for (set, expected) in table {
        assert_eq!(strategy(&set), expected, "{set}");
    }
}

/// A Job can't be changed: whatever is different in it needs another name, and what is the same keeps its name.
#[test]
fn the_job_of_the_database_is_another_when_its_specification_is() {
    const BUNDLED: &str = "mongodb.enabled=true,mongodb.uri=,mongodb.existingSecret=creds";
    let changes = [
        "logLevel=debug",
        "mongodb.storage.size=1Gi",
        "mongodb.replicas=5",
        "mongodb.replicaSet=rs1",
        "mongodb.rootUsername=other",
        "mongodb.existingSecret=other",
        "mongodb.image.tag=7.0",
        "mongodb.image.pullPolicy=Always",
        "mongodb.nodeSelector.pool=data",
        "global.nodeSelector.pool=data",
        "mongodb.tolerations[0].key=data",
        "mongodb.priorityClassName=high",
        "mongodb.podSecurityContext.runAsUser=1000",
        "mongodb.securityContext.runAsUser=1000",
        "mongodb.serviceAccount.create=true",
        "mongodb.serviceAccount.automount=true",
        "imagePullSecrets[0].name=registry",
        "fullnameOverride=other",
    ];
    let job = |set: &str| {
        let of = |path| field(&[BUNDLED, set], "Job", path).to_string();
        (of("/spec"), of("/metadata/name"))
    };
    let mut known = BTreeMap::from([job("replicaCount=2")]);
    for set in changes {
        let (specification, name) = job(set);
        let same = known.get(&specification);
        assert!(same.is_none_or(|known| *known == name), "{set}: another name for the same");
        let taken = known.iter().any(|(other, known)| *known == name && *other != specification);
        assert!(!taken, "{set}: {name} is the name of another");
        known.insert(specification, name);
    }
    // The first two and the last change nothing of it, and two come to the same.
    assert_eq!(known.len(), 1 + changes.len() - 4);
}

#[test]
fn a_majority_of_the_members_stays() {
    const BUDGET: &str = "mongodb.enabled=true,mongodb.uri=,mongodb.existingSecret=creds,mongodb.podDisruptionBudget.enabled=true";
    let bounds = |set: &str| field(&[BUDGET, set], "PodDisruptionBudget", "/spec");
    for members in [1, 3, 5, 7] {
        let spec = bounds(&format!("mongodb.replicas={members}"));
        assert_eq!(spec["maxUnavailable"], 1, "{members}");
    }
    assert_eq!(bounds("mongodb.podDisruptionBudget.minAvailable=2")["minAvailable"], 2);
    assert_eq!(
        bounds("mongodb.replicas=5,mongodb.podDisruptionBudget.maxUnavailable=2")["maxUnavailable"],
        2
    );
}

#[test]
fn the_namespace_has_the_label_of_the_manual() {
    let request = Request { create_namespace: true, ..PROFILE.request(PROFILE.find("minimal"), &[]) };
    let text = stream(&PROFILE.run(&request).0.expect("documents"), Format::Yaml);
    let namespace = "kind: Namespace\nmetadata:\n  name: flow8\n  labels:\n    app: flow8\n";
    assert!(text.contains(namespace), "{text}");
}

#[test]
fn who_may_scrape_is_let_in_or_told_of() {
    let policies = "networkPolicy.enabled=true,networkPolicy.allowAllEgress=true,replicaCount=1";
    let from = "networkPolicy.ingressFrom[0].namespaceSelector.matchLabels.a=b";
    let to = "networkPolicy.metricsFrom[0].namespaceSelector.matchLabels.c=d";
    let quiet = "image.tag=1.2.3";
    let table: &[(&[&str], &[&str])] = &[
        (&[], &[]),
        (&[from], &["the pods ask to be scraped, and the policy does not let Prometheus in"]),
        (&[from, to], &[]),
        (&[from, "prometheusAnnotations=false"], &[]),
        (
            &[from, "serviceMonitor.enabled=true"],
            &["every pod of the cluster may reach flow8 for its metrics, past `networkPolicy.ingressFrom`"],
        ),
        (&[from, to, "serviceMonitor.enabled=true"], &[]),
    ];
    for (sets, expected) in table {
        let sets: Vec<&str> = [policies, quiet].iter().chain(*sets).copied().collect();
        assert_eq!(PROFILE.warnings(PROFILE.find("minimal"), &sets), *expected, "{sets:?}");
    }
}
