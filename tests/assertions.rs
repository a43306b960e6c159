//! What holds for the golden output of every profile alike: autoscalers, budgets, disks, policies, TLS and names.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

use std::collections::BTreeSet;
use std::fs;

use serde::Deserialize;
use serde_json::Value;

/// One golden file.
struct Rendered {
    name: String,
    documents: Vec<Value>,
}

impl Rendered {
    fn of_kind<'r>(&'r self, kind: &'r str) -> impl Iterator<Item = &'r Value> {
        self.documents.iter().filter(move |document| document["kind"] == kind)
    }

    /// The names of the Deployments and StatefulSets that an autoscaler has, each as often as it has one.
    fn scaled(&self) -> Vec<&str> {
        let horizontal = self.of_kind("HorizontalPodAutoscaler").chain(self.of_kind("ScaledObject"));
        horizontal.filter_map(|scaler| scaler["spec"]["scaleTargetRef"]["name"].as_str()).collect()
    }

    /// The most pods that a workload can have.
    fn most(&self, workload: &Value) -> i64 {
        let scalers = self.of_kind("HorizontalPodAutoscaler").chain(self.of_kind("ScaledObject"));
        let name = &workload["metadata"]["name"];
        let limits =
            scalers.filter(|scaler| scaler["spec"]["scaleTargetRef"]["name"] == *name).map(|scaler| {
                let spec = &scaler["spec"];
                spec["maxReplicas"].as_i64().or(spec["maxReplicaCount"].as_i64()).unwrap_or(1)
            });
        limits.max().or(workload["spec"]["replicas"].as_i64()).unwrap_or(1)
    }
}

/// Every golden file of the four profiles.
fn every() -> Vec<Rendered> {
    let mut found = Vec::new();
    for profile in ["datafly", "flow8", "skillflaw", "skyflo"] {
        for entry in fs::read_dir(format!("tests/{profile}/golden")).expect("golden files") {
            let path = entry.expect("an entry").path();
            let text = fs::read_to_string(&path).expect("a golden file");
            let documents = serde_yaml::Deserializer::from_str(&text);
            let documents = documents.map(|document| Value::deserialize(document).expect("YAML")).collect();
            found.push(Rendered { name: path.display().to_string(), documents });
        }
    }
    assert!(found.len() > 40, "{}", found.len());
    found
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[test]
fn one_autoscaler_a_workload_no_replicas_beside_it_and_a_request_for_all_that_it_measures() {
    let mut seen = 0;
    for rendered in every() {
        let scaled = rendered.scaled();
        let once: BTreeSet<&str> = scaled.iter().copied().collect();
        assert_eq!(once.len(), scaled.len(), "{}: two autoscalers for one of {scaled:?}", rendered.name);
        for name in once {
            let mut targets = rendered.documents.iter().filter(|document| {
                matches!(document["kind"].as_str(), Some("Deployment" | "StatefulSet"))
                    && document["metadata"]["name"] == name
            });
            let target = targets.next().unwrap_or_else(|| panic!("{}: no {name}", rendered.name));
            assert!(target["spec"]["replicas"].is_null(), "{}: replicas of {name}", rendered.name);
            for container in items(&target["spec"]["template"]["spec"]["containers"]) {
                assert!(container["resources"]["requests"]["cpu"].is_string(), "{}: {name}", rendered.name);
            }
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn budgets_have_one_bound_that_is_a_number_or_a_percentage() {
    let mut seen = 0;
    for rendered in every() {
        for budget in rendered.of_kind("PodDisruptionBudget") {
            let bounds = [&budget["spec"]["minAvailable"], &budget["spec"]["maxUnavailable"]];
            let set: Vec<_> = bounds.into_iter().filter(|bound| !bound.is_null()).collect();
            assert_eq!(set.len(), 1, "{}: {budget}", rendered.name);
            let fine =
                |bound: &Value| bound.is_i64() || bound.as_str().is_some_and(|text| text.ends_with('%'));
            assert!(fine(set[0]), "{}: {budget}", rendered.name);
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn a_disk_of_one_node_has_one_pod_that_is_replaced_at_once() {
    let mut seen = 0;
    for rendered in every() {
        let single = rendered.of_kind("PersistentVolumeClaim").filter(|claim| {
            items(&claim["spec"]["accessModes"])
                .all(|mode| mode == "ReadWriteOnce" || mode == "ReadWriteOncePod")
        });
        let single: BTreeSet<&str> = single.filter_map(|claim| claim["metadata"]["name"].as_str()).collect();
        for deployment in rendered.of_kind("Deployment") {
            let volumes = items(&deployment["spec"]["template"]["spec"]["volumes"]);
            let mut claims =
                volumes.filter_map(|volume| volume["persistentVolumeClaim"]["claimName"].as_str());
            if claims.any(|claim| single.contains(claim)) {
                let name = &deployment["metadata"]["name"];
                assert_eq!(rendered.most(deployment), 1, "{}: {name}", rendered.name);
                assert_eq!(deployment["spec"]["strategy"]["type"], "Recreate", "{}: {name}", rendered.name);
                seen += 1;
            }
        }
    }
    assert!(seen > 3, "{seen}");
}

#[test]
fn a_policy_with_egress_lets_names_be_resolved() {
    let mut seen = 0;
    for rendered in every() {
        for policy in rendered.of_kind("NetworkPolicy") {
            let spec = &policy["spec"];
            if !items(&spec["policyTypes"]).any(|kind| kind == "Egress") {
                continue;
            }
            let names = items(&spec["egress"])
                .any(|rule| rule["ports"].is_null() || items(&rule["ports"]).any(|port| port["port"] == 53));
            // Who may go nowhere asks for no name.
            let nowhere = items(&spec["egress"]).next().is_none();
            assert!(names || nowhere, "{}: {}", rendered.name, policy["metadata"]["name"]);
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn certificates_are_for_hosts_that_are_served_and_redirects_have_a_certificate() {
    let mut seen = 0;
    for rendered in every() {
        for ingress in rendered.of_kind("Ingress") {
            let rules: BTreeSet<&str> =
                items(&ingress["spec"]["rules"]).filter_map(|rule| rule["host"].as_str()).collect();
            let certified = items(&ingress["spec"]["tls"]).flat_map(|tls| items(&tls["hosts"]));
            let certified: BTreeSet<&str> = certified.filter_map(Value::as_str).collect();
            // A wildcard stands for one label.
            let covers = |certificate: &str, rule: &str| {
                let parent = rule.split_once('.').map(|(_, parent)| parent);
                certificate == rule || certificate.strip_prefix("*.").is_some_and(|base| Some(base) == parent)
            };
            let served = certified.iter().all(|name| rules.iter().any(|rule| covers(name, rule)));
            assert!(served, "{}: {certified:?} {rules:?}", rendered.name);
            let annotations = ingress["metadata"]["annotations"].as_object();
            let mut redirects =
                annotations.into_iter().flatten().filter(|(key, _)| key.ends_with("ssl-redirect"));
            if redirects.any(|(_, value)| value == "true") {
                assert!(!certified.is_empty(), "{}: a redirect without TLS", rendered.name);
            }
            seen += 1;
        }
    }
    assert!(seen > 8, "{seen}");
}

#[test]
fn names_are_dns_names_of_a_length_that_every_object_takes() {
    for rendered in every() {
        for document in &rendered.documents {
            let name = document["metadata"]["name"].as_str().expect("a name");
            let custom = document["kind"] == "CustomResourceDefinition"
                || document["apiVersion"].as_str().is_some_and(|v| v.starts_with("rbac."));
            let allowed = |c: char| {
                c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || (custom && ".:".contains(c))
            };
            assert!(name.len() <= 63 && name.chars().all(allowed), "{}: {name}", rendered.name);
        }
    }
}
