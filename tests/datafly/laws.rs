//! What must hold for every case: references resolve, nothing secret leaks, numbers are numbers.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use plimsoll::emit::{Format, stream};
use serde_json::Value;

use crate::{CASES, Case, documents};

/// The documents of a case as plain data.
pub(crate) struct Rendered {
    pub(crate) case: &'static str,
    pub(crate) all: Vec<Value>,
}

impl Rendered {
    pub(crate) fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.all.iter().filter(move |document| document["kind"] == kind)
    }

    fn workloads(&self) -> impl Iterator<Item = &Value> {
        self.of_kind("Deployment")
    }

    fn names(&self, kind: &str) -> BTreeSet<&str> {
        self.of_kind(kind).filter_map(|document| document["metadata"]["name"].as_str()).collect()
    }

    /// The pod templates that a map of labels selects.
    fn selected<'v>(&'v self, labels: &'v Value) -> impl Iterator<Item = &'v Value> {
        self.workloads().map(|workload| &workload["spec"]["template"]).filter(move |pod| {
            let labels = labels.as_object().expect("labels");
            labels.iter().all(|(key, value)| pod["metadata"]["labels"][key] == *value)
        })
    }
}

/// Every case, rendered once for all laws.
static RENDERED: LazyLock<Vec<Rendered>> = LazyLock::new(|| CASES.iter().map(as_data).collect());

fn as_data(case: &Case) -> Rendered {
    let text = stream(&documents(case, &[]), Format::Json);
    let value: Value = serde_json::from_str(&text).expect("JSON");
    let all = value["items"].as_array().or(value.as_array()).expect("several documents").clone();
    Rendered { case: case.name, all }
}

pub(crate) fn each(check: impl Fn(&Rendered)) {
    RENDERED.iter().for_each(check);
}

pub(crate) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub(crate) fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    items(&pod["spec"]["initContainers"]).chain(items(&pod["spec"]["containers"]))
}

/// Every value under a key, anywhere below.
fn every<'v>(value: &'v Value, key: &str, found: &mut Vec<&'v Value>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, inner)| {
            if name == key {
                found.push(inner);
            }
            every(inner, key, found);
        }),
        Value::Array(list) => list.iter().for_each(|inner| every(inner, key, found)),
        _ => {}
    }
}

pub(crate) fn all_under<'v>(value: &'v Value, key: &str) -> Vec<&'v Value> {
    let mut found = Vec::new();
    every(value, key, &mut found);
    found
}

#[test]
fn every_selector_selects_a_pod() {
    each(|rendered| {
        for document in rendered.all.iter().filter(|document| document["kind"] != "ServiceMonitor") {
            let spec = &document["spec"];
            let mut selectors = all_under(spec, "matchLabels");
            if document["kind"] == "Service" {
                selectors.push(&spec["selector"]);
            }
            for labels in selectors {
                let elsewhere = ["k8s-app", "kubernetes.io/metadata.name", "consumergroup"];
                let elsewhere = elsewhere.iter().any(|key| labels.get(*key).is_some());
                let found = elsewhere || rendered.selected(labels).next().is_some();
                assert!(
                    found,
                    "{}: {} selects nothing: {labels}",
                    rendered.case, document["metadata"]["name"]
                );
            }
        }
    });
}

#[test]
fn every_monitor_selects_one_service_with_its_port() {
    each(|rendered| {
        for monitor in rendered.of_kind("ServiceMonitor") {
            let labels = monitor["spec"]["selector"]["matchLabels"].as_object().expect("labels");
            let selected = rendered.of_kind("Service").filter(|service| {
                labels.iter().all(|(key, value)| service["metadata"]["labels"][key] == *value)
            });
            let selected: Vec<&Value> = selected.collect();
            assert_eq!(selected.len(), 1, "{}: {labels:?}", rendered.case);
            let port = &monitor["spec"]["endpoints"][0]["port"];
            assert!(
                items(&selected[0]["spec"]["ports"]).any(|known| known["name"] == *port),
                "{}",
                rendered.case
            );
        }
    });
}

#[test]
fn every_workload_selects_its_own_pods() {
    each(|rendered| {
        for workload in rendered.workloads() {
            let wanted = workload["spec"]["selector"]["matchLabels"].as_object().expect("labels");
            for (key, value) in wanted {
                assert_eq!(
                    workload["spec"]["template"]["metadata"]["labels"][key], *value,
                    "{}",
                    rendered.case
                );
            }
        }
    });
}

#[test]
fn every_port_exists() {
    each(|rendered| {
        for service in rendered.of_kind("Service") {
            let pod = rendered.selected(&service["spec"]["selector"]).next().expect("a pod");
            for port in items(&service["spec"]["ports"]) {
                let known = containers(pod).flat_map(|container| items(&container["ports"]));
                let same = known.into_iter().find(|known| known["name"] == port["targetPort"]);
                let same = same.expect("a port of the container");
                assert_eq!(same["containerPort"], port["port"], "{}", rendered.case);
            }
        }
        for pod in rendered.workloads().map(|workload| &workload["spec"]["template"]) {
            for probe in ["livenessProbe", "readinessProbe"] {
                let container = &pod["spec"]["containers"][0];
                let asked = [&container[probe]["tcpSocket"]["port"], &container[probe]["httpGet"]["port"]];
                let asked: Vec<&&Value> = asked.iter().filter(|port| !port.is_null()).collect();
                assert_eq!(asked.len(), 1, "{}: {probe}", rendered.case);
                assert!(
                    items(&container["ports"]).any(|known| known["name"] == **asked[0]),
                    "{}",
                    rendered.case
                );
            }
        }
        for ingress in rendered.of_kind("Ingress") {
            for backend in all_under(&ingress["spec"]["rules"], "service") {
                let service =
                    rendered.of_kind("Service").find(|it| it["metadata"]["name"] == backend["name"]);
                let ports = &service.expect("the backend's Service")["spec"]["ports"];
                assert!(items(ports).any(|port| port["port"] == backend["port"]["number"]), "{backend}");
            }
        }
    });
}

/// The listener is told the port that Services and probes ask.
#[test]
fn every_service_is_told_its_port() {
    each(|rendered| {
        for workload in rendered.workloads().filter(|it| it["metadata"]["name"] != "management-ui") {
            let container = &workload["spec"]["template"]["spec"]["containers"][0];
            let told = items(&container["env"]).find(|variable| variable["name"] == "PORT").expect("PORT");
            let port = container["ports"][0]["containerPort"].to_string();
            assert_eq!(told["value"], *port, "{}", rendered.case);
        }
    });
}

#[test]
fn the_five_services_share_the_secrets_and_the_pages_have_none() {
    each(|rendered| {
        for workload in rendered.workloads() {
            let container = &workload["spec"]["template"]["spec"]["containers"][0];
            let from_secret =
                items(&container["env"]).filter(|it| it["valueFrom"]["secretKeyRef"].is_object());
            let names: BTreeSet<&str> = from_secret.filter_map(|it| it["name"].as_str()).collect();
            let shared = ["DATABASE_URL", "ENCRYPTION_KEY", "JWT_SECRET"];
            let pages = workload["metadata"]["name"] == "management-ui";
            let right = if pages { names.is_empty() } else { shared.iter().all(|name| names.contains(name)) };
            assert!(right, "{}: {} has {names:?}", rendered.case, workload["metadata"]["name"]);
        }
    });
}

/// Names of ConfigMaps and Secrets that the values of the cases say exist.
const EXTERNAL: [&str; 5] = ["company-ca", "datafly-redis", "datafly-secrets", "proxies", "registry"];

#[test]
fn what_pods_refer_to_is_rendered_or_said_to_exist() {
    each(|rendered| {
        let secrets = rendered.names("Secret");
        let maps = rendered.names("ConfigMap");
        for pod in rendered.workloads().map(|workload| &workload["spec"]["template"]["spec"]) {
            for (key, known) in [("secretKeyRef", &secrets), ("secretRef", &secrets), ("configMapRef", &maps)]
            {
                for reference in all_under(pod, key) {
                    let name = reference["name"].as_str().expect("a name");
                    let found = known.contains(name) || EXTERNAL.contains(&name);
                    assert!(found, "{}: {key} {name}", rendered.case);
                }
            }
            for reference in all_under(pod, "secretKeyRef") {
                let secret =
                    rendered.of_kind("Secret").find(|it| it["metadata"]["name"] == reference["name"]);
                let key = reference["key"].as_str().expect("a key");
                let found = secret.is_none_or(|secret| secret["stringData"].get(key).is_some());
                assert!(found, "{}: {reference}", rendered.case);
            }
            if let Some(account) = pod["serviceAccountName"].as_str() {
                let found = rendered.names("ServiceAccount").contains(account) || account == "api";
                assert!(found, "{}: {account}", rendered.case);
            }
        }
    });
}

#[test]
fn no_variable_is_set_twice_and_service_links_are_off() {
    each(|rendered| {
        for pod in rendered.workloads().map(|workload| &workload["spec"]["template"]) {
            assert_eq!(pod["spec"]["enableServiceLinks"], false, "{}", rendered.case);
            for container in containers(pod) {
                let names: Vec<&Value> = items(&container["env"]).map(|variable| &variable["name"]).collect();
                let different: BTreeSet<String> = names.iter().map(ToString::to_string).collect();
                assert_eq!(names.len(), different.len(), "{}: {names:?}", rendered.case);
            }
        }
    });
}

#[test]
fn names_are_dns_labels() {
    let label =
        |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-';
    each(|rendered| {
        for document in &rendered.all {
            let name = document["metadata"]["name"].as_str().expect("a name");
            let right = name.len() <= 63 && name.chars().all(|it| label(it) || it == '.');
            assert!(right, "{}: {name}", rendered.case);
        }
    });
}

#[test]
fn secrets_stand_in_secrets_alone() {
    const SECRETS: [&str; 6] = [
        "3Hn0pTq8",
        "00112233",
        "p%40ssw0rd",
        "s3cret-word",
        "your-256-bit-jwt-secret",
        "your-32-byte-encryption-key",
    ];
    each(|rendered| {
        for document in rendered.all.iter().filter(|document| document["kind"] != "Secret") {
            let text = document.to_string();
            let found = SECRETS.iter().find(|secret| text.contains(**secret));
            assert_eq!(found, None, "{}: {}", rendered.case, document["metadata"]["name"]);
        }
    });
}

#[test]
fn no_pod_has_a_token_or_may_be_root() {
    each(|rendered| {
        for pod in rendered.workloads().map(|workload| &workload["spec"]["template"]["spec"]) {
            assert_eq!(pod["automountServiceAccountToken"], false, "{}", rendered.case);
            assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "{}", rendered.case);
            for container in items(&pod["initContainers"]).chain(items(&pod["containers"])) {
                assert_eq!(
                    container["securityContext"]["allowPrivilegeEscalation"], false,
                    "{}",
                    rendered.case
                );
            }
        }
    });
}

#[test]
fn everything_is_in_one_namespace() {
    each(|rendered| {
        let namespaces: BTreeSet<Option<&str>> =
            rendered.all.iter().map(|it| it["metadata"]["namespace"].as_str()).collect();
        assert_eq!(namespaces.len(), 1, "{}: {namespaces:?}", rendered.case);
    });
}
