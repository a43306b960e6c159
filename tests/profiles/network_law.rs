//! No policy cuts off what the same values declare: over combinations of settings, not only over cases.
//!
//! ```text
//! what a container's environment names     let out, to the pods or addresses and with the port
//! a name among these                       let out to the name server
//! a pod with a token                       let out to an API server
//! what an Ingress, a route, a node's port or a load balancer leads to, and what a monitor asks
//!                                          let in with the port
//! ```
//!
//! A sample of the combinations runs always, the same each time; `EVERY=1` runs them all.
//!
//! Choices that have nothing to do with each other stand in entries of their own; of one entry, each goes with each.

use std::collections::BTreeMap;
use std::net::IpAddr;

use plimsoll::manifest::Document;
use plimsoll::yaml::print_json;
use serde_json::Value;

use crate::harness::{Case, Profile};
use crate::json::{all_under, containers, items};

/// Choices of one chart that go with each other.
struct Combinations {
    profile: &'static Profile,
    /// The case that they stand on.
    base: &'static str,
    /// What is set in each: all policies.
    always: &'static [&'static str],
    /// The choices: of each one alternative is set; the first is mostly the default.
    choices: &'static [&'static [&'static str]],
    /// Variables with addresses that others than the container go to: browsers, servers that ask for an origin.
    not_reached: &'static [&'static str],
}

static COMBINATIONS: &[Combinations] = &[
    // What the engine is told, and where its stores are.
    Combinations {
        profile: &crate::skyflo::PROFILE,
        base: "minimal",
        always: &["networkPolicy.allComponents=true"],
        choices: &[
            &[
                "",
                "postgresql.enabled=false,postgresql.external.host=pg.internal,postgresql.external.port=6432,networkPolicy.postgresqlCIDR={10.20.0.7,10.21.0.0/16}",
                "postgresql.enabled=false,postgresql.external.url=postgresql://u:p@db.example.com:6432/x,networkPolicy.postgresqlTo[0].podSelector.matchLabels.team=db",
                "postgresql.enabled=false,postgresql.external.host=pg.stores.svc,postgresql.external.tls=true",
                "postgresql.auth.port=5433",
                "postgresql.backup.enabled=true",
            ],
            &[
                "",
                "redis.enabled=false,redis.external.url=rediss://:p@cache.example.com:6380/0,networkPolicy.redisCIDR=10.22.0.0/16",
                "redis.enabled=false,redis.external.host=10.0.0.9,redis.external.port=6390",
                "redis.enabled=false,redis.external.url=redis://cache",
            ],
            &[
                "",
                "engine.secrets.llmHost=http://ollama.ai.svc:11434",
                "engine.secrets.llmHost=https://llm.example.com:8443/v1",
                "engine.secrets.llmHost=http://10.0.0.10:8000",
            ],
            &[
                "",
                "engine.secrets.mcpServerUrl=https://mcp.example.com:9443/mcp",
                "engine.secrets.mcpServerUrl=http://mcp.tools.svc/mcp",
            ],
            &["", "networkPolicy.dns.to={169.254.20.10},networkPolicy.dns.port=53"],
        ],
        not_reached: &[],
    },
    // What leads to the pages, what is monitored, and what calls the API server.
    Combinations {
        profile: &crate::skyflo::PROFILE,
        base: "minimal",
        always: &["networkPolicy.allComponents=true"],
        choices: &[
            &["", "ui.config.apiUrl=https://api.example.com/api/v1"],
            &[
                "",
                "ui.ingress.enabled=true,ui.ingress.hosts[0].host=a.example.org",
                "ui.ingress.enabled=true,ui.ingress.hosts[0].host=a.example.org,ui.ingress.servicePortName=ui-http",
                "ui.service.type=NodePort",
                "ui.service.type=LoadBalancer",
            ],
            &[
                "",
                "httpRoute.enabled=true,httpRoute.parentRefs[0].name=public,ui.ingress.hosts[0].host=a.example.org",
            ],
            &["", "networkPolicy.uiIngressFrom={10.0.0.0/8}"],
            &["", "networkPolicy.allowAllEgress=true", "networkPolicy.kubernetesApiServerPort=8443"],
            &["", "controller.enabled=false", "podMonitor.enabled=true"],
        ],
        not_reached: &[],
    },
    // Where the stores are.
    Combinations {
        profile: &crate::skillflaw::PROFILE,
        base: "minimal",
        always: &["networkPolicy.enabled=true"],
        choices: &[
            &[
                "networkPolicy.databaseCIDR=10.20.0.0/16",
                "networkPolicy.databaseTo[0].podSelector.matchLabels.team=db",
                "database.host=,database.password=,database.url=postgresql://u:p@pg.example.com:6432/x,networkPolicy.databaseCIDR={10.20.0.7,10.21.0.0/16}",
                "database.host=pg.stores.svc,database.port=6432",
                "database.host=,database.password=,database.url=postgresql+asyncpg://u:p@10.0.0.8/x",
            ],
            &[
                "networkPolicy.redisCIDR=10.21.0.0/16",
                "redis.host=cache.stores.svc,redis.port=6390",
                "redis.host=,redis.password=,redis.url=rediss://:p@10.0.0.9:6380/0",
                "backend.config.cacheType=async",
            ],
            &["", "backend.config.port=7861"],
            &["", "networkPolicy.dns.to={169.254.20.10}"],
        ],
        not_reached: &[],
    },
    // What leads to the components, and where the frontend goes.
    Combinations {
        profile: &crate::skillflaw::PROFILE,
        base: "minimal",
        always: &[
            "networkPolicy.enabled=true,networkPolicy.databaseCIDR=10.20.0.0/16,networkPolicy.redisCIDR=10.21.0.0/16",
            "superuser.password=abcdefgh,ingress.hosts.api=a.example.org",
        ],
        choices: &[
            &[
                "",
                "frontend.enabled=true",
                "frontend.enabled=true,frontend.port=8080",
                "frontend.enabled=true,frontend.service.type=LoadBalancer",
                "frontend.enabled=true,ingress.hosts.app=b.example.org",
            ],
            &["", "docs.enabled=true,ingress.hosts.docs=c.example.org"],
            &[
                "",
                "frontend.backendUrl=https://api.example.com:8443",
                "frontend.backendUrl=http://gateway.edge.svc",
            ],
            &["", "ingress.enabled=true", "httpRoute.enabled=true,httpRoute.parentRefs[0].name=public"],
            &["", "backend.service.type=NodePort"],
            &["", "serviceMonitor.enabled=true", "podMonitor.enabled=true"],
            &["", "networkPolicy.apiFrom={10.0.0.0/8},networkPolicy.pagesFrom={10.0.0.0/8}"],
        ],
        not_reached: &[],
    },
    // Where the database is, and the API server.
    Combinations {
        profile: &crate::flow8::PROFILE,
        base: "minimal",
        always: &[
            "networkPolicy.enabled=true,networkPolicy.kubernetesApiServerCIDR=10.96.0.1/32,storage.accessMode=ReadWriteMany",
        ],
        choices: &[
            &[
                "networkPolicy.mongodbCIDR={10.20.0.0/16,10.21.0.7}",
                "networkPolicy.mongodbTo[0].podSelector.matchLabels.team=db",
                "mongodb.uri=mongodb://u:pw@db-0.stores.svc:27018/flow8",
                "mongodb.uri=mongodb://u:pw@10.0.0.8:27018\\,10.0.0.9:27019/flow8",
                "mongodb.enabled=true,mongodb.uri=,mongodb.existingSecret=mongodb-creds",
                "mongodb.enabled=true,mongodb.uri=,mongodb.existingSecret=mongodb-creds,mongodb.name=,mongodb.replicas=1,mongodb.backup.enabled=true",
            ],
            &["", "networkPolicy.allowAllEgress=true", "rbac.create=false", "rbac.clusterWide=true"],
            &["", "networkPolicy.dns.to={169.254.20.10}"],
            &["", "service.mcp.enabled=true,secrets.mcpJwtSecret=key"],
        ],
        // Browsers go there.
        not_reached: &["API_URL", "FRONTEND_URL"],
    },
    // What leads to flow8, and what is monitored.
    Combinations {
        profile: &crate::flow8::PROFILE,
        base: "minimal",
        always: &[
            "networkPolicy.enabled=true,networkPolicy.kubernetesApiServerCIDR=10.96.0.1/32,storage.accessMode=ReadWriteMany",
            "networkPolicy.mongodbCIDR=10.20.0.0/16",
        ],
        choices: &[
            &["", "networkPolicy.ingressFrom={10.0.0.0/8}"],
            &["", "serviceMonitor.enabled=true", "podMonitor.enabled=true"],
            &[
                "",
                "service.mcp.enabled=true,secrets.mcpJwtSecret=key,networkPolicy.mcpFrom={10.0.0.0/8}",
                "service.channels={7701,7710-7712},ports.http=8080",
            ],
            &["", "service.type=NodePort", "service.type=LoadBalancer"],
            &[
                "",
                "ingress.enabled=false",
                "httpRoute.enabled=true,httpRoute.parentRefs[0].name=public,ingress.hosts[0].host=a.example.org",
            ],
        ],
        not_reached: &["API_URL", "FRONTEND_URL"],
    },
    // Where the stores and the brokers are.
    Combinations {
        profile: &crate::datafly::PROFILE,
        base: "inline",
        always: &["networkPolicy.enabled=true"],
        choices: &[
            &[
                "networkPolicy.kafka.cidr=10.20.0.0/16",
                "kafka.brokers=b-1.example.com:9094\\,b-2.example.com:9096,networkPolicy.kafka.cidr={10.20.0.7,10.21.0.0/16}",
                "kafka.brokers=kafka.stores.svc:9093",
                "kafka.brokers=10.0.0.8:9095,kafka.sasl.mechanism=PLAIN,kafka.sasl.username=u,kafka.sasl.password=p",
                "kafka.sasl.mechanism=AWS_MSK_IAM,kafka.sasl.region=eu-west-1,networkPolicy.kafka.to[0].podSelector.matchLabels.team=events",
            ],
            &[
                "networkPolicy.redis.cidr=10.22.0.0/16",
                "redis.url=redis://cache.stores.svc:6390",
                "redis.url=rediss://:s3cret-word@10.0.0.9:6380/0",
                "redis.url=,redis.existingSecret=cache,networkPolicy.redis.to={10.22.0.7}",
            ],
            &[
                "networkPolicy.database.cidr=10.23.0.0/16",
                "database.url=postgresql://u:pw-1@pg.example.com:6432/d?sslmode=require,networkPolicy.database.to={10.23.0.7}",
                "database.url=postgresql://u:pw-1@10.0.0.10/d",
            ],
            &["", "migrations.enabled=true,migrations.image.repository=ghcr.io/datafly/migrations"],
            &["", "networkPolicy.dns.to={169.254.20.10}"],
        ],
        not_reached: &[],
    },
    // What leads to the components, and what is monitored.
    Combinations {
        profile: &crate::datafly::PROFILE,
        base: "inline",
        always: &[
            "networkPolicy.enabled=true,networkPolicy.kafka.cidr=10.20.0.0/16,networkPolicy.redis.cidr=10.22.0.0/16,networkPolicy.database.cidr=10.23.0.0/16",
            "ingress.hosts[0].host=a.example.org,ingress.hosts[0].paths[0].path=/,ingress.hosts[0].paths[0].service=ingestion-gateway",
            "ingress.hosts[1].host=b.example.org,ingress.hosts[1].paths[0].path=/,ingress.hosts[1].paths[0].service=management-ui",
        ],
        choices: &[
            &["", "ingress.enabled=true", "httpRoute.enabled=true,httpRoute.parentRefs[0].name=public"],
            &["", "observability.serviceMonitor.enabled=true", "observability.podMonitor.enabled=true"],
            &["", "networkPolicy.ingressFrom={10.0.0.0/8}"],
            &["", "networkPolicy.metricsFrom={10.1.0.0/16}"],
            &[
                "",
                "ingestionGateway.service.type=LoadBalancer",
                "eventProcessor.service.enabled=true,eventProcessor.service.type=NodePort",
                "deliveryWorkers.service.enabled=true,deliveryWorkers.service.type=LoadBalancer",
            ],
            &["", "managementUi.env.API_URL=http://management-api-svc:8084"],
        ],
        not_reached: &[],
    },
];

/// How many combinations of each entry the sample has.
const SAMPLE: usize = 12;

#[test]
fn no_policy_cuts_off_what_the_same_values_declare() {
    let all = std::env::var_os("EVERY").is_some();
    for combinations in COMBINATIONS {
        let number: usize = combinations.choices.iter().map(|choice| choice.len()).product();
        let indices: Vec<usize> = chosen(number, if all { number } else { SAMPLE }).collect();
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let counts = std::thread::scope(|scope| {
            let parts = indices.chunks(indices.len().div_ceil(threads));
            let running: Vec<_> = parts.map(|part| scope.spawn(move || combinations.check(part))).collect();
            let ended = running.into_iter().map(|thread| thread.join().expect("the law holds"));
            ended.fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
        });
        let (rendered, checked) = counts;
        // What is refused lets nobody down; most are not.
        assert!(
            rendered * 2 > indices.len(),
            "{} {:?}: {rendered}",
            combinations.profile.name,
            combinations.choices
        );
        assert!(checked > rendered, "{}: {checked}", combinations.profile.name);
    }
}

/// So many indices below a number, spread over it: the first, which has all defaults, and the last are among them.
fn chosen(number: usize, most: usize) -> impl Iterator<Item = usize> {
    let most = most.min(number);
    // A step without a common factor, so that each choice takes turns in its own rhythm.
    let step = (1..=number).rev().find(|step| gcd(*step, number) == 1 && step * 2 < number + 2).unwrap_or(1);
    (0..most).map(move |at| at * step % number)
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl Combinations {
    /// How many of these combinations are rendered, and what was to be let through in them.
    fn check(&self, indices: &[usize]) -> (usize, usize) {
        let case = self.profile.find(self.base);
        let (mut rendered, mut checked) = (0, 0);
        for index in indices {
            let sets = self.sets(*index);
            let Some(cluster) = Cluster::render(self.profile, case, &sets) else { continue };
            rendered += 1;
            checked += cluster.check(&format!("{} {sets:?}", self.profile.name), self.not_reached);
        }
        (rendered, checked)
    }

    /// The flags of a combination, by its index in mixed radix.
    fn sets(&self, mut index: usize) -> Vec<&'static str> {
        let mut sets = self.always.to_vec();
        for choice in self.choices {
            sets.push(choice[index % choice.len()]);
            index /= choice.len();
        }
        sets.retain(|set| !set.is_empty());
        sets
    }
}

/// Where an address leads, with its port.
#[derive(Debug)]
struct Endpoint {
    host: String,
    port: u64,
}

/// What was rendered, as a cluster would have it.
struct Cluster {
    all: Vec<Value>,
}

impl Cluster {
    fn render(profile: &Profile, case: Case, sets: &[&str]) -> Option<Self> {
        let (documents, _) = profile.run(&profile.request(case, sets));
        let value = |document: &Document| serde_json::from_str(&print_json(&document.node)).expect("JSON");
        Some(Self { all: documents.ok()?.iter().map(value).collect() })
    }

    fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.all.iter().filter(move |document| document["kind"] == kind)
    }

    fn pods(&self) -> impl Iterator<Item = &Value> {
        let of_jobs = self.of_kind("CronJob").map(|job| &job["spec"]["jobTemplate"]["spec"]["template"]);
        ["Deployment", "StatefulSet", "Job"]
            .into_iter()
            .flat_map(|kind| self.of_kind(kind))
            .map(|workload| &workload["spec"]["template"])
            .chain(of_jobs)
    }

    /// Checks every pod, and counts what was to be let through.
    fn check(&self, place: &str, not_reached: &[&str]) -> usize {
        let mut checked = 0;
        for pod in self.pods() {
            let (mut named, endpoints) = (false, self.endpoints(pod, not_reached));
            for (variable, endpoint) in &endpoints {
                named |= endpoint.host.parse::<IpAddr>().is_err();
                checked += 1;
                self.check_reached(
                    &format!("{place}: {} {variable} {endpoint:?}", pod["metadata"]["labels"]),
                    pod,
                    endpoint,
                );
            }
            if let Some(rules) = self.rules(pod, "Egress") {
                let lets = |port: u64| rules.iter().any(|rule| opens(rule, pod, port, "UDP"));
                assert!(
                    !named || lets(53) || lets(5353),
                    "{place}: no name server for {}",
                    pod["metadata"]["labels"]
                );
                if pod["spec"]["automountServiceAccountToken"] == true {
                    let out =
                        |rule: &&Value| all_under(rule, "ipBlock").len() + usize::from(is_open(rule)) > 0;
                    assert!(
                        rules.iter().any(out),
                        "{place}: no API server for {}",
                        pod["metadata"]["labels"]
                    );
                }
            }
        }
        for (what, service, port) in self.routed() {
            checked += 1;
            let ports = items(&service["spec"]["ports"])
                .filter(|known| known["name"] == *port || known["port"] == *port);
            for known in ports {
                for (pod, number) in self.targets(service, known["port"].as_u64().expect("a port")) {
                    self.check_let_in(&format!("{place}: {what}"), pod, number);
                }
            }
        }
        for monitor in self.of_kind("PodMonitor") {
            for pod in self.pods().filter(|pod| matches_labels(&monitor["spec"]["selector"], pod)) {
                for endpoint in items(&monitor["spec"]["podMetricsEndpoints"]) {
                    let named = containers(pod)
                        .flat_map(|container| items(&container["ports"]))
                        .find(|port| port["name"] == endpoint["port"]);
                    let number = named.and_then(|port| port["containerPort"].as_u64()).expect("the port");
                    checked += 1;
                    self.check_let_in(
                        &format!("{place}: PodMonitor {}", monitor["metadata"]["name"]),
                        pod,
                        number,
                    );
                }
            }
        }
        checked
    }

    /// A pod reaches what a variable of it names.
    fn check_reached(&self, place: &str, pod: &Value, endpoint: &Endpoint) {
        let service = self.service(&endpoint.host);
        let targets: Vec<(&Value, u64)> =
            service.map_or(Vec::new(), |service| self.targets(service, endpoint.port));
        if service.is_some() {
            assert!(!targets.is_empty(), "{place}: the Service has no such port");
        }
        if let Some(rules) = self.rules(pod, "Egress") {
            if targets.is_empty() {
                let lets = rules.iter().any(|rule| {
                    opens_port(rule, None, endpoint.port, "TCP") && lets_out_to(rule, &endpoint.host)
                });
                assert!(lets, "{place}: not let out");
            }
            for (target, port) in &targets {
                let lets = rules
                    .iter()
                    .any(|rule| opens_port(rule, Some(target), *port, "TCP") && has_peer(rule, "to", target));
                assert!(lets, "{place}: not let out to its pods at {port}");
            }
        }
        for (target, port) in targets {
            let Some(rules) = self.rules(target, "Ingress") else { continue };
            let lets = rules
                .iter()
                .any(|rule| opens_port(rule, Some(target), port, "TCP") && has_peer(rule, "from", pod));
            assert!(lets, "{place}: not let in at {port}");
        }
    }

    /// What leads into the cluster, and what is monitored: with the Service and its port.
    fn routed(&self) -> Vec<(String, &Value, &Value)> {
        let mut found = Vec::new();
        for ingress in self.of_kind("Ingress") {
            for backend in all_under(&ingress["spec"]["rules"], "service") {
                let service = self.service(backend["name"].as_str().expect("a name")).expect("a Service");
                let port = if backend["port"]["name"].is_null() {
                    &backend["port"]["number"]
                } else {
                    &backend["port"]["name"]
                };
                found.push((format!("Ingress {}", backend["name"]), service, port));
            }
        }
        for route in self.of_kind("HTTPRoute") {
            for backend in items(&route["spec"]["rules"]).flat_map(|rule| items(&rule["backendRefs"])) {
                let service = self.service(backend["name"].as_str().expect("a name")).expect("a Service");
                found.push((format!("HTTPRoute {}", backend["name"]), service, &backend["port"]));
            }
        }
        for service in self
            .of_kind("Service")
            .filter(|it| it["spec"]["type"] == "NodePort" || it["spec"]["type"] == "LoadBalancer")
        {
            for port in items(&service["spec"]["ports"]) {
                found.push((format!("Service {}", service["metadata"]["name"]), service, &port["port"]));
            }
        }
        for monitor in self.of_kind("ServiceMonitor") {
            let labels = monitor["spec"]["selector"]["matchLabels"].as_object().expect("labels");
            let is_meant = |service: &&Value| {
                labels.iter().all(|(key, value)| service["metadata"]["labels"][key] == *value)
            };
            for service in self.of_kind("Service").filter(is_meant) {
                for endpoint in items(&monitor["spec"]["endpoints"]) {
                    found.push((
                        format!("ServiceMonitor {}", monitor["metadata"]["name"]),
                        service,
                        &endpoint["port"],
                    ));
                }
            }
        }
        found
    }

    /// Some rule lets in what comes from others than the chart's own pods.
    fn check_let_in(&self, place: &str, pod: &Value, port: u64) {
        let Some(rules) = self.rules(pod, "Ingress") else { return };
        let lets = rules.iter().any(|rule| {
            let from_others = items(&rule["from"]).any(|peer| {
                self.pods().all(|own| !selects(peer, own)) || !peer["namespaceSelector"].is_null()
            });
            opens_port(rule, Some(pod), port, "TCP") && (rule["from"].is_null() || from_others)
        });
        assert!(lets, "{place}: not let in at {port} of {}", pod["metadata"]["labels"]);
    }

    /// The rules of all policies for a pod in one direction; none where no policy limits it.
    fn rules(&self, pod: &Value, direction: &str) -> Option<Vec<&Value>> {
        let of_pod = |policy: &&Value| {
            matches_labels(&policy["spec"]["podSelector"], pod)
                && items(&policy["spec"]["policyTypes"]).any(|kind| kind == direction)
        };
        let policies: Vec<&Value> = self.of_kind("NetworkPolicy").filter(of_pod).collect();
        if policies.is_empty() {
            return None;
        }
        let direction = direction.to_lowercase();
        Some(policies.into_iter().flat_map(|policy| items(&policy["spec"][&direction])).collect())
    }

    /// The Service of a host: `name`, `name.namespace.svc…`, or a pod of it before these.
    fn service(&self, host: &str) -> Option<&Value> {
        let mut parts = host.split('.');
        let names = [parts.next()?, parts.next().unwrap_or_default()];
        let is_called = |service: &&Value| {
            let (name, namespace) =
                (service["metadata"]["name"].as_str(), service["metadata"]["namespace"].as_str());
            let whole = name == Some(names[0]) && (names[1].is_empty() || namespace == Some(names[1]));
            let of_pod = name == Some(names[1]) && service["spec"]["clusterIP"] == "None";
            whole || of_pod
        };
        self.of_kind("Service").find(is_called)
    }

    /// The pods behind a Service's port, with the port of theirs.
    fn targets<'v>(&'v self, service: &'v Value, port: u64) -> Vec<(&'v Value, u64)> {
        let Some(known) = items(&service["spec"]["ports"]).find(|known| known["port"] == port) else {
            return Vec::new();
        };
        let selector = serde_json::json!({ "matchLabels": service["spec"]["selector"] });
        let mut found = Vec::new();
        for pod in self.pods().filter(|pod| matches_labels(&selector, pod)) {
            let target = &known["targetPort"];
            let by_name = containers(pod)
                .flat_map(|container| items(&container["ports"]))
                .find(|own| own["name"] == *target);
            let number =
                by_name.and_then(|own| own["containerPort"].as_u64()).or(target.as_u64()).unwrap_or(port);
            found.push((pod, number));
        }
        found
    }

    /// The addresses in the environment of a pod, with the variables that have them.
    fn endpoints(&self, pod: &Value, not_reached: &[&str]) -> Vec<(String, Endpoint)> {
        let mut found = Vec::new();
        for container in containers(pod) {
            let environment = self.environment(container);
            for (name, value) in &environment {
                // Browsers and other servers go there, or it is asked of them.
                let is_public = ["PUBLIC", "ORIGIN", "REDIRECT"].iter().any(|word| name.contains(word));
                if !is_public && !not_reached.contains(&name.as_str()) {
                    found.extend(endpoints(value).into_iter().map(|endpoint| (name.clone(), endpoint)));
                }
            }
        }
        found
    }

    /// The variables of a container: those that it takes over from ConfigMaps and Secrets, and its own, put together.
    fn environment(&self, container: &Value) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for source in items(&container["envFrom"]) {
            for (reference, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
                let data = self.data(kind, &source[reference]["name"]);
                found.extend(data.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())));
            }
        }
        for variable in items(&container["env"]) {
            let name = variable["name"].as_str().expect("a name");
            let reference = |key: &str, kind: &str| {
                let reference = &variable["valueFrom"][key];
                let data = self.data(kind, &reference["name"]);
                data.get(reference["key"].as_str().unwrap_or_default()).map(|value| (*value).to_owned())
            };
            let written = variable["value"].as_str().map(|text| expanded(text, &found));
            let value =
                written.or(reference("secretKeyRef", "Secret")).or(reference("configMapKeyRef", "ConfigMap"));
            found.insert(name.to_owned(), value.unwrap_or_default());
        }
        found
    }

    fn data(&self, kind: &str, name: &Value) -> BTreeMap<&str, &str> {
        let object =
            self.of_kind(kind).find(|object| object["metadata"]["name"] == *name && name.is_string());
        let maps = object.into_iter().flat_map(|object| [&object["data"], &object["stringData"]]);
        maps.filter_map(Value::as_object)
            .flatten()
            .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
            .collect()
    }
}

/// `$(NAME)` stands for an earlier variable.
fn expanded(text: &str, known: &BTreeMap<String, String>) -> String {
    let mut text = text.to_owned();
    for (name, value) in known {
        text = text.replace(&format!("$({name})"), value);
    }
    text
}

/// The endpoints of a value: of a URL, or of `host:port` and a list of these. Anything else is no address.
fn endpoints(value: &str) -> Vec<Endpoint> {
    let (scheme, rest) = value.split_once("://").unwrap_or(("", value));
    let default = match scheme.split('+').next().unwrap_or_default() {
        "http" => Some(80),
        "https" => Some(443),
        "postgres" | "postgresql" => Some(5432),
        "redis" | "rediss" => Some(6379),
        "mongodb" => Some(27017),
        _ => None,
    };
    if scheme.is_empty() && rest.contains(['/', ' ', '@']) {
        return Vec::new();
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    let endpoint = |host: &str| {
        let (name, port) =
            host.rsplit_once(':').map_or((host, default), |(name, port)| (name, port.parse().ok()));
        let is_host = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
        Some(Endpoint { host: name.to_owned(), port: port.filter(|_| is_host)? })
    };
    hosts.split(',').filter_map(endpoint).collect()
}

fn is_open(rule: &Value) -> bool {
    rule.as_object().is_some_and(serde_json::Map::is_empty)
}

fn opens(rule: &Value, pod: &Value, port: u64, protocol: &str) -> bool {
    opens_port(rule, Some(pod), port, protocol)
}

/// Whether a rule lets a port through, by its number or by the name that it has in a pod.
fn opens_port(rule: &Value, pod: Option<&Value>, port: u64, protocol: &str) -> bool {
    let is_named = |name: &Value| {
        let ports = pod.into_iter().flat_map(containers).flat_map(|container| items(&container["ports"]));
        ports.into_iter().any(|own| own["name"] == *name && own["containerPort"] == port)
    };
    rule["ports"].is_null()
        || items(&rule["ports"]).any(|known| {
            let is_protocol = known["protocol"].as_str().unwrap_or("TCP") == protocol;
            let end = known["endPort"].as_u64();
            let in_range =
                known["port"].as_u64().is_some_and(|first| first <= port && port <= end.unwrap_or(first));
            is_protocol && (known["port"].is_null() || in_range || is_named(&known["port"]))
        })
}

/// Whether a rule is for a pod of the same namespace.
fn has_peer(rule: &Value, direction: &str, pod: &Value) -> bool {
    rule[direction].is_null() || items(&rule[direction]).any(|peer| selects(peer, pod))
}

fn selects(peer: &Value, pod: &Value) -> bool {
    let any_namespace =
        peer["namespaceSelector"].is_null() || peer["namespaceSelector"] == serde_json::json!({});
    peer["ipBlock"].is_null()
        && any_namespace
        && (peer["podSelector"].is_null() || matches_labels(&peer["podSelector"], pod))
}

fn matches_labels(selector: &Value, pod: &Value) -> bool {
    let labels = selector["matchLabels"].as_object();
    labels.into_iter().flatten().all(|(key, value)| pod["metadata"]["labels"][key] == *value)
}

/// Whether a rule lets out to a host that is none of the chart's own. Of most names nobody knows where they lead: any address
/// may be theirs, and any pods that are not the chart's.
fn lets_out_to(rule: &Value, host: &str) -> bool {
    if rule["to"].is_null() {
        return true;
    }
    let labels: Vec<&str> = host.split('.').collect();
    let namespace =
        labels.iter().position(|label| *label == "svc").and_then(|at| labels.get(at.checked_sub(1)?));
    items(&rule["to"]).any(|peer| {
        if let Ok(address) = host.parse::<IpAddr>() {
            return peer["ipBlock"]["cidr"].as_str().is_some_and(|cidr| is_inside(address, cidr));
        }
        let label = &peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"];
        match namespace {
            Some(namespace) => label == namespace,
            None => true,
        }
    })
}

fn is_inside(address: IpAddr, cidr: &str) -> bool {
    let Some((network, prefix)) = cidr.split_once('/') else { return false };
    let (Ok(IpAddr::V4(network)), IpAddr::V4(address)) = (network.parse(), address) else { return false };
    let bits = 32 - prefix.parse::<u32>().expect("a prefix length");
    let shared = |address: u32| address.checked_shr(bits).unwrap_or(0);
    shared(network.to_bits()) == shared(address.to_bits())
}
