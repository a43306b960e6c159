//! What must hold for every case: references resolve, nothing secret leaks, numbers are numbers.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::rendered::{all_under, containers, each, items};

#[test]
fn every_selector_selects_a_pod() {
    each(|rendered| {
        for document in &rendered.all {
            let spec = &document["spec"];
            let mut selectors = all_under(spec, "matchLabels");
            let of_namespaces = all_under(spec, "namespaceSelector");
            if document["kind"] == "Service" {
                selectors.push(&spec["selector"]);
            }
            for labels in selectors {
                let elsewhere = labels.get("k8s-app").is_some()
                    || labels.get("team").is_some()
                    || of_namespaces.iter().any(|namespace| namespace["matchLabels"] == *labels);
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
fn every_named_port_exists() {
    each(|rendered| {
        for service in rendered.of_kind("Service") {
            let pod = rendered.selected(&service["spec"]["selector"]).next().expect("a pod");
            for port in items(&service["spec"]["ports"]) {
                let known = containers(pod).flat_map(|container| items(&container["ports"]));
                let found = known.into_iter().any(|known| known["name"] == port["targetPort"]);
                assert!(found, "{}: {port}", rendered.case);
            }
        }
        for pod in rendered.workloads().map(|workload| &workload["spec"]["template"]) {
            for container in containers(pod) {
                for probe in ["livenessProbe", "readinessProbe"] {
                    let port = &container[probe]["httpGet"]["port"];
                    let found = items(&container["ports"]).any(|known| known["name"] == *port);
                    assert!(port.is_null() || found, "{}: {port}", rendered.case);
                }
            }
        }
        for ingress in rendered.of_kind("Ingress") {
            for backend in all_under(&ingress["spec"]["rules"], "service") {
                let service =
                    rendered.of_kind("Service").find(|it| it["metadata"]["name"] == backend["name"]);
                let ports = &service.expect("the backend's Service")["spec"]["ports"];
                assert!(items(ports).any(|port| port["name"] == backend["port"]["name"]), "{backend}");
            }
        }
    });
}

/// Names of ConfigMaps, Secrets and claims that the values of the cases say exist.
const EXTERNAL: [&str; 12] = [
    "cache",
    "company-ca",
    "first-user",
    "keys",
    "model-keys",
    "pg-app",
    "skillflaw-backend-data",
    "skillflaw-database",
    "skillflaw-redis",
    "skillflaw-runtime-secrets",
    "skillflaw-superuser",
    "skillflaw-tls",
];

#[test]
fn what_pods_refer_to_is_rendered_or_said_to_exist() {
    each(|rendered| {
        let secrets = rendered.names("Secret");
        let maps = rendered.names("ConfigMap");
        let claims = rendered.names("PersistentVolumeClaim");
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
            for volume in items(&pod["volumes"]) {
                let named = [
                    (&volume["secret"]["secretName"], &secrets),
                    (&volume["configMap"]["name"], &maps),
                    (&volume["persistentVolumeClaim"]["claimName"], &claims),
                ];
                for (name, known) in
                    named.into_iter().filter_map(|(name, known)| Some((name.as_str()?, known)))
                {
                    assert!(known.contains(name) || EXTERNAL.contains(&name), "{}: {name}", rendered.case);
                }
            }
            if let Some(account) = pod["serviceAccountName"].as_str() {
                let found = rendered.names("ServiceAccount").contains(account) || account == "pages";
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
fn an_autoscaled_deployment_has_no_replicas_and_every_container_a_request() {
    each(|rendered| {
        for scaler in rendered.of_kind("HorizontalPodAutoscaler") {
            let name = &scaler["spec"]["scaleTargetRef"]["name"];
            let target = rendered.of_kind("Deployment").find(|it| it["metadata"]["name"] == *name);
            let target = target.expect("the target");
            assert_eq!(target["spec"]["replicas"], Value::Null, "{}", rendered.case);
            for container in containers(&target["spec"]["template"]) {
                assert!(container["resources"]["requests"]["cpu"].is_string(), "{}: {name}", rendered.case);
            }
        }
    });
}

#[test]
fn budgets_have_numbers_or_percentages_and_leave_room() {
    each(|rendered| {
        for budget in rendered.of_kind("PodDisruptionBudget") {
            let spec = &budget["spec"];
            let bounds = [&spec["minAvailable"], &spec["maxUnavailable"]];
            let given: Vec<&&Value> = bounds.iter().filter(|bound| !bound.is_null()).collect();
            assert_eq!(given.len(), 1, "{}: {spec}", rendered.case);
            let right = given[0].is_i64() || given[0].as_str().is_some_and(|text| text.ends_with('%'));
            assert!(right, "{}: {spec}", rendered.case);
        }
    });
}

#[test]
fn a_policy_with_egress_lets_names_be_resolved() {
    each(|rendered| {
        for policy in rendered.of_kind("NetworkPolicy") {
            let egress = policy["spec"]["egress"].as_array().expect("egress");
            let open = egress.iter().any(|rule| rule.as_object().is_some_and(serde_json::Map::is_empty));
            let dns = egress.iter().any(|rule| items(&rule["ports"]).any(|port| port["port"] == 53));
            assert!(open || dns || egress.is_empty(), "{}: {policy}", rendered.case);
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
    const SECRETS: [&str; 7] = ["Rk5mPz8s", "Zt4kQw8n", "w7Yt2ZpQ", "a@b/c", "a%40b", "p@ss", "p%40ss"];
    each(|rendered| {
        for document in rendered.all.iter().filter(|document| document["kind"] != "Secret") {
            let text = document.to_string();
            let found = SECRETS.iter().find(|secret| text.contains(**secret));
            assert_eq!(found, None, "{}: {}", rendered.case, document["metadata"]["name"]);
        }
    });
}

/// Of a claim for one node, a second pod on another node would wait for ever.
#[test]
fn several_pods_share_a_claim_and_one_pod_does_not_roll_over_a_disk_of_its_own() {
    each(|rendered| {
        let backend = rendered
            .of_kind("Deployment")
            .find(|it| it["metadata"]["name"].as_str().expect("a name").ends_with("-backend"));
        let spec = &backend.expect("the backend")["spec"];
        let shared = rendered
            .of_kind("PersistentVolumeClaim")
            .all(|it| it["spec"]["accessModes"][0] == "ReadWriteMany");
        let many = spec["replicas"].as_i64().is_none_or(|replicas| replicas > 1);
        assert!(shared || !many, "{}: {} pods", rendered.case, spec["replicas"]);
        if many {
            assert_eq!(spec["strategy"]["rollingUpdate"]["maxUnavailable"], 0, "{}", rendered.case);
        }
        if !shared {
            assert_eq!(spec["strategy"]["type"], "Recreate", "{}", rendered.case);
        }
    });
}

#[test]
fn every_pod_keeps_the_restricted_standard() {
    each(|rendered| {
        for pod in rendered.workloads().map(|workload| &workload["spec"]["template"]["spec"]) {
            let context = &pod["securityContext"];
            assert_eq!(context["runAsNonRoot"], true, "{}", rendered.case);
            assert_eq!(context["seccompProfile"]["type"], "RuntimeDefault", "{}", rendered.case);
            for container in items(&pod["containers"]) {
                let context = &container["securityContext"];
                assert_eq!(context["allowPrivilegeEscalation"], false, "{}", rendered.case);
                assert_eq!(context["capabilities"]["drop"], serde_json::json!(["ALL"]), "{}", rendered.case);
                assert!(items(&container["volumeMounts"]).all(|mount| mount["subPath"].is_null()));
            }
        }
    });
}

#[test]
fn tls_and_rules_speak_of_the_same_hosts() {
    each(|rendered| {
        for ingress in rendered.of_kind("Ingress") {
            let hosts: BTreeSet<&str> =
                items(&ingress["spec"]["rules"]).filter_map(|rule| rule["host"].as_str()).collect();
            let certified = items(&ingress["spec"]["tls"]).flat_map(|tls| items(&tls["hosts"]));
            for host in certified.filter_map(Value::as_str) {
                assert!(hosts.contains(host) || host.starts_with("*."), "{}: {host}", rendered.case);
            }
            assert!(!ingress["spec"]["tls"].is_null(), "{}", rendered.case);
        }
    });
}
