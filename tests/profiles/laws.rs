//! What must hold for every case of every chart: references resolve, nothing secret leaks, numbers are numbers.
//!
//! A law about what only some charts have counts what it has seen, and fails when no case has any more of it.

use std::collections::BTreeSet;

use plimsoll::request::Request;
use serde_json::{Value, json};

use crate::PROFILES;
use crate::harness::{Case, Rendered, names};
use crate::json::{all_under, containers, covers, hosts, items};

/// Every case of every chart.
fn every() -> impl Iterator<Item = &'static Rendered> {
    PROFILES.into_iter().flat_map(|profile| profile.rendered())
}

#[test]
fn every_selector_selects_a_pod() {
    for rendered in every() {
        // A monitor selects Services: they have a law of their own.
        for document in rendered.all.iter().filter(|document| document["kind"] != "ServiceMonitor") {
            let spec = &document["spec"];
            let mut selectors = all_under(spec, "matchLabels");
            let of_namespaces = all_under(spec, "namespaceSelector");
            if document["kind"] == "Service" {
                selectors.push(&spec["selector"]);
            }
            for labels in selectors {
                let elsewhere =
                    rendered.profile.foreign_labels.iter().any(|label| labels.get(*label).is_some())
                        || of_namespaces.iter().any(|namespace| namespace["matchLabels"] == *labels);
                let found = elsewhere || rendered.selected(labels).next().is_some();
                let name = &document["metadata"]["name"];
                assert!(found, "{}: {name} selects nothing: {labels}", rendered.name);
            }
        }
    }
}

#[test]
fn every_monitor_selects_one_service_with_its_port() {
    let mut seen = 0;
    for rendered in every() {
        for monitor in rendered.of_kind("ServiceMonitor") {
            let labels = monitor["spec"]["selector"]["matchLabels"].as_object().expect("labels");
            let selected = rendered.of_kind("Service").filter(|service| {
                labels.iter().all(|(key, value)| service["metadata"]["labels"][key] == *value)
            });
            let selected: Vec<&Value> = selected.collect();
            assert_eq!(selected.len(), 1, "{}: {labels:?}", rendered.name);
            let port = &monitor["spec"]["endpoints"][0]["port"];
            let found = items(&selected[0]["spec"]["ports"]).any(|known| known["name"] == *port);
            assert!(found, "{}: {port}", rendered.name);
            seen += 1;
        }
    }
    assert!(seen > 5, "{seen}");
}

#[test]
fn every_workload_selects_its_own_pods() {
    for rendered in every() {
        // The selector of a Job is made by the cluster.
        for workload in rendered.workloads().filter(|workload| workload["kind"] != "Job") {
            let wanted = workload["spec"]["selector"]["matchLabels"].as_object().expect("labels");
            for (key, value) in wanted {
                let label = &workload["spec"]["template"]["metadata"]["labels"][key];
                assert_eq!(label, value, "{}: {key}", rendered.name);
            }
        }
    }
}

#[test]
fn every_port_that_is_asked_exists() {
    for rendered in every() {
        for service in rendered.of_kind("Service") {
            let pod = rendered.selected(&service["spec"]["selector"]).next().expect("a pod");
            for port in items(&service["spec"]["ports"]) {
                let mut known = containers(pod).flat_map(|container| items(&container["ports"]));
                assert!(known.any(|known| known["name"] == port["targetPort"]), "{}: {port}", rendered.name);
            }
        }
        for container in rendered.pods().flat_map(containers) {
            for probe in ["livenessProbe", "readinessProbe"] {
                for asked in ["httpGet", "tcpSocket"] {
                    let port = &container[probe][asked]["port"];
                    let found = items(&container["ports"]).any(|known| known["name"] == *port);
                    assert!(port.is_null() || found, "{}: {port}", rendered.name);
                }
            }
        }
        for ingress in rendered.of_kind("Ingress") {
            for backend in all_under(&ingress["spec"]["rules"], "service") {
                let mut services = rendered.of_kind("Service");
                let service = services.find(|service| service["metadata"]["name"] == backend["name"]);
                let ports = &service.expect("the backend's Service")["spec"]["ports"];
                let asked = &backend["port"];
                let found = items(ports).any(|port| {
                    if asked["name"].is_null() {
                        port["port"] == asked["number"]
                    } else {
                        port["name"] == asked["name"]
                    }
                });
                assert!(found, "{}: {backend}", rendered.name);
            }
        }
    }
}

#[test]
fn what_pods_refer_to_is_rendered_or_said_to_exist() {
    for profile in PROFILES {
        let mut asked_of_others = BTreeSet::new();
        for rendered in profile.rendered() {
            for (kind, name) in rendered.pods().flat_map(|pod| references(&pod["spec"])) {
                // The Secret of an ExternalSecret has its name.
                let made = kind == "Secret" && rendered.names("ExternalSecret").contains(name);
                if made || rendered.names(kind).contains(name) {
                    continue;
                }
                let object = format!("{kind}/{name}");
                assert!(profile.existing.contains(&object.as_str()), "{}: {object}", rendered.name);
                asked_of_others.insert(object);
            }
        }
        assert_eq!(asked_of_others, names(profile.existing), "{}: nobody asks for the rest", profile.name);
    }
}

/// What a pod needs beside itself, by kind and name.
fn references(pod: &Value) -> Vec<(&'static str, &str)> {
    let mut found = Vec::new();
    for (key, kind) in [("secretKeyRef", "Secret"), ("secretRef", "Secret"), ("configMapRef", "ConfigMap")] {
        for reference in all_under(pod, key) {
            found.push((kind, reference["name"].as_str().expect("a name")));
        }
    }
    // A volume of another kind has none of these names, and a pod may have no account of its own.
    let mut optional = vec![("ServiceAccount", &pod["serviceAccountName"])];
    for volume in items(&pod["volumes"]) {
        optional.push(("Secret", &volume["secret"]["secretName"]));
        optional.push(("ConfigMap", &volume["configMap"]["name"]));
        optional.push(("PersistentVolumeClaim", &volume["persistentVolumeClaim"]["claimName"]));
    }
    optional.extend(items(&pod["imagePullSecrets"]).map(|secret| ("Secret", &secret["name"])));
    found.extend(optional.into_iter().filter_map(|(kind, name)| Some((kind, name.as_str()?))));
    found
}

#[test]
fn what_pods_read_of_a_secret_is_in_it() {
    for rendered in every() {
        for reference in rendered.pods().flat_map(|pod| all_under(pod, "secretKeyRef")) {
            let mut secrets = rendered.of_kind("Secret");
            let secret = secrets.find(|secret| secret["metadata"]["name"] == reference["name"]);
            let key = reference["key"].as_str().expect("a key");
            let found = secret.is_none_or(|secret| secret["stringData"].get(key).is_some());
            assert!(found, "{}: {reference}", rendered.name);
        }
    }
}

#[test]
fn no_variable_is_set_twice_and_service_links_are_off() {
    for rendered in every() {
        for pod in rendered.pods() {
            assert_eq!(pod["spec"]["enableServiceLinks"], false, "{}", rendered.name);
            for container in containers(pod) {
                let names: Vec<&Value> = items(&container["env"]).map(|variable| &variable["name"]).collect();
                let different: BTreeSet<String> = names.iter().map(ToString::to_string).collect();
                assert_eq!(names.len(), different.len(), "{}: {names:?}", rendered.name);
            }
        }
    }
}

#[test]
fn one_autoscaler_a_workload_no_replicas_beside_it_and_a_request_for_all_that_it_measures() {
    let mut seen = 0;
    for rendered in every() {
        let mut scaled = BTreeSet::new();
        for scaler in rendered.autoscalers() {
            let name = scaler["spec"]["scaleTargetRef"]["name"].as_str().expect("a name");
            assert!(scaled.insert(name), "{}: two autoscalers of {name}", rendered.name);
            let mut targets = rendered.of_kind("Deployment").chain(rendered.of_kind("StatefulSet"));
            let target = targets.find(|target| target["metadata"]["name"] == *name);
            let target = target.unwrap_or_else(|| panic!("{}: no {name}", rendered.name));
            assert_eq!(target["spec"]["replicas"], Value::Null, "{}: {name}", rendered.name);
            for container in containers(&target["spec"]["template"]) {
                assert!(container["resources"]["requests"]["cpu"].is_string(), "{}: {name}", rendered.name);
            }
            seen += 1;
        }
        for deployment in rendered.of_kind("Deployment") {
            let name = deployment["metadata"]["name"].as_str().expect("a name");
            let has_number = !deployment["spec"]["replicas"].is_null();
            assert!(has_number || scaled.contains(name), "{}: how many {name}?", rendered.name);
        }
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn what_keda_is_told_is_text() {
    let mut seen = 0;
    for rendered in every() {
        for scaler in rendered.of_kind("ScaledObject") {
            for metadata in all_under(&scaler["spec"]["triggers"], "metadata") {
                let all = metadata.as_object().expect("a map");
                assert!(all.values().all(Value::is_string), "{}: {metadata}", rendered.name);
                seen += 1;
            }
        }
    }
    assert!(seen > 2, "{seen}");
}

#[test]
fn budgets_have_one_bound_that_is_a_number_or_a_percentage() {
    let mut seen = 0;
    for rendered in every() {
        for budget in rendered.of_kind("PodDisruptionBudget") {
            let spec = &budget["spec"];
            let bounds = [&spec["minAvailable"], &spec["maxUnavailable"]];
            let given: Vec<&Value> = bounds.into_iter().filter(|bound| !bound.is_null()).collect();
            assert_eq!(given.len(), 1, "{}: {spec}", rendered.name);
            let right = given[0].is_i64() || given[0].as_str().is_some_and(|text| text.ends_with('%'));
            assert!(right, "{}: {spec}", rendered.name);
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}

/// A second pod on another node would wait for ever for such a disk, and so would a new pod beside the old one.
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
                assert_eq!(rendered.most_pods(deployment), 1, "{}: {name}", rendered.name);
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
            let egress = spec["egress"].as_array().expect("egress");
            let open = egress.iter().any(|rule| rule.as_object().is_some_and(serde_json::Map::is_empty));
            let dns = egress
                .iter()
                .any(|rule| items(&rule["ports"]).any(|port| port["port"] == 53 || port["port"] == 5353));
            // What may go nowhere asks for no name.
            let nowhere = egress.is_empty();
            assert!(open || dns || nowhere, "{}: {policy}", rendered.name);
            seen += usize::from(items(&spec["policyTypes"]).any(|kind| kind == "Egress"));
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn certificates_are_for_hosts_that_are_served_and_redirects_have_a_certificate() {
    let mut seen = 0;
    for rendered in every() {
        for ingress in rendered.of_kind("Ingress") {
            let (served, certified) = hosts(ingress);
            for name in &certified {
                let is_served = served.iter().any(|host| covers(name, host));
                assert!(is_served, "{}: {name} is none of {served:?}", rendered.name);
            }
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
fn every_path_says_how_it_is_compared() {
    let mut seen = 0;
    for rendered in every() {
        for ingress in rendered.of_kind("Ingress") {
            let types = all_under(&ingress["spec"], "pathType").len();
            assert_eq!(types, all_under(&ingress["spec"], "path").len(), "{}", rendered.name);
            seen += types;
        }
    }
    assert!(seen > 8, "{seen}");
}

#[test]
fn names_are_dns_names_of_a_length_that_every_object_takes() {
    for rendered in every() {
        for document in &rendered.all {
            let name = document["metadata"]["name"].as_str().expect("a name");
            // That of a definition is made of its resource's and its group's, and that of a route of its host.
            let dots = document["kind"] == "CustomResourceDefinition" || document["kind"] == "HTTPRoute";
            let allowed =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || (dots && c == '.');
            let longest = if dots { 253 } else { 63 };
            assert!(name.len() <= longest && name.chars().all(allowed), "{}: {name}", rendered.name);
        }
    }
}

#[test]
fn secrets_stand_in_secrets_alone() {
    for rendered in every() {
        for document in rendered.all.iter().filter(|document| document["kind"] != "Secret") {
            let text = document.to_string();
            let found = rendered.profile.secrets.iter().find(|secret| text.contains(**secret));
            assert_eq!(found, None, "{}: {}", rendered.name, document["metadata"]["name"]);
        }
    }
}

/// A piece that no case renders any more would prove nothing.
#[test]
fn every_secret_that_is_looked_for_is_in_a_values_file() {
    for profile in PROFILES {
        let files = std::fs::read_dir(profile.folder().join("values")).expect("the values files");
        let texts: String = files
            .map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).expect("a text"))
            .collect();
        for secret in profile.secrets {
            // In an address it is encoded by the chart.
            let written = secret.replace("%40", "@");
            assert!(texts.contains(secret) || texts.contains(&written), "{}: {secret}", profile.name);
        }
    }
}

/// The standard of that name, and two things more: what has a token says so, and no file is mounted in a way that is
/// not updated.
#[test]
fn every_pod_keeps_the_restricted_standard() {
    for rendered in every() {
        for pod in rendered.pods() {
            let context = &pod["spec"]["securityContext"];
            assert_eq!(context["runAsNonRoot"], true, "{}", rendered.name);
            assert_eq!(context["seccompProfile"]["type"], "RuntimeDefault", "{}", rendered.name);
            assert!(pod["spec"]["automountServiceAccountToken"].is_boolean(), "{}", rendered.name);
            for container in containers(pod) {
                let name = &container["name"];
                let context = &container["securityContext"];
                assert_eq!(context["allowPrivilegeEscalation"], false, "{}: {name}", rendered.name);
                assert_eq!(context["capabilities"]["drop"], json!(["ALL"]), "{}: {name}", rendered.name);
                let mut mounts = items(&container["volumeMounts"]);
                assert!(mounts.all(|mount| mount["subPath"].is_null()), "{}: {name}", rendered.name);
            }
        }
    }
}

#[test]
fn everything_is_in_one_namespace() {
    /// What is in no namespace.
    const CLUSTER: [&str; 4] =
        ["ClusterIssuer", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition"];
    for rendered in every() {
        let objects =
            rendered.all.iter().filter(|it| !CLUSTER.contains(&it["kind"].as_str().expect("a kind")));
        let namespaces: BTreeSet<Option<&str>> =
            objects.map(|it| it["metadata"]["namespace"].as_str()).collect();
        assert_eq!(namespaces.len(), 1, "{}: {namespaces:?}", rendered.name);
    }
}

#[test]
fn metrics_are_scraped_once() {
    for rendered in every() {
        let monitored =
            ["ServiceMonitor", "PodMonitor"].iter().any(|kind| rendered.of_kind(kind).next().is_some());
        for pod in rendered.pods() {
            let annotations = &pod["metadata"]["annotations"];
            assert!(!monitored || annotations["prometheus.io/scrape"].is_null(), "{}", rendered.name);
        }
    }
}

/// Every pair of presets can be combined, in both orders, with what one of them or both ask for.
#[test]
fn presets_compose() {
    let mut seen = 0;
    for profile in PROFILES {
        let of_one: Vec<&Case> = profile.cases.iter().filter(|case| case.presets.len() == 1).collect();
        for first in &of_one {
            for second in of_one.iter().filter(|second| second.presets != first.presets) {
                let presets = [first.presets, second.presets].concat();
                let render = |files: &[&str]| {
                    let request = profile.request(Case { files: &[], ..**first }, &[]);
                    let presets = presets.iter().map(ToString::to_string).collect();
                    profile.run(&Request { presets, files: profile.values_files(files), ..request })
                };
                let both = [first.files, second.files].concat();
                // What is given inline for the one may be in a Secret for the other.
                let fits = |files: &[&str]| render(files).0.is_ok();
                let found = fits(&both) || fits(first.files) || fits(second.files);
                assert!(found, "{} {presets:?}:\n{}", profile.name, render(&both).1);
                seen += 1;
            }
        }
    }
    assert!(seen > 30, "{seen}");
}
