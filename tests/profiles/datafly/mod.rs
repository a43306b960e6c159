//! The Datafly chart: its table, and the tests that it has alone.

mod objects;
mod refusals;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use objects::FIRST_INSTALL;
use plimsoll::emit::{Format, stream};
use plimsoll::request::Request;

use crate::harness::{Profile, case, names, preset};
use crate::json::{containers, hosts, items};

pub static PROFILE: Profile = Profile {
    name: "datafly",
    cases: &[
        preset("evaluation", &["evaluation"], &[]),
        preset("production", &["production"], &["production"]),
        preset("keda", &["keda"], &["existing", "keda"]),
        preset("prometheus", &["prometheus"], &["existing", "prometheus"]),
        case("inline", &["inline"]),
        case("existing", &["existing"]),
        case("manual", &["manual"]),
        case("first-example", &["existing", "first-example"]),
        case("pods", &["existing", "pods"]),
        case("open-policies", &["existing", "open-policies"]),
        case("groups", &["inline", "groups"]),
        case("brokers", &["existing", "brokers"]),
        case("roles", &["existing", "roles"]),
        case("operations", &["inline", "operations"]),
    ],
    other_files: &["manual-under-global"],
    existing: &[
        "ConfigMap/company-ca",
        "ConfigMap/proxies",
        "Secret/datafly-redis",
        "Secret/datafly-secrets",
        "Secret/kafka-authority",
        "Secret/registry",
        "ServiceAccount/api",
    ],
    foreign_labels: &["k8s-app", "consumergroup", "team"],
    secrets: &[
        "3Hn0pTq8",
        "00112233",
        "p%40ssw0rd",
        "s3cret-word",
        "kafka-w0rd",
        "your-256-bit-jwt-secret",
        "your-32-byte-encryption-key",
    ],
    objects: objects::OBJECTS,
    refusals: refusals::REFUSALS,
    rendered: OnceLock::new(),
};

#[test]
fn every_service_has_the_port_of_its_container() {
    for rendered in PROFILE.rendered() {
        for service in rendered.of_kind("Service") {
            let pod = rendered.selected(&service["spec"]["selector"]).next().expect("a pod");
            for port in items(&service["spec"]["ports"]) {
                let mut known = containers(pod).flat_map(|container| items(&container["ports"]));
                let same = known.find(|known| known["name"] == port["targetPort"]);
                let same = same.expect("a port of the container");
                assert_eq!(same["containerPort"], port["port"], "{}", rendered.name);
            }
        }
    }
}

#[test]
fn every_container_has_both_probes_and_each_asks_one_port() {
    for rendered in PROFILE.rendered() {
        for deployment in rendered.of_kind("Deployment") {
            for probe in ["livenessProbe", "readinessProbe"] {
                let probe = &deployment["spec"]["template"]["spec"]["containers"][0][probe];
                let ports = [&probe["tcpSocket"]["port"], &probe["httpGet"]["port"]];
                let asked = ports.into_iter().filter(|port| !port.is_null()).count();
                assert_eq!(asked, 1, "{}: {probe}", rendered.name);
            }
        }
    }
}

#[test]
fn there_are_six_deployments_whoever_sets_their_number_of_pods() {
    for rendered in PROFILE.rendered() {
        assert_eq!(rendered.of_kind("Deployment").count(), 6, "{}", rendered.name);
    }
}

/// The listener is told the port that Services and probes ask.
#[test]
fn every_service_is_told_its_port() {
    for rendered in PROFILE.rendered() {
        for workload in rendered.of_kind("Deployment").filter(|it| it["metadata"]["name"] != "management-ui")
        {
            let container = &workload["spec"]["template"]["spec"]["containers"][0];
            let told = items(&container["env"]).find(|variable| variable["name"] == "PORT").expect("PORT");
            let port = container["ports"][0]["containerPort"].to_string();
            assert_eq!(told["value"], *port, "{}", rendered.name);
        }
    }
}

#[test]
fn the_five_services_share_the_secrets_and_the_pages_have_none() {
    for rendered in PROFILE.rendered() {
        for workload in rendered.of_kind("Deployment") {
            let container = &workload["spec"]["template"]["spec"]["containers"][0];
            let from_secret =
                items(&container["env"]).filter(|it| it["valueFrom"]["secretKeyRef"].is_object());
            let names: BTreeSet<&str> = from_secret.filter_map(|it| it["name"].as_str()).collect();
            let shared = ["DATABASE_URL", "ENCRYPTION_KEY", "JWT_SECRET"];
            let pages = workload["metadata"]["name"] == "management-ui";
            let right = if pages { names.is_empty() } else { shared.iter().all(|name| names.contains(name)) };
            assert!(right, "{}: {} has {names:?}", rendered.name, workload["metadata"]["name"]);
        }
    }
}

#[test]
fn no_pod_has_a_token() {
    for rendered in PROFILE.rendered() {
        for pod in rendered.pods() {
            assert_eq!(pod["spec"]["automountServiceAccountToken"], false, "{}", rendered.name);
        }
    }
}

#[test]
fn every_host_has_a_certificate_of_its_name() {
    for rendered in PROFILE.rendered() {
        for ingress in rendered.of_kind("Ingress") {
            let (served, certified) = hosts(ingress);
            assert_eq!(certified, served, "{}", rendered.name);
        }
    }
}

#[test]
fn the_manual_read_either_way_is_the_same() {
    let text = |files| stream(&PROFILE.documents(case("manual", files), &[]), Format::Yaml);
    assert_eq!(text(&["manual"]), text(&["manual-under-global"]));
}

/// How the original is had back where it sets nothing: the documentation says so.
#[test]
fn null_takes_back_what_is_safer_than_the_original() {
    let sets = [
        "eventProcessor.podSecurityContext=null,eventProcessor.securityContext=null",
        "eventProcessor.livenessProbe=null,eventProcessor.readinessProbe=null",
    ];
    let text = stream(&PROFILE.documents(PROFILE.find("existing"), &sets), Format::Yaml);
    let deployment = text
        .split("---\n")
        .find(|document| document.contains("kind: Deployment\nmetadata:\n  name: event-processor"));
    let deployment = deployment.expect("the event processor");
    for word in ["securityContext", "livenessProbe", "readinessProbe"] {
        assert!(!deployment.contains(word), "{word} in\n{deployment}");
    }
}

#[test]
fn the_namespace_of_the_values_is_that_of_the_objects() {
    let manual = PROFILE.find("manual");
    for document in PROFILE.documents(manual, &[]) {
        assert_eq!(document.identity.namespace.as_deref(), Some("customer-acme"));
    }
    let agreed = Request { namespace: Some("customer-acme".to_owned()), ..PROFILE.request(manual, &[]) };
    assert!(PROFILE.run(&agreed).0.is_ok());
    let other = Request { namespace: Some("customer-other".to_owned()), ..PROFILE.request(manual, &[]) };
    let (documents, findings) = PROFILE.run(&other);
    assert!(documents.is_err());
    assert!(findings.contains("`global.namespace` is `customer-acme`"), "{findings}");
    let free = Request {
        namespace: Some("customer-other".to_owned()),
        ..PROFILE.request(PROFILE.find("inline"), &[])
    };
    for document in PROFILE.run(&free).0.expect("documents") {
        assert_eq!(document.identity.namespace.as_deref(), Some("customer-other"));
    }
}

#[test]
fn the_manual_gives_its_ten_objects_and_what_it_left_out() {
    let mut expected = names(FIRST_INSTALL);
    expected.extend(names(&[
        "HorizontalPodAutoscaler/delivery-workers",
        "HorizontalPodAutoscaler/event-processor",
        "HorizontalPodAutoscaler/ingestion-gateway",
        "Ingress/ingress",
    ]));
    assert_eq!(PROFILE.objects(PROFILE.find("manual"), &[]), expected);
}

#[test]
fn an_existing_secret_leaves_eleven() {
    let mut expected = names(FIRST_INSTALL);
    expected.remove("Secret/datafly-secrets");
    assert_eq!(PROFILE.objects(PROFILE.find("existing"), &[]), expected);
}

#[test]
fn keda_makes_its_own_autoscalers() {
    let found = PROFILE.objects(PROFILE.find("keda"), &[]);
    let scalers: Vec<&String> =
        found.iter().filter(|name| name.contains("Scale") || name.contains("Autoscaler")).collect();
    let expected =
        ["ScaledObject/delivery-workers", "ScaledObject/event-processor", "ScaledObject/ingestion-gateway"];
    assert_eq!(scalers, expected);
}

#[test]
fn what_works_and_should_be_better_is_a_warning() {
    let quiet = "kafka.tls.enabled=true";
    assert_eq!(PROFILE.warnings(PROFILE.find("inline"), &[quiet]), Vec::<String>::new());
    let table: &[(&str, &str)] = &[
        ("redis.url=redis://redis.internal", "the connection to Redis is not encrypted"),
        (
            "database.url=postgres://u:p@h/d",
            "the connection to PostgreSQL may not be encrypted: the URL does not say `sslmode`",
        ),
        (
            "autoscaling.deliveryWorkers.enabled=true",
            "`delivery-workers` may get more pods than its topics have partitions (3): the others get no events; `kafka.partitions` says how many there are",
        ),
        (
            "jwt.secret=your-256-bit-jwt-secret",
            "this is the manual's example: everybody knows it, and it does not have the form that the services ask for",
        ),
        (
            "kafka.partitions=12,autoscaling.eventProcessor.enabled=true,autoscaling.eventProcessor.kafkaLagThreshold=5",
            "`autoscaling.eventProcessor.kafkaLagThreshold` is set, and nobody counts waiting events",
        ),
    ];
    for (set, sentence) in table {
        assert_eq!(PROFILE.warnings(PROFILE.find("inline"), &[quiet, set]), [*sentence], "{set}");
    }
    assert_eq!(PROFILE.warnings(PROFILE.find("inline"), &[]), ["the connection to Kafka is not encrypted"]);
}

#[test]
fn as_many_pods_as_partitions_are_fine() {
    let sets = "kafka.tls.enabled=true,kafka.partitions=12,autoscaling.deliveryWorkers.enabled=true";
    assert_eq!(PROFILE.warnings(PROFILE.find("inline"), &[sets]), Vec::<String>::new());
}

/// Whoever says to Kafka who he is says the same: by the same Secret, or by a role, and trusts the same authority.
#[test]
fn the_services_and_keda_say_the_same_to_kafka() {
    let mut seen = 0;
    for rendered in PROFILE.rendered() {
        let data = &rendered.of_kind("ConfigMap").next().expect("the configuration")["data"];
        let authentication = rendered.of_kind("TriggerAuthentication").next().map(|it| &it["spec"]);
        for deployment in rendered.of_kind("Deployment") {
            if deployment["metadata"]["name"] == "management-ui" {
                continue;
            }
            let pod = &deployment["spec"]["template"]["spec"];
            let secret_of = |variable: &str| {
                let mut variables = items(&pod["containers"][0]["env"]);
                let found = variables.find(|it| it["name"] == variable)?;
                let reference = &found["valueFrom"]["secretKeyRef"];
                Some((reference["name"].clone(), reference["key"].clone()))
            };
            let of_keda = |parameter: &str| {
                let mut targets = items(&authentication?["secretTargetRef"]);
                let found = targets.find(|it| it["parameter"] == parameter)?;
                Some((found["name"].clone(), found["key"].clone()))
            };
            match data["KAFKA_SASL_MECHANISM"].as_str() {
                Some("AWS_MSK_IAM") => {
                    assert_eq!(data["AWS_REGION"], "eu-west-1", "{}", rendered.name);
                    assert_eq!(authentication.expect("KEDA")["podIdentity"]["provider"], "aws");
                    assert_eq!(secret_of("KAFKA_SASL_USERNAME"), None);
                    seen += 1;
                }
                Some(_) => {
                    for (variable, parameter) in
                        [("KAFKA_SASL_USERNAME", "username"), ("KAFKA_SASL_PASSWORD", "password")]
                    {
                        assert!(secret_of(variable).is_some(), "{}: {variable}", rendered.name);
                        assert_eq!(secret_of(variable), of_keda(parameter), "{}: {variable}", rendered.name);
                    }
                    seen += 1;
                }
                None => assert_eq!(secret_of("KAFKA_SASL_USERNAME"), None, "{}", rendered.name),
            }
            let authority = items(&pod["volumes"]).find(|volume| volume["name"] == "kafka-ca");
            let authority = authority.map(|volume| {
                let secret = &volume["secret"];
                (secret["secretName"].clone(), secret["items"][0]["key"].clone())
            });
            assert_eq!(authority.is_some(), data["KAFKA_TLS_CA_FILE"].is_string(), "{}", rendered.name);
            if authority.is_some() {
                assert_eq!(authority, of_keda("ca"), "{}", rendered.name);
            }
        }
    }
    assert_eq!(seen, 10);
}

#[test]
fn kafka_is_asked_in_one_way() {
    let table: &[(&str, &str)] = &[
        (
            "kafka.sasl.mechanism=PLAIN,kafka.tls.enabled=true",
            "`sasl.mechanism` asks for a name and a password, and there are none",
        ),
        (
            "kafka.tls.enabled=true,kafka.sasl.mechanism=AWS_MSK_IAM",
            "`AWS_MSK_IAM` needs the cluster's region",
        ),
        (
            "kafka.sasl.mechanism=AWS_MSK_IAM,kafka.sasl.region=eu-west-1",
            "Amazon MSK takes roles over encrypted connections alone",
        ),
        (
            "kafka.tls.enabled=true,kafka.sasl.mechanism=AWS_MSK_IAM,kafka.sasl.region=eu-west-1,kafka.sasl.existingSecret=k",
            "`AWS_MSK_IAM` knows roles, and no name and password",
        ),
        (
            "kafka.securityProtocol=SASL_SSL",
            "`kafka.securityProtocol` asks for SASL, and `kafka.sasl.mechanism` is not set",
        ),
        (
            "kafka.securityProtocol=SSL,kafka.sasl.mechanism=PLAIN,kafka.sasl.existingSecret=k",
            "`kafka.sasl.mechanism` is set, and `kafka.securityProtocol` leaves SASL out",
        ),
        (
            "kafka.securityProtocol=SSL,kafka.tls.enabled=false",
            "`kafka.securityProtocol` and `kafka.tls.enabled` contradict each other",
        ),
        (
            "kafka.tls.enabled=true,kafka.sasl.existingSecret=k",
            "name and password for Kafka are given, and not how they are used",
        ),
        (
            "kafka.tls.enabled=true,kafka.sasl.mechanism=PLAIN,kafka.sasl.existingSecret=k,kafka.sasl.password=p",
            "name and password for Kafka are given inline and by an existing Secret",
        ),
    ];
    for (set, sentence) in table {
        assert_eq!(PROFILE.errors(PROFILE.find("inline"), &[set]), [*sentence], "{set}");
    }
    let alone =
        "kafka.tls.enabled=true,autoscaling.keda.sasl=plaintext,autoscaling.keda.authenticationSecret=k";
    assert_eq!(
        PROFILE.warnings(PROFILE.find("inline"), &[alone]),
        ["KEDA authenticates itself to Kafka, and the services do not"]
    );
}

/// The protocol follows from encryption and mechanism, and encryption from the protocol.
#[test]
fn the_protocol_of_kafka_follows() {
    let table = [
        ("kafka.tls.enabled=true,kafka.sasl.mechanism=PLAIN,kafka.sasl.existingSecret=k", "SASL_SSL", "true"),
        (
            "kafka.tls.enabled=false,kafka.sasl.mechanism=SCRAM-SHA-256,kafka.sasl.existingSecret=k",
            "SASL_PLAINTEXT",
            "false",
        ),
        ("kafka.securityProtocol=SSL", "SSL", "true"),
        ("global.kafka.securityProtocol=PLAINTEXT", "PLAINTEXT", "false"),
    ];
    for (set, protocol, encrypted) in table {
        let text = stream(&PROFILE.documents(PROFILE.find("inline"), &[set]), Format::Yaml);
        assert!(text.contains(&format!("KAFKA_SECURITY_PROTOCOL: {protocol}\n")), "{set}");
        assert!(text.contains(&format!("KAFKA_TLS_ENABLED: \"{encrypted}\"\n")), "{set}");
    }
}

#[test]
fn a_certificate_is_made_for_one_ingress() {
    let table: &[(&str, &str)] = &[
        (
            "ingress.tls[1].hosts[1]=data.acme.com",
            "the certificate `private-tls` is for hosts of two Ingresses, and the issuer would make it twice",
        ),
        (
            "ingress.tls[1].hosts[1]=else.acme.com",
            "the TLS host `else.acme.com` is not one of the Ingress's hosts",
        ),
        (
            "ingress.hosts[2].group=public,ingress.hosts[3].group=public",
            "a host names the group `public`, and `ingress.groups` has no such group",
        ),
    ];
    for (set, sentence) in table {
        assert_eq!(PROFILE.errors(PROFILE.find("groups"), &[set]), [*sentence], "{set}");
    }
}
