//! Every setting that all workloads, Services and charts have in common, set on each of them and found in the output.
//!
//! `docs/profiles/settings.md` says which chart has which setting; here each of them arrives.

use std::collections::BTreeSet;

use plimsoll::emit::{Format, stream};
use plimsoll::request::{Request, SetFlag, SetFlagKind};
use plimsoll::values::SetKind;
use serde_json::Value;

use crate::PROFILES;
use crate::harness::{Case, Profile};
use crate::json::items;

/// A chart, as it is rendered with all of its workloads.
struct Chart {
    profile: &'static Profile,
    case: &'static str,
    /// What is set beside the settings that are looked for.
    sets: &'static [&'static str],
    workloads: &'static [Workload],
    services: &'static [Service],
    /// The objects of all other kinds, where each host of the Ingress has an HTTPRoute.
    routes: &'static [&'static str],
}

/// A workload: the path of its settings, with a dot at its end; its kind and name; its main container.
struct Workload {
    settings: &'static str,
    object: (&'static str, &'static str),
    container: &'static str,
    /// Whether its probes ask for a path.
    http: bool,
}

/// A Service: the path of its settings, with a dot at its end, and its name.
struct Service {
    settings: &'static str,
    name: &'static str,
    /// Whether it can't be reached from outside, so that it has labels and annotations alone.
    inside: bool,
}

const fn deployment(settings: &'static str, name: &'static str, container: &'static str) -> Workload {
    Workload { settings, object: ("Deployment", name), container, http: true }
}

const fn store(settings: &'static str, name: &'static str, container: &'static str) -> Workload {
    Workload { settings, object: ("StatefulSet", name), container, http: false }
}

static CHARTS: &[Chart] = &[
    Chart {
        profile: &crate::skillflaw::PROFILE,
        case: "minimal",
        sets: &[
            "frontend.enabled=true,docs.enabled=true,ingress.hosts.api=a.example.org,ingress.hosts.app=b.example.org",
            "superuser.password=w7Yt2ZpQ,persistence.accessMode=ReadWriteMany",
        ],
        workloads: &[
            deployment("backend.", "skillflaw-backend", "backend"),
            deployment("frontend.", "skillflaw-frontend", "frontend"),
            deployment("docs.", "skillflaw-docs", "docs"),
        ],
        services: &[
            Service { settings: "backend.service.", name: "skillflaw-backend", inside: false },
            Service { settings: "frontend.service.", name: "skillflaw-frontend", inside: false },
            Service { settings: "docs.service.", name: "skillflaw-docs", inside: false },
        ],
        routes: &["skillflaw.a.example.org", "skillflaw.b.example.org"],
    },
    Chart {
        profile: &crate::skyflo::PROFILE,
        case: "minimal",
        sets: &["ui.ingress.hosts[0].host=a.example.org"],
        workloads: &[
            deployment("engine.", "skyflo-engine", "engine"),
            deployment("mcp.", "skyflo-mcp", "mcp"),
            deployment("ui.", "skyflo-ui", "ui"),
            deployment("controller.", "skyflo-controller", "manager"),
            store("postgresql.", "skyflo-postgres", "postgres"),
            store("redis.", "skyflo-redis", "redis"),
        ],
        services: &[
            Service { settings: "ui.service.", name: "skyflo-ui", inside: false },
            Service { settings: "engine.service.", name: "skyflo-engine", inside: true },
            Service { settings: "mcp.service.", name: "skyflo-mcp", inside: true },
            Service { settings: "postgresql.service.", name: "skyflo-postgres", inside: true },
            Service { settings: "redis.service.", name: "skyflo-redis", inside: true },
        ],
        routes: &["skyflo-ui.a.example.org"],
    },
    Chart {
        profile: &crate::flow8::PROFILE,
        case: "inline-replica-set",
        sets: &["storage.accessMode=ReadWriteMany,ingress.hosts[0].host=a.example.org"],
        workloads: &[deployment("", "flow8", "flow8"), store("mongodb.", "mongodb", "mongodb")],
        services: &[
            Service { settings: "service.", name: "flow8", inside: false },
            Service { settings: "mongodb.service.", name: "mongodb", inside: true },
        ],
        routes: &["flow8.a.example.org"],
    },
    Chart {
        profile: &crate::datafly::PROFILE,
        case: "inline",
        sets: &[
            "ingestionGateway.service.enabled=true,eventProcessor.service.enabled=true,deliveryWorkers.service.enabled=true",
            "identityHub.service.enabled=true,managementApi.service.enabled=true,managementUi.service.enabled=true",
            "ingress.hosts[0].host=a.example.org,ingress.hosts[0].paths[0].path=/,ingress.hosts[0].paths[0].service=ingestion-gateway",
        ],
        workloads: &[
            deployment("ingestionGateway.", "ingestion-gateway", "ingestion-gateway"),
            deployment("eventProcessor.", "event-processor", "event-processor"),
            deployment("deliveryWorkers.", "delivery-workers", "delivery-workers"),
            deployment("identityHub.", "identity-hub", "identity-hub"),
            deployment("managementApi.", "management-api", "management-api"),
            deployment("managementUi.", "management-ui", "management-ui"),
        ],
        services: &[
            Service { settings: "ingestionGateway.service.", name: "ingestion-gateway-svc", inside: false },
            Service { settings: "eventProcessor.service.", name: "event-processor-svc", inside: false },
            Service { settings: "deliveryWorkers.service.", name: "delivery-workers-svc", inside: false },
            Service { settings: "identityHub.service.", name: "identity-hub-svc", inside: false },
            Service { settings: "managementApi.service.", name: "management-api-svc", inside: false },
            Service { settings: "managementUi.service.", name: "management-ui-svc", inside: false },
        ],
        routes: &["route.a.example.org"],
    },
];

/// A further container that no rule has anything to say about.
const CONTAINER: &str = r#"{"name":"NAME","image":"ghcr.io/example/helper:1.2.3","securityContext":{"allowPrivilegeEscalation":false,"readOnlyRootFilesystem":true,"capabilities":{"drop":["ALL"]}},"resources":{"requests":{"cpu":"10m","memory":"16Mi"},"limits":{"memory":"16Mi"}}PROBES}"#;

/// What is asked of it, if it runs beside the main container.
const PROBES: &str = r#","livenessProbe":{"tcpSocket":{"port":9}},"readinessProbe":{"tcpSocket":{"port":9}}"#;

fn container(name: &str) -> String {
    let probes = if name == "beside" { PROBES } else { "" };
    CONTAINER.replace("NAME", name).replace("PROBES", probes)
}

/// A setting of a workload as JSON, and where it arrives: below the object (`/spec/…`), or below the main container
/// (`container/…`).
const OF_WORKLOADS: &[(&str, &str, &str)] = &[
    ("command", r#"["run"]"#, "container/command"),
    ("args", r#"["--fast"]"#, "container/args"),
    ("lifecycle", r#"{"postStart":{"exec":{"command":["true"]}}}"#, "container/lifecycle"),
    ("preStopSleepSeconds", "11", "container/lifecycle/preStop/sleep/seconds"),
    ("terminationGracePeriodSeconds", "77", "/spec/template/spec/terminationGracePeriodSeconds"),
    ("revisionHistoryLimit", "3", "/spec/revisionHistoryLimit"),
    ("minReadySeconds", "4", "/spec/minReadySeconds"),
    (
        "hostAliases",
        r#"[{"ip":"10.0.0.9","hostnames":["db.example.org"]}]"#,
        "/spec/template/spec/hostAliases",
    ),
    ("dnsPolicy", r#""None""#, "/spec/template/spec/dnsPolicy"),
    ("dnsConfig", r#"{"nameservers":["10.0.0.10"]}"#, "/spec/template/spec/dnsConfig"),
    ("runtimeClassName", r#""gvisor""#, "/spec/template/spec/runtimeClassName"),
    ("priorityClassName", r#""business""#, "/spec/template/spec/priorityClassName"),
    ("podAnnotations", r#"{"example.org/note":"text"}"#, "/spec/template/metadata/annotations"),
    ("podLabels", r#"{"team":"agents"}"#, "/spec/template/metadata/labels"),
    ("nodeSelector", r#"{"pool":"flows"}"#, "/spec/template/spec/nodeSelector"),
    ("tolerations", r#"[{"key":"spot","operator":"Exists"}]"#, "/spec/template/spec/tolerations"),
    (
        "affinity",
        r#"{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"gpu","operator":"Exists"}]}]}}}"#,
        "/spec/template/spec/affinity",
    ),
    (
        "topologySpreadConstraints",
        r#"[{"maxSkew":2,"topologyKey":"topology.kubernetes.io/zone","whenUnsatisfiable":"ScheduleAnyway"}]"#,
        "/spec/template/spec/topologySpreadConstraints",
    ),
    (
        "podSecurityContext",
        r#"{"fsGroup":2000,"fsGroupChangePolicy":"OnRootMismatch"}"#,
        "/spec/template/spec/securityContext",
    ),
    ("securityContext", r#"{"readOnlyRootFilesystem":true}"#, "container/securityContext"),
    ("resources", r#"{"limits":{"memory":"3Gi"}}"#, "container/resources"),
    (
        "serviceAccount",
        r#"{"create":true,"name":"runner","automount":false}"#,
        "/spec/template/spec/serviceAccountName",
    ),
    (
        "extraVolumes",
        r#"[{"name":"keys","csi":{"driver":"secrets-store.csi.k8s.io","readOnly":true}},{"name":"all","projected":{"sources":[{"downwardAPI":{"items":[{"path":"labels","fieldRef":{"fieldPath":"metadata.labels"}}]}}]}},{"name":"share","nfs":{"server":"nfs.example.org","path":"/"}},{"name":"room","ephemeral":{"volumeClaimTemplate":{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}}}]"#,
        "/spec/template/spec/volumes",
    ),
    (
        "extraVolumeMounts",
        r#"[{"name":"keys","mountPath":"/keys"},{"name":"all","mountPath":"/all"},{"name":"share","mountPath":"/share"},{"name":"room","mountPath":"/room"}]"#,
        "container/volumeMounts",
    ),
];

/// The same of those whose probes ask for a path.
const OF_PROBES: &[(&str, &str, &str)] = &[
    ("startupProbe", r#"{"path":"/start","failureThreshold":31}"#, "container/startupProbe"),
    ("livenessProbe", r#"{"path":"/alive","periodSeconds":12}"#, "container/livenessProbe"),
    ("readinessProbe", r#"{"path":"/ready","periodSeconds":13}"#, "container/readinessProbe"),
];

/// A setting of a Service, and where it arrives.
const OF_SERVICES: &[(&str, &str, &str)] = &[
    ("type", r#""LoadBalancer""#, "/spec/type"),
    ("labels", r#"{"tier":"edge"}"#, "/metadata/labels"),
    ("annotations", r#"{"example.org/scheme":"internal"}"#, "/metadata/annotations"),
    ("loadBalancerSourceRanges", r#"["10.0.0.0/8"]"#, "/spec/loadBalancerSourceRanges"),
    ("externalTrafficPolicy", r#""Local""#, "/spec/externalTrafficPolicy"),
];

impl Service {
    /// The settings that it has.
    fn settings(&self) -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
        OF_SERVICES.iter().filter(|(key, _, _)| !self.inside || ["labels", "annotations"].contains(key))
    }
}

fn json_flag(text: String) -> SetFlag {
    SetFlag { kind: SetFlagKind::Text(SetKind::Json), text }
}

impl Chart {
    fn case(&self) -> Case {
        self.profile.find(self.case)
    }

    /// What is rendered with these flags, as data.
    fn render(&self, flags: Vec<SetFlag>) -> Vec<Value> {
        let mut request: Request = self.profile.request(self.case(), self.sets);
        request.sets.extend(flags);
        let (documents, findings) = self.profile.run(&request);
        let documents = documents.unwrap_or_else(|()| panic!("{}:\n{findings}", self.profile.name));
        let value: Value = serde_json::from_str(&stream(&documents, Format::Json)).expect("JSON");
        value["items"].as_array().or(value.as_array()).expect("several documents").clone()
    }
}

fn find<'v>(all: &'v [Value], kind: &str, name: &str) -> &'v Value {
    let found = all.iter().find(|it| it["kind"] == kind && it["metadata"]["name"] == name);
    found.unwrap_or_else(|| panic!("no {kind} {name}"))
}

impl Workload {
    /// What stands at a place of the workload.
    fn at<'v>(&self, object: &'v Value, place: &str) -> &'v Value {
        let found = match place.strip_prefix("container") {
            Some(place) => {
                let mut containers = items(&object["spec"]["template"]["spec"]["containers"]);
                let main = containers.find(|container| container["name"] == self.container);
                main.expect("the main container").pointer(place)
            }
            None => object.pointer(place),
        };
        found.unwrap_or_else(|| panic!("{} has no {place}", self.object.1))
    }
}

/// Whether what was set is there: each key of a map, each item of a list, and a scalar as it is.
fn covers(found: &Value, set: &Value) -> bool {
    match (found, set) {
        (Value::Object(found), Value::Object(set)) => {
            set.iter().all(|(key, value)| found.get(key).is_some_and(|found| covers(found, value)))
        }
        (Value::Array(found), Value::Array(set)) => {
            set.iter().all(|value| found.iter().any(|found| covers(found, value)))
        }
        _ => found == set,
    }
}

#[test]
fn every_setting_of_a_workload_arrives() {
    for chart in CHARTS {
        let mut flags = Vec::new();
        for workload in chart.workloads {
            let path = workload.settings;
            let probes = OF_PROBES.iter().filter(|_| workload.http);
            for (key, value, _) in OF_WORKLOADS.iter().chain(probes) {
                flags.push(json_flag(format!("{path}{key}={value}")));
            }
            if !workload.http {
                flags.push(json_flag(format!("{path}startupProbe={{\"failureThreshold\":31}}")));
            }
            let account = format!("{path}serviceAccount.name=\"{}-runner\"", workload.object.1);
            flags.push(json_flag(account));
            for (key, name) in [("initContainers", "first"), ("sidecars", "beside")] {
                flags.push(json_flag(format!("{path}{key}=[{}]", container(name))));
            }
            flags.push(json_flag(format!("{path}updateStrategy={}", strategy(workload))));
        }
        let all = chart.render(flags);
        for workload in chart.workloads {
            let (kind, name) = workload.object;
            let object = find(&all, kind, name);
            for (key, value, place) in OF_WORKLOADS {
                let value: Value = serde_json::from_str(value).expect("JSON");
                let found = workload.at(object, place);
                let arrived = match *key {
                    "serviceAccount" => *found == format!("{name}-runner").as_str(),
                    _ => covers(found, &value),
                };
                assert!(arrived, "{name}: {key}: {found}");
            }
            for (key, value, place) in OF_PROBES.iter().filter(|_| workload.http) {
                let mut value: Value = serde_json::from_str(value).expect("JSON");
                let path = value.as_object_mut().and_then(|map| map.remove("path")).expect("a path");
                let found = workload.at(object, place);
                assert!(covers(found, &value), "{name}: {key}: {found}");
                assert_eq!(found["httpGet"]["path"], path, "{name}: {key}");
            }
            let started = workload.at(object, "container/startupProbe/failureThreshold");
            assert_eq!(*started, 31, "{name}");
            let pod = &object["spec"]["template"]["spec"];
            for (key, of) in [("initContainers", "first"), ("containers", "beside")] {
                let set: Value = serde_json::from_str(&container(of)).expect("JSON");
                assert!(items(&pod[key]).any(|container| *container == set), "{name}: {key}");
            }
            let set: Value = serde_json::from_str(strategy(workload)).expect("JSON");
            let key = if kind == "StatefulSet" { "updateStrategy" } else { "strategy" };
            assert_eq!(object["spec"][key], set, "{name}");
        }
    }
}

/// A strategy that no chart has of its own accord.
fn strategy(workload: &Workload) -> &'static str {
    match workload.object.0 {
        "StatefulSet" => r#"{"type":"RollingUpdate","rollingUpdate":{"partition":1}}"#,
        _ => r#"{"type":"RollingUpdate","rollingUpdate":{"maxSurge":"37%","maxUnavailable":0}}"#,
    }
}

#[test]
fn every_setting_of_a_service_arrives() {
    for chart in CHARTS {
        let mut flags = Vec::new();
        for (index, service) in chart.services.iter().enumerate() {
            let path = service.settings;
            for (key, value, _) in service.settings() {
                flags.push(json_flag(format!("{path}{key}={value}")));
            }
            if !service.inside {
                flags.push(json_flag(format!("{path}nodePort={}", 30100 + index)));
            }
        }
        let all = chart.render(flags);
        for (index, service) in chart.services.iter().enumerate() {
            let object = find(&all, "Service", service.name);
            for (key, value, place) in service.settings() {
                let value: Value = serde_json::from_str(value).expect("JSON");
                let found = object.pointer(place).unwrap_or(&Value::Null);
                assert!(covers(found, &value), "{}: {key}: {found}", service.name);
            }
            if !service.inside {
                assert_eq!(object["spec"]["ports"][0]["nodePort"], 30100 + index, "{}", service.name);
            }
        }
    }
}

/// Labels stand on pods as well, and leave every selector as it is.
#[test]
fn common_labels_and_annotations_are_on_every_object() {
    for chart in CHARTS {
        let plain = chart.render(Vec::new());
        let marked = chart.render(vec![
            json_flag(r#"commonLabels={"cost-center":"k8"}"#.to_owned()),
            json_flag(r#"commonAnnotations={"example.org/owner":"agents"}"#.to_owned()),
        ]);
        assert_eq!(plain.len(), marked.len());
        // A definition is the cluster's, and the same for all releases.
        let own = |it: &&Value| it["kind"] != "CustomResourceDefinition";
        for (before, object) in plain.iter().filter(own).zip(marked.iter().filter(own)) {
            let name = &object["metadata"]["name"];
            assert_eq!(object["metadata"]["labels"]["cost-center"], "k8", "{name}");
            assert_eq!(object["metadata"]["annotations"]["example.org/owner"], "agents", "{name}");
            let pod = &object["spec"]["template"]["metadata"]["labels"];
            assert!(pod.is_null() || pod["cost-center"] == "k8", "{name}");
            assert_eq!(object["spec"]["selector"], before["spec"]["selector"], "{name}");
        }
    }
}

/// The labels that tools group objects by, on all objects and pods; which pods are selected says `app` alone.
#[test]
fn recommended_labels_are_on_every_object_and_pod() {
    for chart in CHARTS {
        for rendered in chart.profile.rendered() {
            for object in rendered.all.iter().filter(|it| it["kind"] != "CustomResourceDefinition") {
                let name = &object["metadata"]["name"];
                let of_pods = &object["spec"]["template"]["metadata"]["labels"];
                let all = [&object["metadata"]["labels"], of_pods];
                for labels in all.into_iter().filter(|labels| !labels.is_null()) {
                    for label in ["name", "instance", "managed-by"] {
                        let key = format!("app.kubernetes.io/{label}");
                        assert!(labels[&key].is_string(), "{}: {name} has no {key}", rendered.name);
                    }
                }
            }
            for workload in rendered.workloads() {
                let selector = workload["spec"]["selector"]["matchLabels"].as_object();
                let keys: Vec<&String> = selector.into_iter().flat_map(serde_json::Map::keys).collect();
                assert!(keys.iter().all(|key| *key == "app"), "{}: {keys:?}", rendered.name);
            }
        }
    }
}

#[test]
fn what_operators_run_beside_is_rendered() {
    for chart in CHARTS {
        let all = chart.render(vec![
            json_flag(r#"prometheusRule={"enabled":true,"labels":{"release":"prometheus"},"alertLabels":{"team":"agents"},"extraRules":[{"alert":"Mine","expr":"up == 0"}]}"#.to_owned()),
            json_flag("verticalPodAutoscaler={\"enabled\":true}".to_owned()),
            json_flag(r#"externalSecrets={"store":{"name":"vault","kind":"ClusterSecretStore"},"refreshInterval":"15m","secrets":[{"name":"model-keys","keys":{"KEY":{"entry":"prod","property":"key"}}},{"name":"all","entry":"prod/all"}]}"#.to_owned()),
            json_flag(r#"extraObjects=[{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"mine","labels":{"a":"b"}},"data":{"k":"{{ values }}"}}]"#.to_owned()),
            json_flag(r#"httpRoute={"enabled":true,"parentRefs":[{"name":"public","namespace":"gateways"}],"requestTimeout":"2h","labels":{"tier":"edge"},"annotations":{"a":"b"}}"#.to_owned()),
        ]);
        let mine = find(&all, "ConfigMap", "mine");
        assert_eq!(mine["data"]["k"], "{{ values }}", "data is not a template");
        assert_eq!(find(&all, "ExternalSecret", "all")["spec"]["dataFrom"][0]["extract"]["key"], "prod/all");
        let keys = &find(&all, "ExternalSecret", "model-keys")["spec"];
        assert_eq!(keys["data"][0]["remoteRef"]["property"], "key");
        assert_eq!(keys["secretStoreRef"]["kind"], "ClusterSecretStore");
        let mut rules = all.iter().filter(|it| it["kind"] == "PrometheusRule");
        let rule = rules.next().expect("a PrometheusRule");
        assert_eq!(rule["metadata"]["labels"]["release"], "prometheus");
        let alerts = &rule["spec"]["groups"][0]["rules"];
        let text = alerts.to_string();
        assert!(text.contains("\"Mine\"") && items(alerts).count() > 3, "{text}");
        for workload in chart.workloads {
            let (kind, name) = workload.object;
            assert!(text.contains(name), "no alert is about {name}: {text}");
            let of = find(&all, "VerticalPodAutoscaler", name);
            assert_eq!(of["spec"]["targetRef"]["kind"], kind);
            assert_eq!(of["spec"]["updatePolicy"]["updateMode"], "Off");
        }
        let routes: Vec<&Value> = all.iter().filter(|it| it["kind"] == "HTTPRoute").collect();
        let names: Vec<&str> = routes.iter().filter_map(|it| it["metadata"]["name"].as_str()).collect();
        assert_eq!(names, chart.routes);
        for route in routes {
            assert_eq!(route["spec"]["parentRefs"][0]["name"], "public");
            for rule in items(&route["spec"]["rules"]) {
                assert_eq!(rule["timeouts"]["request"], "2h");
                let backend = &rule["backendRefs"][0];
                let service = find(&all, "Service", backend["name"].as_str().expect("a name"));
                let mut ports = items(&service["spec"]["ports"]);
                assert!(ports.any(|port| port["port"] == backend["port"]), "{backend}");
            }
        }
    }
}

/// A chart that is missing here has settings of which nobody knows whether they arrive.
#[test]
fn every_chart_with_such_settings_is_held_to_them() {
    let held: BTreeSet<&str> = CHARTS.iter().map(|chart| chart.profile.name).collect();
    let with_settings = PROFILES.iter().filter(|profile| {
        let schema = std::fs::read_to_string(format!("schemas/{}.schema.json", profile.name));
        schema.expect("a schema").contains("\"commonLabels\"")
    });
    let with_settings: BTreeSet<&str> = with_settings.map(|profile| profile.name).collect();
    assert_eq!(held, with_settings);
}
