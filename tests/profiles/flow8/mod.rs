//! The flow8 chart: its table, and the tests that it has alone.

mod objects;
mod refusals;

use std::sync::OnceLock;

use objects::FIRST_INSTALL;

use crate::harness::{Profile, case, names, preset};
use crate::json::{hosts, items};

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
    ],
    other_files: &[],
    existing: &[
        "ConfigMap/company-ca",
        "ConfigMap/proxies",
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
        for claim in rendered.of_kind("PersistentVolumeClaim") {
            let deployment = rendered.of_kind("Deployment").next().expect("a Deployment");
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
            let nginx = ingress["spec"]["ingressClassName"] == "nginx";
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
